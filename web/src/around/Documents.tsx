import { FilePdfOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, readKey, type Schemas, useAttachment, useCatalogue, useCommand } from "../api";
import { useServices } from "../app/services";
import { Panel } from "../bedside/parts/Panel";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Around.module.css";
import { Dialog, Refused } from "../dialog";

type Document = Schemas["Document"];

/** Documents as tiles: a picture opens here, anything else is handed over as a file. */
export function Documents({ of }: { of: Document[] }) {
  const { t } = useTranslation("around");
  return (
    <Panel title={t("file.documents")}>
      {of.length === 0 && <p className={styles.quiet}>{t("file.noDocuments")}</p>}
      <DocumentTiles of={of} />
    </Panel>
  );
}

export function DocumentTiles({ of }: { of: Document[] }) {
  return (
    <ul className={styles.documents}>
      {of.map((d) => (
        <li key={d.id}>
          <Tile of={d} />
        </li>
      ))}
    </ul>
  );
}

function Tile({ of }: { of: Document }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const { api } = useServices();
  const small = useAttachment(of.hasThumbnail ? of.id : undefined, { thumbnail: true });
  const [open, setOpen] = useState(false);
  const large = useAttachment(open ? of.id : undefined);
  const what = label("documentCategories", of.category);
  const handOver = async () => {
    const { data } = await api.GET("/api/v1/attachments/{id}", {
      params: { path: { id: of.id } },
      parseAs: "blob",
    });
    if (!data) return;
    const url = URL.createObjectURL(data);
    const link = document.createElement("a");
    link.href = url;
    link.download = of.contentType === "application/pdf" ? "document.pdf" : "file";
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button
        type="button"
        className={styles.document}
        aria-label={t("file.download", { what })}
        onClick={() => (of.contentType.startsWith("image/") ? setOpen(true) : void handOver())}
      >
        {small.url ? (
          <img src={small.url} alt="" />
        ) : (
          <span className={styles.sheet}>
            <FilePdfOutlined aria-hidden />
          </span>
        )}
        <strong>{what}</strong>
        <span className={styles.quiet}>
          {t("file.uploaded", { day: format.day(of.createdAt, now), name: of.createdBy })}
        </span>
        <span className={styles.quiet}>
          {of.scanState === "CLEAN" ? t("file.clean") : t("file.unscanned")}
        </span>
        <span className={styles.quiet} title={of.sha256}>
          SHA-256 {of.sha256.slice(0, 12)}…
        </span>
      </button>
      <Dialog open={open} title={what} width="picture" onClose={() => setOpen(false)}>
        {large.url && <img src={large.url} alt={what} className={styles.picture} />}
      </Dialog>
    </>
  );
}

/** Adds a document to a request. */
export function DocumentUpload({ c }: { c: Consultation }) {
  const { t } = useTranslation("around");
  const { options } = useCatalogue();
  const { query } = useServices();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [category, setCategory] = useState("LAB");
  const upload = useCommand("post", "/api/v1/consultations/{id}/documents", {
    onSuccess: () => {
      void query.invalidateQueries({
        queryKey: readKey("/api/v1/consultations/{id}/care-file", { path: { id: c.id } }),
      });
      void query.invalidateQueries({ queryKey: ["/api/v1/residents/{id}/care-file"] });
    },
  });
  if (!c.actions.includes("addDocument")) return null;
  return (
    <div className={styles.form}>
      <span className={styles.line}>
        <label htmlFor={id}>{t("file.category")}</label>
        <Select
          id={id}
          value={category}
          onChange={setCategory}
          options={options("documentCategories")}
          popupMatchSelectWidth={false}
        />
        <Button
          icon={<UploadOutlined aria-hidden />}
          loading={upload.isPending}
          onClick={() => input.current?.click()}
        >
          {t("file.addDocument")}
        </Button>
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("file.choose")}
        accept="application/pdf,image/jpeg,image/png,image/webp"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) upload.mutate({ path: { id: c.id }, query: { kind: "DOCUMENT", category }, body: file });
        }}
      />
      <span className={styles.quiet}>{t("file.documentHint")}</span>
      <Refused error={upload.error} />
    </div>
  );
}

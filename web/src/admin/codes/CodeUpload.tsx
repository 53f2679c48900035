import { UploadOutlined } from "@ant-design/icons";
import { App, Button, Checkbox, Table } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../../api";
import type { Schemas } from "../../api/types";
import { useServices } from "../../app/services";
import { DayPicker, dayAfter, useToday } from "../../dates";
import { Dialog } from "../../dialog";
import { useFormat } from "../../i18n/useFormat";
import { Notice, Tone, type ToneKind } from "../../theme";
import styles from "./Codes.module.css";

type Check = Schemas["CodeTableCheck"];

/** A file that replaces a table: chosen, tried at once, read, and only then confirmed. */
export function CodeUpload({
  of,
  onClose,
  onReplaced,
}: {
  of: Schemas["CodeTable"];
  onClose: () => void;
  onReplaced: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { query } = useServices();
  const { message } = App.useApp();
  const today = useToday();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [from, setFrom] = useState<string>();
  const [known, setKnown] = useState(false);
  const path = { kind: of.kind };
  const nameOf = (chosen: File) => ({ fileName: chosen.name.slice(-120) });
  const check = useCommand("post", "/api/v1/code-tables/{kind}");
  const replace = useCommand("post", "/api/v1/code-tables/{kind}", {
    onSuccess: (done) => {
      // Names and lists on every page come from these tables.
      void query.invalidateQueries({ queryKey: ["/api/v1/catalogue"] });
      void query.invalidateQueries({ queryKey: ["/api/v1/code-tables/{kind}"] });
      void message.success(t("codes.replaced", { n: done.written }));
      onReplaced();
      onClose();
    },
  });
  const result = file && !check.isPending ? check.data : undefined;
  const changes = result ? result.added + result.changed + result.retired : 0;
  const ready =
    result !== undefined &&
    result.problems.length === 0 &&
    changes > 0 &&
    (result.retiredInUse === 0 || known);
  const choose = (chosen: File) => {
    setFile(chosen);
    setKnown(false);
    replace.reset();
    check.mutate({ path, query: { dryRun: true, ...nameOf(chosen) }, body: chosen });
  };
  return (
    <Dialog
      title={t("codes.replaceTitle", { table: t(`codes.kinds.${of.kind}`) })}
      onClose={onClose}
      width="picture"
      act={t("codes.confirm")}
      busy={replace.isPending}
      ready={ready}
      error={replace.error ?? check.error}
      onAct={() =>
        file &&
        result &&
        replace.mutate({
          path,
          query: {
            base: result.base,
            ...nameOf(file),
            ...(from && from > today ? { validFrom: from } : {}),
            ...(known ? { retireUsed: true } : {}),
          },
          body: file,
        })
      }
    >
      <p className={styles.quiet}>{t("codes.help", { columns: of.columns.join(", ") })}</p>
      <div className={styles.bar}>
        <Button
          type={file ? "default" : "primary"}
          icon={<UploadOutlined aria-hidden />}
          loading={check.isPending}
          onClick={() => input.current?.click()}
        >
          {t(file ? "codes.other" : "codes.choose")}
        </Button>
        {file && <strong>{file.name}</strong>}
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("codes.choose")}
          accept=".csv,text/csv"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = "";
            if (chosen) choose(chosen);
          }}
        />
        <label htmlFor="codes-from" className={styles.from}>
          {t("codes.validFrom")}
        </label>
        <DayPicker
          id="codes-from"
          allowClear={false}
          value={from ?? today}
          min={today}
          max={dayAfter(today, { months: 24 })}
          onChange={setFrom}
        />
      </div>
      <div role="status" className={styles.stack}>
        {result && <Outcome result={result} />}
      </div>
      {result && result.problems.length === 0 && result.retiredInUse > 0 && (
        <Checkbox checked={known} onChange={(event) => setKnown(event.target.checked)}>
          {t("codes.retireUsed", { n: result.retiredInUse })}
        </Checkbox>
      )}
    </Dialog>
  );
}

const tones: Record<Schemas["CodeTableChange"]["what"], ToneKind> = {
  ADDED: "good",
  CHANGED: "primary",
  RETIRED: "caution",
};

function Outcome({ result }: { result: Check }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const { added, changed, retired, problems, changes } = result;
  if (problems.length > 0)
    return (
      <>
        <Notice kind="danger" more={t("codes.nothingWritten")}>
          {t("codes.wrong", { n: problems.length })}
        </Notice>
        <Table<Schemas["ImportProblem"]>
          rowKey={(p) => `${p.row} ${p.column} ${p.code}`}
          size="small"
          pagination={problems.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          dataSource={problems}
          columns={[
            { title: t("codes.row"), width: 90, align: "right", render: (_, p) => p.row || "–" },
            { title: t("codes.column"), width: 180, render: (_, p) => p.column },
            { title: t("codes.what"), render: (_, p) => p.message },
          ]}
        />
      </>
    );
  if (changes.length === 0)
    return <Notice kind="primary">{t("codes.same", { rows: format.number(result.rows) })}</Notice>;
  return (
    <>
      <Notice kind="good">
        {t("codes.right", { rows: format.number(result.rows) })}{" "}
        {t("codes.counts", { added, changed, retired })}
      </Notice>
      <Table<Schemas["CodeTableChange"]>
        rowKey="code"
        size="small"
        pagination={changes.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={changes}
        columns={[
          {
            title: t("codes.change"),
            render: (_, c) => <Tone kind={tones[c.what]}>{t(`codes.changes.${c.what}`)}</Tone>,
          },
          { title: t("codes.code"), render: (_, c) => <strong>{c.code}</strong> },
          {
            title: t("codes.before"),
            render: (_, c) => <span className={styles.cell}>{c.before ?? "–"}</span>,
          },
          {
            title: t("codes.after"),
            render: (_, c) => <span className={styles.cell}>{c.after ?? "–"}</span>,
          },
          {
            title: t("codes.inUse"),
            render: (_, c) =>
              c.uses.length > 0 && (
                <Tone kind={c.what === "RETIRED" ? "danger" : "muted"}>
                  {c.uses.map((u) => t(`codes.uses.${u.what}`, { n: u.n })).join(" · ")}
                </Tone>
              ),
          },
        ]}
      />
    </>
  );
}

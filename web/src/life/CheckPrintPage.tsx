import { CheckCircleOutlined, CloseCircleOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand } from "../api";
import { Page } from "../app/Page";
import { LanguageButton } from "../auth/LanguageButton";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import styles from "./Life.module.css";

type Found = Schemas["RecordPrintCheck"];

const hex = (bytes: ArrayBuffer) =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Whoever holds a printed record sees here whether it still agrees with the record, without signing in. The code travels in the fragment,
 * which no server and no log sees, or is typed; a file that is compared never leaves the device.
 */
function CheckPrintPage() {
  const { t } = useTranslation("life");
  const id = useId();
  const [code, setCode] = useState("");
  const check = useCommand("post", "/api/v1/record-prints/check");
  const { mutate } = check;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const given = window.location.hash.slice(1);
    window.history.replaceState(null, "", window.location.pathname);
    if (given.length < 20 || given.length > 40) return;
    setCode(given.match(/.{1,5}/g)?.join("-") ?? given);
    mutate({ body: { code: given } });
  }, [mutate]);
  return (
    <main className={styles.check}>
      <Page title={t("print.check")} actions={<LanguageButton />}>
        <p>{t("print.how")}</p>
        <form
          className={styles.checkForm}
          onSubmit={(event) => {
            event.preventDefault();
            mutate({ body: { code: code.trim() } });
          }}
        >
          <label className={styles.field} htmlFor={id}>
            {t("print.code")}
            <small className={styles.quiet} aria-hidden>
              XXXXX-XXXXX-XXXXX-XXXXX
            </small>
            <Input
              id={id}
              size="large"
              value={code}
              maxLength={40}
              autoComplete="off"
              onChange={(event) => setCode(event.target.value)}
            />
          </label>
          <Button
            type="primary"
            size="large"
            htmlType="submit"
            loading={check.isPending}
            disabled={code.replaceAll(/[-\s]/g, "").length < 20}
          >
            {t("print.ask")}
          </Button>
        </form>
        <Refused error={check.error} />
        {check.data && !check.isPending && <Answer of={check.data} />}
      </Page>
    </main>
  );
}

function Answer({ of }: { of: Found }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [same, setSame] = useState<boolean>();
  const picker = useRef<HTMLInputElement>(null);
  const compare = async (file: Blob) =>
    setSame(hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) === of.fileSha256);
  const verdict = !of.holds ? "broken" : of.agrees ? "agrees" : "older";
  const kind = ({ broken: "danger", agrees: "good", older: "caution" } as const)[verdict];
  return (
    <>
      <div role="status">
        <Notice kind={kind} more={of.sealed ? t("print.sealed") : undefined}>
          {t(`print.${verdict}`)}
        </Notice>
      </div>
      <dl className={styles.checked}>
        <dt>{t("print.serial")}</dt>
        <dd>{of.serial}</dd>
        <dt>{t("print.between")}</dt>
        <dd>{[of.institution, of.hospital].filter(Boolean).join(" → ")}</dd>
        <dt>{t("print.printedAt")}</dt>
        <dd>
          {format.moment(of.printedAt, now)}{" "}
          {of.scope === "CODES" && <Tone kind="muted">{t("print.codes")}</Tone>}
        </dd>
        <dt>{t("print.digest")}</dt>
        <dd className={styles.hash}>{of.digest}</dd>
      </dl>
      <h2>{t("print.signatures")}</h2>
      {of.signatures.length === 0 && <p>{t("print.none")}</p>}
      <ul className={styles.plain}>
        {of.signatures.map((s) => (
          <li key={s.digest} className={styles.field}>
            <span>
              {s.holds ? <CheckCircleOutlined aria-hidden /> : <CloseCircleOutlined aria-hidden />}{" "}
              <strong>{t(`print.what.${s.what}`, { n: s.version ?? 1 })}</strong>{" "}
              {format.moment(s.signedAt, now)} {t(s.holds ? "print.holds" : "print.fails")}{" "}
              {!s.printed && (
                <Tone kind="caution" icon={<WarningOutlined aria-hidden />}>
                  {t("print.later")}
                </Tone>
              )}
            </span>
            <span className={styles.hash}>{s.digest}</span>
          </li>
        ))}
      </ul>
      {typeof crypto.subtle !== "undefined" && (
        <>
          <input
            ref={picker}
            type="file"
            accept="application/pdf"
            hidden
            aria-label={t("print.compare")}
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file) void compare(file);
              event.target.value = "";
            }}
          />
          <Button onClick={() => picker.current?.click()}>{t("print.compare")}</Button>
          {same !== undefined && (
            <div role="status">
              <Notice kind={same ? "good" : "danger"}>{t(same ? "print.same" : "print.other")}</Notice>
            </div>
          )}
        </>
      )}
    </>
  );
}
export { CheckPrintPage as Component };

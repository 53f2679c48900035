import { FilePdfOutlined } from "@ant-design/icons";
import { Button, type ButtonProps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../api";
import { toError } from "../api/transport";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";
import { Refused } from "../dialog";

/** The record as a file to print and keep; each one is noted, and carries a code by which the paper can be checked. */
export function PrintButton({ c, ...button }: { c: Consultation } & ButtonProps) {
  const { t } = useTranslation("life");
  const { api } = useServices();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (!c.submittedAt) return null;
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await api.POST("/api/v1/consultations/{id}/print", {
        params: { path: { id: c.id } },
        headers: { Accept: "application/pdf" },
        parseAs: "blob",
      });
      if (!answer.data) throw toError(answer.response.status, answer.error);
      saveAs(`${c.serial}.pdf`, answer.data);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button {...button} icon={<FilePdfOutlined aria-hidden />} loading={busy} onClick={() => void run()}>
        {t("print.button")}
      </Button>
      <Refused error={error} />
    </>
  );
}

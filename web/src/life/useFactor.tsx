import { Input, Segmented } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import styles from "./Life.module.css";

type Purpose = Schemas["FactorCheckRequest"]["purpose"];
type Method = Schemas["FactorCheckRequest"]["method"];

/**
 * The second factor before an act: the field for a code when the person has one, and `before`, which confirms with it and then
 * acts. Somebody without a second factor sees nothing and acts at once.
 */
export function useFactor(
  consultationId: string,
  purpose: Purpose,
): {
  field: ReactNode;
  before: <T>(act: () => Promise<T>) => Promise<T>;
  busy: boolean;
  error: Error | null;
  /** a code is there, or none is needed */
  ready: boolean;
} {
  const { t } = useTranslation("life");
  const { data } = useRead("/api/v1/me/second-factor");
  const [method, setMethod] = useState<Method>("TOTP");
  const [code, setCode] = useState("");
  const check = useCommand("post", "/api/v1/consultations/{id}/second-factor-check");
  const enrolled = data?.enrolled ?? false;
  return {
    field: enrolled && (
      <div className={styles.field}>
        <label htmlFor="factor-code">{t("factor.ask")}</label>
        <div className={styles.row}>
          <Segmented<Method>
            aria-label={t("factor.method")}
            value={method}
            onChange={setMethod}
            options={(["TOTP", "RECOVERY"] as const).map((value) => ({
              value,
              label: t(`factor.methods.${value}`),
            }))}
          />
          <Input
            id="factor-code"
            value={code}
            inputMode={method === "TOTP" ? "numeric" : "text"}
            autoComplete="one-time-code"
            maxLength={20}
            onChange={(event) => setCode(event.target.value)}
          />
        </div>
      </div>
    ),
    before: async (act) => {
      if (enrolled) {
        await check.mutateAsync({
          path: { id: consultationId },
          body: { purpose, method, code: code.trim() },
        });
      }
      try {
        return await act();
      } finally {
        setCode("");
      }
    },
    busy: check.isPending,
    error: check.error,
    ready: !enrolled || code.trim().length >= 6,
  };
}

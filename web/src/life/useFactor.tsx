import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Input, Segmented } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode, type Schemas, useCommand, useRead } from "../api";
import { Tone } from "../theme";
import styles from "./Life.module.css";
import { Refused } from "../dialog";

type Purpose = Schemas["FactorCheckRequest"]["purpose"];
type Method = Schemas["FactorCheckRequest"]["method"];

/**
 * The second factor before an act: the field for a code when the person has one, and `before`, which confirms with it and then
 * acts. Somebody without a second factor sees nothing and acts at once. A code that was good is not asked for again when the act
 * itself is refused, for a wrong password say: a generator shows each code once, and the next one half a minute later.
 */
export function useFactor(
  consultationId: string,
  purpose: Purpose,
): {
  field: ReactNode;
  before: <T>(act: () => Promise<T>) => Promise<T>;
  busy: boolean;
  /** a code is there, or none is needed */
  ready: boolean;
} {
  const { t } = useTranslation("life");
  const { data } = useRead("/api/v1/me/second-factor");
  const [method, setMethod] = useState<Method>("TOTP");
  const [code, setCode] = useState("");
  const [passed, setPassed] = useState(false);
  const check = useCommand("post", "/api/v1/consultations/{id}/second-factor-check");
  const enrolled = data?.enrolled ?? false;
  return {
    field: enrolled && (
      <div className={styles.field}>
        {passed ? (
          <Tone kind="good" icon={<SafetyCertificateOutlined aria-hidden />}>
            {t("factor.passed")}
          </Tone>
        ) : (
          <>
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
                status={check.error ? "error" : ""}
                onChange={(event) => setCode(event.target.value)}
              />
            </div>
          </>
        )}
        <Refused error={check.error} />
      </div>
    ),
    before: async (act) => {
      if (enrolled && !passed) {
        await check.mutateAsync({
          path: { id: consultationId },
          body: { purpose, method, code: code.trim() },
        });
        setPassed(true);
        setCode("");
      }
      try {
        const done = await act();
        setPassed(false);
        return done;
      } catch (error) {
        // It was waited too long: the server has forgotten the code.
        if (hasCode(error, "second_factor_required")) setPassed(false);
        throw error;
      }
    },
    busy: check.isPending,
    ready: !enrolled || passed || code.trim().length >= 6,
  };
}

import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Input, Segmented } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand } from "../api";
import { askKey, KeyCancelled, keysSupported } from "../auth/securityKey";
import { Tone } from "../theme";
import styles from "./Life.module.css";

type Method = Schemas["FactorMethod"];

/** The ways in which this person can confirm in this browser, the easiest first. */
export function methodsOf(of: Schemas["SecondFactor"] | undefined): Method[] {
  const methods: Method[] = [];
  if (!of) return methods;
  if (of.keysPossible && keysSupported() && of.keys.some((key) => !key.refused)) methods.push("WEBAUTHN");
  if (of.totpSince) methods.push("TOTP");
  if (of.recoveryLeft > 0) methods.push("RECOVERY");
  return methods;
}

/**
 * Asking for the second factor: the field, and `prove`, which asks the key if that is how and gives what the server wants.
 * A key that is not shown, or is taken away again, is said here and thrown as KeyCancelled.
 */
export function useProof(of: Schemas["SecondFactor"] | undefined): {
  field: ReactNode;
  prove: () => Promise<Schemas["FactorProof"]>;
  ready: boolean;
  busy: boolean;
  clear: () => void;
} {
  const { t } = useTranslation("life");
  const id = useId();
  const methods = methodsOf(of);
  const [chosen, setChosen] = useState<Method>();
  const [code, setCode] = useState("");
  const [asking, setAsking] = useState(false);
  const [cancelled, setCancelled] = useState(false);
  const challenge = useCommand("post", "/api/v1/me/second-factor/challenge");
  const method = chosen && methods.includes(chosen) ? chosen : methods[0];
  return {
    field: of?.enrolled && (
      <div className={styles.field}>
        <label htmlFor={id}>{t("factor.ask")}</label>
        {methods.length === 0 && <Tone kind="caution">{t("factor.noWay")}</Tone>}
        {methods.length > 1 && (
          <Segmented<Method>
            aria-label={t("factor.method")}
            value={method ?? "TOTP"}
            onChange={(value) => {
              setChosen(value);
              setCode("");
              setCancelled(false);
            }}
            options={methods.map((value) => ({ value, label: t(`factor.methods.${value}`) }))}
          />
        )}
        {method === "WEBAUTHN" && (
          <p id={id} className={styles.quiet} role="status">
            <SafetyCertificateOutlined aria-hidden /> {t(asking ? "factor.keyNow" : "factor.keyHint")}
          </p>
        )}
        {method && method !== "WEBAUTHN" && (
          <Input
            id={id}
            value={code}
            inputMode={method === "TOTP" ? "numeric" : "text"}
            autoComplete="one-time-code"
            placeholder={t(`factor.placeholders.${method}`)}
            maxLength={20}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
        {cancelled && (
          <span role="alert">
            <Tone kind="caution">{t("factor.keyCancelled")}</Tone>
          </span>
        )}
      </div>
    ),
    prove: async () => {
      if (method !== "WEBAUTHN") return { method: method ?? "TOTP", code: code.trim() };
      setCancelled(false);
      setAsking(true);
      try {
        return { method, key: await askKey(await challenge.mutateAsync({})) };
      } catch (error) {
        if (error instanceof KeyCancelled) setCancelled(true);
        throw error;
      } finally {
        setAsking(false);
      }
    },
    ready: method === "WEBAUTHN" || code.trim().length >= 6,
    busy: asking || challenge.isPending,
    clear: () => setCode(""),
  };
}

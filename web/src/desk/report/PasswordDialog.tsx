import { Input, type InputRef } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, useErrorText } from "../../api";
import styles from "./Report.module.css";
import { Dialog } from "../../dialog";

interface PasswordDialogProps {
  open: boolean;
  title: string;
  busy: boolean;
  error: Error | null;
  /** what is signed, in words */
  children: ReactNode;
  onSign: (password: string) => void;
  onClose: () => void;
  /** what else is asked for is there */
  ready?: boolean;
}

/** Asks for the password again before something is signed; a wrong one is said at the field and may be corrected. */
export function PasswordDialog({
  open,
  title,
  busy,
  error,
  children,
  onSign,
  onClose,
  ready = true,
}: PasswordDialogProps) {
  const { t } = useTranslation(["desk", "common"]);
  const errorText = useErrorText();
  const [password, setPassword] = useState("");
  const field = useRef<InputRef>(null);
  const ofField =
    error instanceof ApiError ? error.problem.fields?.find((f) => f.field === "password") : undefined;
  useEffect(() => {
    if (!open) setPassword("");
  }, [open]);
  useEffect(() => {
    if (ofField) field.current?.focus({ cursor: "all" });
  }, [ofField]);
  const submit = () => {
    if (password && !busy && ready) onSign(password);
  };
  return (
    <Dialog
      open={open}
      title={title}
      onClose={onClose}
      act={t("report.sign")}
      busy={busy}
      ready={password !== "" && ready}
      onAct={submit}
    >
      <div className={styles.field}>
        {children}
        <label htmlFor="sign-password">{t("report.password")}</label>
        <Input.Password
          id="sign-password"
          ref={field}
          autoComplete="current-password"
          value={password}
          maxLength={128}
          status={ofField ? "error" : ""}
          aria-invalid={ofField !== undefined}
          aria-describedby="sign-password-error"
          onChange={(event) => setPassword(event.target.value)}
        />
        <div id="sign-password-error" role="alert" className={styles.wrong}>
          {error && (ofField ? ofField.message : errorText(error))}
        </div>
      </div>
    </Dialog>
  );
}

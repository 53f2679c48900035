import {
  CheckCircleOutlined,
  DeleteOutlined,
  EditOutlined,
  KeyOutlined,
  MobileOutlined,
  PlusOutlined,
  PrinterOutlined,
} from "@ant-design/icons";
import { Button, Input, QRCode } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand } from "../api";
import { createKey, KeyCancelled, KeyKnown, keysSupported } from "../auth/securityKey";
import { useServerNow } from "../clock/useServerNow";
import { Panel } from "../desk/parts/Panel";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import styles from "./Life.module.css";
import { RecoveryLeft } from "./useFactor";
import { useProof } from "./useProof";

type Factor = Schemas["SecondFactor"];
type Key = Schemas["SecurityKey"];
type Change = Schemas["FactorChange"];

type Open =
  | { what: "totp" | "key" | "removeTotp" | "recovery" }
  | { what: "rename" | "removeKey"; key: Key }
  | { what: "codes"; codes: string[] };

/** What a person has set up as a second factor: a code generator, security keys, recovery codes; set up, named, taken away. */
export function Factors({ of, onChanged }: { of: Factor; onChanged: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const changed = (codes: string[] = []) => {
    onChanged();
    setOpen(codes.length > 0 ? { what: "codes", codes } : undefined);
  };
  const keys = of.keysPossible && keysSupported();
  return (
    <Panel title={t("security.factor")}>
      {of.enrolled ? (
        <Notice kind="good">{t("security.on")}</Notice>
      ) : (
        <Notice kind={of.required || of.atSignIn ? "caution" : "primary"} more={t("security.why")}>
          {of.atSignIn
            ? t("security.requiredAtSignIn")
            : of.required
              ? t("security.required")
              : t("security.off")}
        </Notice>
      )}
      <ul className={styles.factors}>
        <Way
          icon={<MobileOutlined aria-hidden />}
          name={t("factor.methods.TOTP")}
          hint={t("security.totpHint")}
        >
          {of.totpSince ? (
            <>
              <Tone kind="good" icon={<CheckCircleOutlined />}>
                {t("security.since", { time: format.moment(of.totpSince, now) })}
              </Tone>
              <Button icon={<DeleteOutlined aria-hidden />} onClick={() => setOpen({ what: "removeTotp" })}>
                {t("security.remove")}
              </Button>
            </>
          ) : (
            <Button
              type={of.enrolled ? "default" : "primary"}
              icon={<PlusOutlined aria-hidden />}
              onClick={() => setOpen({ what: "totp" })}
            >
              {t("security.setUpTotp")}
            </Button>
          )}
        </Way>
        <Way
          icon={<KeyOutlined aria-hidden />}
          name={t("security.keys")}
          hint={t(
            keys
              ? "security.keysHint"
              : of.keysPossible
                ? "security.keysNotHere"
                : "security.keysNotPossible",
          )}
        >
          {keys && (
            <Button icon={<PlusOutlined aria-hidden />} onClick={() => setOpen({ what: "key" })}>
              {t("security.addKey")}
            </Button>
          )}
        </Way>
        {of.keys.map((key) => (
          <li key={key.id} className={styles.factor} data-inner>
            <span className={styles.factorName}>
              <strong>{key.name}</strong>
              <span className={styles.quiet}>
                {t("security.since", { time: format.moment(key.since, now) })}
                {key.lastUsedAt &&
                  ` · ${t("security.lastUsed", { time: format.moment(key.lastUsedAt, now) })}`}
              </span>
              {key.refused && <Tone kind="danger">{t("security.copied")}</Tone>}
            </span>
            <span className={styles.acts}>
              <Button
                icon={<EditOutlined aria-hidden />}
                aria-label={t("security.renameOf", { name: key.name })}
                onClick={() => setOpen({ what: "rename", key })}
              >
                {t("security.rename")}
              </Button>
              <Button
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("security.removeOf", { name: key.name })}
                onClick={() => setOpen({ what: "removeKey", key })}
              >
                {t("security.remove")}
              </Button>
            </span>
          </li>
        ))}
        {of.enrolled && (
          <Way
            icon={<PrinterOutlined aria-hidden />}
            name={t("security.recovery")}
            hint={t("security.recoveryWhy")}
          >
            <RecoveryLeft n={of.recoveryLeft} />
            <Button onClick={() => setOpen({ what: "recovery" })}>{t("security.renew")}</Button>
          </Way>
        )}
      </ul>
      {open?.what === "totp" && <AddTotp of={of} onClose={close} onDone={changed} />}
      {open?.what === "key" && <AddKey of={of} onClose={close} onDone={changed} />}
      {open?.what === "removeTotp" && <RemoveTotp of={of} onClose={close} onDone={changed} />}
      {open?.what === "recovery" && <Renew of={of} onClose={close} onDone={changed} />}
      {open?.what === "rename" && <RenameKey target={open.key} onClose={close} onDone={changed} />}
      {open?.what === "removeKey" && <RemoveKey of={of} target={open.key} onClose={close} onDone={changed} />}
      {open?.what === "codes" && <Codes codes={open.codes} onClose={close} />}
    </Panel>
  );
}

function Way({
  icon,
  name,
  hint,
  children,
}: {
  icon: ReactNode;
  name: string;
  hint: string;
  children: ReactNode;
}) {
  return (
    <li className={styles.factor}>
      <span className={styles.factorName}>
        <strong>
          {icon} {name}
        </strong>
        <span className={styles.quiet}>{hint}</span>
      </span>
      <span className={styles.acts}>{children}</span>
    </li>
  );
}

interface StepProps {
  of: Factor;
  onClose: () => void;
  onDone: (codes?: string[]) => void;
}

/** The password, and a proof where something is set up: what each change of a second factor begins with. */
function useChange(of: Factor): {
  fields: ReactNode;
  change: () => Promise<Change>;
  ready: boolean;
  busy: boolean;
} {
  const { t } = useTranslation("life");
  const [password, setPassword] = useState("");
  const proof = useProof(of);
  return {
    fields: (
      <>
        <label className={styles.field}>
          {t("seal.password")}
          <Input.Password
            autoComplete="current-password"
            value={password}
            maxLength={128}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {proof.field}
      </>
    ),
    change: async () => ({ password, ...(of.enrolled ? { proof: await proof.prove() } : {}) }),
    ready: password !== "" && (!of.enrolled || proof.ready),
    busy: proof.busy,
  };
}

/** Runs a change; what it says when refused stands in the dialog, a question to a key that was closed at the field. */
function quietly(run: Promise<unknown>): void {
  run.catch(() => undefined);
}

function AddTotp({ of, onClose, onDone }: StepProps) {
  const { t } = useTranslation("life");
  const change = useChange(of);
  const [code, setCode] = useState("");
  const begin = useCommand("post", "/api/v1/me/second-factor/totp");
  const confirm = useCommand("post", "/api/v1/me/second-factor/totp/confirm", {
    onSuccess: (data) => onDone(data.codes),
  });
  const secret = begin.data;
  if (!secret) {
    return (
      <Dialog
        title={t("security.setUpTotp")}
        onClose={onClose}
        act={t("security.next")}
        busy={change.busy || begin.isPending}
        ready={change.ready}
        error={begin.error}
        onAct={() => quietly(change.change().then((body) => begin.mutateAsync({ body })))}
      >
        <p>{t("security.totpNeeds")}</p>
        {change.fields}
      </Dialog>
    );
  }
  return (
    <Dialog
      key="code"
      title={t("security.setUpTotp")}
      onClose={onClose}
      act={t("security.confirm")}
      busy={confirm.isPending}
      ready={code.trim().length >= 6}
      error={confirm.error}
      onAct={() => confirm.mutate({ body: { code: code.trim() } })}
    >
      <p>{t("security.scan")}</p>
      <div className={styles.row}>
        <QRCode className={styles.picture} value={secret.uri} size={176} aria-label={t("security.picture")} />
        <div className={styles.field}>
          <span>{t("security.typed")}</span>
          <code className={styles.secret}>{secret.secret.match(/.{1,4}/g)?.join(" ")}</code>
          <label className={styles.field}>
            {t("security.firstCode")}
            <Input
              value={code}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={8}
              onChange={(event) => setCode(event.target.value)}
            />
          </label>
        </div>
      </div>
    </Dialog>
  );
}

/** First who it is, then the key: each question to a key needs a press of its own in some browsers. */
function AddKey({ of, onClose, onDone }: StepProps) {
  const { t } = useTranslation("life");
  const change = useChange(of);
  const [name, setName] = useState("");
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState<"factor.keyCancelled" | "security.keyKnown">();
  const begin = useCommand("post", "/api/v1/me/second-factor/keys/begin");
  const add = useCommand("post", "/api/v1/me/second-factor/keys", {
    onSuccess: (data) => onDone(data.codes),
  });
  const asked = begin.data;
  if (!asked) {
    return (
      <Dialog
        title={t("security.addKey")}
        onClose={onClose}
        act={t("security.next")}
        busy={change.busy || begin.isPending}
        ready={change.ready && name.trim() !== ""}
        error={begin.error}
        onAct={() => quietly(change.change().then((body) => begin.mutateAsync({ body })))}
      >
        <KeyName value={name} onChange={setName} />
        {change.fields}
      </Dialog>
    );
  }
  const touch = async () => {
    setAsking(true);
    setSaid(undefined);
    try {
      await add.mutateAsync({ body: { ...(await createKey(asked)), name: name.trim() } });
    } catch (error) {
      if (error instanceof KeyCancelled) setSaid("factor.keyCancelled");
      else if (error instanceof KeyKnown) setSaid("security.keyKnown");
    } finally {
      setAsking(false);
    }
  };
  return (
    <Dialog
      key="touch"
      title={t("security.addKey")}
      onClose={onClose}
      act={t("security.touch")}
      busy={asking || add.isPending}
      error={add.error}
      onAct={() => void touch()}
    >
      <p>{t("security.touchHint")}</p>
      {said && (
        <span role="alert">
          <Tone kind="caution">{t(said)}</Tone>
        </span>
      )}
    </Dialog>
  );
}

function KeyName({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const { t } = useTranslation("life");
  return (
    <label className={styles.field}>
      {t("security.keyName")}
      <Input
        value={value}
        maxLength={40}
        placeholder={t("security.keyNameHint")}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function RenameKey({ target, onClose, onDone }: { target: Key; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const [name, setName] = useState(target.name);
  const rename = useCommand("patch", "/api/v1/me/second-factor/keys/{id}", { onSuccess: () => onDone() });
  return (
    <Dialog
      title={t("security.rename")}
      onClose={onClose}
      act={t("common:actions.save")}
      busy={rename.isPending}
      ready={name.trim() !== ""}
      error={rename.error}
      onAct={() => rename.mutate({ path: { id: target.id }, body: { name: name.trim() } })}
    >
      <KeyName value={name} onChange={setName} />
    </Dialog>
  );
}

function RemoveKey({ of, target, onClose, onDone }: StepProps & { target: Key }) {
  const { t } = useTranslation("life");
  const change = useChange(of);
  const remove = useCommand("post", "/api/v1/me/second-factor/keys/{id}/remove", {
    onSuccess: () => onDone(),
  });
  return (
    <Dialog
      title={t("security.removeOf", { name: target.name })}
      onClose={onClose}
      act={t("security.remove")}
      danger
      busy={change.busy || remove.isPending}
      ready={change.ready}
      error={remove.error}
      onAct={() =>
        quietly(change.change().then((body) => remove.mutateAsync({ path: { id: target.id }, body })))
      }
    >
      <p>{t("security.removeHint")}</p>
      {change.fields}
    </Dialog>
  );
}

function RemoveTotp({ of, onClose, onDone }: StepProps) {
  const { t } = useTranslation("life");
  const change = useChange(of);
  const remove = useCommand("post", "/api/v1/me/second-factor/totp/remove", { onSuccess: () => onDone() });
  return (
    <Dialog
      title={t("security.removeOf", { name: t("factor.methods.TOTP") })}
      onClose={onClose}
      act={t("security.remove")}
      danger
      busy={change.busy || remove.isPending}
      ready={change.ready}
      error={remove.error}
      onAct={() => quietly(change.change().then((body) => remove.mutateAsync({ body })))}
    >
      <p>{t("security.removeHint")}</p>
      {change.fields}
    </Dialog>
  );
}

function Renew({ of, onClose, onDone }: StepProps) {
  const { t } = useTranslation("life");
  const change = useChange(of);
  const renew = useCommand("post", "/api/v1/me/second-factor/recovery-codes", {
    onSuccess: (data) => onDone(data.codes),
  });
  return (
    <Dialog
      title={t("security.renew")}
      onClose={onClose}
      act={t("security.renew")}
      busy={change.busy || renew.isPending}
      ready={change.ready}
      error={renew.error}
      onAct={() => quietly(change.change().then((body) => renew.mutateAsync({ body })))}
    >
      <p>{t("security.renewHint")}</p>
      {change.fields}
    </Dialog>
  );
}

/** Shown this once: it is closed only by saying that they are kept. */
function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useTranslation("life");
  return (
    <Dialog title={t("security.recovery")} act={t("security.kept")} onAct={onClose}>
      <Notice kind="caution">{t("security.recoveryHint")}</Notice>
      <ul className={styles.codes}>
        {codes.map((one) => (
          <li key={one}>
            <code>{one}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

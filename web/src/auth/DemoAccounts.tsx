import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Role, Schemas } from "../api/types";
import styles from "./Auth.module.css";

type Account = Schemas["DemoAccount"];

interface Props {
  accounts: Account[];
  disabled: boolean;
  onChoose: (account: Account) => void;
}

/** The demonstration's accounts, one press each. The server names them only while it runs as a demonstration. */
export function DemoAccounts({ accounts, disabled, onChoose }: Props) {
  const { t } = useTranslation(["auth", "common"]);
  const role = (code: Role) => t(`roles.${code}`);
  return (
    <section className={styles.card} aria-labelledby="demo-accounts">
      <h2 id="demo-accounts">{t("demo")}</h2>
      <p className={styles.quiet}>{t("demoHint")}</p>
      <div className={styles.accounts}>
        {accounts.map((account) => (
          <Button
            key={account.username}
            className={styles.account}
            disabled={disabled}
            onClick={() => onChoose(account)}
            data-username={account.username}
          >
            <span className={styles.who}>{account.name}</span>
            <span className={styles.what}>
              {role(account.role)}
              {t("common:separator")}
              {account.organisation}
            </span>
          </Button>
        ))}
      </div>
    </section>
  );
}

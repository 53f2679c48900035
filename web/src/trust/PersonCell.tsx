import { Button } from "antd";
import { useTranslation } from "react-i18next";
import styles from "./Trust.module.css";

/** Who did something, as a row of a log says it; pressed, the log is that person's. Nobody is the system itself. */
export function PersonCell({
  of,
  onPerson,
}: {
  of: { userId?: string; userName?: string; userOrganisation?: string };
  onPerson: (id: string) => void;
}) {
  const { t } = useTranslation("trust");
  const { userId } = of;
  return (
    <span className={styles.cell}>
      {userId ? (
        <Button type="link" size="small" onClick={() => onPerson(userId)}>
          {of.userName}
        </Button>
      ) : (
        t("accesses.system")
      )}
      <span className={styles.quiet}>{of.userOrganisation}</span>
    </span>
  );
}

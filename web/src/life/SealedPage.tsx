import { PrinterOutlined } from "@ant-design/icons";
import { Button, Empty } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { SealPanel } from "./SealPanel";
import styles from "./Life.module.css";

/** The records that are or were sealed, to look at and to print. */
function SealedPage() {
  const { t } = useTranslation("life");
  const records = useRead("/api/v1/sealed-records");
  return (
    <Page
      title={t("seal.page")}
      actions={
        <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
          {t("seal.print")}
        </Button>
      }
    >
      <Loaded query={records}>
        {(list) =>
          list.length === 0 ? (
            <Empty description={t("seal.none")} />
          ) : (
            <ul className={styles.plain}>
              {list.map((record) => (
                <li key={record.seal.id}>
                  <Link to={`/consultations/${record.consultationId}`}>
                    {record.serial} {record.residentName} {record.institution}
                  </Link>
                  <SealPanel of={record.seal} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { SealedPage as Component };

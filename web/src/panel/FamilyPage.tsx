import { CalendarOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { ContactsCard, ContractCard, GroupsCard, PlansCard } from "./FamilyCards";
import styles from "./Panel.module.css";
import { bookingAddress } from "./parts";

/** What the team does for one resident: contract, groups, plans, contacts. */
function FamilyPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("panel");
  const care = useRead("/api/v1/residents/{id}/family-care", { path: { id } });
  return (
    <Page title={t("family.title")}>
      <Loaded query={care}>{(data) => <Shown care={data} />}</Loaded>
    </Page>
  );
}
export { FamilyPage as Component };

function Shown({ care }: { care: Schemas["FamilyCare"] }) {
  const { t } = useTranslation("panel");
  const format = useFormat();
  const navigate = useNavigate();
  const english = useLanguage() === "en";
  const open = care.plans.filter((p) => p.state === "ACTIVE").toSorted((a, b) => b.late - a.late);
  return (
    <>
      <div className={styles.cardHead}>
        <div className={styles.who}>
          <span className={styles.name}>
            <strong>{care.name}</strong>
            <span>
              {format.sex(care.sex)} {format.age(care.age)}
            </span>
            <span className={styles.quiet}>
              {care.home} {care.bed}
            </span>
          </span>
          <span className={styles.quiet}>
            {t("family.conditions")}{" "}
            {care.conditions.map((c) => (english ? c.en : c.zh)).join(t("comma")) || t("family.noConditions")}
          </span>
        </div>
        <span className={styles.acts}>
          {care.team ? (
            <Button onClick={() => void navigate("/panel")}>{t("family.back")}</Button>
          ) : (
            <Button onClick={() => void navigate(`/ward/residents/${care.residentId}`)}>
              {t("family.toResident")}
            </Button>
          )}
          {care.team && (
            <Button
              type="primary"
              icon={<CalendarOutlined aria-hidden />}
              onClick={() =>
                void navigate(
                  bookingAddress([
                    {
                      residentId: care.residentId,
                      plans: open,
                      ...(open[0] ? { nextOn: open[0].nextOn } : {}),
                    },
                  ]),
                )
              }
            >
              {t("panel.book")}
            </Button>
          )}
        </span>
      </div>
      <div className={styles.columns}>
        <div className={styles.stack}>
          <PlansCard care={care} />
          <ContactsCard care={care} />
        </div>
        <div className={styles.stack}>
          <ContractCard care={care} />
          <GroupsCard care={care} />
        </div>
      </div>
    </>
  );
}

import { CheckCircleOutlined, RightOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import { useLanguage } from "../i18n/useLanguage";
import { Due } from "./Due";
import styles from "./Goals.module.css";

type Item = Schemas["GoalTodo"];

/** Where each thing is done. */
function place(item: Item): string {
  const org = `org=${item.organisationId}`;
  switch (item.kind) {
    case "TASK":
      return item.export === "E1" ? `/goals/self-check?${org}` : `/goals/calendar?${org}`;
    case "RECTIFY":
    case "VERIFY":
      return `/goals/rectifications?${org}&id=${item.id}`;
    default:
      return `/goals/returns?${org}`;
  }
}

/** What the person has to do now, the most pressing first; each leads to where it is done. */
export function Todo() {
  const { t } = useTranslation("goals");
  const english = useLanguage() === "en";
  const { data } = useRead("/api/v1/goals/todo");
  if (!data) return null;
  const several = new Set(data.map((x) => x.organisationId)).size > 1;
  return (
    <section className={styles.card} aria-labelledby="todo">
      <h2 id="todo">{t("todo.title")}</h2>
      {data.length === 0 ? (
        <p className={styles.quiet}>
          <CheckCircleOutlined aria-hidden /> {t("todo.none")}{" "}
          <Link to="/goals/calendar">{t("todo.calendar")}</Link>
        </p>
      ) : (
        <ul className={styles.todo}>
          {data.map((x) => (
            <li key={x.kind + x.id + (x.dueOn ?? "")}>
              <Link to={place(x)}>
                {t(`todo.kinds.${x.kind}`, { name: english ? x.nameEn : x.nameZh })}
                <RightOutlined aria-hidden />
              </Link>
              {several && <span className={styles.quiet}>{x.organisation}</span>}
              {x.dueOn && <Due day={x.dueOn} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

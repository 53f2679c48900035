import { Badge } from "antd";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { AssignedWatch } from "./ring/AssignedWatch";
import { HandOverWatch } from "./ring/HandOverWatch";
import { RingWatch } from "./ring/RingWatch";

/** The queue's entry in the main menu. It stands on every page of a doctor, therefore it is also what rings. */
export function QueueLabel() {
  const { t } = useTranslation("desk");
  const waiting = useRead("/api/v1/queue").data?.waiting.length ?? 0;
  return (
    <>
      <Counted
        word={t("queue.nav")}
        name={waiting ? t("queue.navCount", { n: waiting }) : undefined}
        n={waiting}
      />
      <RingWatch />
      <AssignedWatch />
      <HandOverWatch />
    </>
  );
}

/** The entry of the reports that wait for adoption. */
export function AdoptLabel() {
  const { t } = useTranslation("desk");
  const waiting = useRead("/api/v1/worklist").data?.toAdopt.length ?? 0;
  return (
    <Counted
      word={t("adopt.nav")}
      name={waiting ? t("adopt.navCount", { n: waiting }) : undefined}
      n={waiting}
    />
  );
}

export function FollowUpsLabel() {
  return useTranslation("desk").t("followUps.nav");
}

function Counted({ word, name, n }: { word: string; name: string | undefined; n: number }) {
  return (
    <Badge count={n} size="small" offset={[8, 0]} styles={{ root: { fontSize: "inherit" } }}>
      <span aria-hidden={name !== undefined} style={{ color: "inherit", fontSize: "inherit" }}>
        {word}
      </span>
      {name && <span className="visually-hidden">{name}</span>}
    </Badge>
  );
}

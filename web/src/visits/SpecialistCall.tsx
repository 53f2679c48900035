import { VideoCameraOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Schemas, useCommand } from "../api";
import { useServices } from "../app/services";
import { StateTag } from "../admin/StateTag";
import { useMe } from "../auth/useSession";
import { Refused } from "../dialog";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import { useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

/**
 * From the home to a specialist: the first tap prepares the request, with why the visit is made and what was measured, and leads to where the rules,
 * the consent and the department stand; the second calls. Who is there asks in the name of the institution that visits, or of the resident's own
 * where that is theirs; a doctor who visits accompanies.
 */
export function SpecialistCall({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const navigate = useNavigate();
  const { connectivity } = useServices();
  const { reach } = useSyncExternalStore(connectivity.subscribe, connectivity.snapshot);
  const me = useMe();
  const refresh = useVisitsRefresh();
  const add = useCommand("post", "/api/v1/consultations/{id}/vitals");
  const create = useCommand("post", "/api/v1/consultations", {
    onSuccess: async (made) => {
      refresh();
      const readings = readingsOf(of);
      // What could not be taken over is measured or entered on the next page.
      if (readings.length > 0)
        await add.mutateAsync({ path: { id: made.id }, body: { readings } }).catch(() => undefined);
      await navigate(`/ward/requests/${made.id}?step=call`);
    },
  });
  const calls = of.calls ?? [];
  const goes = me.id === of.leadId || me.name === of.second;
  const ours = me.memberships.some(
    (m) => (m.role === "ATTENDING" || m.role === "NURSE") && m.organisationName === of.home,
  );
  const here = of.state === "ARRIVED";
  const mayCall = here && goes;
  if (!here && calls.length === 0) return null;
  return (
    <div className={styles.stack}>
      {mayCall && reach !== "ok" && <Notice kind="caution">{t("specialist.offline")}</Notice>}
      {mayCall && (
        <Button
          className={styles.go}
          icon={<VideoCameraOutlined aria-hidden />}
          disabled={reach !== "ok"}
          loading={create.isPending || add.isPending}
          onClick={() =>
            create.mutate({
              body: {
                id: crypto.randomUUID(),
                residentId: of.residentId,
                reasons: ["OTHER"],
                redFlags: [],
                visitId: of.id,
                ...(of.reason
                  ? { complaint: [of.reason, of.record?.findings].filter(Boolean).join("\n") }
                  : {}),
              },
            })
          }
        >
          {t("specialist.call")}
        </Button>
      )}
      <Refused error={create.error} />
      {calls.map((call) =>
        goes || ours ? (
          <Link
            key={call.consultationId}
            to={`${goes ? "/ward/requests" : "/consultations"}/${call.consultationId}`}
            className={styles.line}
          >
            {t("specialist.made", { serial: call.serial })} <StateTag state={call.state} />
          </Link>
        ) : (
          // Colleagues who were not there learn that it was, and do not read it.
          <span key={call.consultationId} className={styles.line}>
            {t("specialist.made", { serial: call.serial })} <StateTag state={call.state} />
          </span>
        ),
      )}
    </div>
  );
}

/** The readings of the visit's record as the request takes them. */
function readingsOf(of: Visit): Schemas["VitalInput"][] {
  return (of.record?.vitals ?? [])
    .filter((v) => v.value !== undefined || v.qualifier !== undefined)
    .map((v) => ({
      code: v.code,
      ...(v.value === undefined ? {} : { value: v.value }),
      ...(v.qualifier === undefined ? {} : { qualifier: v.qualifier }),
      ...(v.confirmed ? { confirmed: true } : {}),
      ...(v.takenAt ? { takenAt: v.takenAt } : {}),
    }));
}

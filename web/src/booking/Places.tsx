import { EnvironmentOutlined } from "@ant-design/icons";
import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { hasRole, useMe } from "../auth/useSession";
import { Refused } from "../dialog";
import { Notice } from "../theme";
import { locate } from "../visits/useVisits";
import styles from "./Booking.module.css";

/** Where the reader's institutions are on the map: roads to homes begin and end there. */
export function Places() {
  const { t } = useTranslation("booking");
  const me = useMe();
  const own = me.memberships.filter(
    (m) => m.organisationKind === "MEDICAL" && (m.role === "INST_ADMIN" || m.role === "DISPATCHER"),
  );
  const once = [...new Map(own.map((m) => [m.organisationId, m])).values()];
  if (once.length === 0) return null;
  return (
    <section className={styles.stack} aria-labelledby="places">
      <h2 id="places">{t("places.title")}</h2>
      <p className={styles.quiet}>{t("places.about")}</p>
      {once.map((m) => (
        <Place
          key={m.organisationId}
          id={m.organisationId}
          name={m.organisationName}
          mayChange={hasRole(me, "INST_ADMIN")}
        />
      ))}
    </section>
  );
}

function Place({ id, name, mayChange }: { id: string; name: string; mayChange: boolean }) {
  const { t } = useTranslation("booking");
  const { query } = useServices();
  const known = useRead("/api/v1/organisations/{id}/place", { path: { id } });
  const [typed, setTyped] = useState<{ lon?: number | null; lat?: number | null }>({});
  const [locating, setLocating] = useState(false);
  const [lost, setLost] = useState(false);
  const save = useCommand("put", "/api/v1/organisations/{id}/place", {
    onSuccess: () => {
      setTyped({});
      void query.invalidateQueries({ queryKey: ["/api/v1/organisations/{id}/place"] });
    },
  });
  const lon = typed.lon === undefined ? known.data?.place?.lon : typed.lon;
  const lat = typed.lat === undefined ? known.data?.place?.lat : typed.lat;
  const here = async () => {
    setLocating(true);
    const place = await locate();
    setLocating(false);
    setLost(!place);
    if (place) setTyped({ lon: place.lon, lat: place.lat });
  };
  return (
    <div className={styles.card}>
      <strong>{name}</strong>
      {known.data && !known.data.place && <Notice kind="caution">{t("places.unknown")}</Notice>}
      <div className={styles.line}>
        <label className={styles.line}>
          {t("places.lon")}
          <InputNumber<number>
            min={-180}
            max={180}
            step={0.001}
            disabled={!mayChange}
            value={lon ?? null}
            onChange={(value) => setTyped({ ...typed, lon: value })}
          />
        </label>
        <label className={styles.line}>
          {t("places.lat")}
          <InputNumber<number>
            min={-90}
            max={90}
            step={0.001}
            disabled={!mayChange}
            value={lat ?? null}
            onChange={(value) => setTyped({ ...typed, lat: value })}
          />
        </label>
        {mayChange && (
          <>
            <Button icon={<EnvironmentOutlined aria-hidden />} loading={locating} onClick={() => void here()}>
              {t("places.here")}
            </Button>
            <Button
              type="primary"
              disabled={
                typeof lon !== "number" ||
                typeof lat !== "number" ||
                (typed.lon === undefined && typed.lat === undefined)
              }
              loading={save.isPending}
              onClick={() =>
                typeof lon === "number" &&
                typeof lat === "number" &&
                save.mutate({ path: { id }, body: { place: { lon, lat } } })
              }
            >
              {t("kinds.save")}
            </Button>
          </>
        )}
      </div>
      {lost && <Notice kind="caution">{t("places.noHere")}</Notice>}
      {save.isSuccess && typed.lon === undefined && <Notice kind="good">{t("places.saved")}</Notice>}
      <Refused error={known.error ?? save.error} />
    </div>
  );
}

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand, type Vital } from "../../api";
import { useServices } from "../../app/services";
import { RedFlags } from "../emergency/RedFlags";
import { ActionBar, Panel } from "../parts/Panel";
import { asReadings, newestByCode, reusable, tiles, wanted } from "../vitals/entry";
import { PhotoStrip } from "../vitals/PhotoStrip";
import { VitalsGrid } from "../vitals/VitalsGrid";
import styles from "./Request.module.css";

/**
 * The third tap: signs of danger first, then what was measured. Values of the last 24 h stand there already and are taken
 * over by going on; whatever is missing stays visibly missing and holds nobody up.
 */
export function VitalsStep({ c, latest, onNext }: { c: Consultation; latest: Vital[]; onNext: () => void }) {
  const { t } = useTranslation("bedside");
  const { clock } = useServices();
  const [discarded, setDiscarded] = useState<ReadonlySet<string>>(new Set());
  const add = useCommand("post", "/api/v1/consultations/{id}/vitals");
  const old = reusable(c.vitals, latest, discarded, new Date(clock.now()));
  const own = newestByCode(c.vitals);
  const missing = tiles.filter(([code = ""]) => wanted.has(code) && !own.has(code) && !old.has(code)).length;

  const next = () => {
    // The nurse does not wait for it: the last page shows what arrived.
    if (old.size > 0) add.mutate({ path: { id: c.id }, body: { readings: asReadings(old.values()) } });
    onNext();
  };

  return (
    <>
      <div className={styles.columns}>
        <Panel title={t("redFlags.title")}>
          <RedFlags c={c} />
        </Panel>
        <div className={styles.stack}>
          <Panel title={t("vitals.title")}>
            <VitalsGrid
              c={c}
              reused={old}
              onDiscard={(codes) => setDiscarded(new Set([...discarded, ...codes]))}
            />
          </Panel>
          <Panel title={t("photos.title")}>
            <PhotoStrip c={c} />
          </Panel>
        </div>
      </div>
      <ActionBar>
        <span className={styles.barNote}>
          {missing > 0 ? t("vitals.missingCount", { n: missing }) : t("vitals.complete")}
        </span>
        <Button size="large" type="primary" className={styles.next} onClick={next}>
          {t("vitals.next")}
        </Button>
      </ActionBar>
    </>
  );
}

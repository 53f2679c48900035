import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api";
import { useFormat } from "../../i18n/useFormat";
import { Portrait } from "./Portrait";
import styles from "./Resident.module.css";
import { ResidentFlags } from "./ResidentFlags";

interface Headed {
  name: string;
  sex: Schemas["Sex"];
  age: number;
  ward: string;
  bed: string;
  portraitId?: string;
  hearingImpaired: boolean;
  sightImpaired: boolean;
  preferredLanguage: string;
  risks: string[];
}

/** Who it is about, at the top of each page about a resident. */
export function ResidentHead({ of, most }: { of: Headed; most?: number }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  return (
    <div className={styles.head}>
      <Portrait id={of.portraitId} name={of.name} />
      <div className={styles.who}>
        <span className={styles.name}>
          <span>{of.bed ? t("resident.bed", { bed: of.bed }) : t("resident.atHome")}</span>
          <span>{of.name}</span>
          <span className={styles.facts}>
            {format.sex(of.sex)} {format.age(of.age)}
          </span>
        </span>
        <ResidentFlags of={of} {...(most === undefined ? {} : { most })} />
      </div>
    </div>
  );
}

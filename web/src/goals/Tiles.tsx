import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { useCatalogue } from "../api";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import type { Dashboard, useGoalQuery } from "./query";

type Tile = Dashboard["tiles"][number];

const stateOf = (tile: Tile) => (tile.countable > 0 ? "has" : tile.submitted > 0 ? "asked" : "none");

/** The divisions of an area as tiles of equal size, league by league: a colour and a word each. */
export function Tiles({ tiles, set }: { tiles: Tile[]; set: ReturnType<typeof useGoalQuery>["set"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const english = useLanguage() === "en";
  const { label } = useCatalogue();
  const parents = [...new Set(tiles.map((tile) => tile.parent ?? ""))];
  return (
    <section className={styles.card} aria-labelledby="tiles">
      <h2 id="tiles">{t("tiles.title")}</h2>
      <div className={styles.legend}>
        <Tone kind="good" icon="●">
          {t("tiles.has")} {tiles.filter((x) => stateOf(x) === "has").length}
        </Tone>
        <Tone kind="caution" icon="◐">
          {t("tiles.asked")} {tiles.filter((x) => stateOf(x) === "asked").length}
        </Tone>
        <Tone kind="muted" icon="○">
          {t("tiles.none")} {tiles.filter((x) => stateOf(x) === "none").length}
        </Tone>
      </div>
      <div className={styles.tiles}>
        {parents.flatMap((parent) => [
          ...(parents.length > 1
            ? [
                <span key={parent} className={styles.league}>
                  {label("divisions", parent)}
                </span>,
              ]
            : []),
          ...tiles
            .filter((tile) => (tile.parent ?? "") === parent)
            .map((tile) => (
              <div key={tile.code} className={styles.tile} data-state={stateOf(tile)}>
                <span>
                  <span aria-hidden>{{ has: "●", asked: "◐", none: "○" }[stateOf(tile)]} </span>
                  {tile.organisationId ? (
                    <Button
                      type="link"
                      size="small"
                      className={styles.link ?? ""}
                      onClick={() => set({ org: tile.organisationId })}
                    >
                      {english ? tile.nameEn : tile.nameZh}
                    </Button>
                  ) : english ? (
                    tile.nameEn
                  ) : (
                    tile.nameZh
                  )}
                </span>
                <span className={styles.quiet}>
                  {tile.submitted > 0
                    ? t("tiles.countable", { n: format.number(tile.countable) })
                    : t("tiles.homes", { n: format.number(tile.institutions) })}
                </span>
              </div>
            )),
        ])}
      </div>
    </section>
  );
}

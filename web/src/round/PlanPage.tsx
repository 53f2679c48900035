import { Button, Checkbox, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { dayOf, MomentPicker } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Round.module.css";
import { type Round, useKeepRound, useRound } from "./useRound";

const quarter = 15 * 60_000;

/** Plans a round, or changes one that nobody has opened. */
function PlanPage() {
  const { t } = useTranslation("round");
  const { id } = useParams();
  const round = useRound(id);
  return (
    <Page title={t(id ? "changePlan" : "plan")}>
      {id ? <Loaded query={round}>{(data) => <Plan key={data.id} round={data} />}</Loaded> : <Plan />}
    </Page>
  );
}
export { PlanPage as Component };

function Plan({ round }: { round?: Round }) {
  const { t } = useTranslation("round");
  const { clock } = useServices();
  const navigate = useNavigate();
  const keep = useKeepRound();
  const [organisation, setOrganisation] = useState(round?.organisationId);
  const [doctor, setDoctor] = useState(round && `${round.doctorId} ${round.departmentId}`);
  const [startsAt, setStartsAt] = useState(
    () => round?.startsAt ?? new Date(Math.ceil((clock.now() + quarter) / quarter) * quarter).toISOString(),
  );
  const [minutes, setMinutes] = useState(
    round ? Math.round((Date.parse(round.endsAt) - Date.parse(round.startsAt)) / 60_000) : 60,
  );
  const [chosen, setChosen] = useState<string[]>(round?.entries.map((e) => e.residentId) ?? []);
  const options = useRead(
    "/api/v1/round-options",
    { query: { day: dayOf(startsAt), ...(organisation ? { organisationId: organisation } : {}) } },
    { keepPrevious: true },
  );
  const done = (made: Round) => {
    keep(made);
    void navigate(`/rounds/${made.id}`, { replace: true });
  };
  const create = useCommand("post", "/api/v1/rounds", { onSuccess: done });
  const update = useCommand("put", "/api/v1/rounds/{id}", { onSuccess: done });
  return (
    <Loaded query={options}>
      {(data) => {
        const doctors = data.doctors.map((d) => ({
          value: `${d.id} ${d.departmentId}`,
          label: `${d.name} · ${d.department} · ${d.hospital}`,
        }));
        const picked = doctor ?? (doctors.length === 1 ? doctors[0]?.value : undefined);
        const [doctorId, departmentId] = picked?.split(" ") ?? [];
        const org = organisation ?? data.organisationId;
        const missing = [
          !org && t("missing.institution"),
          !(doctorId && departmentId) && t("missing.doctor"),
          chosen.length === 0 && t("missing.residents"),
        ].filter(Boolean);
        const send = () => {
          if (!org || !doctorId || !departmentId) return;
          const body = {
            doctorId,
            departmentId,
            startsAt,
            minutes,
            residents: chosen.map((residentId) => ({ residentId })),
          };
          if (round) update.mutate({ path: { id: round.id }, body: { ...body, revision: round.revision } });
          else create.mutate({ body: { ...body, organisationId: org } });
        };
        return (
          <div className={styles.stack}>
            <section className={styles.card}>
              <p>{t("planBody")}</p>
              <div className={styles.fields}>
                {data.institutions.length > 1 && !round && (
                  <label className={styles.field} htmlFor="round-institution">
                    {t("institution")}
                    <Select
                      id="round-institution"
                      value={org ?? null}
                      options={data.institutions.map((o) => ({ value: o.id, label: o.name }))}
                      onChange={(next: string) => {
                        setOrganisation(next);
                        setDoctor(undefined);
                        setChosen([]);
                      }}
                    />
                  </label>
                )}
                <label className={styles.field} htmlFor="round-doctor">
                  {t("doctor")}
                  <Select
                    id="round-doctor"
                    showSearch={{ optionFilterProp: "label" }}
                    placeholder={t("chooseDoctor")}
                    value={picked ?? null}
                    options={doctors}
                    onChange={(next: string) => setDoctor(next)}
                  />
                </label>
                <label className={styles.field} htmlFor="round-start">
                  {t("startsAt")}
                  <MomentPicker
                    id="round-start"
                    minuteStep={5}
                    allowClear={false}
                    value={startsAt}
                    onChange={(next) => next && setStartsAt(next)}
                  />
                </label>
                <label className={styles.field} htmlFor="round-minutes">
                  {t("minutes")}
                  <InputNumber
                    id="round-minutes"
                    min={10}
                    max={240}
                    step={5}
                    value={minutes}
                    onChange={(next) => setMinutes(next ?? 60)}
                  />
                </label>
              </div>
            </section>
            <Residents list={data.residents} chosen={chosen} onChosen={setChosen} />
            <div className={styles.acts}>
              <Button
                type="primary"
                className={styles.go}
                disabled={missing.length > 0}
                loading={create.isPending || update.isPending}
                onClick={send}
              >
                {t("create")}
              </Button>
              {missing.length > 0 && (
                <span className={styles.missing} role="status">
                  {t("missing.first", { what: missing.join(t("missing.and")) })}
                </span>
              )}
            </div>
            <Refused error={create.error ?? update.error} />
          </div>
        );
      }}
    </Loaded>
  );
}

/** Who is to be seen, in the order in which they are ticked; who is due comes first. */
function Residents({
  list,
  chosen,
  onChosen,
}: {
  list: Schemas["RoundCandidate"][];
  chosen: string[];
  onChosen: (next: string[]) => void;
}) {
  const { t } = useTranslation("round");
  const { chosen: label } = useCatalogue();
  const format = useFormat();
  const due = list.filter((r) => r.why.some((code) => code !== "PANEL"));
  const [show, setShow] = useState<"due" | "all">(due.length > 0 ? "due" : "all");
  const shown = show === "all" ? list : list.filter((r) => due.includes(r) || chosen.includes(r.id));
  return (
    <section className={styles.card} aria-label={t("residents")}>
      <span className={styles.line}>
        <strong className={styles.name}>{t("residents")}</strong>
        <Segmented
          value={show}
          onChange={setShow}
          options={[
            { value: "due", label: `${t("show.due")} ${due.length}` },
            { value: "all", label: `${t("show.all")} ${list.length}` },
          ]}
        />
        <span role="status">{t("chosen", { n: chosen.length })}</span>
      </span>
      {shown.length === 0 && <p className={styles.quiet}>{t("nobodyDue")}</p>}
      <ul className={styles.list}>
        {shown.map((r) => (
          <li key={r.id}>
            <Checkbox
              className={styles.check}
              checked={chosen.includes(r.id)}
              onChange={(event) =>
                onChosen(event.target.checked ? [...chosen, r.id] : chosen.filter((id) => id !== r.id))
              }
            >
              <span className={styles.line}>
                <strong>{t("bedAndName", r)}</strong>
                <span className={styles.quiet}>
                  {[format.sex(r.sex), format.age(r.age), r.ward].filter(Boolean).join(" · ")}
                </span>
                {r.why.map((code) => (
                  <Tone key={code} kind={code === "PANEL" ? "muted" : "primary"}>
                    {label("round_why", code)}
                  </Tone>
                ))}
                {!r.consented && <Tone kind="caution">{t("noConsent")}</Tone>}
                {r.busy && <Tone kind="caution">{t("busy")}</Tone>}
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
    </section>
  );
}

-- name: FactFigures :many
-- What stands beside consultations, counted per organisation, by the day on which it was created, asked for, recorded or due. A visit
-- counts once its time has come, unless the family put it off or refused it.
SELECT f.organisation_id::uuid AS organisation_id, f.base::text AS base, f.mark::text AS mark, count(*) AS n, count(*) FILTER (WHERE f.met) AS met
FROM counted_facts f
WHERE f.organisation_id = ANY (@members::uuid[]) AND f.on_day BETWEEN @since::date AND @until::date AND f.excuse <> ALL (@by_family::text[]) AND (f.base <> 'VISITS_DUE' OR f.since <= @now::timestamptz)
GROUP BY 1, 2, 3;

-- name: FactRows :many
-- The rows behind FactFigures, newest first, after the one that is named.
SELECT f.id::uuid AS id, f.organisation_id::uuid AS organisation_id, o.name AS institution, f.on_day::date AS on_day, f.met::boolean AS met, f.number::text AS number, f.code::text AS code, f.state::text AS state,
  f.since, f.due_on, f.done_at, coalesce(x.name, '')::text AS other, c.id AS consultation_id, coalesce(c.serial, '')::text AS serial
FROM counted_facts f JOIN organisations o ON o.id = f.organisation_id LEFT JOIN organisations x ON x.id = f.other_org_id LEFT JOIN consultations c ON c.id = f.consultation_id
WHERE f.base = @base AND f.organisation_id = ANY (@members::uuid[]) AND f.on_day BETWEEN @since::date AND @until::date AND f.excuse <> ALL (@by_family::text[])
  AND (f.base <> 'VISITS_DUE' OR f.since <= @now::timestamptz) AND (sqlc.narg(met)::boolean IS NULL OR f.met = sqlc.narg(met)::boolean)
  AND (sqlc.narg(after_on)::date IS NULL OR (f.on_day, f.id) < (sqlc.narg(after_on)::date, @after_id::uuid))
ORDER BY f.on_day DESC, f.id DESC LIMIT @page_size;

-- name: AgreementFigures :many
-- Care institutions that are active, each with its agreement that is in force on a day and ends last, if there is one.
SELECT o.id AS organisation_id, o.name, o.region_code, (a.id IS NOT NULL)::boolean AS in_force, coalesce(a.number, '')::text AS number, a.valid_to, coalesce(h.name, '')::text AS hospital
FROM organisations o
LEFT JOIN agreements a ON a.id = (SELECT x.id FROM agreements x WHERE x.inviting_org_id = o.id AND x.valid_from <= @on_day::date AND x.valid_to >= @on_day::date
  AND (x.terminated_at IS NULL OR local_day(x.terminated_at) > @on_day::date) ORDER BY x.valid_to DESC, x.id LIMIT 1)
LEFT JOIN organisations h ON h.id = a.invited_org_id
WHERE o.id = ANY (@members::uuid[]) AND o.kind = 'CARE' AND o.active
ORDER BY o.region_code, o.name, o.id;

-- name: ResidentFigures :many
-- Of the residents of organisations in a period, both days included.
SELECT r.organisation_id, count(*) AS present,
  (sum(least(coalesce(r.left_on - 1, sqlc.arg(until)::date), sqlc.arg(until)::date) - greatest(r.admitted_on, sqlc.arg(since)::date) + 1)::float8 / (sqlc.arg(until)::date - sqlc.arg(since)::date + 1))::float8 AS mean,
  count(*) FILTER (WHERE r.condition_codes && sqlc.arg(chronic)::text[]) AS chronic,
  count(*) FILTER (WHERE r.ability_level IS NOT NULL) AS assessed, count(*) FILTER (WHERE r.ability_level IS NULL) AS unassessed,
  count(*) FILTER (WHERE r.ability_level IS NOT NULL AND disabled(r.ability_level, r.condition_codes)) AS disabled
FROM residents r
WHERE r.organisation_id = ANY (sqlc.arg(members)::uuid[]) AND r.admitted_on <= sqlc.arg(until)::date AND (r.left_on IS NULL OR r.left_on > sqlc.arg(since)::date)
GROUP BY r.organisation_id;

-- name: ResidentRows :many
-- The residents behind ResidentFigures, without names, after the one that is named. Conditions that are false are none.
SELECT r.id, r.organisation_id, o.name AS institution, o.region_code, r.sex, r.birth_date, r.bed, r.admitted_on, r.left_on, r.ability_level,
  (r.ability_level IS NOT NULL AND disabled(r.ability_level, r.condition_codes))::boolean AS disabled
FROM residents r JOIN organisations o ON o.id = r.organisation_id
WHERE r.organisation_id = ANY (sqlc.arg(members)::uuid[]) AND r.admitted_on <= sqlc.arg(until)::date AND (r.left_on IS NULL OR r.left_on > sqlc.arg(since)::date)
  AND (NOT @chronic_only::boolean OR r.condition_codes && sqlc.arg(chronic)::text[]) AND (NOT @assessed_only::boolean OR r.ability_level IS NOT NULL)
  AND (sqlc.narg(disabled)::boolean IS NULL OR (r.ability_level IS NOT NULL AND disabled(r.ability_level, r.condition_codes)) = sqlc.narg(disabled)::boolean) AND r.id > @after
ORDER BY r.id LIMIT @page_size;

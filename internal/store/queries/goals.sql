-- name: ReportingTree :many
-- The organisations under some roots, roots included, each with its root.
WITH RECURSIVE tree AS (
  SELECT o.id, o.id AS root, 0 AS depth FROM organisations o WHERE o.id = ANY (@roots::uuid[])
  UNION ALL
  SELECT o.id, t.root, t.depth + 1 FROM organisations o JOIN tree t ON o.reporting_parent_id = t.id
)
SELECT t.root, t.depth::integer AS depth, o.id, o.kind, o.type_code, o.name, o.region_code, o.reporting_parent_id, o.active
FROM tree t JOIN organisations o ON o.id = t.id ORDER BY t.depth, o.region_code, o.name, o.id;

-- name: IndicatorDefinitions :many
-- The definitions in force on a day, one version each.
SELECT DISTINCT ON (code) * FROM indicator_definitions WHERE valid_from <= @on_day ORDER BY code, version DESC;

-- name: IndicatorTargets :many
SELECT * FROM indicator_targets WHERE valid_from <= @on_day AND (valid_to IS NULL OR valid_to >= @on_day) ORDER BY indicator, valid_from DESC;

-- name: LedgerMarks :many
SELECT code, source, bit FROM ledger_marks;

-- name: ResidentFigures :many
-- Of the residents of organisations in a period, both days included.
SELECT r.organisation_id, count(*) AS present,
  (sum(least(coalesce(r.left_on - 1, sqlc.arg(until)::date), sqlc.arg(until)::date) - greatest(r.admitted_on, sqlc.arg(since)::date) + 1)::float8 / (sqlc.arg(until)::date - sqlc.arg(since)::date + 1))::float8 AS mean,
  count(*) FILTER (WHERE r.condition_codes && sqlc.arg(chronic)::text[]) AS chronic,
  count(*) FILTER (WHERE r.ability_level IS NOT NULL) AS assessed, count(*) FILTER (WHERE r.ability_level IS NULL) AS unassessed,
  count(*) FILTER (WHERE r.ability_level IS NOT NULL AND (r.ability_level >= 1 OR r.condition_codes && '{F00,F01.9,F03,G30.9}'::text[])) AS disabled
FROM residents r
WHERE r.organisation_id = ANY (sqlc.arg(members)::uuid[]) AND r.admitted_on <= sqlc.arg(until)::date AND (r.left_on IS NULL OR r.left_on > sqlc.arg(since)::date)
GROUP BY r.organisation_id;

-- name: AgreementFigures :many
-- Care institutions that are active, and whether one of their agreements is in force on a day.
SELECT o.id AS organisation_id, EXISTS (SELECT 1 FROM agreements a WHERE a.inviting_org_id = o.id AND a.valid_from <= @on_day::date AND a.valid_to >= @on_day::date
  AND (a.terminated_at IS NULL OR local_day(a.terminated_at) > @on_day::date))::boolean AS in_force
FROM organisations o WHERE o.id = ANY (@members::uuid[]) AND o.kind = 'CARE' AND o.active;

-- name: RectificationFigures :many
SELECT organisation_id, count(*) AS due, count(*) FILTER (WHERE state = 'VERIFIED' AND done_on <= due_on) AS in_time
FROM rectifications WHERE organisation_id = ANY (@members::uuid[]) AND due_on >= @since::date AND due_on <= @until::date GROUP BY organisation_id;

-- name: ImportedFigures :many
-- The newest import of each number.
SELECT DISTINCT ON (v.organisation_id, v.mark) v.organisation_id, v.mark, v.value::float8 AS value, i.file_name, i.imported_at
FROM imported_values v JOIN imports i ON i.id = v.import_id
WHERE v.organisation_id = ANY (@members::uuid[]) AND v.kind = @kind AND v.starts_on = @starts_on
ORDER BY v.organisation_id, v.mark, i.imported_at DESC;

-- name: OrganisationsByName :many
SELECT id, name, credit_code FROM organisations WHERE id = ANY (@members::uuid[]);

-- name: SurroundingFigures :many
-- What stands beside consultations, per organisation, by the day on which it was created, asked for, recorded or due.
SELECT x.organisation_id::uuid AS organisation_id, x.mark::text AS mark, count(*) AS n FROM (
  SELECT t.organisation_id, unnest(CASE WHEN t.score >= 4 THEN '{RATINGS,RATINGS_GOOD}'::text[] ELSE '{RATINGS}' END) AS mark
  FROM satisfaction_ratings t WHERE t.organisation_id = ANY (@members::uuid[]) AND local_day(t.created_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT r.from_org_id, unnest(CASE WHEN least(r.arrived_at, r.returned_at) <= r.created_at + interval '7 days' THEN '{REFERRALS,REFERRALS_CLOSED}'::text[] ELSE '{REFERRALS}' END)
  FROM referrals r WHERE r.from_org_id = ANY (@members::uuid[]) AND NOT r.refused_by_patient AND local_day(r.created_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT r.to_org_id, unnest(CASE WHEN r.accepted_at <= r.created_at + interval '3 days' THEN '{REFERRALS_DOWN,REFERRALS_DOWN_TAKEN}'::text[] ELSE '{REFERRALS_DOWN}' END)
  FROM referrals r WHERE r.to_org_id = ANY (@members::uuid[]) AND r.direction = 'DOWN' AND local_day(r.created_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT r.from_org_id, unnest(CASE WHEN r.green_met_at <= r.green_requested_at + interval '2 days' THEN '{GREEN_ASKED,GREEN_MET}'::text[] ELSE '{GREEN_ASKED}' END)
  FROM referrals r WHERE r.from_org_id = ANY (@members::uuid[]) AND r.green_requested_at IS NOT NULL AND local_day(r.green_requested_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT e.organisation_id, unnest(CASE WHEN e.reported_at <= e.occurred_at + interval '24 hours' THEN '{EVENTS,EVENTS_IN_TIME}'::text[] ELSE '{EVENTS}' END)
  FROM adverse_events e WHERE e.organisation_id = ANY (@members::uuid[]) AND local_day(e.reported_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT c.organisation_id, unnest(CASE WHEN local_day(c.closed_at) <= c.due_on THEN '{COMPLAINTS_DUE,COMPLAINTS_IN_TIME}'::text[] ELSE '{COMPLAINTS_DUE}' END)
  FROM complaints c WHERE c.organisation_id = ANY (@members::uuid[]) AND c.due_on BETWEEN @since::date AND @until::date
) x GROUP BY 1, 2;

-- name: ContractFigures :many
-- Of the residents of organisations who are there at the end of a period: those of the special groups, and those of them with a
-- family-doctor contract in force on that day (I-20).
SELECT r.organisation_id, count(*) AS special, count(c.id) AS covered
FROM residents r
LEFT JOIN fd_contracts c ON c.resident_id = r.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= @on_day::date AND c.ended_on > @on_day::date
WHERE r.organisation_id = ANY (@members::uuid[]) AND r.admitted_on <= @on_day::date AND (r.left_on IS NULL OR r.left_on > @on_day::date)
  AND risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, @on_day::date), @on_day::date) && @special::text[]
GROUP BY r.organisation_id;

-- name: CoverageRows :many
-- The elders behind ContractFigures, without names.
SELECT r.id, r.organisation_id, o.name AS institution, o.region_code, r.sex, r.birth_date, r.bed, g.groups::text[] AS groups, (c.id IS NOT NULL)::boolean AS covered,
  coalesce(c.number, '')::text AS number, coalesce(m.name, '')::text AS medical, c.ends_on
FROM residents r JOIN organisations o ON o.id = r.organisation_id
CROSS JOIN LATERAL (SELECT risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, @on_day::date), @on_day::date) AS groups) g
LEFT JOIN fd_contracts c ON c.resident_id = r.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= @on_day::date AND c.ended_on > @on_day::date
LEFT JOIN organisations m ON m.id = c.organisation_id
WHERE r.organisation_id = ANY (@members::uuid[]) AND r.admitted_on <= @on_day::date AND (r.left_on IS NULL OR r.left_on > @on_day::date) AND g.groups && @special::text[]
  AND (sqlc.narg(covered)::boolean IS NULL OR (c.id IS NOT NULL) = sqlc.narg(covered)::boolean) AND r.id > @after
ORDER BY r.id LIMIT @page_size;

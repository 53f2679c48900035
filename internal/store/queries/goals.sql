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

-- name: ImportedFigures :many
-- The newest import of each number.
SELECT DISTINCT ON (v.organisation_id, v.mark) v.organisation_id, v.mark, v.value::float8 AS value, i.file_name, i.imported_at
FROM imported_values v JOIN imports i ON i.id = v.import_id
WHERE v.organisation_id = ANY (@members::uuid[]) AND v.kind = @kind AND v.starts_on = @starts_on
ORDER BY v.organisation_id, v.mark, i.imported_at DESC;

-- name: OrganisationsByName :many
SELECT id, name, credit_code FROM organisations WHERE id = ANY (@members::uuid[]);

-- name: ContractFigures :many
-- Of the residents of organisations who are there at the end of a period: those of the special groups, and those of them with a
-- family-doctor contract in force on that day (I-20).
SELECT r.organisation_id, count(*) AS special, count(c.id) AS covered
FROM residents r
LEFT JOIN fd_contracts c ON c.resident_id = r.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= @on_day::date AND c.ended_on > @on_day::date
LEFT JOIN (SELECT DISTINCT m.resident_id, marks_of(m.resident_id, @on_day::date) AS marks FROM risk_marks m) k ON k.resident_id = r.id -- few have any
WHERE r.organisation_id = ANY (@members::uuid[]) AND r.admitted_on <= @on_day::date AND (r.left_on IS NULL OR r.left_on > @on_day::date)
  AND special_need(r.ability_level, r.condition_codes, r.birth_date, coalesce(k.marks, '{}'), @on_day::date)
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

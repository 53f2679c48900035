-- name: JudgedByOthers :many
-- Consultations of an institution that ended in a period of days, last day excluded, and were judged by another version of the rules
-- or with other settings than these, in the order of their ids.
SELECT e.consultation_id, c.serial FROM countability_evaluations e JOIN consultations c ON c.id = e.consultation_id
WHERE e.current AND e.institution_id = @institution_id AND e.period_day >= @since::date AND e.period_day < @before::date
  AND (e.ruleset <> @ruleset OR e.settings <> @settings::jsonb) AND e.consultation_id > @after ORDER BY e.consultation_id LIMIT @most;

-- name: AddCountRun :exec
INSERT INTO count_runs (id, organisation_id, month, cause, judged, run_at, run_by)
VALUES (@id, @organisation_id, @month::date, @cause, @judged, @run_at, @run_by);

-- name: AddCountRunDifference :exec
INSERT INTO count_run_differences (run_id, consultation_id, before, after) VALUES (@run_id, @consultation_id, @before, @after);

-- name: CountRuns :many
SELECT r.*, o.name AS organisation, u.display_name FROM count_runs r JOIN organisations o ON o.id = r.organisation_id JOIN users u ON u.id = r.run_by
WHERE r.organisation_id = ANY (@organisations::uuid[]) ORDER BY r.run_at DESC, r.id DESC LIMIT 20;

-- name: CountRunDifferences :many
SELECT d.run_id, d.consultation_id, c.serial, d.before, d.after FROM count_run_differences d JOIN consultations c ON c.id = d.consultation_id
WHERE d.run_id = ANY (@runs::uuid[]) ORDER BY d.run_id, c.serial;

-- name: CountMonths :many
-- The months since a day in which consultations of institutions ended, newest first: how many were judged, by which rules, and whether
-- the month is closed.
SELECT e.institution_id, o.name AS organisation, date_trunc('month', e.period_day)::date AS month, count(*)::int AS judged,
  count(*) FILTER (WHERE e.countable)::int AS countable, p.ruleset AS closed_ruleset, p.closed_at
FROM countability_evaluations e JOIN organisations o ON o.id = e.institution_id
LEFT JOIN countability_periods p ON p.organisation_id = e.institution_id AND p.month = date_trunc('month', e.period_day)::date
WHERE e.current AND e.institution_id = ANY (@organisations::uuid[]) AND e.period_day >= @since::date
GROUP BY e.institution_id, o.name, date_trunc('month', e.period_day)::date, p.ruleset, p.closed_at
ORDER BY month DESC, o.name;

-- name: JudgedBy :many
-- By which rules the consultations of the months of institutions were judged.
SELECT e.institution_id, date_trunc('month', e.period_day)::date AS month, e.ruleset, e.settings, count(*)::int AS judged
FROM countability_evaluations e
WHERE e.current AND e.institution_id = ANY (@organisations::uuid[]) AND e.period_day >= @since::date
GROUP BY e.institution_id, date_trunc('month', e.period_day)::date, e.ruleset, e.settings;

-- name: PrescriptionsSince :one
-- References to prescriptions of a resident that a pharmacist reviewed and that were entered or reviewed since an instant (G-IH-09).
SELECT count(*) FROM medications WHERE resident_id = @resident_id AND rx_number <> '' AND rx_pharmacist <> '' AND rx_reviewed_at IS NOT NULL AND rx_state IN ('', 'APPROVED')
  AND (created_at >= @since::timestamptz OR rx_reviewed_at >= @since::timestamptz);

-- name: FoundFalse :one
-- Whether a complaint or a review found that a consultation was not held as recorded, or against the law (NC20).
SELECT (EXISTS (SELECT 1 FROM complaints p WHERE p.consultation_id = @consultation_id::uuid AND p.finding = 'FALSE_SERVICE')
  OR EXISTS (SELECT 1 FROM quality_reviews r WHERE r.consultation_id = @consultation_id::uuid AND r.false_service))::boolean AS found;

-- name: ConsultationBySerial :one
SELECT id FROM consultations WHERE serial = @serial;

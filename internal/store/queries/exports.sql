-- name: AddExportJob :exec
INSERT INTO export_jobs (id, sheet, format, organisation_id, params, locale, requested_by, acting_as, requested_at, state)
VALUES (@id, @sheet, @format, @organisation_id, @params, @locale, @requested_by, sqlc.narg(acting_as)::uuid, @now, 'WAITING');

-- name: ExportJobsOf :many
-- Of somebody who acts in one role: those that were asked for in it.
SELECT j.*, o.name AS organisation FROM export_jobs j JOIN organisations o ON o.id = j.organisation_id
WHERE j.requested_by = @user_id AND (sqlc.narg(acting_as)::uuid IS NULL OR j.acting_as = sqlc.narg(acting_as)::uuid) ORDER BY j.requested_at DESC, j.id DESC LIMIT 100;

-- name: ExportJob :one
SELECT * FROM export_jobs WHERE id = @id;

-- name: ExportsWaiting :one
-- How many of jobs of somebody are not finished.
SELECT count(*) FROM export_jobs WHERE requested_by = @user_id AND state IN ('WAITING', 'WORKING');

-- name: TakeExportJob :one
-- The oldest job that waits, or whose node has been silent for longer than its lease.
UPDATE export_jobs SET state = 'WORKING', attempt = attempt + 1, done_rows = 0, lease_until = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
WHERE id = (SELECT j.id FROM export_jobs j WHERE j.state = 'WAITING' OR j.state = 'WORKING' AND j.lease_until < now() ORDER BY j.requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: ExportProgress :execrows
-- No row: the job was cancelled, or another node has taken it.
UPDATE export_jobs SET done_rows = sqlc.arg(done_rows), total_rows = greatest(total_rows, sqlc.arg(done_rows)), lease_until = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt) AND state = 'WORKING';

-- name: AddExportPiece :exec
INSERT INTO export_pieces (job_id, attempt, position, id, content_enc) VALUES (@job_id, @attempt, @position, @id, @content_enc);

-- name: FinishExport :execrows
UPDATE export_jobs SET state = 'READY', done_rows = sqlc.arg(done_rows), total_rows = sqlc.arg(done_rows), file_name = sqlc.arg(file_name), size = sqlc.arg(size), sha256 = sqlc.arg(sha256), lease_until = NULL,
  finished_at = sqlc.arg(now)::timestamptz, expires_at = sqlc.arg(now)::timestamptz + interval '7 days'
WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt) AND state = 'WORKING';

-- name: FailExport :execrows
UPDATE export_jobs SET state = 'FAILED', error_code = sqlc.arg(error_code), lease_until = NULL, finished_at = sqlc.arg(now)::timestamptz, expires_at = sqlc.arg(now)::timestamptz + interval '7 days'
WHERE id = sqlc.arg(id) AND attempt = sqlc.arg(attempt) AND state = 'WORKING';

-- name: CancelExport :execrows
UPDATE export_jobs SET state = 'CANCELLED', lease_until = NULL, finished_at = sqlc.arg(now)::timestamptz, expires_at = sqlc.arg(now)::timestamptz + interval '1 day'
WHERE id = sqlc.arg(id) AND state IN ('WAITING', 'WORKING');

-- name: ExportPieces :many
SELECT p.id, p.content_enc FROM export_pieces p JOIN export_jobs j ON j.id = p.job_id AND j.attempt = p.attempt WHERE p.job_id = @job_id ORDER BY p.position;

-- name: PruneExports :execrows
DELETE FROM export_jobs WHERE expires_at < now();

-- name: PruneExportPieces :execrows
-- What attempts left behind that did not finish.
DELETE FROM export_pieces p USING export_jobs j WHERE j.id = p.job_id AND (j.state IN ('CANCELLED', 'FAILED') OR p.attempt < j.attempt);

-- name: ExportOrganisation :one
SELECT id, name, kind, type_code, credit_code, region_code, phone, address FROM organisations WHERE id = @id;

-- name: ExportConsultations :many
-- The consultations of one institution in a period, oldest first, after the row that is named.
SELECT l.consultation_id, l.period_on, l.serial, l.department_code, l.service_type, l.goal, l.urgency, l.state, l.mode, l.drill, l.submitted_at, l.ended_at, l.effective_seconds,
  l.countable, l.reasons, l.ruleset, l.adoption, l.outcome_code, l.end_code, l.doctor_title, l.consent, l.resident_id,
  c.started_at, c.consent_id, c.reported_at, o.name AS institution, o.region_code, coalesce(h.name, '')::text AS hospital,
  r.sex, r.birth_date, r.ability_level, coalesce(s.display_name, '')::text AS attending, coalesce(u.display_name, '')::text AS doctor,
  licence_on(c.doctor_id, local_day(coalesce(c.ended_at, c.submitted_at)))::text AS licence,
  coalesce(a.number, '')::text AS agreement, p.id AS report_id, p.content_enc, coalesce(p.version, 0)::integer AS report_version, p.digest,
  coalesce((SELECT max(t.score) FROM satisfaction_ratings t WHERE t.consultation_id = c.id), 0)::integer AS rating,
  (EXISTS (SELECT 1 FROM referrals f WHERE f.consultation_id = c.id))::boolean AS referred,
  CASE WHEN @failed::boolean THEN coalesce((SELECT jsonb_object_agg(f.rule, f.fixable_until) FROM countability_evaluations e JOIN countability_failures f ON f.evaluation_id = e.id
    WHERE e.consultation_id = c.id AND e.current AND f.fixable AND f.fixable_until IS NOT NULL), '{}')::text ELSE '{}' END::text AS mend_until
FROM ledger l JOIN consultations c ON c.id = l.consultation_id JOIN organisations o ON o.id = l.inviting_org_id JOIN residents r ON r.id = l.resident_id
LEFT JOIN organisations h ON h.id = l.invited_org_id LEFT JOIN users s ON s.id = c.submitter_id LEFT JOIN users u ON u.id = c.doctor_id LEFT JOIN agreements a ON a.id = c.agreement_id
LEFT JOIN reports p ON p.consultation_id = c.id AND p.version = (SELECT max(x.version) FROM reports x WHERE x.consultation_id = c.id)
WHERE l.inviting_org_id = @organisation_id AND l.period_on >= @since AND l.period_on < @before AND (NOT @failed::boolean OR l.reasons <> 0)
  AND (l.period_on, l.consultation_id) > (@after_on::date, @after_id::uuid)
ORDER BY l.period_on, l.consultation_id LIMIT @batch;

-- name: ExportReferrals :many
SELECT f.id, f.direction, f.state, f.created_at, f.resident_id, f.department_code, f.urgency, f.green_channel, f.accepted_at, f.arrived_at, f.closed_at, f.returned_at, f.to_name, f.outcome_enc, p.id AS report_id, p.content_enc,
  a.name AS from_name, coalesce(b.name, '')::text AS to_org FROM referrals f JOIN organisations a ON a.id = f.from_org_id LEFT JOIN organisations b ON b.id = f.to_org_id
LEFT JOIN reports p ON p.consultation_id = f.consultation_id AND p.version = (SELECT max(y.version) FROM reports y WHERE y.consultation_id = f.consultation_id)
WHERE (f.from_org_id = ANY (@members::uuid[]) OR f.to_org_id = ANY (@members::uuid[])) AND local_day(f.created_at) BETWEEN @since::date AND @until::date ORDER BY f.created_at, f.id;

-- name: ExportEvents :many
SELECT x.* FROM (
  SELECT e.id, 'EVENT'::text AS what, e.occurred_at AS at, e.type AS code, e.grade, coalesce(c.serial, '')::text AS serial, e.reported_at AS reported_at, e.reviewed_at AS closed_at, NULL::date AS due_on,
    e.description_enc AS story_enc, e.measures_enc AS measures_enc, e.review_enc AS review_enc, ''::text AS finding,
    coalesce((SELECT max(t.score) FROM satisfaction_ratings t WHERE t.consultation_id = e.consultation_id), 0)::integer AS rating
  FROM adverse_events e LEFT JOIN consultations c ON c.id = e.consultation_id
  WHERE e.organisation_id = ANY (@members::uuid[]) AND local_day(e.reported_at) BETWEEN @since::date AND @until::date
  UNION ALL
  SELECT k.id, 'COMPLAINT', k.received_at, k.category, '', coalesce(c.serial, ''), k.received_at, k.closed_at, k.due_on, k.content_enc, k.resolution_enc, NULL::bytea, k.finding,
    coalesce((SELECT max(t.score) FROM satisfaction_ratings t WHERE t.consultation_id = k.consultation_id), 0)::integer
  FROM complaints k LEFT JOIN consultations c ON c.id = k.consultation_id
  WHERE k.organisation_id = ANY (@members::uuid[]) AND local_day(k.received_at) BETWEEN @since::date AND @until::date
) x ORDER BY x.at, x.id;

-- name: ExportDirectory :many
SELECT o.name, o.type_code, coalesce(o.credit_code, '')::text AS credit_code, o.address, o.phone,
  coalesce((SELECT string_agg(l.number, ', ' ORDER BY l.number) FROM licences l WHERE l.organisation_id = o.id AND (l.valid_to IS NULL OR l.valid_to >= @on_day::date)), '')::text AS licences,
  coalesce((SELECT string_agg(DISTINCT x, ', ') FROM licences l, unnest(l.department_codes) x WHERE l.organisation_id = o.id), '')::text AS departments,
  coalesce(h.name, '')::text AS hospital, coalesce(array_to_string(a.service_types, ', '), '')::text AS services, a.valid_from, a.valid_to
FROM organisations o LEFT JOIN agreements a ON a.inviting_org_id = o.id AND a.valid_from <= @on_day::date AND a.valid_to >= @on_day::date AND a.terminated_at IS NULL
LEFT JOIN organisations h ON h.id = a.invited_org_id
WHERE o.id = ANY (@members::uuid[]) AND o.kind <> 'AUTHORITY' AND o.active ORDER BY o.region_code, o.name, a.valid_from;

-- name: ExportAccesses :many
-- What people looked at and did for an institution, oldest first, after the row that is named; not what they did for another one.
SELECT g.id, g.at, coalesce(u.display_name, '')::text AS person, g.role, g.action, g.object_type, g.object_id, g.result, g.reason_enc FROM access_log g JOIN users u ON u.id = g.user_id
WHERE g.actor_org_id = sqlc.arg(organisation_id)::uuid
  AND g.at >= @since AND g.at < @before AND g.id > @after_id ORDER BY g.id LIMIT @batch;

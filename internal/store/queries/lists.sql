-- name: LogRows :many
-- Everything that a row of a list shows of the given consultations, in no order.
SELECT c.id, c.serial, c.state, c.urgency, c.service_type, c.resident_id, c.inviting_org_id, c.reasons, c.end_code, c.outcome_code,
  c.drill, c.created_at, c.submitted_at, c.offered_at, c.accepted_at, c.started_at, c.ended_at, c.reported_at, c.adopted_at,
  c.effective_seconds, c.consent_id, c.doctor_id, c.mode, c.created_by, c.report_due_at, c.slot_from, c.slot_to, c.failed_rules,
  r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed,
  o.name AS institution, coalesce(h.name, '')::text AS hospital, coalesce(d.name, '')::text AS department,
  coalesce(doc.display_name, '')::text AS doctor, CASE WHEN c.visitors IS NOT NULL AND c.created_by = c.submitter_id THEN '' ELSE coalesce(n.display_name, '') END::text AS nurse,
  p.id AS report_id, p.content_enc
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations o ON o.id = c.inviting_org_id
LEFT JOIN organisations h ON h.id = c.invited_org_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN users doc ON doc.id = c.doctor_id
LEFT JOIN users n ON n.id = c.created_by
LEFT JOIN reports p ON p.consultation_id = c.id
  AND p.version = (SELECT max(x.version) FROM reports x WHERE x.consultation_id = c.id)
WHERE c.id = ANY (@ids::uuid[]);

-- name: PlanForArguments :exec
-- The statements of this transaction are planned for what is asked: only then does the planner see which part of the log and which conditions
-- there are, and how many organisations. Memory is for sums over an area.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '32MB', true);

-- name: LogPage :many
-- The newest rows of one part of the log, after a row that is named by its creation and id. Parts do not overlap: INVITING, what an
-- organisation asked for; VISITED, what those who visit asked for from a home, for them and for the house in which the resident
-- lives; MADE, the records of visits for who made them; INVITED, what it was asked for by others; HELD, what a doctor took; ASKED, what her departments are asked or
-- she joined. Each is read from an index in its order. What is not counted, or not yet, is found by consultations_invited_exceptions, whose
-- condition is repeated for it.
SELECT c.id, c.created_at FROM consultations c
WHERE (@part::text = 'INVITING' AND c.inviting_org_id = @organisation_id::uuid AND (c.visitors IS NULL OR c.inviting_org_id = ANY (@invited::uuid[]))
    OR @part::text = 'VISITED' AND c.visitors IS NOT NULL AND NOT c.inviting_org_id = ANY (@invited::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false)
      AND c.doctor_id IS DISTINCT FROM @user_id::uuid
      AND (@user_id::uuid = ANY (c.visitors || c.submitter_id) AND c.inviting_org_id = ANY (@works::uuid[])
        OR c.submitted_at IS NOT NULL AND EXISTS (SELECT 1 FROM residents r WHERE r.id = c.resident_id AND r.organisation_id = ANY (@homes::uuid[])))
    OR @part::text = 'INVITED' AND c.invited_org_id = @organisation_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[])
    OR @part::text = 'MADE' AND c.mode = 'VISIT' AND c.invited_org_id = ANY (@works::uuid[]) AND NOT c.invited_org_id = ANY (@invited::uuid[]) AND NOT c.inviting_org_id = ANY (@inviting::uuid[])
      AND c.id = ANY (ARRAY(SELECT v.consultation_id FROM home_visits v WHERE (v.lead_id = @user_id::uuid OR v.second_id = @user_id::uuid) AND v.consultation_id IS NOT NULL))
      AND NOT (@holds::boolean AND c.doctor_id = @user_id::uuid)
    OR @part::text = 'HELD' AND c.doctor_id = @user_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false)
    OR @part::text = 'ASKED' AND c.id = ANY (ARRAY(
        SELECT a.consultation_id FROM audience a JOIN departments x ON x.id = a.department_id JOIN consultations k ON k.id = a.consultation_id
        WHERE a.department_id = ANY (@departments::uuid[]) AND (k.state = 'OFFERED' OR x.organisation_id = k.invited_org_id)
          AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz)
        UNION
        SELECT cc.consultation_id FROM participants p JOIN call_consultations cc ON cc.call_id = p.call_id
        WHERE p.user_id = @user_id::uuid AND p.side = 'MEDICAL' AND p.first_joined_at IS NOT NULL))
      AND c.doctor_id IS DISTINCT FROM @user_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false))
  AND (sqlc.narg(since)::timestamptz IS NULL OR c.created_at >= sqlc.narg(since)::timestamptz)
  AND (sqlc.narg(before)::timestamptz IS NULL OR c.created_at < sqlc.narg(before)::timestamptz)
  AND (cardinality(@states::text[]) = 0 OR c.state = ANY (@states::text[]))
  AND (cardinality(@urgencies::text[]) = 0 OR c.urgency = ANY (@urgencies::text[]))
  AND (cardinality(@services::text[]) = 0 OR c.service_type = ANY (@services::text[]))
  AND (sqlc.narg(resident)::uuid IS NULL OR c.resident_id = sqlc.narg(resident)::uuid)
  AND (sqlc.narg(taken_by)::uuid IS NULL OR c.doctor_id = sqlc.narg(taken_by)::uuid)
  AND (@countable::text <> 'YES' OR c.failed_rules = 0) AND (@countable::text <> 'NO' OR c.failed_rules <> 0) AND (@countable::text <> 'OPEN' OR c.failed_rules IS NULL)
  AND (@count_rules::integer = 0 OR c.failed_rules & @count_rules::integer <> 0)
  AND (@countable::text NOT IN ('NO', 'OPEN') AND @count_rules::integer = 0 OR c.failed_rules IS DISTINCT FROM 0)
  AND (@serial_part::text = '' OR strpos(c.serial, @serial_part::text) > 0)
  AND (sqlc.narg(after_at)::timestamptz IS NULL OR (c.created_at, c.id) < (sqlc.narg(after_at)::timestamptz, @after_id::uuid))
ORDER BY c.created_at DESC, c.id DESC
LIMIT @page_size;

-- name: LogTotal :one
-- How many rows a part has, counted up to a number: the conditions of LogPage but the last.
SELECT count(*) FROM (SELECT 1 FROM consultations c
WHERE (@part::text = 'INVITING' AND c.inviting_org_id = @organisation_id::uuid AND (c.visitors IS NULL OR c.inviting_org_id = ANY (@invited::uuid[]))
    OR @part::text = 'VISITED' AND c.visitors IS NOT NULL AND NOT c.inviting_org_id = ANY (@invited::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false)
      AND c.doctor_id IS DISTINCT FROM @user_id::uuid
      AND (@user_id::uuid = ANY (c.visitors || c.submitter_id) AND c.inviting_org_id = ANY (@works::uuid[])
        OR c.submitted_at IS NOT NULL AND EXISTS (SELECT 1 FROM residents r WHERE r.id = c.resident_id AND r.organisation_id = ANY (@homes::uuid[])))
    OR @part::text = 'INVITED' AND c.invited_org_id = @organisation_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[])
    OR @part::text = 'MADE' AND c.mode = 'VISIT' AND c.invited_org_id = ANY (@works::uuid[]) AND NOT c.invited_org_id = ANY (@invited::uuid[]) AND NOT c.inviting_org_id = ANY (@inviting::uuid[])
      AND c.id = ANY (ARRAY(SELECT v.consultation_id FROM home_visits v WHERE (v.lead_id = @user_id::uuid OR v.second_id = @user_id::uuid) AND v.consultation_id IS NOT NULL))
      AND NOT (@holds::boolean AND c.doctor_id = @user_id::uuid)
    OR @part::text = 'HELD' AND c.doctor_id = @user_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false)
    OR @part::text = 'ASKED' AND c.id = ANY (ARRAY(
        SELECT a.consultation_id FROM audience a JOIN departments x ON x.id = a.department_id JOIN consultations k ON k.id = a.consultation_id
        WHERE a.department_id = ANY (@departments::uuid[]) AND (k.state = 'OFFERED' OR x.organisation_id = k.invited_org_id)
          AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz)
        UNION
        SELECT cc.consultation_id FROM participants p JOIN call_consultations cc ON cc.call_id = p.call_id
        WHERE p.user_id = @user_id::uuid AND p.side = 'MEDICAL' AND p.first_joined_at IS NOT NULL))
      AND c.doctor_id IS DISTINCT FROM @user_id::uuid AND NOT c.inviting_org_id = ANY (@inviting::uuid[]) AND NOT coalesce(c.invited_org_id = ANY (@invited::uuid[]), false))
  AND (sqlc.narg(since)::timestamptz IS NULL OR c.created_at >= sqlc.narg(since)::timestamptz)
  AND (sqlc.narg(before)::timestamptz IS NULL OR c.created_at < sqlc.narg(before)::timestamptz)
  AND (cardinality(@states::text[]) = 0 OR c.state = ANY (@states::text[]))
  AND (cardinality(@urgencies::text[]) = 0 OR c.urgency = ANY (@urgencies::text[]))
  AND (cardinality(@services::text[]) = 0 OR c.service_type = ANY (@services::text[]))
  AND (sqlc.narg(resident)::uuid IS NULL OR c.resident_id = sqlc.narg(resident)::uuid)
  AND (sqlc.narg(taken_by)::uuid IS NULL OR c.doctor_id = sqlc.narg(taken_by)::uuid)
  AND (@countable::text <> 'YES' OR c.failed_rules = 0) AND (@countable::text <> 'NO' OR c.failed_rules <> 0) AND (@countable::text <> 'OPEN' OR c.failed_rules IS NULL)
  AND (@count_rules::integer = 0 OR c.failed_rules & @count_rules::integer <> 0)
  AND (@countable::text NOT IN ('NO', 'OPEN') AND @count_rules::integer = 0 OR c.failed_rules IS DISTINCT FROM 0)
  AND (@serial_part::text = '' OR strpos(c.serial, @serial_part::text) > 0)
LIMIT @most) x;

-- name: QueueCandidates :many
-- What is offered to a department of the doctor, in no order: package consult has the order.
SELECT sqlc.embed(c), r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed, r.preferred_language, r.hearing_impaired,
  o.name AS institution, coalesce(d.name, '')::text AS department, coalesce(doc.display_name, '')::text AS doctor_name,
  t.accept_seconds,
  (SELECT count(*) FROM attachments a WHERE a.consultation_id = c.id AND a.kind = 'PHOTO')::int AS photos,
  EXISTS (SELECT 1 FROM offers f WHERE f.consultation_id = c.id AND f.epoch = c.epoch AND f.doctor_id = @user_id
    AND f.result = 'PENDING' AND f.expires_at > @now)::boolean AS offered_to_me
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations o ON o.id = c.inviting_org_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN users doc ON doc.id = c.doctor_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.state = 'OFFERED' AND EXISTS (
  SELECT 1 FROM audience a WHERE a.consultation_id = c.id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= @now AND (a.until IS NULL OR a.until > @now));

-- name: QueueMine :many
-- What the doctor holds and has not signed.
SELECT sqlc.embed(c), r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed, r.preferred_language, r.hearing_impaired,
  o.name AS institution, coalesce(d.name, '')::text AS department, coalesce(doc.display_name, '')::text AS doctor_name,
  t.accept_seconds,
  (SELECT count(*) FROM attachments a WHERE a.consultation_id = c.id AND a.kind = 'PHOTO')::int AS photos,
  false::boolean AS offered_to_me
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations o ON o.id = c.inviting_org_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN users doc ON doc.id = c.doctor_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.doctor_id = @user_id::uuid
  AND c.state IN ('ACCEPTED', 'SCHEDULED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH', 'TERMINATED_UNSUITABLE', 'REPORT_PENDING')
ORDER BY c.state = 'REPORT_PENDING', c.accepted_at, c.id;

-- name: QueueTaken :many
-- What a colleague took since an instant out of the doctor's departments.
SELECT sqlc.embed(c), r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed, r.preferred_language, r.hearing_impaired,
  o.name AS institution, coalesce(d.name, '')::text AS department, coalesce(doc.display_name, '')::text AS doctor_name,
  t.accept_seconds,
  (SELECT count(*) FROM attachments a WHERE a.consultation_id = c.id AND a.kind = 'PHOTO')::int AS photos,
  false::boolean AS offered_to_me
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations o ON o.id = c.inviting_org_id
JOIN users doc ON doc.id = c.doctor_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.accepted_at >= @since::timestamptz AND c.doctor_id <> @user_id::uuid AND c.state <> 'OFFERED' AND EXISTS (
  SELECT 1 FROM audience a WHERE a.consultation_id = c.id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= c.accepted_at AND (a.until IS NULL OR a.until >= c.accepted_at))
ORDER BY c.accepted_at DESC, c.id DESC
LIMIT 50;

-- name: NewestVitalsOfConsultations :many
SELECT DISTINCT ON (v.consultation_id, v.code) v.*, u.display_name AS taken_by_name
FROM vitals v JOIN users u ON u.id = v.taken_by
WHERE v.consultation_id = ANY (@consultations::uuid[])
ORDER BY v.consultation_id, v.code, v.taken_at DESC, v.recorded_at DESC, v.id DESC;

-- name: WaitingByDepartment :many
SELECT a.department_id, count(*)::int AS waiting FROM audience a JOIN consultations c ON c.id = a.consultation_id
WHERE a.department_id = ANY (@departments::uuid[]) AND c.state = 'OFFERED' AND a.since <= @now
  AND (a.until IS NULL OR a.until > @now)
GROUP BY a.department_id;

-- name: DepartmentsAgreed :many
-- Departments of hospitals that have an agreement in force with the institution on that day.
SELECT d.*, h.name AS hospital, g.id AS agreement_id, g.department_codes, g.service_types
FROM agreements g JOIN organisations h ON h.id = g.invited_org_id JOIN departments d ON d.organisation_id = h.id
WHERE g.inviting_org_id = @organisation_id AND g.terminated_at IS NULL AND @day::date BETWEEN g.valid_from AND g.valid_to
  AND h.active AND d.active
ORDER BY d.code, h.name, d.id;

-- name: DoctorsOf :many
-- Doctors who may answer in the departments: a membership and a physician's licence in force, and independent practice
-- since before independent_before (G-RM-04).
SELECT DISTINCT ON (m.department_id, u.display_name, u.id) m.department_id::uuid AS department_id, u.id, u.display_name, l.title_code
FROM memberships m JOIN users u ON u.id = m.user_id
JOIN professional_licences l ON l.user_id = u.id
WHERE m.role = 'CONSULTANT' AND m.department_id = ANY (@departments::uuid[])
  AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now) AND u.disabled_at IS NULL
  AND l.kind = 'PHYSICIAN' AND l.valid_from <= @day::date AND (l.valid_to IS NULL OR l.valid_to >= @day::date)
  AND l.independent_since <= @independent_before::date
ORDER BY m.department_id, u.display_name, u.id, l.valid_from DESC;

-- name: WorklistActive :many
-- Drafts since an instant and requests on their way of the institutions. The drafts of a round are on its list.
SELECT c.id FROM consultations c
WHERE (c.visitors IS NULL AND c.inviting_org_id = ANY (@organisations::uuid[]) OR c.visitors IS NOT NULL AND @user_id::uuid = ANY (c.visitors || c.submitter_id)
    AND c.inviting_org_id = ANY (@works::uuid[]))
  AND (c.state IN ('SUBMITTED', 'RETURNED', 'TRIAGED', 'OFFERED', 'DECLINED', 'EXPIRED', 'ACCEPTED', 'SCHEDULED', 'WAITING',
       'IN_PROGRESS', 'ABORTED_TECH') OR (c.state = 'DRAFT' AND c.created_at >= @drafts_since AND NOT EXISTS (
         SELECT 1 FROM round_entries e JOIN rounds r ON r.id = e.round_id WHERE e.consultation_id = c.id AND r.ended_at IS NULL)))
ORDER BY c.created_at DESC, c.id DESC LIMIT 100;

-- name: WorklistHeld :many
-- What the doctor holds in one of the states.
SELECT c.id FROM consultations c
WHERE c.doctor_id = @doctor_id::uuid AND c.state = ANY (@states::text[])
ORDER BY c.accepted_at DESC, c.id DESC LIMIT 100;

-- name: WorklistToAdopt :many
SELECT c.id FROM consultations c
WHERE (c.visitors IS NULL AND c.inviting_org_id = ANY (@organisations::uuid[]) OR c.visitors IS NOT NULL AND @user_id::uuid = ANY (c.visitors || c.submitter_id)
    AND c.inviting_org_id = ANY (@works::uuid[]))
  AND (c.state = 'REPORTED' OR c.state IN ('ADOPTED', 'FOLLOW_UP', 'ARCHIVED') AND c.adopted_at IS NULL)
  AND c.service_type = ANY (@services::text[])
ORDER BY c.reported_at, c.id LIMIT 100;

-- name: WorklistTasks :many
-- Advice of the newest report that may be carried out and is not: adopted, or not refused where it need not wait for
-- adoption (CRITICAL, and services without adoption).
SELECT i.*, c.serial, c.urgency, c.resident_id, r.name_enc, bed_of(c.visitors, r.id, r.bed)::text AS bed, coalesce(u.display_name, '')::text AS decided_by_name, coalesce(b.display_name, '')::text AS reader
FROM advice_items i
JOIN consultations c ON c.id = i.consultation_id
JOIN residents r ON r.id = c.resident_id
JOIN reports p ON p.id = i.report_id
LEFT JOIN users u ON u.id = i.decided_by
LEFT JOIN users b ON b.id = i.read_back_by
WHERE (c.visitors IS NULL AND c.inviting_org_id = ANY (@organisations::uuid[]) OR c.visitors IS NOT NULL AND @user_id::uuid = ANY (c.visitors || c.submitter_id)
    AND c.inviting_org_id = ANY (@works::uuid[])) AND i.executed_at IS NULL
  AND c.state IN ('REPORTED', 'ADOPTED', 'FOLLOW_UP')
  AND p.version = (SELECT max(x.version) FROM reports x WHERE x.consultation_id = c.id)
  AND (i.decision IN ('ADOPTED', 'PARTLY')
    OR (i.decision = '' AND (c.urgency = 'CRITICAL' OR NOT c.service_type = ANY (@services::text[]))))
ORDER BY p.signed_at, i.consultation_id, i.position LIMIT 200;

-- name: WorklistFollowUps :many
-- Open follow-ups of the institutions, or of the doctor, that are due by a day.
SELECT f.*, r.name_enc, bed_of(c.visitors, r.id, r.bed)::text AS bed FROM follow_ups f JOIN residents r ON r.id = f.resident_id JOIN consultations c ON c.id = f.consultation_id
WHERE f.state = 'OPEN' AND f.due_on <= @until::date
  AND (c.visitors IS NULL AND f.organisation_id = ANY (@organisations::uuid[]) OR c.visitors IS NOT NULL
    AND @user_id::uuid = ANY (c.visitors || c.submitter_id) AND f.organisation_id = ANY (@works::uuid[]) OR f.doctor_id = sqlc.narg(doctor)::uuid)
ORDER BY f.due_on, f.id LIMIT 200;

-- Who can be rung ------------------------------------------------------------------------------------------------------

-- name: EligibleDoctors :many
-- Who may answer for a department (G-RM-04): the role there, a physician's licence in force, three years of independent
-- work; whether and since when another consultation keeps them busy, since when they are idle (of the last two days), what
-- rings them, what they speak, and whether the roster has them on duty. It costs as much as there are doctors; where one is
-- asked about, it is that one alone.
SELECT u.id, u.display_name, u.languages, held.accepted_at AS busy_since, (held.id IS NOT NULL)::boolean AS busy,
  coalesce((SELECT max(coalesce(c.ended_at, c.accepted_at)) FROM consultations c
    WHERE c.doctor_id = u.id AND coalesce(c.ended_at, c.accepted_at) > sqlc.arg(now)::timestamptz - interval '2 days' AND c.accepted_at IS NOT NULL),
    timestamptz 'epoch')::timestamptz AS idle_since,
  (SELECT count(*) FROM offers o WHERE o.doctor_id = u.id AND o.result = 'PENDING' AND o.expires_at > @now::timestamptz)::int AS ringing,
  EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = u.id AND d.role = 'CONSULTANT' AND d.starts_at <= @now::timestamptz
    AND d.ends_at > @now::timestamptz)::boolean AS on_duty,
  m.departments::uuid[] AS departments
FROM (SELECT x.user_id, array_agg(DISTINCT x.department_id ORDER BY x.department_id) AS departments FROM memberships x
  WHERE x.department_id = ANY (@departments::uuid[]) AND x.role = 'CONSULTANT'
    AND x.valid_from <= @now::timestamptz AND (x.valid_to IS NULL OR x.valid_to > @now::timestamptz)
    AND CASE WHEN sqlc.narg(alone)::uuid IS NULL THEN true ELSE x.user_id = sqlc.narg(alone)::uuid END
  GROUP BY x.user_id) m
JOIN users u ON u.id = m.user_id
LEFT JOIN consultations held ON held.doctor_id = u.id AND held.state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS') AND held.mode <> 'WRITTEN'
WHERE u.disabled_at IS NULL
  AND EXISTS (SELECT 1 FROM professional_licences pl WHERE pl.user_id = u.id AND pl.kind = 'PHYSICIAN'
    AND pl.valid_from <= @day::date AND (pl.valid_to IS NULL OR pl.valid_to >= @day::date)
    AND pl.independent_since <= (sqlc.arg(day)::date - interval '3 years')::date)
ORDER BY u.id;

-- name: RingCard :one
-- What a ring says of a resident, and for the choice of whom it rings the language and the usual doctor: who most often conducted
-- the resident's consultations of the last twelve months, the latest on ties; without any, the one whom the institution entered.
SELECT bed_of(sqlc.narg(visitors)::uuid[], r.id, r.bed)::text AS bed, r.preferred_language, o.name AS institution, coalesce((
  SELECT c.doctor_id FROM consultations c
  WHERE c.resident_id = r.id AND c.created_at > sqlc.arg(now)::timestamptz - interval '12 months'
    AND c.doctor_id IS NOT NULL AND c.ended_at IS NOT NULL
  GROUP BY c.doctor_id ORDER BY count(*) DESC, max(c.ended_at) DESC, c.doctor_id LIMIT 1),
  r.usual_doctor_id, '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS usual_doctor
FROM residents r JOIN organisations o ON o.id = @organisation_id WHERE r.id = @resident_id;

-- name: UsualDoctors :many
-- The usual doctors of several residents, by the rule of RingCard.
SELECT r.id AS resident_id, coalesce((
  SELECT c.doctor_id FROM consultations c
  WHERE c.resident_id = r.id AND c.created_at > sqlc.arg(now)::timestamptz - interval '12 months'
    AND c.doctor_id IS NOT NULL AND c.ended_at IS NOT NULL
  GROUP BY c.doctor_id ORDER BY count(*) DESC, max(c.ended_at) DESC, c.doctor_id LIMIT 1),
  r.usual_doctor_id, '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS doctor_id
FROM residents r WHERE r.id = ANY (@residents::uuid[]);

-- name: DoctorBusy :one
-- Whether another consultation keeps the doctor busy; a written question does not.
SELECT EXISTS (SELECT 1 FROM consultations c WHERE c.doctor_id = @doctor_id AND c.id <> @except_id AND c.mode <> 'WRITTEN'
  AND c.state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS'))::boolean AS busy;

-- name: DoctorsInCall :many
SELECT doctor_id::uuid AS doctor_id FROM consultations
WHERE doctor_id = ANY (@doctors::uuid[]) AND state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS') AND mode <> 'WRITTEN';

-- name: SetLanguages :exec
UPDATE users SET languages = @languages WHERE id = @id;

-- Rings ----------------------------------------------------------------------------------------------------------------

-- name: RingsOf :many
-- Every ring under the present epoch.
SELECT doctor_id, round, result, expires_at FROM offers WHERE consultation_id = @consultation_id AND epoch = @epoch;

-- name: AddOffer :one
-- A ring that ended without an answer rings again; a declined one does not.
INSERT INTO offers (id, consultation_id, epoch, doctor_id, offered_at, expires_at, round)
VALUES (@id, @consultation_id, @epoch, @doctor_id, @now, @expires_at, @round)
ON CONFLICT (consultation_id, epoch, doctor_id) DO UPDATE SET result = 'PENDING', offered_at = @now, expires_at = @expires_at,
  round = @round, resolved_at = NULL, delivered_at = NULL
  WHERE offers.result IN ('LAPSED', 'WITHDRAWN')
RETURNING id;

-- name: OfferDelivered :exec
UPDATE offers SET delivered_at = @now WHERE id = @id AND doctor_id = @doctor_id AND result = 'PENDING' AND delivered_at IS NULL;

-- name: DeclineRing :one
-- A doctor says no; the ring ends, and another one does not come. It tells whether it was ringing.
INSERT INTO offers (id, consultation_id, epoch, doctor_id, offered_at, expires_at, result, reason_code, note_enc, resolved_at)
VALUES (@id, @consultation_id, @epoch, @doctor_id, @now, @now, 'DECLINED', @reason_code, @note_enc, @now)
ON CONFLICT (consultation_id, epoch, doctor_id) DO UPDATE SET result = 'DECLINED', reason_code = @reason_code, note_enc = @note_enc,
  resolved_at = @now
RETURNING id;

-- name: OfferTo :one
SELECT * FROM offers WHERE consultation_id = @consultation_id AND epoch = @epoch AND doctor_id = @doctor_id;

-- name: LapseOffers :many
-- Ends the rings whose time is over, and those of doctors who are gone.
UPDATE offers SET result = 'LAPSED', reason_code = CASE WHEN expires_at <= @now::timestamptz THEN '' ELSE 'GONE' END, resolved_at = @now
WHERE consultation_id = @consultation_id AND result = 'PENDING' AND (expires_at <= @now::timestamptz OR doctor_id = ANY (@gone::uuid[]))
RETURNING doctor_id, (reason_code = 'GONE')::boolean AS gone;

-- name: RingingNow :many
-- Rings that are on, of which the doctors' devices are looked after.
SELECT consultation_id, doctor_id FROM offers WHERE result = 'PENDING' AND expires_at > @now ORDER BY expires_at LIMIT 2000;

-- name: SocketsOf :many
-- Who of the users has a socket on any node.
SELECT DISTINCT user_id FROM signaling_sessions WHERE user_id = ANY (@users::uuid[]) AND closed_at IS NULL AND last_seen_at > @since;

-- name: RingingElsewhere :many
-- Requests of which a doctor's claim just ended the last ring.
SELECT c.id FROM consultations c WHERE c.id = ANY (@ids::uuid[]) AND c.state = 'OFFERED'
  AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.consultation_id = c.id AND o.result = 'PENDING');

-- name: MayRing :many
-- Which of some requests may ring a doctor of the departments, and whether they ring anybody: they wait for an answer by call, a
-- department is asked, and the doctor did not decline.
SELECT c.id, EXISTS (SELECT 1 FROM offers o WHERE o.consultation_id = c.id AND o.epoch = c.epoch AND o.result = 'PENDING')::boolean AS rings,
  (c.urgency = 'CRITICAL')::boolean AS critical
FROM consultations c WHERE c.id = ANY (@ids::uuid[]) AND c.state = 'OFFERED' AND c.mode <> 'WRITTEN'
  AND EXISTS (SELECT 1 FROM audience a WHERE a.consultation_id = c.id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz))
  AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.consultation_id = c.id AND o.epoch = c.epoch AND o.doctor_id = @doctor_id AND o.result = 'DECLINED');

-- The ladder -----------------------------------------------------------------------------------------------------------

-- name: LockFree :one
-- The row, unless somebody else is at work on it: timers come back in a second.
SELECT * FROM consultations WHERE id = @id FOR UPDATE SKIP LOCKED;

-- name: SetLadder :exec
UPDATE consultations SET ladder_step = @ladder_step, ladder_due_at = sqlc.narg(ladder_due_at), ring_due_at = sqlc.narg(ring_due_at),
  ring_round = @ring_round WHERE id = @id;

-- name: DueRings :many
SELECT id FROM consultations WHERE state = 'OFFERED' AND ring_due_at <= @now ORDER BY ring_due_at LIMIT 100;

-- name: DueSteps :many
SELECT id FROM consultations WHERE state = 'OFFERED' AND ladder_due_at <= @now ORDER BY ladder_due_at LIMIT 100;

-- name: AskDepartment :exec
INSERT INTO audience (consultation_id, department_id, since, step) VALUES (@consultation_id, @department_id, @since, @step)
ON CONFLICT (consultation_id, department_id) DO UPDATE SET until = NULL;

-- name: AskedFirst :one
-- The department that was asked for.
SELECT department_id FROM audience WHERE consultation_id = @consultation_id AND step = 0 ORDER BY since, department_id LIMIT 1;

-- name: SetRoute :exec
-- Where the grant put it: another hospital or department may have answered than was asked for.
UPDATE consultations SET invited_org_id = @invited_org_id, department_id = @department_id, agreement_id = sqlc.narg(agreement_id),
  service_type = @service_type, updated_at = @now WHERE id = @id;

-- name: SetGranted :exec
UPDATE consultations SET doctor_id = @doctor_id, accepted_at = @now, assigned_by = sqlc.narg(assigned_by), ladder_due_at = NULL,
  ring_due_at = NULL, promise_by = NULL, updated_at = @now WHERE id = @id;

-- name: SetReleased :exec
-- The request keeps its place: offered_at stays.
UPDATE consultations SET doctor_id = NULL, accepted_at = NULL, assigned_by = NULL, media_lost_at = NULL, updated_at = @now WHERE id = @id;

-- name: SetMerged :exec
UPDATE consultations SET merged_into = @merged_into WHERE id = @id;

-- name: SetWritten :exec
UPDATE consultations SET mode = 'WRITTEN', ladder_due_at = NULL, ring_due_at = NULL, promise_by = NULL, updated_at = @now WHERE id = @id;

-- name: SetAnswerDue :exec
-- By when a written question is promised to be answered.
UPDATE consultations SET report_due_at = @due, accept_due_at = @due WHERE id = @id;

-- name: SetOnline :exec
-- What was asked in writing is called after all.
UPDATE consultations SET mode = 'ONLINE', report_due_at = NULL, updated_at = @now WHERE id = @id;

-- name: SetCharge :exec
UPDATE consultations SET dispatcher_id = @dispatcher_id, updated_at = @now WHERE id = @id;

-- name: SetAlerted :exec
UPDATE consultations SET dispatcher_alerted_at = @now WHERE id = @id;

-- Dispatchers ----------------------------------------------------------------------------------------------------------

-- name: DispatchersOf :many
-- The dispatchers of hospitals, those whom the roster has on duty first.
SELECT DISTINCT ON (on_duty, u.display_name, u.id) u.id, u.display_name, u.phone_enc, m.organisation_id,
  EXISTS (SELECT 1 FROM duty_shifts d WHERE d.user_id = u.id AND d.organisation_id = m.organisation_id AND d.role = 'DISPATCHER'
    AND d.starts_at <= @now::timestamptz AND d.ends_at > @now::timestamptz)::boolean AS on_duty
FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = ANY (@organisations::uuid[]) AND m.role = 'DISPATCHER' AND u.disabled_at IS NULL
  AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)
ORDER BY on_duty DESC, u.display_name, u.id;

-- name: PhoneOf :one
SELECT phone_enc FROM users WHERE id = @id;

-- name: DepartmentsByID :many
SELECT d.id, d.code, d.name, d.organisation_id, o.name AS hospital FROM departments d JOIN organisations o ON o.id = d.organisation_id
WHERE d.id = ANY (@ids::uuid[]) ORDER BY d.code, d.id;

-- name: DepartmentsOfHospitals :many
SELECT id FROM departments WHERE organisation_id = ANY (@organisations::uuid[]) AND active ORDER BY id;

-- name: BoardCandidates :many
-- What waits in the hospitals' departments, or was sent to them, in no order.
SELECT sqlc.embed(c), r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed, r.preferred_language, r.hearing_impaired,
  o.name AS institution, coalesce(d.name, '')::text AS department, coalesce(doc.display_name, '')::text AS doctor_name,
  t.accept_seconds,
  (SELECT count(*) FROM attachments a WHERE a.consultation_id = c.id AND a.kind = 'PHOTO')::int AS photos,
  false::boolean AS offered_to_me, o.phone AS institution_phone
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations o ON o.id = c.inviting_org_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN users doc ON doc.id = c.doctor_id
LEFT JOIN urgency_targets t ON t.urgency = c.urgency
WHERE c.state = 'OFFERED' AND (c.invited_org_id = ANY (@organisations::uuid[]) OR EXISTS (
  SELECT 1 FROM audience a JOIN departments x ON x.id = a.department_id
  WHERE a.consultation_id = c.id AND x.organisation_id = ANY (@organisations::uuid[])
    AND a.since <= @now::timestamptz AND (a.until IS NULL OR a.until > @now::timestamptz)));

-- name: BoardRings :many
SELECT o.consultation_id, o.doctor_id, u.display_name, o.result, o.reason_code, o.offered_at, o.expires_at,
  (o.delivered_at IS NOT NULL)::boolean AS delivered
FROM offers o JOIN users u ON u.id = o.doctor_id JOIN consultations c ON c.id = o.consultation_id AND c.epoch = o.epoch
WHERE o.consultation_id = ANY (@ids::uuid[]) ORDER BY o.offered_at, o.id;

-- name: PendingUntil :many
-- Until when the doctor is rung, for each request.
SELECT consultation_id, expires_at FROM offers WHERE doctor_id = @doctor_id AND result = 'PENDING' AND expires_at > @now;

-- name: AskedHospitals :many
-- The hospitals of which a department is asked now.
SELECT DISTINCT d.organisation_id FROM audience a JOIN departments d ON d.id = a.department_id
WHERE a.consultation_id = @consultation_id AND a.since <= @now AND (a.until IS NULL OR a.until > @now);

-- What was told ----------------------------------------------------------------------------------------------------------

-- name: TellTimes :one
-- Writes down what the bedside is told. The time of the promise stays until it has passed; whoever asks first sets it, and is told
-- so. A range without an end is none.
WITH promised AS (
  UPDATE consultations c SET promise_by = sqlc.narg(promise_by)
  WHERE c.id = @consultation_id::uuid AND c.state = 'OFFERED' AND (c.promise_by IS NULL OR c.promise_by <= @now::timestamptz)
    AND sqlc.narg(promise_by)::timestamptz IS NOT NULL
  RETURNING c.id AS told
), shown AS (
  INSERT INTO wait_estimates (id, consultation_id, shown_at, urgency, ahead, available, from_seconds, to_seconds)
  SELECT @id::uuid, @consultation_id::uuid, @now::timestamptz, @urgency::text, @ahead::int, @available::int, @from_seconds::int, @to_seconds::int
  WHERE @to_seconds::int > 0
)
SELECT EXISTS (SELECT 1 FROM promised)::boolean AS promised;

-- name: PromiseTold :one
-- The time that another look at the request, at the same moment, has told.
SELECT promise_by FROM consultations WHERE id = @id;

-- name: ShownEstimate :one
-- The newest range that was shown, if it was shown since an instant for the same standing.
SELECT from_seconds, to_seconds, shown_at FROM wait_estimates
WHERE consultation_id = @consultation_id AND shown_at > @since AND ahead = @ahead AND available = @available AND taken_at IS NULL
ORDER BY shown_at DESC LIMIT 1;

-- name: EstimateHappened :exec
UPDATE wait_estimates SET taken_at = @taken_at WHERE consultation_id = @consultation_id AND taken_at IS NULL;

-- name: ServiceTimes :many
-- How long the last consultations of each department took, from the claim to the end, in seconds.
SELECT past.seconds FROM unnest(@departments::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
  SELECT extract(epoch FROM c.ended_at - c.accepted_at)::bigint AS seconds, c.ended_at FROM consultations c
  WHERE c.department_id = asked.id AND c.ended_at > @since::timestamptz AND c.mode <> 'WRITTEN'
    AND c.started_at IS NOT NULL AND c.ended_at > c.accepted_at AND c.ended_at - c.accepted_at < interval '3 hours'
  ORDER BY c.ended_at DESC LIMIT 200) past
ORDER BY past.ended_at DESC LIMIT 200;

-- name: Calibration :one
-- Of the ranges shown in a period for what was taken: how many, how many were true at the median, and at the ninth decile.
SELECT count(*)::bigint AS shown,
  count(*) FILTER (WHERE taken_at <= shown_at + make_interval(secs => from_seconds))::bigint AS below_from,
  count(*) FILTER (WHERE taken_at <= shown_at + make_interval(secs => to_seconds))::bigint AS below_to
FROM wait_estimates WHERE taken_at > @since;

-- name: AudienceSteps :many
-- Which departments are asked now, in the order of the steps at which they were.
SELECT a.step, a.since, a.department_id, d.code, d.name, d.organisation_id, o.name AS hospital
FROM audience a JOIN departments d ON d.id = a.department_id JOIN organisations o ON o.id = d.organisation_id
WHERE a.consultation_id = @consultation_id AND a.since <= @now AND (a.until IS NULL OR a.until > @now)
ORDER BY a.step, d.code, d.id;

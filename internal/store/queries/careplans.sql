-- name: PanelResidents :many
-- Residents of teams: with a contract in force, or one that ended within some days and was not followed by another.
SELECT DISTINCT ON (r.id) r.id, r.name_enc, r.sex, r.birth_date, r.bed, o.name AS home, r.organisation_id AS home_id,
  risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, sqlc.arg(day)::date), sqlc.arg(day)::date)::text[] AS groups,
  c.id AS contract_id, c.team_id, c.state, c.starts_on, c.ends_on, c.ended_on
FROM fd_contracts c JOIN residents r ON r.id = c.resident_id AND r.left_on IS NULL JOIN organisations o ON o.id = r.organisation_id
WHERE c.team_id = ANY (sqlc.arg(teams)::uuid[]) AND c.starts_on <= sqlc.arg(day)::date
  AND (c.state IN ('SIGNED', 'TERMINATED') AND c.ended_on > sqlc.arg(day)::date
    OR c.state = 'SIGNED' AND c.ended_on > sqlc.arg(day)::date - sqlc.arg(kept)::integer AND NOT EXISTS (SELECT 1 FROM fd_contracts n WHERE n.resident_id = c.resident_id AND n.state = 'SIGNED' AND n.ended_on > sqlc.arg(day)::date))
ORDER BY r.id, c.ended_on DESC;

-- name: CarePlansOf :many
SELECT p.*, u.display_name AS created_by_name FROM care_plans p JOIN users u ON u.id = p.created_by
WHERE p.resident_id = ANY (sqlc.arg(residents)::uuid[]) AND (p.state = 'ACTIVE' OR sqlc.arg(closed)::boolean) ORDER BY p.resident_id, p.state, p.begins_on, p.id;

-- name: LockCarePlan :one
SELECT * FROM care_plans WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: CarePlanAlone :one
SELECT * FROM care_plans WHERE id = sqlc.arg(id);

-- name: AddCarePlan :exec
INSERT INTO care_plans (id, resident_id, team_id, plan, begins_on, days, reason_enc, created_by, created_at, updated_at)
VALUES (sqlc.arg(id), sqlc.arg(resident_id), sqlc.arg(team_id), sqlc.arg(plan), sqlc.arg(begins_on), sqlc.arg(days), sqlc.arg(reason_enc), sqlc.arg(created_by), sqlc.arg(now), sqlc.arg(now));

-- name: ChangeCarePlan :execrows
UPDATE care_plans SET days = sqlc.arg(days), reason_enc = sqlc.arg(reason_enc), revision = revision + 1, updated_at = sqlc.arg(now) WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'ACTIVE';

-- name: CloseCarePlan :execrows
UPDATE care_plans SET state = 'CLOSED', closed_on = sqlc.arg(closed_on), closed_reason_enc = sqlc.arg(reason_enc), revision = revision + 1, updated_at = sqlc.arg(now) WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'ACTIVE';

-- name: AddPlanContact :exec
INSERT INTO plan_contacts (id, plan_id, kind, held_on, next_on, note_enc, noted_by, noted_at) VALUES (sqlc.arg(id), sqlc.arg(plan_id), sqlc.arg(kind), sqlc.arg(held_on), sqlc.arg(next_on), sqlc.arg(note_enc), sqlc.arg(noted_by), sqlc.arg(now));

-- name: NotedContacts :many
-- What was noted by hand, newest first.
SELECT c.*, u.display_name AS by_name FROM plan_contacts c JOIN users u ON u.id = c.noted_by WHERE c.plan_id = ANY (sqlc.arg(plans)::uuid[]) ORDER BY c.held_on DESC, c.noted_at DESC, c.id DESC;

-- name: ConsultationContacts :many
-- Finished consultations of residents, newest first, with what they were about.
SELECT c.id, c.resident_id, c.service_type, c.problem_key, local_day(c.ended_at)::date AS held_on, coalesce(u.display_name, '')::text AS by_name
FROM consultations c LEFT JOIN users u ON u.id = c.doctor_id
WHERE c.resident_id = ANY (sqlc.arg(residents)::uuid[]) AND c.reported_at IS NOT NULL AND c.ended_at >= sqlc.arg(since) AND NOT c.drill
ORDER BY c.ended_at DESC, c.id DESC;

-- name: VisitContacts :many
-- Visits at home that were made and signed, newest first, with the plans that they were for.
SELECT v.resident_id, local_day(v.arrived_at)::date AS held_on, v.next_on, v.plans, v.consultation_id, coalesce(u.display_name, '')::text AS by_name
FROM home_visits v LEFT JOIN users u ON u.id = v.lead_id
WHERE v.resident_id = ANY (sqlc.arg(residents)::uuid[]) AND v.state = 'DONE' AND v.arrived_at >= sqlc.arg(since) ORDER BY v.arrived_at DESC, v.id DESC;

-- name: PlanIntervals :many
SELECT * FROM plan_intervals WHERE organisation_id = ANY (sqlc.arg(organisations)::uuid[]);

-- name: PutPlanInterval :execrows
-- Revision 0 is the first time; any other names the revision that it replaces.
INSERT INTO plan_intervals (organisation_id, plan, days, updated_by, updated_at)
SELECT sqlc.arg(organisation_id), sqlc.arg(plan), sqlc.arg(days), sqlc.arg(user_id), sqlc.arg(now)
WHERE sqlc.arg(revision)::integer = 0 OR EXISTS (SELECT 1 FROM plan_intervals r WHERE r.organisation_id = sqlc.arg(organisation_id) AND r.plan = sqlc.arg(plan))
ON CONFLICT (organisation_id, plan) DO UPDATE SET days = excluded.days, revision = plan_intervals.revision + 1, updated_by = excluded.updated_by, updated_at = excluded.updated_at
WHERE plan_intervals.revision = sqlc.arg(revision)::integer;

-- name: RiskMarksOf :many
SELECT m.*, u.display_name AS by_name FROM risk_marks m JOIN users u ON u.id = m.set_by WHERE m.resident_id = sqlc.arg(resident_id) AND m.ended_on IS NULL ORDER BY m.code;

-- name: AddRiskMark :exec
INSERT INTO risk_marks (id, resident_id, code, evidence_enc, set_on, set_by, set_at) VALUES (sqlc.arg(id), sqlc.arg(resident_id), sqlc.arg(code), sqlc.arg(evidence_enc), sqlc.arg(set_on), sqlc.arg(set_by), sqlc.arg(now));

-- name: EndRiskMark :execrows
UPDATE risk_marks SET ended_on = sqlc.arg(ended_on), ended_by = sqlc.arg(ended_by) WHERE resident_id = sqlc.arg(resident_id) AND code = sqlc.arg(code) AND ended_on IS NULL;

-- name: Recalls :many
SELECT sqlc.embed(l), t.name AS team, u.display_name AS by_name, count(c.id) AS total, count(c.id) FILTER (WHERE c.result = 'TODO') AS todo, count(c.id) FILTER (WHERE c.result = 'REACHED') AS reached,
  count(c.id) FILTER (WHERE c.result = 'NOT_REACHED') AS not_reached, count(c.id) FILTER (WHERE c.result = 'BOOKED') AS booked, count(c.id) FILTER (WHERE c.result = 'DECLINED') AS declined
FROM recalls l JOIN fd_teams t ON t.id = l.team_id JOIN users u ON u.id = l.created_by LEFT JOIN recall_calls c ON c.recall_id = l.id
WHERE l.team_id = ANY (sqlc.arg(teams)::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR l.id = sqlc.narg(id)::uuid)
GROUP BY l.id, t.name, u.display_name ORDER BY l.created_at DESC, l.id DESC LIMIT 200;

-- name: AddRecall :exec
INSERT INTO recalls (id, team_id, name, due_on, created_by, created_at) VALUES (sqlc.arg(id), sqlc.arg(team_id), sqlc.arg(name), sqlc.arg(due_on), sqlc.arg(created_by), sqlc.arg(now));

-- name: AddRecallCall :exec
INSERT INTO recall_calls (id, recall_id, resident_id, plan_ids) VALUES (sqlc.arg(id), sqlc.arg(recall_id), sqlc.arg(resident_id), sqlc.arg(plan_ids));

-- name: RecallCalls :many
SELECT sqlc.embed(c), r.name_enc, r.phone_enc, r.bed, o.name AS home, o.phone AS home_phone, coalesce(u.display_name, '')::text AS by_name
FROM recall_calls c JOIN residents r ON r.id = c.resident_id JOIN organisations o ON o.id = r.organisation_id LEFT JOIN users u ON u.id = c.called_by
WHERE c.recall_id = sqlc.arg(recall_id) ORDER BY (c.result IN ('TODO', 'NOT_REACHED')) DESC, c.attempts, o.name, r.bed, c.id;

-- name: LockRecallCall :one
SELECT c.*, l.team_id FROM recall_calls c JOIN recalls l ON l.id = c.recall_id WHERE c.id = sqlc.arg(id) FOR UPDATE OF c;

-- name: NoteRecallCall :execrows
UPDATE recall_calls SET result = sqlc.arg(result), attempts = attempts + 1, note_enc = sqlc.arg(note_enc), called_by = sqlc.arg(called_by), called_at = sqlc.arg(now), revision = revision + 1 WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: CloseRecall :exec
-- Done when nobody is left to be called; opened again when a later call finds nobody.
UPDATE recalls l SET closed_at = CASE WHEN EXISTS (SELECT 1 FROM recall_calls c WHERE c.recall_id = l.id AND c.result IN ('TODO', 'NOT_REACHED')) THEN NULL ELSE sqlc.arg(now)::timestamptz END WHERE l.id = sqlc.arg(id);

-- name: GuardiansOfMany :many
SELECT * FROM guardians WHERE resident_id = ANY (sqlc.arg(residents)::uuid[]) ORDER BY resident_id, position;

-- name: MoveCarePlans :exec
-- The plans go with the resident to the team of the new contract.
UPDATE care_plans SET team_id = sqlc.arg(team_id), updated_at = sqlc.arg(now) WHERE resident_id = sqlc.arg(resident_id) AND state = 'ACTIVE' AND team_id <> sqlc.arg(team_id);

-- name: IntervalsOfTeams :many
-- What the institutions of teams set instead of the documented intervals.
SELECT t.id AS team_id, i.plan, i.days FROM plan_intervals i JOIN fd_teams t ON t.organisation_id = i.organisation_id WHERE t.id = ANY (sqlc.arg(teams)::uuid[]);

-- name: RuleSettings :many
SELECT * FROM rule_settings ORDER BY jurisdiction, name;

-- name: LockRuleSettings :exec
LOCK TABLE rule_settings IN SHARE ROW EXCLUSIVE MODE;

-- name: PutRuleSetting :execrows
-- Revision 0 is the first change; any other names the revision that it replaces.
INSERT INTO rule_settings (jurisdiction, name, value, updated_at, updated_by)
SELECT @jurisdiction, @name, @value, @now, @user_id
WHERE @revision::integer = 0 OR EXISTS (SELECT 1 FROM rule_settings r WHERE r.jurisdiction = @jurisdiction AND r.name = @name)
ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value, revision = rule_settings.revision + 1, updated_at = excluded.updated_at,
  updated_by = excluded.updated_by
WHERE rule_settings.revision = @revision::integer;

-- name: AddRuleSettingChange :exec
INSERT INTO rule_setting_changes (id, jurisdiction, name, old_value, new_value, reason_enc, changed_at, changed_by)
VALUES (@id, @jurisdiction, @name, @old_value, @new_value, @reason_enc, @now, @user_id);

-- name: RuleSettingChanges :many
SELECT c.*, u.display_name FROM rule_setting_changes c JOIN users u ON u.id = c.changed_by ORDER BY c.changed_at DESC, c.id DESC LIMIT 100;

-- name: PracticeSiteOf :one
-- The institution that practises in a care home on a day, the one that came first.
SELECT medical_org_id FROM practice_sites WHERE care_org_id = @care_org_id AND valid_from <= @day::date AND (valid_to IS NULL OR valid_to >= @day::date)
ORDER BY valid_from, medical_org_id LIMIT 1;

-- name: AddGateEvaluation :exec
INSERT INTO gate_evaluations (id, consultation_id, stage, ruleset, settings, service_type, possible, override, result, at)
VALUES (@id, @consultation_id, @stage, @ruleset, @settings, @service_type, @possible, @override, @result, @at);

-- name: GateEvaluations :many
SELECT * FROM gate_evaluations WHERE consultation_id = @consultation_id ORDER BY at, id;

-- name: LastGateEvaluation :one
SELECT * FROM gate_evaluations WHERE consultation_id = @consultation_id ORDER BY at DESC, id DESC LIMIT 1;

-- name: SetJudged :exec
UPDATE consultations SET judged = true WHERE id = @id AND NOT judged;

-- name: Unjudged :many
SELECT id FROM consultations WHERE NOT judged AND state IN ('REPORT_PENDING', 'REPORTED', 'ADOPTED', 'FOLLOW_UP',
  'ARCHIVED', 'SEALED', 'NO_SHOW', 'CANCELLED', 'CLOSED_NO_SERVICE', 'VOIDED', 'TERMINATED_UNSUITABLE', 'TO_EMERGENCY')
ORDER BY id LIMIT @most;

-- name: CurrentEvaluation :one
SELECT * FROM countability_evaluations WHERE consultation_id = @consultation_id AND current;

-- name: EvaluationsOf :many
SELECT * FROM countability_evaluations WHERE consultation_id = @consultation_id ORDER BY evaluated_at DESC, id DESC;

-- name: FailuresOf :many
SELECT * FROM countability_failures WHERE evaluation_id = ANY (@evaluations::uuid[]) ORDER BY evaluation_id, rule;

-- name: SupersedeEvaluation :exec
UPDATE countability_evaluations SET current = false WHERE consultation_id = @consultation_id AND current;

-- name: AddEvaluation :exec
INSERT INTO countability_evaluations (id, consultation_id, ruleset, settings, evaluated_at, cause, bitmap, countable, goal, institution_id, provider_id,
  county, period_day, current)
VALUES (@id, @consultation_id, @ruleset, @settings, @evaluated_at, @cause, @bitmap, @countable, @goal, @institution_id, sqlc.narg(provider_id),
  @county, sqlc.narg(period_day), true);

-- name: AddFailure :exec
INSERT INTO countability_failures (evaluation_id, rule, args, fixable, fixable_until, approval, mend)
VALUES (@evaluation_id, @rule, @args, @fixable, sqlc.narg(fixable_until), @approval, @mend);

-- name: ApprovalsOf :many
SELECT p.*, u.display_name FROM countability_approvals p JOIN users u ON u.id = p.approved_by WHERE p.consultation_id = @consultation_id ORDER BY p.code;

-- name: AddApproval :execrows
INSERT INTO countability_approvals (id, consultation_id, code, reason_enc, approved_by, approved_at)
VALUES (@id, @consultation_id, @code, @reason_enc, @approved_by, @approved_at) ON CONFLICT (consultation_id, code) DO NOTHING;

-- name: ClosedPeriod :one
SELECT * FROM countability_periods WHERE organisation_id = @organisation_id AND month = @month::date;

-- name: CloseCountabilityPeriod :exec
INSERT INTO countability_periods (organisation_id, month, ruleset, settings, closed_at)
VALUES (@organisation_id, @month::date, @ruleset, @settings, @closed_at) ON CONFLICT (organisation_id, month) DO NOTHING;

-- name: EvaluatedInPeriod :many
-- The consultations of an institution that ended in a period of days, last day excluded, in the order of their ids.
SELECT e.consultation_id, c.serial FROM countability_evaluations e JOIN consultations c ON c.id = e.consultation_id
WHERE e.current AND e.institution_id = @institution_id AND e.period_day >= @since::date AND e.period_day < @before::date
  AND e.consultation_id > @after ORDER BY e.consultation_id LIMIT @most;

-- name: EarlierTwin :one
-- The serial of an earlier completed consultation of the resident with the same department, goal and diagnosis within the window
-- (NC14): one that counts or may count, so that what fails for another reason does not make this one a duplicate.
SELECT c.serial FROM consultations c
JOIN countability_evaluations e ON e.consultation_id = c.id AND e.current
WHERE c.resident_id = @resident_id AND c.id <> @id AND NOT c.drill AND c.ended_at IS NOT NULL
  AND (c.ended_at, c.id) < (@ended_at::timestamptz, @id) AND c.ended_at > @since::timestamptz
  AND c.department_id IS NOT DISTINCT FROM sqlc.narg(department_id)::uuid AND e.goal = @goal
  AND c.reported_at IS NOT NULL AND c.state <> 'VOIDED' AND e.bitmap & @disqualifying::integer = 0
  AND c.problem_key = @problem_key
ORDER BY c.ended_at DESC, c.id DESC LIMIT 1;

-- name: SplitFrom :one
-- The serial of an earlier completed consultation of the resident with the same department and goal within the window that made this one, whatever
-- the diagnosis (NC14): in the same call, or by booking or entering this doctor for a follow-up of this day.
SELECT c.serial FROM consultations c
JOIN countability_evaluations e ON e.consultation_id = c.id AND e.current
WHERE c.resident_id = @resident_id AND c.id <> @id AND NOT c.drill AND c.ended_at IS NOT NULL
  AND (c.ended_at, c.id) < (@ended_at::timestamptz, @id) AND c.ended_at > @since::timestamptz
  AND c.department_id IS NOT DISTINCT FROM sqlc.narg(department_id)::uuid AND e.goal = @goal
  AND c.reported_at IS NOT NULL AND c.state <> 'VOIDED' AND e.bitmap & @disqualifying::integer = 0
  AND (EXISTS (SELECT 1 FROM call_consultations a JOIN call_consultations b ON b.call_id = a.call_id WHERE a.consultation_id = c.id AND b.consultation_id = @id)
    OR EXISTS (SELECT 1 FROM appointments p JOIN appointment_staff s ON s.appointment_id = p.id AND s.user_id = sqlc.narg(doctor_id)::uuid AND s.part <> 'FORMER'
      WHERE p.consultation_id = c.id AND p.resident_id = c.resident_id AND p.place = 'ONLINE' AND local_day(p.starts_at) = @day::date)
    OR EXISTS (SELECT 1 FROM follow_ups f WHERE f.consultation_id = c.id AND f.doctor_id = sqlc.narg(doctor_id)::uuid AND f.state <> 'CANCELLED' AND f.due_on = @day::date))
ORDER BY c.ended_at DESC, c.id DESC LIMIT 1;

-- name: RejudgeLaterTwins :exec
-- Those that this one may make a duplicate, or a part of itself, are judged anew by the sweep. Later ones only, so that no two wait for each other.
UPDATE consultations c SET judged = false
WHERE c.resident_id = @resident_id AND c.id <> @id AND c.ended_at IS NOT NULL AND (c.ended_at, c.id) > (@ended_at::timestamptz, @id)
  AND c.ended_at < @before::timestamptz AND c.department_id IS NOT DISTINCT FROM sqlc.narg(department_id)::uuid AND c.judged;

-- name: SetProblemKey :exec
UPDATE consultations SET problem_key = @problem_key WHERE id = @id AND problem_key <> @problem_key;

-- name: ConsentsAround :many
-- What the resident or family signed with the institution, and approvals of the consultation itself, oldest first.
SELECT k.* FROM consents k LEFT JOIN consultations x ON x.id = k.consultation_id
WHERE k.resident_id = @resident_id AND (k.signer_kind <> 'INSTITUTION_EMERGENCY' OR k.consultation_id = @consultation_id)
  AND (x.id IS NULL OR x.inviting_org_id = @inviting_org_id)
ORDER BY k.signed_at, k.id;

-- name: WhoTookPart :many
-- Media and connections by person and side; the attending doctor's and the doctor's own are told apart by the user.
SELECT greatest(m.started_at, cc.opens)::timestamptz AS started_at, least(m.last_seen_at, cc.closes)::timestamptz AS last_seen_at, p.side, p.role, p.user_id FROM media_intervals m
JOIN participants p ON p.id = m.participant_id
JOIN call_spans cc ON cc.call_id = p.call_id
WHERE cc.consultation_id = @consultation_id AND m.kind = 'media' AND m.last_seen_at >= cc.opens AND m.started_at < cc.closes ORDER BY m.started_at;

-- name: EventFacts :one
SELECT count(*)::int AS events, coalesce(bool_or(type = 'TO_EMERGENCY'), false)::boolean AS to_emergency,
  coalesce(bool_or(type = 'TERMINATE_UNSUITABLE'), false)::boolean AS unsuitable,
  coalesce(bool_or(type = 'EMERGENCY_OVERRIDE'), false)::boolean AS overridden
FROM consultation_events WHERE consultation_id = @consultation_id;

-- name: OpenedByDoctor :one
SELECT EXISTS (SELECT 1 FROM access_log WHERE object_type = 'consultation' AND object_id = @consultation_id AND action = 'getConsultation'
  AND user_id = @user_id)::boolean AS opened;

-- name: CheckInsOfConsultation :many
-- The attending doctors' check-ins at the bedside.
SELECT user_id, since, until FROM attending_checkins WHERE consultation_id = @consultation_id ORDER BY since;

-- name: RevisitOf :one
-- The evidence of an online follow-up: what the doctor found sufficient, else the newest that waits for judgement, else what was refused.
SELECT decision, dated, diagnosis_code FROM revisit_evidence WHERE consultation_id = @consultation_id
ORDER BY (decision = 'QUALIFIED') DESC, (decision = '') DESC, dated DESC, id DESC LIMIT 1;

-- name: AuthenticatedForReception :one
-- Whether the doctor was asked for a second factor before the reception (G-IH-06).
SELECT EXISTS (SELECT 1 FROM second_factor_checks WHERE consultation_id = @consultation_id AND user_id = @user_id AND purpose = 'RECEPTION')::boolean AS asked;

-- name: TerminatedTo :one
-- Where somebody was directed who was found unsuitable for remote care.
SELECT destination FROM terminations WHERE consultation_id = @consultation_id;

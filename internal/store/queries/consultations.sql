-- name: DatabaseNow :one
SELECT now()::timestamptz AS now;

-- name: GetConsultation :one
SELECT * FROM consultations WHERE id = @id;

-- name: LockConsultation :one
SELECT * FROM consultations WHERE id = @id FOR UPDATE;

-- name: ConsultationShownTo :one
-- A department of the doctor is in the audience now, or the doctor took part in one of its calls.
SELECT (EXISTS (
  SELECT 1 FROM audience a WHERE a.consultation_id = @consultation_id AND a.department_id = ANY (@departments::uuid[])
    AND a.since <= @now AND (a.until IS NULL OR a.until > @now))
  OR EXISTS (
  SELECT 1 FROM participants p JOIN call_consultations cc ON cc.call_id = p.call_id
  WHERE cc.consultation_id = @consultation_id AND p.user_id = @user_id AND p.side = 'MEDICAL'))::boolean AS shown;

-- name: CommandResult :one
SELECT * FROM command_results WHERE user_id = @user_id AND command_id = @command_id;

-- name: AnswerCommand :exec
INSERT INTO command_results (user_id, command_id, operation, request_hash, object_id)
VALUES (@user_id, @command_id, @operation, @request_hash, @object_id);

-- name: PruneCommandResults :execrows
DELETE FROM command_results WHERE created_at < @before;

-- name: OpenCallOf :one
-- The consultation's call that has not ended.
SELECT c.* FROM calls c JOIN call_consultations cc ON cc.call_id = c.id
WHERE cc.consultation_id = @consultation_id AND cc.until IS NULL AND c.ended_at IS NULL
ORDER BY c.started_at DESC LIMIT 1;

-- name: CreateCall :exec
INSERT INTO calls (id, started_at) VALUES (@id, @now);

-- name: LinkCall :exec
INSERT INTO call_consultations (call_id, consultation_id, since) VALUES (@call_id, @consultation_id, @now);

-- name: EndCallRow :execrows
UPDATE calls SET ended_at = @now, end_code = @end_code, ended_by = sqlc.narg(ended_by) WHERE id = @id AND ended_at IS NULL;

-- name: UnlinkCall :exec
UPDATE call_consultations SET until = @now WHERE call_id = @call_id AND until IS NULL;

-- name: EnsureParticipant :one
INSERT INTO participants (id, call_id, user_id, side, role, invited_at) VALUES (@id, @call_id, @user_id, @side, @role, @now)
ON CONFLICT (call_id, user_id) DO UPDATE SET side = @side, role = @role
RETURNING id;

-- name: GetParticipant :one
SELECT * FROM participants WHERE id = @id;

-- name: ParticipantJoined :execrows
UPDATE participants SET first_joined_at = coalesce(first_joined_at, @now), left_at = NULL WHERE id = @id AND call_id = @call_id;

-- name: ParticipantLeft :execrows
UPDATE participants SET left_at = @now WHERE id = @id AND call_id = @call_id;

-- name: ParticipantsOfCall :many
SELECT p.*, u.display_name,
  EXISTS (SELECT 1 FROM media_intervals m WHERE m.participant_id = p.id AND m.kind = 'connected' AND NOT m.closed)::boolean AS connected
FROM participants p JOIN users u ON u.id = p.user_id WHERE p.call_id = @call_id ORDER BY p.invited_at, p.id;

-- name: CaseParticipants :many
-- Everybody who was invited to a call of the consultation, with what the relay saw of them. Bytes of an interval that lies across the change to
-- the next consultation are shared out by time.
SELECT p.*, u.display_name,
  EXISTS (SELECT 1 FROM media_intervals m WHERE m.participant_id = p.id AND m.kind = 'connected' AND NOT m.closed)::boolean AS connected,
  coalesce(b.audio_bytes, 0)::bigint AS audio_bytes, coalesce(b.video_bytes, 0)::bigint AS video_bytes
FROM participants p
JOIN call_spans cc ON cc.call_id = p.call_id
LEFT JOIN LATERAL (SELECT sum(m.audio_bytes * s.share) AS audio_bytes, sum(m.video_bytes * s.share) AS video_bytes FROM media_intervals m
  CROSS JOIN LATERAL (SELECT CASE WHEN m.last_seen_at = m.started_at THEN 1
    ELSE extract(epoch FROM least(m.last_seen_at, cc.closes) - greatest(m.started_at, cc.opens)) / extract(epoch FROM m.last_seen_at - m.started_at) END AS share) s
  WHERE m.participant_id = p.id AND m.kind = 'media' AND m.last_seen_at >= cc.opens AND m.started_at < cc.closes) b ON true
JOIN users u ON u.id = p.user_id
WHERE cc.consultation_id = @consultation_id ORDER BY p.invited_at, p.id;

-- name: CaseIntervals :many
-- What the relay saw in the time of the calls that is the consultation's.
SELECT m.participant_id, m.kind, greatest(m.started_at, cc.opens)::timestamptz AS started_at, least(m.last_seen_at, cc.closes)::timestamptz AS last_seen_at, p.side, p.user_id
FROM media_intervals m
JOIN participants p ON p.id = m.participant_id
JOIN call_spans cc ON cc.call_id = p.call_id
WHERE cc.consultation_id = @consultation_id AND m.last_seen_at >= cc.opens AND m.started_at < cc.closes ORDER BY m.started_at;

-- name: ConsultationsOfCall :many
SELECT consultation_id FROM call_consultations WHERE call_id = @call_id ORDER BY consultation_id;

-- name: SidesConnected :one
-- Whether each side has somebody connected to a call of the consultation that is still open.
SELECT coalesce(bool_or(p.side = 'CARE'), false)::boolean AS care, coalesce(bool_or(p.side = 'MEDICAL'), false)::boolean AS medical
FROM call_consultations cc
JOIN calls c ON c.id = cc.call_id AND c.ended_at IS NULL
JOIN participants p ON p.call_id = cc.call_id
JOIN media_intervals m ON m.participant_id = p.id AND m.kind = 'connected' AND NOT m.closed
WHERE cc.consultation_id = @consultation_id AND cc.until IS NULL;

-- name: HadMedia :one
-- Whether the relay carried anything of the person in a call of the consultation.
SELECT EXISTS (
  SELECT 1 FROM media_intervals m JOIN participants p ON p.id = m.participant_id
  JOIN call_spans cc ON cc.call_id = p.call_id
  WHERE cc.consultation_id = @consultation_id AND p.user_id = @user_id AND m.kind = 'media' AND m.last_seen_at >= cc.opens AND m.started_at < cc.closes)::boolean AS had;

-- name: UpsertInterval :execrows
-- The relay hands an interval over several times; a participant it invents has no row and changes nothing. What is settled, or
-- was measured by another node's life, stays as it is.
INSERT INTO media_intervals (id, participant_id, kind, started_at, last_seen_at, closed, audio_bytes, video_bytes, audio_muted, video_muted, node_term)
SELECT @id, p.id, @kind, @started_at, @last_seen_at, @closed, @audio_bytes, @video_bytes, @audio_muted, @video_muted, @node_term
FROM participants p WHERE p.id = @participant_id AND p.call_id = @call_id
ON CONFLICT (id) DO UPDATE SET last_seen_at = greatest(media_intervals.last_seen_at, excluded.last_seen_at), closed = excluded.closed,
  audio_bytes = greatest(media_intervals.audio_bytes, excluded.audio_bytes), video_bytes = greatest(media_intervals.video_bytes, excluded.video_bytes),
  audio_muted = excluded.audio_muted, video_muted = excluded.video_muted
  WHERE media_intervals.participant_id = excluded.participant_id AND media_intervals.kind = excluded.kind
    AND NOT media_intervals.settled AND media_intervals.node_term = excluded.node_term;

-- name: KnownIntervals :many
-- Which of these intervals have a row.
SELECT id FROM media_intervals WHERE id = ANY (@ids::uuid[]);

-- name: CloseSilentIntervals :many
-- Closes what no known node measures and nobody has reported since; its last checkpoint is the end.
WITH closed AS (UPDATE media_intervals m SET closed = true WHERE NOT m.closed AND m.node_term = 0 AND m.last_seen_at < @before RETURNING m.participant_id)
SELECT DISTINCT p.call_id FROM closed JOIN participants p ON p.id = closed.participant_id;

-- name: CallByID :one
SELECT * FROM calls WHERE id = @id;

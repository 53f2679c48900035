-- name: RatingsOf :many
SELECT * FROM satisfaction_ratings WHERE consultation_id = @consultation_id ORDER BY created_at;

-- name: AddRating :exec
INSERT INTO satisfaction_ratings (id, consultation_id, organisation_id, rater, score, comment_enc, channel, link_id, handed_by, created_at)
VALUES (@id, @consultation_id, @organisation_id, @rater, @score, @comment_enc, @channel, sqlc.narg(link_id), sqlc.narg(handed_by), @now);

-- name: AddRatingLink :exec
INSERT INTO rating_links (id, consultation_id, token_hash, created_by, created_at, expires_at)
VALUES (@id, @consultation_id, @token_hash, @created_by, @now, @expires_at);

-- name: CountRatingLinks :one
SELECT count(*) FROM rating_links WHERE consultation_id = @consultation_id;

-- name: ExchangeRatingLink :one
UPDATE rating_links SET exchanged_at = @now, ticket_hash = @ticket_hash
WHERE token_hash = @token_hash AND exchanged_at IS NULL AND expires_at > @now RETURNING *;

-- name: UseRatingLink :one
UPDATE rating_links SET used_at = @now WHERE ticket_hash = @ticket_hash AND used_at IS NULL AND expires_at > @now AND exchanged_at > @since RETURNING *;

-- name: WorkdaysBetween :many
SELECT * FROM workday_calendar WHERE date BETWEEN @first::date AND @last::date ORDER BY date;

-- name: WorkdayYears :many
SELECT DISTINCT extract(year FROM date)::int AS year FROM workday_calendar ORDER BY year;

-- name: ClearWorkdays :exec
DELETE FROM workday_calendar WHERE date BETWEEN @first::date AND @last::date;

-- name: AddWorkday :exec
INSERT INTO workday_calendar (date, is_off, name, source) VALUES (@date, @is_off, @name, @source);

-- name: AddComplaint :exec
INSERT INTO complaints (id, organisation_id, consultation_id, complainant, complainant_enc, contact_enc, category, content_enc, several_departments,
  received_at, received_by, due_on, calendar_known)
VALUES (@id, @organisation_id, sqlc.narg(consultation_id), @complainant, @complainant_enc, @contact_enc, @category, @content_enc, @several_departments,
  @received_at, @received_by, @due_on, @calendar_known);

-- name: Complaints :many
SELECT c.*, o.name AS organisation_name, coalesce(k.serial, '')::text AS serial, u.display_name AS received_by_name,
  coalesce(x.display_name, '')::text AS closed_by_name
FROM complaints c JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN consultations k ON k.id = c.consultation_id
JOIN users u ON u.id = c.received_by LEFT JOIN users x ON x.id = c.closed_by
WHERE c.organisation_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR c.id = sqlc.narg(id))
ORDER BY (c.state = 'OPEN') DESC, c.due_on, c.received_at DESC, c.id LIMIT 200;

-- name: LockComplaint :one
SELECT * FROM complaints WHERE id = @id FOR UPDATE;

-- name: CloseComplaint :execrows
UPDATE complaints SET state = 'CLOSED', resolution_enc = @resolution_enc, on_the_spot = @on_the_spot, finding = @finding, closed_at = @now, closed_by = @closed_by
WHERE id = @id AND state = 'OPEN';

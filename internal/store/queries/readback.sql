-- name: ReadBackAdvice :execrows
-- The nurse read a signed item back.
UPDATE advice_items SET read_back_by = @read_back_by, read_back_at = @now WHERE id = @id AND read_back_at IS NULL;

-- name: AskReadBack :exec
INSERT INTO read_backs (id, consultation_id, position, kind, text_enc, detail_enc, asked_by, asked_at)
VALUES (@id, @consultation_id, @position, @kind, @text_enc, @detail_enc, @asked_by, @now);

-- name: PlaceReadBack :exec
UPDATE read_backs SET position = @position WHERE id = @id;

-- name: WithdrawReadBack :exec
UPDATE read_backs SET withdrawn_at = @now WHERE id = @id AND withdrawn_at IS NULL AND read_back_at IS NULL;

-- name: ReadBacks :many
-- What was asked to be read back and still stands, in the order of the doctor's list.
SELECT r.*, coalesce(u.display_name, '')::text AS reader FROM read_backs r LEFT JOIN users u ON u.id = r.read_back_by
WHERE r.consultation_id = @consultation_id AND r.withdrawn_at IS NULL ORDER BY r.position, r.asked_at, r.id;

-- name: ReadBackByID :one
SELECT * FROM read_backs WHERE id = @id;

-- name: ConfirmReadBack :execrows
UPDATE read_backs SET read_back_by = @read_back_by, read_back_at = @now WHERE id = @id AND read_back_at IS NULL AND withdrawn_at IS NULL;

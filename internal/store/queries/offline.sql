-- name: KeepOfflineKey :one
-- The key that the person's devices seal with: the one that is there, else the given one.
WITH made AS (
  INSERT INTO offline_keys (user_id, key_enc, created_at) VALUES (@user_id, @key_enc, @now) ON CONFLICT (user_id) DO NOTHING RETURNING key_enc
)
SELECT key_enc FROM made UNION ALL SELECT key_enc FROM offline_keys WHERE user_id = @user_id LIMIT 1;

-- name: LastHeardOf :one
-- When something of the resident last happened that the server knows, besides what a device sends at once with one request; 1970: nothing. The
-- request itself was heard of when it was begun, where that was before its device sent what it had (sent_since).
SELECT coalesce(max(CASE WHEN c.id = @request THEN c.created_at ELSE c.updated_at END), 'epoch')::timestamptz AS at FROM consultations c
WHERE c.resident_id = @resident_id AND (c.id <> @request OR c.created_at < sqlc.arg(sent_since)::timestamptz);

-- name: SetAsked :exec
UPDATE consultations SET asked_at = @asked_at, queued_since = @queued_since WHERE id = @id;

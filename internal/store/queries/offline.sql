-- name: KeepOfflineKey :one
-- The key that the person's devices seal with: the one that is there, else the given one.
WITH made AS (
  INSERT INTO offline_keys (user_id, key_enc, created_at) VALUES (@user_id, @key_enc, @now) ON CONFLICT (user_id) DO NOTHING RETURNING key_enc
)
SELECT key_enc FROM made UNION ALL SELECT key_enc FROM offline_keys WHERE user_id = @user_id LIMIT 1;

-- name: LastHeardOf :one
-- When something of the resident last happened that the server knows, besides one request; 1970: nothing.
SELECT coalesce(max(c.updated_at), 'epoch')::timestamptz AS at FROM consultations c WHERE c.resident_id = @resident_id AND c.id <> @but;

-- name: SetAsked :exec
UPDATE consultations SET asked_at = @asked_at, queued_since = @queued_since WHERE id = @id;

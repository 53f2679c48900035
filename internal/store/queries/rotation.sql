-- name: OpenRotation :one
-- The rotation that is on its way, or a new one; fresh says which.
INSERT INTO key_rotations (id, what) VALUES (@id, @what)
ON CONFLICT (what) WHERE finished_at IS NULL DO UPDATE SET what = excluded.what
RETURNING id, (id = @id)::boolean AS fresh;

-- name: CloseRotation :exec
UPDATE key_rotations SET finished_at = clock_timestamp(), resealed = resealed + @resealed WHERE id = @id;

-- name: CountResealed :exec
UPDATE key_rotations SET resealed = resealed + @resealed WHERE id = @id;

-- name: KeyRotations :many
SELECT * FROM key_rotations ORDER BY started_at DESC, id LIMIT 20;

-- name: SealSigningKeys :many
SELECT kid, algorithm, created_at FROM signing_keys WHERE purpose = 'seal' ORDER BY created_at, kid;

-- name: DropPushTwin :exec
-- Of two rows of one browser the one that was entered under the former look-up key goes.
DELETE FROM push_subscriptions WHERE id = @id;


-- name: LockIdentity :exec
-- Whoever writes one identity number waits for the other; the lock ends with the transaction.
SELECT pg_advisory_xact_lock(hashtextextended(encode(@hash::bytea, 'hex'), 4823117560021950));

-- name: ResidentOfIdentity :one
SELECT EXISTS (SELECT 1 FROM residents WHERE organisation_id = @organisation_id AND left_on IS NULL AND id <> @self
  AND identity_number_hmac = ANY (@hashes::bytea[]))::boolean AS twin;

-- name: RehashPushSubscription :exec
UPDATE push_subscriptions p SET endpoint_hmac = @hash WHERE p.endpoint_hmac = ANY (@former::bytea[])
  AND NOT EXISTS (SELECT 1 FROM push_subscriptions o WHERE o.endpoint_hmac = @hash);

-- name: LockKeys :exec
-- One node at a time makes or changes keys; the lock ends with the transaction.
SELECT pg_advisory_xact_lock(4823117560021947);

-- name: ListDataKeys :many
SELECT * FROM data_keys ORDER BY created_at, id;

-- name: InsertDataKey :exec
INSERT INTO data_keys (id, purpose, algorithm, kek_id, wrapped, created_at)
VALUES (@id, @purpose, @algorithm, @kek_id, @wrapped, @created_at);

-- name: RewrapDataKey :exec
UPDATE data_keys SET kek_id = @kek_id, wrapped = @wrapped WHERE id = @id;

-- name: RetireDataKeys :exec
-- All but the one given stop sealing; they still open.
UPDATE data_keys SET retired_at = sqlc.arg(at)::timestamptz WHERE purpose = @purpose AND id <> @keep AND retired_at IS NULL;

-- name: ListSigningKeys :many
-- Oldest first; those that verify nothing any more are left out.
SELECT * FROM signing_keys WHERE not_after IS NULL OR not_after > sqlc.arg(at)::timestamptz ORDER BY created_at, kid;

-- name: InsertSigningKey :exec
INSERT INTO signing_keys (kid, purpose, algorithm, private_enc, public, created_at)
VALUES (@kid, @purpose, @algorithm, @private_enc, @public, @created_at);

-- name: SupersedeSigningKeys :exec
UPDATE signing_keys SET not_after = sqlc.arg(not_after)::timestamptz WHERE purpose = @purpose AND kid <> @keep AND not_after IS NULL;

-- name: PruneSigningKeys :execrows
DELETE FROM signing_keys WHERE not_after < sqlc.arg(before)::timestamptz;

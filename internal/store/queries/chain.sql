-- name: TakePending :many
-- The oldest rows that nobody else is chaining; they are gone when the transaction that chains them commits.
DELETE FROM chain_pending p WHERE p.id IN (
  SELECT n.id FROM chain_pending n ORDER BY n.id LIMIT @batch FOR UPDATE SKIP LOCKED)
RETURNING p.id, p.kind, p.object;

-- name: PendingFigures :one
-- How many rows wait for their chain, and for how long the oldest has.
SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(added_at)), 0)::float8 AS oldest_seconds FROM chain_pending;

-- name: AddPending :exec
INSERT INTO chain_pending (kind, object) SELECT @kind, unnest(@objects::text[]);

-- name: ChainedEvents :many
SELECT e.id::text AS object, c.inviting_org_id AS organisation_id, to_jsonb(e)::text AS content
FROM consultation_events e JOIN consultations c ON c.id = e.consultation_id WHERE e.id = ANY (@ids::uuid[]);

-- name: ChainedReports :many
SELECT r.id::text AS object, c.inviting_org_id AS organisation_id, to_jsonb(r)::text AS content
FROM reports r JOIN consultations c ON c.id = r.consultation_id WHERE r.id = ANY (@ids::uuid[]);

-- name: ChainedAdoptions :many
SELECT a.id::text AS object, c.inviting_org_id AS organisation_id, to_jsonb(a)::text AS content
FROM adoptions a JOIN consultations c ON c.id = a.consultation_id WHERE a.id = ANY (@ids::uuid[]);

-- name: ChainedAttachments :many
SELECT a.id::text AS object, a.organisation_id, to_jsonb(a)::text AS content
FROM attachments a WHERE a.id = ANY (@ids::uuid[]);

-- name: ChainedConsents :many
SELECT k.id::text AS object, r.organisation_id, to_jsonb(k)::text AS content
FROM consents k JOIN residents r ON r.id = k.resident_id WHERE k.id = ANY (@ids::uuid[]);

-- name: ChainedAccesses :many
SELECT l.id::text AS object, coalesce(l.organisation_id, l.actor_org_id, '00000000-0000-0000-0000-000000000000')::uuid AS organisation_id, to_jsonb(l)::text AS content
FROM access_log l WHERE l.id = ANY (@ids::uuid[]);

-- name: ChainedBlobs :many
SELECT b.key AS object, coalesce(a.organisation_id, '00000000-0000-0000-0000-000000000000')::uuid AS organisation_id,
  jsonb_build_object('key', b.key, 'stored_sha256', encode(sha256(b.content), 'hex'))::text AS content
FROM blobs b LEFT JOIN LATERAL (SELECT t.organisation_id FROM attachments t WHERE t.blob_key = b.key LIMIT 1) a ON true
WHERE b.key = ANY (@keys::text[]);

-- name: BeginChain :exec
INSERT INTO chain_heads (organisation_id, node, hash) VALUES (@organisation_id, @node, @hash) ON CONFLICT DO NOTHING;

-- name: LockHead :one
SELECT seq, hash FROM chain_heads WHERE organisation_id = @organisation_id AND node = @node FOR UPDATE;

-- name: MoveHead :exec
UPDATE chain_heads SET seq = @seq, hash = @hash WHERE organisation_id = @organisation_id AND node = @node;

-- name: ShapeOf :one
SELECT id FROM chain_shapes WHERE kind = @kind AND columns = @columns::text[];

-- name: AddShape :exec
INSERT INTO chain_shapes (kind, columns) VALUES (@kind, @columns::text[]) ON CONFLICT DO NOTHING;

-- name: ChainShapes :many
SELECT * FROM chain_shapes;

-- name: AppendEntries :copyfrom
INSERT INTO chain_entries (organisation_id, node, seq, kind, object, shape, at, commitment, salt, hash, subject)
VALUES (@organisation_id, @node, @seq, @kind, @object, @shape, @at, @commitment, @salt, @hash, @subject);

-- name: ChainHeads :many
SELECT * FROM chain_heads ORDER BY organisation_id, node;

-- name: ChainsThatAreThere :many
-- Chains that have entries or a head.
SELECT organisation_id, node FROM chain_heads UNION SELECT DISTINCT organisation_id, node FROM chain_entries ORDER BY 1, 2;

-- name: ChainEntries :many
SELECT * FROM chain_entries WHERE organisation_id = @organisation_id AND node = @node AND seq > @after ORDER BY seq LIMIT @batch;

-- name: ChainEntry :one
SELECT * FROM chain_entries WHERE organisation_id = @organisation_id AND node = @node AND seq = @seq;

-- name: NewestEntries :many
-- The newest entry of each object; by the instant, then by the place in its chain.
SELECT DISTINCT ON (object) * FROM chain_entries WHERE kind = @kind AND object = ANY (@objects::text[])
ORDER BY object, at DESC, seq DESC, node DESC;

-- name: StillPending :many
SELECT object FROM chain_pending WHERE kind = @kind AND object = ANY (@objects::text[]);

-- name: AddCheckpoint :exec
INSERT INTO chain_checkpoints (id, at, content, algorithm, kid, signature) VALUES (@id, @at, @content, @algorithm, @kid, @signature);

-- name: NewestCheckpoint :one
SELECT * FROM chain_checkpoints ORDER BY at DESC, id DESC LIMIT 1;

-- name: Checkpoints :many
SELECT * FROM chain_checkpoints ORDER BY at, id;

-- name: Installation :one
SELECT id::text FROM chain_installation;

-- name: TryCheckpointLock :one
-- One node at a time makes a checkpoint; the lock ends with the transaction.
SELECT pg_try_advisory_xact_lock(4823117560021948)::boolean AS got;

-- name: EventIds :many
SELECT id::text FROM consultation_events WHERE id > @after ORDER BY id LIMIT @batch;
-- name: ReportIds :many
SELECT id::text FROM reports WHERE id > @after ORDER BY id LIMIT @batch;
-- name: AdoptionIds :many
SELECT id::text FROM adoptions WHERE id > @after ORDER BY id LIMIT @batch;
-- name: AttachmentIds :many
SELECT id::text FROM attachments WHERE id > @after ORDER BY id LIMIT @batch;
-- name: ConsentIds :many
SELECT id::text FROM consents WHERE id > @after ORDER BY id LIMIT @batch;
-- name: WithdrawalIds :many
SELECT id::text FROM consents WHERE withdrawn_at IS NOT NULL AND id > @after ORDER BY id LIMIT @batch;
-- name: AccessIds :many
SELECT id::text FROM access_log WHERE id > @after ORDER BY id LIMIT @batch;
-- name: BlobKeys :many
SELECT key FROM blobs WHERE key > @after ORDER BY key LIMIT @batch;

-- name: ReportsAfter :many
SELECT * FROM reports WHERE id > @after ORDER BY id LIMIT @batch;
-- name: AdoptionsAfter :many
SELECT * FROM adoptions WHERE id > @after ORDER BY id LIMIT @batch;

-- name: ChainHead :one
SELECT * FROM chain_heads WHERE organisation_id = @organisation_id AND node = @node;

-- name: ChainedObjects :many
-- Those of some objects that are chained or wait for it.
SELECT e.object FROM chain_entries e WHERE e.kind = @kind AND e.object = ANY (@objects::text[])
UNION SELECT p.object FROM chain_pending p WHERE p.kind = @kind AND p.object = ANY (@objects::text[]);

-- name: OrganisationNames :many
SELECT id, name FROM organisations;

-- name: AttachmentBlobs :many
-- Pictures and documents with what lies in the store for them; a few at a time, since they are large.
SELECT a.id, a.sha256, a.size, a.blob_key, b.content FROM attachments a LEFT JOIN blobs b ON b.key = a.blob_key WHERE a.id > @after ORDER BY a.id LIMIT @batch;

-- name: ChainedManifests :many
SELECT m.id::text AS object, '00000000-0000-0000-0000-000000000000'::uuid AS organisation_id, to_jsonb(m)::text AS content
FROM purge_manifests m WHERE m.id = ANY (@ids::uuid[]);

-- name: ManifestIds :many
SELECT id::text FROM purge_manifests WHERE id > @after ORDER BY id LIMIT @batch;

-- name: ManifestsAfter :many
SELECT * FROM purge_manifests WHERE id > @after ORDER BY id LIMIT @batch;

-- name: ForgetSalts :exec
UPDATE chain_entries SET salt = NULL WHERE kind = @kind AND object = ANY (@objects::text[]);

-- name: VerificationDue :one
-- Whether nobody has proved the record for a day, or somebody has asked for a proof since the last.
SELECT (NOT EXISTS (SELECT 1 FROM chain_verifications v WHERE v.at > clock_timestamp() - interval '24 hours')
  OR EXISTS (SELECT 1 FROM verification_requests r WHERE r.asked_at > coalesce((SELECT max(v.at) FROM chain_verifications v), '-infinity')))::boolean AS due;

-- name: AskVerification :exec
-- Asked twice is asked once until the proof is there.
INSERT INTO verification_requests (id, asked_by, asked_at) SELECT @id::uuid, @asked_by::uuid, clock_timestamp()
WHERE NOT EXISTS (SELECT 1 FROM verification_requests r WHERE r.asked_at > coalesce((SELECT max(v.at) FROM chain_verifications v), '-infinity'));

-- name: VerificationAsked :one
SELECT EXISTS (SELECT 1 FROM verification_requests r WHERE r.asked_at > coalesce((SELECT max(v.at) FROM chain_verifications v), '-infinity'))::boolean AS asked;

-- name: NoteVerification :exec
INSERT INTO chain_verifications (at, seconds, entries, faults) VALUES (@at, @seconds, @entries, @faults);

-- name: ForgetVerifications :exec
DELETE FROM chain_verifications WHERE at < clock_timestamp() - interval '1 year';

-- name: LastVerification :one
SELECT at, faults, extract(epoch FROM clock_timestamp() - at)::float8 AS age_seconds FROM chain_verifications ORDER BY at DESC LIMIT 1;

-- name: LockedSnapshots :many
SELECT * FROM snapshots WHERE state <> 'DRAFT' AND id > @after ORDER BY id LIMIT @batch;

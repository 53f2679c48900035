-- name: RecordObjects :many
-- Everything of a consultation's record that is chained, by kind and key; of a visit at home also its signature and photos. The consent is the one under which it was held.
SELECT 'event'::text AS kind, e.id::text AS object FROM consultation_events e WHERE e.consultation_id = @consultation_id
UNION ALL SELECT 'report', r.id::text FROM reports r WHERE r.consultation_id = @consultation_id
UNION ALL SELECT 'adoption', a.id::text FROM adoptions a WHERE a.consultation_id = @consultation_id
UNION ALL SELECT 'attachment', t.id::text FROM attachments t WHERE t.consultation_id = @consultation_id OR t.visit_id = (SELECT h.id FROM home_visits h WHERE h.consultation_id = @consultation_id)
UNION ALL SELECT 'blob', t.blob_key FROM attachments t WHERE t.consultation_id = @consultation_id OR t.visit_id = (SELECT h.id FROM home_visits h WHERE h.consultation_id = @consultation_id)
UNION ALL SELECT 'consent', k.id::text FROM consents k JOIN consultations c ON c.id = @consultation_id WHERE k.consultation_id = c.id OR k.id = c.consent_id
UNION ALL SELECT 'withdrawal', k.id::text FROM consents k JOIN consultations c ON c.id = @consultation_id
  WHERE (k.consultation_id = c.id OR k.id = c.consent_id) AND k.withdrawn_at IS NOT NULL;

-- name: RecordEntries :many
-- The entries that speak for a record: by their subject, and by the objects that other records share with it.
SELECT e.* FROM chain_entries e WHERE e.subject = @consultation_id::uuid
  OR e.kind IN ('consent', 'withdrawal', 'blob') AND e.object = ANY (@objects::text[])
ORDER BY e.organisation_id, e.node, e.seq;

-- name: WaitingOf :many
SELECT kind, object FROM chain_pending WHERE object = ANY (@objects::text[]);

-- name: EventNumbers :one
-- How many events a record has and the number of the last: events are numbered without a gap.
SELECT count(*)::int AS events, coalesce(max(seq), 0)::int AS last FROM consultation_events WHERE consultation_id = @consultation_id;

-- name: RecordReports :many
SELECT * FROM reports WHERE consultation_id = @consultation_id ORDER BY id;

-- name: RecordAdoptions :many
SELECT * FROM adoptions WHERE consultation_id = @consultation_id ORDER BY id;

-- name: RecordAttachments :many
SELECT a.id, a.sha256, a.size, a.blob_key, b.content FROM attachments a LEFT JOIN blobs b ON b.key = a.blob_key
WHERE (a.consultation_id = @consultation_id OR a.visit_id = (SELECT h.id FROM home_visits h WHERE h.consultation_id = @consultation_id)) AND a.id > @after ORDER BY a.id LIMIT @batch;

-- name: CheckpointsSince :many
-- The first checkpoints that were made at an instant or later.
SELECT * FROM chain_checkpoints WHERE at >= @since ORDER BY at, id LIMIT @most;

-- name: CheckpointsBackwards :many
SELECT * FROM chain_checkpoints WHERE at < @before ORDER BY at DESC, id DESC LIMIT @most;

-- name: SubjectsOf :many
-- The records of which the entries of some objects speak.
SELECT DISTINCT subject::uuid FROM chain_entries WHERE kind = @kind AND object = ANY (@objects::text[]) AND subject IS NOT NULL;

-- name: SubjectsBetween :many
-- The records of which the entries of a part of a chain speak, both ends included.
SELECT DISTINCT subject::uuid FROM chain_entries WHERE organisation_id = @organisation_id AND node = @node AND seq BETWEEN @first AND @last AND subject IS NOT NULL;

-- name: RecordsOf :many
-- The records to which rows belong, chained or not.
SELECT DISTINCT x.consultation_id::uuid FROM (
  SELECT e.consultation_id FROM consultation_events e WHERE @kind::text = 'event' AND e.id = ANY (@ids::uuid[])
  UNION ALL SELECT r.consultation_id FROM reports r WHERE @kind::text = 'report' AND r.id = ANY (@ids::uuid[])
  UNION ALL SELECT a.consultation_id FROM adoptions a WHERE @kind::text = 'adoption' AND a.id = ANY (@ids::uuid[])
  UNION ALL SELECT coalesce(t.consultation_id, h.consultation_id) FROM attachments t LEFT JOIN home_visits h ON h.id = t.visit_id WHERE @kind::text = 'attachment' AND t.id = ANY (@ids::uuid[])
  UNION ALL SELECT coalesce(t.consultation_id, h.consultation_id) FROM attachments t LEFT JOIN home_visits h ON h.id = t.visit_id WHERE @kind::text = 'blob' AND t.blob_key = ANY (@objects::text[])
  UNION ALL SELECT k.consultation_id FROM consents k WHERE @kind::text IN ('consent', 'withdrawal') AND k.id = ANY (@ids::uuid[])
  UNION ALL SELECT c.id FROM consultations c WHERE @kind::text IN ('consent', 'withdrawal') AND c.consent_id = ANY (@ids::uuid[])
) x WHERE x.consultation_id IS NOT NULL;

-- name: RecordsWithGaps :many
-- Records whose events are not numbered without a gap.
SELECT consultation_id FROM consultation_events GROUP BY consultation_id HAVING count(*) <> max(seq) LIMIT @most;

-- name: PutRecordProof :one
-- Keeps what a proof said and gives what the one before it had found; nothing found where there was none.
WITH old AS (SELECT p.faults FROM record_proofs p WHERE p.consultation_id = @consultation_id)
INSERT INTO record_proofs (consultation_id, proved_at, entries, waiting, covered_at, faults)
VALUES (@consultation_id, @proved_at, @entries, @waiting, sqlc.narg(covered_at), @faults)
ON CONFLICT (consultation_id) DO UPDATE SET proved_at = excluded.proved_at, entries = excluded.entries, waiting = excluded.waiting,
  covered_at = excluded.covered_at, faults = excluded.faults
RETURNING coalesce((SELECT o.faults FROM old o), '{}')::text[] AS before;

-- name: RecordProof :one
SELECT * FROM record_proofs WHERE consultation_id = @consultation_id;

-- name: BrokenRecords :many
-- Those whose last proof found something.
SELECT consultation_id FROM record_proofs WHERE faults <> '{}' ORDER BY consultation_id LIMIT @most;

-- name: JudgeAgain :exec
-- Consultations whose answer may be another one now; the sweep judges them.
UPDATE consultations SET judged = false WHERE id = ANY (@ids::uuid[]) AND judged;

-- name: AppendOutbox :exec
-- Some events of one shard, in their order. The shard's row stays locked until the transaction ends.
WITH next AS (
  UPDATE outbox_shards s SET last = s.last + cardinality(@topics::text[]) WHERE s.shard = @shard RETURNING s.shard, s.last
), numbered AS (
  SELECT generate_subscripts(@topics::text[], 1) AS n
)
INSERT INTO outbox (shard, seq, topic, key, payload)
SELECT next.shard, next.last - cardinality(@topics::text[]) + numbered.n, (@topics::text[])[numbered.n], @key, (@payloads::text[])[numbered.n]::jsonb
FROM next, numbered;

-- name: WakeOutbox :exec
-- Only a wake-up: readers poll as well. It is no part of a transaction that changes something: such transactions would
-- commit one after the other, each with its own flush to the disk.
SELECT pg_notify('outbox', '');

-- name: OutboxHeads :many
SELECT shard, last FROM outbox_shards ORDER BY shard;

-- name: ReadOutbox :many
SELECT shard, seq, topic, key, payload, created_at FROM outbox
WHERE shard = @shard AND seq > @after ORDER BY seq LIMIT @batch;

-- name: PruneOutbox :execrows
DELETE FROM outbox WHERE created_at < @before;

-- name: AppendOutbox :exec
WITH next AS (UPDATE outbox_shards s SET last = s.last + 1 WHERE s.shard = @shard RETURNING s.shard, s.last)
INSERT INTO outbox (shard, seq, topic, key, payload)
SELECT next.shard, next.last, @topic, @key, @payload FROM next;

-- name: WakeOutbox :exec
-- Only a wake-up: readers poll as well. Identical notifications of one transaction are folded by the server.
SELECT pg_notify('outbox', '');

-- name: OutboxHeads :many
SELECT shard, last FROM outbox_shards ORDER BY shard;

-- name: ReadOutbox :many
SELECT shard, seq, topic, key, payload, created_at FROM outbox
WHERE shard = @shard AND seq > @after ORDER BY seq LIMIT @batch;

-- name: PruneOutbox :execrows
DELETE FROM outbox WHERE created_at < @before;

-- name: RetentionClasses :many
SELECT * FROM retention_classes ORDER BY code;

-- name: RetentionTables :many
SELECT t.table_name, t.time_column, t.class, c.months FROM retention_tables t JOIN retention_classes c ON c.code = t.class ORDER BY t.table_name;

-- name: ResidentsOverTime :many
-- Residents who left, whose last visit is over the time of their record's class, and of whom nothing is open or sealed. The stay and
-- each visit count: the time runs from the last of them.
SELECT r.id FROM residents r
WHERE r.left_on IS NOT NULL AND r.left_on < (sqlc.arg(now)::timestamptz - make_interval(months => (SELECT months FROM retention_classes WHERE code = 'B')))::date
  AND NOT EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = r.id AND (
    c.state = 'SEALED'
    OR coalesce(c.closed_at, c.adopted_at, c.reported_at, c.ended_at, c.updated_at) >= sqlc.arg(now)::timestamptz - make_interval(months =>
      (SELECT k.months FROM retention_classes k WHERE k.code = coalesce((SELECT s.class FROM retention_services s WHERE s.service_type = c.service_type), 'B')))))
  AND (NOT EXISTS (SELECT 1 FROM consultations c JOIN retention_services s ON s.service_type = c.service_type WHERE c.resident_id = r.id AND s.class = 'A')
    OR r.left_on < (sqlc.arg(now)::timestamptz - make_interval(months => (SELECT months FROM retention_classes WHERE code = 'A')))::date)
  AND r.id <> ALL (@except_these::uuid[]) AND (sqlc.narg(one)::uuid IS NULL OR r.id = sqlc.narg(one))
ORDER BY r.left_on, r.id LIMIT @batch;

-- name: HeldResidents :one
-- Residents whose record would be over its time, but is sealed.
SELECT count(DISTINCT r.id) FROM residents r JOIN consultations c ON c.resident_id = r.id AND c.state = 'SEALED'
WHERE r.left_on IS NOT NULL AND r.left_on < (sqlc.arg(now)::timestamptz - make_interval(months => (SELECT months FROM retention_classes WHERE code = 'B')))::date;

-- name: AddManifest :exec
INSERT INTO purge_manifests (id, at, content, digest, seal, seal_kid) VALUES (@id, @at, @content, @digest, @seal, @seal_kid);

-- name: RetentionClasses :many
SELECT * FROM retention_classes ORDER BY code;

-- name: RetentionTables :many
SELECT t.table_name, t.time_column, t.class, c.months FROM retention_tables t JOIN retention_classes c ON c.code = t.class ORDER BY t.table_name;

-- name: ResidentsOverTime :many
-- Residents who left, whose last visit is over the time of their record's class, and of whom nothing is open or sealed. The stay and
-- each visit count: the time runs from the last of them. A record with one inpatient service is kept as such.
SELECT r.id, k.code AS class FROM residents r
JOIN retention_classes k ON k.code = CASE WHEN EXISTS (SELECT 1 FROM consultations c JOIN retention_services s ON s.service_type = c.service_type
  WHERE c.resident_id = r.id AND s.class = 'A') THEN 'A' ELSE 'B' END
WHERE r.left_on IS NOT NULL AND r.left_on < (sqlc.arg(now)::timestamptz - make_interval(months => k.months))::date
  AND NOT EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = r.id AND (
    c.state = 'SEALED'
    OR coalesce(c.closed_at, c.adopted_at, c.reported_at, c.ended_at, c.updated_at) >= sqlc.arg(now)::timestamptz - make_interval(months =>
      (SELECT x.months FROM retention_classes x WHERE x.code = coalesce((SELECT s.class FROM retention_services s WHERE s.service_type = c.service_type), 'B')))))
  AND r.id <> ALL (@except_these::uuid[]) AND (sqlc.narg(one)::uuid IS NULL OR r.id = sqlc.narg(one))
ORDER BY r.left_on, r.id LIMIT @batch;

-- name: HeldResidents :many
-- Residents whose record would be over the time of its class, but is sealed.
SELECT k.code AS class, count(*) AS held FROM residents r
JOIN retention_classes k ON k.code = CASE WHEN EXISTS (SELECT 1 FROM consultations c JOIN retention_services s ON s.service_type = c.service_type
  WHERE c.resident_id = r.id AND s.class = 'A') THEN 'A' ELSE 'B' END
WHERE r.left_on IS NOT NULL AND r.left_on < (sqlc.arg(now)::timestamptz - make_interval(months => k.months))::date
  AND EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = r.id AND c.state = 'SEALED')
GROUP BY k.code;

-- name: AddManifest :exec
INSERT INTO purge_manifests (id, at, content, digest, seal, seal_kid) VALUES (@id, @at, @content, @digest, @seal, @seal_kid);

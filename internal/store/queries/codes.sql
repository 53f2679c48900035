-- name: LockCodeTables :exec
-- One new version at a time.
SELECT pg_advisory_xact_lock(hashtext('code_tables'));

-- name: CodeVersionNumbers :many
-- Cheap: asked every few seconds by each node.
SELECT kind, max(version)::integer AS version FROM code_versions GROUP BY kind;

-- name: CodeVersions :many
SELECT v.*, u.display_name AS maker FROM code_versions v LEFT JOIN users u ON u.id = v.made_by ORDER BY v.kind, v.version DESC;

-- name: CodeRows :many
SELECT * FROM code_rows ORDER BY kind, rank, code, first_version;

-- name: AddCodeVersion :exec
INSERT INTO code_versions (kind, version, valid_from, file_name, sha256, rows, added, changed, retired, made_at, made_by)
VALUES (@kind, @version, @valid_from, @file_name, @sha256, @rows, @added, @changed, @retired, @made_at, @made_by);

-- name: RetireCodeRows :exec
UPDATE code_rows SET last_version = @last_version::integer WHERE kind = @kind AND code = ANY (@codes::text[]) AND last_version IS NULL;

-- name: AddCodeRows :copyfrom
INSERT INTO code_rows (kind, code, first_version, rank, zh, en, more) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: RankCodeRows :exec
UPDATE code_rows r SET rank = n.rank FROM (SELECT unnest(@codes::text[]) AS code, unnest(@ranks::integer[]) AS rank) n
WHERE r.kind = @kind AND r.code = n.code AND r.last_version IS NULL AND r.rank <> n.rank;

-- name: CodeUse :many
-- How often codes of a kind stand in what is not over: departments and licences of active organisations, agreements in force,
-- referrals that are open, residents who are here, places of organisations, settings of rules, targets and campaigns. Of vitals nothing is
-- counted: the program's own cannot be retired.
SELECT code, what, count(*)::integer AS n FROM (
  SELECT d.code, 'DEPARTMENTS' AS what FROM departments d JOIN organisations o ON o.id = d.organisation_id WHERE @kind::text = 'DEPARTMENT' AND o.active
  UNION ALL SELECT unnest(l.department_codes), 'LICENCES' FROM licences l JOIN organisations o ON o.id = l.organisation_id
    WHERE @kind = 'DEPARTMENT' AND o.active AND (l.valid_to IS NULL OR l.valid_to >= @today::date)
  UNION ALL SELECT unnest(a.department_codes), 'AGREEMENTS' FROM agreements a WHERE @kind = 'DEPARTMENT' AND a.terminated_at IS NULL AND a.valid_to >= @today
  UNION ALL SELECT r.department_code, 'REFERRALS' FROM referrals r WHERE @kind = 'DEPARTMENT' AND r.state NOT IN ('CLOSED', 'REFUSED', 'RETURNED')
  UNION ALL SELECT unnest(r.condition_codes), 'RESIDENTS' FROM residents r WHERE @kind = 'CONDITION' AND (r.left_on IS NULL OR r.left_on > @today)
  UNION ALL SELECT o.region_code, 'ORGANISATIONS' FROM organisations o WHERE @kind = 'DIVISION' AND o.active
  UNION ALL SELECT s.jurisdiction, 'RULES' FROM rule_settings s WHERE @kind = 'DIVISION'
  UNION ALL SELECT t.region_code, 'TARGETS' FROM indicator_targets t WHERE @kind = 'DIVISION' AND (t.valid_to IS NULL OR t.valid_to >= @today)
  UNION ALL SELECT c.region_code, 'CAMPAIGNS' FROM campaigns c WHERE @kind = 'DIVISION' AND (c.ends_on IS NULL OR c.ends_on >= @today)
) used WHERE code = ANY (@codes::text[]) GROUP BY code, what ORDER BY code, what;

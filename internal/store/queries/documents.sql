-- name: AddDocument :exec
INSERT INTO attachments (id, organisation_id, resident_id, consultation_id, kind, content_type, size, width, height, sha256, blob_key, created_by, created_at,
  category, thumbnail_key, scan_state, scanned_at)
VALUES (@id, @organisation_id, @resident_id, @consultation_id, @kind, @content_type, @size, @width, @height, @sha256, @blob_key, @created_by, @now,
  @category, @thumbnail_key, @scan_state, @scanned_at);

-- name: CaseDocuments :many
SELECT a.*, u.display_name AS created_by_name FROM attachments a JOIN users u ON u.id = a.created_by
WHERE a.resident_id = @resident_id AND a.kind = 'DOCUMENT' ORDER BY a.created_at DESC, a.id DESC LIMIT 60;

-- name: CountDocuments :one
SELECT count(*) FROM attachments WHERE consultation_id = @consultation_id AND kind IN ('DOCUMENT', 'CONSENT_SCAN', 'CONSENT_RECORDING');

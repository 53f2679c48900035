-- name: AddRecordPrint :exec
INSERT INTO record_prints (id, consultation_id, code_hash, digest, file_sha256, pages_of, report_version, adoption_id, printed_by, role, at)
VALUES (@id, @consultation_id, @code_hash, @digest, @file_sha256, @pages_of, @report_version, sqlc.narg(adoption_id), @printed_by, @role, @now);

-- name: RecordPrintByCode :one
SELECT * FROM record_prints WHERE code_hash = @code_hash;

-- name: PrintsOfRecord :many
SELECT p.*, u.display_name AS printer FROM record_prints p JOIN users u ON u.id = p.printed_by
WHERE p.consultation_id = @consultation_id ORDER BY p.at DESC, p.id DESC LIMIT 50;

-- name: LicencesOnDay :many
-- The professional licences of people that hold on a day, a physician's before others, the one that began last first.
SELECT * FROM professional_licences WHERE user_id = ANY (@users::uuid[]) AND valid_from <= @day::date AND (valid_to IS NULL OR valid_to >= @day::date)
ORDER BY user_id, (kind = 'PHYSICIAN') DESC, valid_from DESC, id;

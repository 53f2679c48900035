-- name: ApplicationOf :one
SELECT a.*, u.display_name AS writer FROM applications a JOIN users u ON u.id = a.written_by WHERE a.consultation_id = @consultation_id;

-- name: AddApplication :execrows
INSERT INTO applications (consultation_id, purposes, purpose_note_enc, summary_enc, summary_proposed, wanted_title, window_from, window_to, written_by, written_at)
VALUES (@consultation_id, @purposes, @purpose_note_enc, @summary_enc, @summary_proposed, @wanted_title, sqlc.narg(window_from), sqlc.narg(window_to), @written_by, @now)
ON CONFLICT (consultation_id) DO NOTHING;

-- name: SaveApplication :execrows
UPDATE applications SET purposes = @purposes, purpose_note_enc = @purpose_note_enc, summary_enc = @summary_enc, summary_proposed = @summary_proposed, wanted_title = @wanted_title,
  window_from = sqlc.narg(window_from), window_to = sqlc.narg(window_to), written_by = @written_by, written_at = @now, revision = revision + 1
WHERE consultation_id = @consultation_id AND revision = @revision;

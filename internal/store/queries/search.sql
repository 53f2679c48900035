-- name: SearchTexts :many
-- What is searched of some consultations, sealed.
SELECT c.id, c.inviting_org_id, c.visitors, c.doctor_id, c.created_at, c.resident_id, r.name_enc, c.complaint_enc, p.id AS report_id, p.content_enc AS report_enc,
  x.id AS adoption_id, x.content_enc AS adoption_enc
FROM consultations c JOIN residents r ON r.id = c.resident_id
LEFT JOIN reports p ON p.consultation_id = c.id AND p.version = (SELECT max(y.version) FROM reports y WHERE y.consultation_id = c.id)
LEFT JOIN adoptions x ON x.id = (SELECT z.id FROM adoptions z WHERE z.consultation_id = c.id ORDER BY z.signed_at DESC, z.id DESC LIMIT 1)
WHERE c.id = ANY (@ids::uuid[]);

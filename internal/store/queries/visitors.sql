-- Consultations that were asked for from a home, in the name of the institution that visits.

-- name: VisitingDoctors :many
-- The doctors among those who visit, who still work there, in the order in which they are named: who leads comes first.
SELECT u.id FROM unnest(@visitors::uuid[]) WITH ORDINALITY AS v (id, position) JOIN users u ON u.id = v.id AND u.disabled_at IS NULL
WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = @organisation_id AND m.role IN ('FAMILY_DOCTOR', 'ATTENDING')
  AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))
ORDER BY v.position;

-- name: VisitCalledFrom :one
SELECT h.* FROM visit_consultations v JOIN home_visits h ON h.id = v.visit_id WHERE v.consultation_id = @consultation_id;

-- name: ConsultationsOfVisit :many
SELECT consultation_id FROM visit_consultations WHERE visit_id = @visit_id ORDER BY consultation_id;

-- name: CheckInsOfVisit :many
-- Who is there with those who visit, by the visit or by a code, of the consultations that were asked for from it in their name.
SELECT k.id, k.consultation_id, k.since FROM visit_consultations v JOIN consultations c ON c.id = v.consultation_id AND c.visitors IS NOT NULL
JOIN attending_checkins k ON k.consultation_id = v.consultation_id
WHERE v.visit_id = @visit_id AND k.until IS NULL ORDER BY k.consultation_id;

-- name: WhereVisited :one
-- The own home of a resident who is visited, and the house, where there is none.
SELECT h.address_enc, h.note_enc, o.name AS house, o.address AS house_address FROM residents r JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN resident_homes h ON h.resident_id = r.id WHERE r.id = @resident_id;

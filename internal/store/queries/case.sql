-- name: CaseFile :one
-- What a case card begins with, in one look: the consultation, the resident, both sides and its people, the clock, and which of its
-- other parts there are at all, so that the rest is not asked for in vain.
SELECT sqlc.embed(c), sqlc.embed(r), clock_timestamp()::timestamptz AS database_now,
  home.name AS home_name, home.address AS home_address, home.phone AS home_phone,
  coalesce(h.name, '')::text AS hospital_name, coalesce(h.address, '')::text AS hospital_address, coalesce(h.phone, '')::text AS hospital_phone,
  coalesce(d.code, '')::text AS department_code, coalesce(d.name, '')::text AS department_name, coalesce(d.phone, '')::text AS department_phone,
  creator.display_name AS creator_name, coalesce(submitter.display_name, '')::text AS submitter_name,
  coalesce(doctor.display_name, '')::text AS doctor_name, coalesce(assigner.display_name, '')::text AS assigner_name,
  title_on(c.created_by, local_day(coalesce(c.started_at, c.accepted_at, c.submitted_at, c.created_at)))::text AS creator_title,
  title_on(c.submitter_id, local_day(coalesce(c.started_at, c.accepted_at, c.submitted_at, c.created_at)))::text AS submitter_title,
  title_on(c.doctor_id, local_day(coalesce(c.started_at, c.accepted_at, c.submitted_at, c.created_at)))::text AS doctor_title,
  EXISTS (SELECT 1 FROM guardians x WHERE x.resident_id = c.resident_id)::boolean AS has_guardians,
  EXISTS (SELECT 1 FROM attachments x WHERE x.resident_id = c.resident_id AND x.kind = 'PORTRAIT')::boolean AS has_portrait,
  EXISTS (SELECT 1 FROM consultations x WHERE x.resident_id = c.resident_id AND x.id <> c.id AND x.state NOT IN ('DRAFT', 'VOIDED'))::boolean AS has_earlier,
  EXISTS (SELECT 1 FROM vitals x WHERE x.consultation_id = c.id)::boolean AS has_vitals,
  EXISTS (SELECT 1 FROM attachments x WHERE x.consultation_id = c.id AND x.kind = 'PHOTO')::boolean AS has_photos,
  EXISTS (SELECT 1 FROM call_consultations x WHERE x.consultation_id = c.id)::boolean AS has_calls,
  EXISTS (SELECT 1 FROM report_drafts x WHERE x.consultation_id = c.id)::boolean AS has_draft,
  EXISTS (SELECT 1 FROM reports x WHERE x.consultation_id = c.id)::boolean AS has_reports,
  EXISTS (SELECT 1 FROM advice_items x WHERE x.consultation_id = c.id)::boolean AS has_advice,
  EXISTS (SELECT 1 FROM adoptions x WHERE x.consultation_id = c.id)::boolean AS has_adoption,
  EXISTS (SELECT 1 FROM follow_ups x WHERE x.consultation_id = c.id)::boolean AS has_follow_ups
FROM consultations c
JOIN residents r ON r.id = c.resident_id
JOIN organisations home ON home.id = c.inviting_org_id
JOIN users creator ON creator.id = c.created_by
LEFT JOIN organisations h ON h.id = c.invited_org_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN users submitter ON submitter.id = c.submitter_id
LEFT JOIN users doctor ON doctor.id = c.doctor_id
LEFT JOIN users assigner ON assigner.id = c.assigned_by
WHERE c.id = @id;

-- name: WhomToTell :one
-- Who is told of a change beside the audience: persons of the consultation whom no department or institution stands for, that is
-- its doctor and who took part in its calls; the dispatchers of its hospital and of those of which departments are asked, when
-- the board is concerned; institutions whose nurses look at the hospital's duty strip, when that is.
SELECT ARRAY(SELECT c.doctor_id FROM consultations c WHERE c.id = @consultation_id AND c.doctor_id IS NOT NULL
    UNION SELECT p.user_id FROM participants p JOIN call_consultations cc ON cc.call_id = p.call_id
    WHERE cc.consultation_id = @consultation_id AND (p.side = 'CARE' OR p.first_joined_at IS NOT NULL))::uuid[] AS users,
  CASE WHEN @board::boolean THEN ARRAY(SELECT DISTINCT m.user_id FROM memberships m
    WHERE m.role = 'DISPATCHER' AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)
      AND m.organisation_id IN (SELECT sqlc.narg(hospital)::uuid UNION SELECT x.organisation_id FROM departments x WHERE x.id = ANY (@departments::uuid[])))
    ELSE '{}' END::uuid[] AS desk,
  CASE WHEN @duty::boolean THEN ARRAY(SELECT DISTINCT g.inviting_org_id FROM agreements g
    WHERE g.invited_org_id = sqlc.narg(hospital)::uuid AND g.terminated_at IS NULL AND g.valid_from <= @day::date AND g.valid_to >= @day::date)
    ELSE '{}' END::uuid[] AS inviters;

-- name: NamesOf :many
SELECT id, display_name FROM users WHERE id = ANY (@ids::uuid[]);

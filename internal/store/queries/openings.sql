-- name: HouseOfLink :one
-- The public name and telephone of the house that a family's link is or was of, in force or over.
SELECT h.name, h.phone FROM organisations h
WHERE h.id = coalesce((SELECT a.resident_org_id FROM appointment_links l JOIN appointments a ON a.id = l.appointment_id WHERE l.token_hash = @token_hash),
  (SELECT f.resident_org_id FROM family_links f WHERE f.token_hash = @token_hash));

-- name: OpenedLately :one
-- Whether somebody has opened a list of an organisation within the last minutes already: a page reads it again by itself.
SELECT EXISTS (SELECT 1 FROM access_log l WHERE l.object_type = 'organisation' AND l.object_id = @organisation_id AND l.user_id = @user_id AND l.action = @action
  AND l.at > now() - make_interval(mins => @minutes::integer));

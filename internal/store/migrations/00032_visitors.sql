-- +goose Up
-- From a home a specialist is called by who makes the visit: the inviting side is then the institution that visits, in the persons of those who go,
-- and not everybody who works there.

-- visitors: who alone stand on the inviting side, beside the responsible doctor; NULL: the nurses and attending doctors of the institution.
ALTER TABLE consultations ADD COLUMN visitors uuid[] CHECK (cardinality(visitors) BETWEEN 1 AND 2);
CREATE INDEX consultations_visited ON consultations (created_at DESC, id DESC) WHERE visitors IS NOT NULL;

-- VISIT: the doctor calls from the home in which the visit's check-in says that they are.
ALTER TABLE attending_checkins DROP CONSTRAINT attending_checkins_method_check;
ALTER TABLE attending_checkins ADD CONSTRAINT attending_checkins_method_check CHECK (method IN ('PIN', 'QR', 'VISIT'));

-- bed_of: the bed of a resident as it stands beside a consultation: none where it was asked for from a home of the resident's own.
-- +goose StatementBegin
CREATE FUNCTION bed_of(visitors uuid[], resident uuid, bed text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN visitors IS NULL OR NOT EXISTS (SELECT 1 FROM resident_homes h WHERE h.resident_id = resident) THEN bed ELSE '' END $$;
-- +goose StatementEnd

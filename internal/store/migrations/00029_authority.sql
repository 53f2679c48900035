-- +goose Up
-- What institutions declare each year because no machine can see it, and prescriptions that a pharmacist reviews here.

-- organisation_declarations: a duty of an institution (code: declarations of the rules) that it says it keeps, with the document that proves
-- it. What is declared anew is a new row; the one that lasts longest holds.
CREATE TABLE organisation_declarations (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  code            text NOT NULL,
  document        text NOT NULL, -- its number or title
  dated_on        date NOT NULL,
  valid_to        date NOT NULL, -- the last day on which it holds
  declared_by     uuid NOT NULL REFERENCES users (id),
  declared_at     timestamptz NOT NULL,
  CHECK (valid_to BETWEEN dated_on AND dated_on + 366)
);
CREATE INDEX organisation_declarations_code ON organisation_declarations (organisation_id, code, valid_to DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON organisation_declarations FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A reference to a prescription is reviewed elsewhere, as before (rx_state ''), or by a pharmacist of an institution that is asked here.
-- rx_reviewed_at is when it was decided, rx_pharmacist by whom.
ALTER TABLE medications
  ADD COLUMN rx_state text NOT NULL DEFAULT '' CHECK (rx_state IN ('', 'ASKED', 'APPROVED', 'REJECTED')),
  ADD COLUMN rx_asked_id uuid REFERENCES organisations (id),
  ADD COLUMN rx_reviewer_id uuid REFERENCES users (id),
  ADD COLUMN rx_note_enc bytea, -- what the pharmacist said
  ADD CONSTRAINT medications_rx CHECK ((rx_state = '') = (rx_asked_id IS NULL) AND (rx_state IN ('', 'ASKED')) = (rx_reviewer_id IS NULL));
CREATE INDEX medications_rx_asked ON medications (rx_asked_id, rx_state) WHERE rx_asked_id IS NOT NULL;

-- What ends, with declarations.
CREATE OR REPLACE VIEW expiring AS
SELECT 'LICENCE'::text AS kind, l.id, l.organisation_id, NULL::uuid AS other_id, NULL::uuid AS user_id, l.kind AS what, l.number, l.valid_to AS ends_on
FROM licences l JOIN organisations o ON o.id = l.organisation_id
WHERE o.active AND l.valid_to IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM licences n WHERE n.organisation_id = l.organisation_id AND n.kind = l.kind AND n.id <> l.id AND (n.valid_to IS NULL OR n.valid_to > l.valid_to))
UNION ALL
SELECT 'PROFESSIONAL', p.id, p.organisation_id, NULL, p.user_id, p.kind, p.number, p.valid_to
FROM professional_licences p JOIN users u ON u.id = p.user_id
WHERE u.disabled_at IS NULL AND p.valid_to IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM professional_licences n WHERE n.user_id = p.user_id AND n.kind = p.kind AND n.organisation_id = p.organisation_id AND n.id <> p.id AND (n.valid_to IS NULL OR n.valid_to > p.valid_to))
UNION ALL
SELECT 'AGREEMENT', g.id, g.inviting_org_id, g.invited_org_id, NULL, '', g.number, g.valid_to
FROM agreements g
WHERE g.terminated_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM agreements n WHERE n.inviting_org_id = g.inviting_org_id AND n.invited_org_id = g.invited_org_id AND n.terminated_at IS NULL AND n.id <> g.id AND n.valid_to > g.valid_to)
UNION ALL
SELECT 'DECLARATION', d.id, d.organisation_id, NULL, NULL, d.code, d.document, d.valid_to
FROM organisation_declarations d JOIN organisations o ON o.id = d.organisation_id
WHERE o.active
  AND NOT EXISTS (SELECT 1 FROM organisation_declarations n WHERE n.organisation_id = d.organisation_id AND n.code = d.code AND n.id <> d.id
    AND (n.valid_to > d.valid_to OR n.valid_to = d.valid_to AND n.declared_at > d.declared_at));

-- verification_requests: an auditor wants the record to be proved now, and not only once a day. Done when a later proof is noted.
CREATE TABLE verification_requests (
  id       uuid PRIMARY KEY,
  asked_by uuid NOT NULL REFERENCES users (id),
  asked_at timestamptz NOT NULL
);
CREATE INDEX verification_requests_at ON verification_requests (asked_at DESC);

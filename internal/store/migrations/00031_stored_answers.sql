-- +goose Up
-- Whether a consultation counts stands beside what the log reads of it: asked in another table, a hospital's total was one look for each
-- of 400,000.

-- failed_rules: what the current evaluation found, bit n-1: rule NCn fails; 0: it counts; NULL: it was not evaluated.
ALTER TABLE consultations ADD COLUMN failed_rules integer;
DROP INDEX consultations_inviting;
DROP INDEX consultations_invited;
DROP INDEX consultations_doctor;
UPDATE consultations c SET failed_rules = e.bitmap FROM countability_evaluations e WHERE e.consultation_id = c.id AND e.current;

-- +goose StatementBegin
CREATE FUNCTION store_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE consultations SET failed_rules = NEW.bitmap WHERE id = NEW.consultation_id AND failed_rules IS DISTINCT FROM NEW.bitmap;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER answered AFTER INSERT ON countability_evaluations FOR EACH ROW WHEN (NEW.current) EXECUTE FUNCTION store_answer();

CREATE INDEX consultations_inviting ON consultations (inviting_org_id, created_at DESC, id DESC) INCLUDE (state, urgency, service_type, failed_rules, serial);
CREATE INDEX consultations_invited ON consultations (invited_org_id, created_at DESC, id DESC) INCLUDE (inviting_org_id, state, urgency, service_type, failed_rules, serial);
CREATE INDEX consultations_doctor ON consultations (doctor_id, created_at DESC, id DESC) INCLUDE (inviting_org_id, invited_org_id, state, urgency, service_type, failed_rules, serial);
-- What does not count, or not yet, is a tenth of a hospital's year, and looked for most.
CREATE INDEX consultations_invited_exceptions ON consultations (invited_org_id, created_at DESC, id DESC) INCLUDE (inviting_org_id, state, urgency, service_type, failed_rules, serial)
  WHERE failed_rules IS DISTINCT FROM 0;

-- disabled: ability level 1 and more, or a diagnosis of dementia (I-33).
CREATE FUNCTION disabled(level smallint, conditions text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT coalesce(level >= 1, false) OR conditions && '{F00,F01.9,F03,G30.9}'::text[] $$;

-- special_need: whether somebody is in one of the groups of I-20, as risk_groups has them, which takes ten times as long. A test compares the
-- two.
CREATE FUNCTION special_need(level smallint, conditions text[], birth date, marks text[], on_day date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT disabled(level, conditions) OR birth + interval '80 years' <= on_day OR marks && '{DISABLED,DEMENTIA,HANDICAPPED,SPECIAL_DIFFICULTY}'::text[] $$;

-- counted_facts: what stands beside consultations and is counted towards goals, once: figures count it, and its rows are those behind
-- them. base is the denominator's name, met whether the numerator has it too; excuse: why a visit did not take place.
CREATE VIEW counted_facts AS
SELECT t.organisation_id, 'RATINGS'::text AS base, 'RATINGS_GOOD'::text AS mark, local_day(t.created_at) AS on_day, t.score >= 4 AS met, t.id, t.score::text AS number, t.rater AS code, ''::text AS state,
  t.created_at AS since, NULL::date AS due_on, NULL::timestamptz AS done_at, NULL::uuid AS other_org_id, t.consultation_id, ''::text AS excuse
FROM satisfaction_ratings t
UNION ALL
SELECT r.organisation_id, 'RECTIFY_DUE', 'RECTIFY_IN_TIME', r.due_on, coalesce(r.state = 'VERIFIED' AND r.done_on <= r.due_on, false), r.id, r.number, r.category, r.state,
  r.found_on::timestamp AT TIME ZONE 'Asia/Shanghai', r.due_on, r.done_on::timestamp AT TIME ZONE 'Asia/Shanghai', NULL, NULL, ''
FROM rectifications r
UNION ALL
SELECT r.from_org_id, 'REFERRALS', 'REFERRALS_CLOSED', local_day(r.created_at), coalesce(least(r.arrived_at, r.returned_at) <= r.created_at + interval '7 days', false), r.id, '', r.direction, r.state,
  r.created_at, local_day(r.created_at + interval '7 days'), least(r.arrived_at, r.returned_at), r.to_org_id, r.consultation_id, ''
FROM referrals r WHERE NOT r.refused_by_patient
UNION ALL
SELECT r.to_org_id, 'REFERRALS_DOWN', 'REFERRALS_DOWN_TAKEN', local_day(r.created_at), coalesce(r.accepted_at <= r.created_at + interval '3 days', false), r.id, '', r.direction, r.state,
  r.created_at, local_day(r.created_at + interval '3 days'), r.accepted_at, r.from_org_id, r.consultation_id, ''
FROM referrals r WHERE r.direction = 'DOWN' AND r.to_org_id IS NOT NULL
UNION ALL
SELECT r.from_org_id, 'GREEN_ASKED', 'GREEN_MET', local_day(r.green_requested_at), coalesce(r.green_met_at <= r.green_requested_at + interval '2 days', false), r.id, '', r.green_channel, r.state,
  r.green_requested_at, local_day(r.green_requested_at + interval '2 days'), r.green_met_at, r.to_org_id, r.consultation_id, ''
FROM referrals r WHERE r.green_requested_at IS NOT NULL
UNION ALL
SELECT e.organisation_id, 'EVENTS', 'EVENTS_IN_TIME', local_day(e.reported_at), e.reported_at <= e.occurred_at + interval '24 hours', e.id, e.grade, e.type, '',
  e.occurred_at, local_day(e.occurred_at + interval '24 hours'), e.reported_at, NULL, e.consultation_id, ''
FROM adverse_events e
UNION ALL
SELECT c.organisation_id, 'COMPLAINTS_DUE', 'COMPLAINTS_IN_TIME', c.due_on, coalesce(local_day(c.closed_at) <= c.due_on, false), c.id, '', c.category, c.state,
  c.received_at, c.due_on, c.closed_at, NULL, c.consultation_id, ''
FROM complaints c
UNION ALL
-- done, recorded, and signed for by the resident or the family (I-21)
SELECT v.resident_org_id, 'VISITS_DUE', 'VISITS_DONE', local_day(v.starts_at), v.state = 'DONE' AND v.signature_id IS NOT NULL AND v.signer_kind IN ('RESIDENT', 'FAMILY'), v.id, v.number, v.kind, v.state,
  v.starts_at, local_day(v.starts_at), v.arrived_at, v.organisation_id, v.consultation_id, v.end_code
FROM home_visits v WHERE v.starts_at IS NOT NULL AND v.state IN ('BOOKED', 'EN_ROUTE', 'ARRIVED', 'LEFT', 'DONE', 'NOT_DONE', 'CANCELLED');

-- All tallies of a period lie together in its index, which has what is added up.
ALTER TABLE tallies DROP CONSTRAINT tallies_pkey;
ALTER TABLE tallies ADD PRIMARY KEY (kind, starts_on, organisation_id, side, mark) INCLUDE (n);

-- Staff with their licences, residents and agreements come from workbooks too.
ALTER TABLE imports DROP CONSTRAINT imports_what_check;
ALTER TABLE imports ADD CONSTRAINT imports_what_check CHECK (what IN ('DENOMINATORS', 'ORGANISATIONS', 'STAFF', 'RESIDENTS', 'AGREEMENTS'));

-- +goose Up
-- Reminders of appointments, what families and staff answered, and the links that families get.

-- reminder_settings: of what an organisation reminds. The row without a kind speaks for every kind that has none of its own, and for the hours in which
-- nobody is reminded. Where there is no row: three days, one day and two hours before, everybody, not between 21:00 and 08:00.
CREATE TABLE reminder_settings (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  kind_id         uuid REFERENCES appointment_kinds (id),
  leads           text[] NOT NULL CHECK (leads <@ '{D3,D1,H2}'),
  audiences       text[] NOT NULL CHECK (audiences <@ '{INSTITUTION,FAMILY,DOCTOR}'),
  quiet_from      smallint CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes of the day in Asia/Shanghai; null in both: at any hour
  quiet_to        smallint CHECK (quiet_to BETWEEN 0 AND 1439),
  revision        integer NOT NULL DEFAULT 1,
  updated_by      uuid NOT NULL REFERENCES users (id),
  updated_at      timestamptz NOT NULL,
  CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
  UNIQUE NULLS NOT DISTINCT (organisation_id, kind_id)
);

-- appointments.remind_at: when its reminders are looked at next; null: at once, as after every change of its time.
ALTER TABLE appointments ADD COLUMN remind_at timestamptz;
CREATE INDEX appointments_remind ON appointments (remind_at NULLS FIRST) WHERE status = 'BOOKED';

-- appointment_reminders: what was told of an appointment, or left out and why. Once for an appointment, a kind and a revision, whatever node comes first.
CREATE TABLE appointment_reminders (
  id             uuid PRIMARY KEY,
  appointment_id uuid NOT NULL REFERENCES appointments (id),
  kind           text NOT NULL CHECK (kind IN ('D3', 'D1', 'H2', 'MOVED', 'CANCELLED', 'LETTER')),
  revision       integer NOT NULL,
  state          text NOT NULL CHECK (state IN ('TOLD', 'SKIPPED')),
  why            text NOT NULL DEFAULT '' CHECK (why IN ('', 'LATE', 'OFF', 'OVERTAKEN', 'NOBODY')),
  starts_at      timestamptz NOT NULL, -- of which it spoke
  made_by        uuid REFERENCES users (id), -- who printed the letter
  at             timestamptz NOT NULL,
  UNIQUE (appointment_id, kind, revision)
);
CREATE INDEX appointment_reminders_at ON appointment_reminders (at);

-- appointment_answers: who confirmed, cancelled or asks to be called, for the time that the revision names.
CREATE TABLE appointment_answers (
  id             uuid PRIMARY KEY,
  appointment_id uuid NOT NULL REFERENCES appointments (id),
  revision       integer NOT NULL,
  side           text NOT NULL CHECK (side IN ('FAMILY', 'INSTITUTION', 'DOCTOR')),
  answer         text NOT NULL CHECK (answer IN ('CONFIRMED', 'CANCELLED', 'CALL_BACK')),
  user_id        uuid REFERENCES users (id), -- null: through the family's link
  at             timestamptz NOT NULL,
  done_by        uuid REFERENCES users (id), -- who called back
  done_at        timestamptz,
  UNIQUE (appointment_id, revision, side, answer),
  CHECK ((done_by IS NULL) = (done_at IS NULL))
);
CREATE INDEX appointment_answers_open ON appointment_answers (at) WHERE answer = 'CALL_BACK' AND done_at IS NULL;
CREATE INDEX appointment_answers_at ON appointment_answers (at);

-- appointment_links: links in messages to families, of one appointment each, until it is over. The address is in the message alone; a message that is sent
-- again carries another one.
CREATE TABLE appointment_links (
  token_hash     bytea PRIMARY KEY, -- SHA-256 of 256 random bits
  appointment_id uuid NOT NULL REFERENCES appointments (id),
  created_at     timestamptz NOT NULL
);
CREATE INDEX appointment_links_appointment ON appointment_links (appointment_id);

-- family_links: links by which the family of one resident asks for a visit.
CREATE TABLE family_links (
  id              uuid PRIMARY KEY,
  resident_id     uuid NOT NULL REFERENCES residents (id),
  resident_org_id uuid NOT NULL REFERENCES organisations (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- who is asked for the visit
  token_hash      bytea NOT NULL UNIQUE,
  label           text NOT NULL DEFAULT '' CHECK (label IN ('', 'SPOUSE', 'CHILD', 'GRANDCHILD', 'SIBLING', 'OTHER')), -- whom it was given to
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  revoked_by      uuid REFERENCES users (id),
  last_used_at    timestamptz,
  CHECK (expires_at > created_at),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX family_links_resident ON family_links (resident_id, created_at DESC);
-- A visit that a family asked for through a link names it; created_by is then who gave the link.
ALTER TABLE home_visits ADD COLUMN family_link_id uuid REFERENCES family_links (id);
CREATE INDEX home_visits_family_link ON home_visits (family_link_id, created_at) WHERE family_link_id IS NOT NULL;

-- Notifications also go to the group robots of an institution, and to the family of a resident, who has no account. What is void is not sent any more.
ALTER TABLE notifications ADD COLUMN organisations uuid[] NOT NULL DEFAULT '{}', -- whose group robots are told
  ADD COLUMN resident_id uuid REFERENCES residents (id), -- whose family is told
  ADD COLUMN void_at timestamptz;
CREATE INDEX notifications_subject ON notifications (subject_id) WHERE event LIKE 'APPOINTMENT%';
ALTER TABLE notification_deliveries ADD COLUMN resident_id uuid REFERENCES residents (id); -- to the family; user_id is null then

-- notification_live as before, and:
-- APPOINTMENT_REMINDER, APPOINTMENT_MOVED: the appointment is booked for the time that the revision names.
-- FAMILY_REQUEST: nobody has looked after the request yet.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION notification_live(what text, subject uuid, at_epoch bigint, who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN what IN ('RING', 'CRITICAL_PAGE') THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'OFFERED' AND c.epoch = at_epoch AND c.mode <> 'WRITTEN')
      AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.consultation_id = subject AND o.epoch = at_epoch AND o.doctor_id = who AND o.result = 'DECLINED')
    WHEN what = 'DISPATCHER_ALERT' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'OFFERED' AND c.epoch = at_epoch AND c.dispatcher_id IS NULL)
    WHEN what = 'NO_DISPATCHER' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'OFFERED' AND c.epoch = at_epoch)
    WHEN what = 'ASSIGNED' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.epoch = at_epoch AND c.state IN ('ACCEPTED', 'WAITING'))
    WHEN what = 'REPORT_READY' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'REPORTED')
    WHEN what = 'SWAP_REQUEST' THEN
      EXISTS (SELECT 1 FROM duty_swaps w WHERE w.id = subject AND w.state = 'OPEN')
      AND NOT EXISTS (SELECT 1 FROM duty_swap_declines n WHERE n.swap_id = subject AND n.user_id = who)
    WHEN what IN ('DEADLINE_SOON', 'DEADLINE_OVERDUE') THEN
      EXISTS (SELECT 1 FROM deadline_reminders d WHERE d.id = subject AND (
        EXISTS (SELECT 1 FROM rectifications x WHERE x.id = d.rectification_id AND x.due_on = d.due_on AND x.state IN ('OPEN', 'WORKING'))
        OR d.task_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaign_reports p WHERE p.task_id = d.task_id AND p.organisation_id = d.organisation_id AND p.due_on = d.due_on)))
    WHEN what = 'HAND_OVER' THEN
      EXISTS (SELECT 1 FROM hand_overs h WHERE h.consultation_id = subject AND h.epoch = at_epoch AND (who IS NULL OR h.to_doctor = who) AND h.result = 'PENDING')
    WHEN what = 'RETURNED' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'RETURNED' AND c.epoch = at_epoch)
      AND NOT EXISTS (SELECT 1 FROM access_log l WHERE l.object_type = 'consultation' AND l.object_id = subject
        AND l.role IN ('NURSE', 'ATTENDING') AND l.at > (SELECT max(r.returned_at) FROM returns r WHERE r.consultation_id = subject))
    WHEN what = 'TERMINATED' THEN
      NOT EXISTS (SELECT 1 FROM access_log l WHERE l.object_type = 'consultation' AND l.object_id = subject
        AND l.role IN ('NURSE', 'ATTENDING') AND l.at > (SELECT t.terminated_at FROM terminations t WHERE t.consultation_id = subject))
    WHEN what IN ('APPOINTMENT_REMINDER', 'APPOINTMENT_MOVED') THEN
      EXISTS (SELECT 1 FROM appointments a WHERE a.id = subject AND a.status = 'BOOKED' AND a.revision = at_epoch)
    WHEN what = 'FAMILY_REQUEST' THEN
      EXISTS (SELECT 1 FROM home_visits v WHERE v.id = subject AND v.state = 'REQUESTED')
    ELSE true
  END
$$;
-- +goose StatementEnd

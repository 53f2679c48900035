-- The opinion read back in the call, a consultation given to a colleague, and the form of application (远程会诊申请单).

-- +goose Up

-- read_backs: what the doctor on the line asked the nurse to read back before it was signed. One row an item; items of the signed
-- opinion that say the same take over who read it back and when.
CREATE TABLE read_backs (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  position        smallint NOT NULL,
  kind            text NOT NULL,
  text_enc        bytea NOT NULL,
  detail_enc      bytea, -- dose, route, frequency, days
  asked_by        uuid NOT NULL REFERENCES users (id),
  asked_at        timestamptz NOT NULL,
  withdrawn_at    timestamptz, -- the doctor changed it before it was read
  read_back_by    uuid REFERENCES users (id),
  read_back_at    timestamptz,
  CHECK ((read_back_by IS NULL) = (read_back_at IS NULL))
);
CREATE INDEX read_backs_consultation ON read_backs (consultation_id, asked_at);

-- hand_overs: the doctor who holds a consultation asks a colleague to take it. The grant moves when the colleague accepts.
CREATE TABLE hand_overs (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  epoch           bigint NOT NULL, -- of the grant that is handed over: another grant ends the offer
  from_doctor     uuid NOT NULL REFERENCES users (id),
  to_doctor       uuid NOT NULL REFERENCES users (id),
  reason          text NOT NULL,
  note_enc        bytea,
  offered_at      timestamptz NOT NULL,
  result          text NOT NULL DEFAULT 'PENDING' CHECK (result IN ('PENDING', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
  resolved_at     timestamptz,
  CHECK (from_doctor <> to_doctor),
  CHECK ((result = 'PENDING') = (resolved_at IS NULL))
);
CREATE UNIQUE INDEX hand_overs_one_pending ON hand_overs (consultation_id) WHERE result = 'PENDING';
CREATE INDEX hand_overs_pending_to ON hand_overs (to_doctor) WHERE result = 'PENDING';
CREATE INDEX hand_overs_consultation ON hand_overs (consultation_id, offered_at);

-- applications: what the invitation says beside the request itself (G-RM-08). One row a consultation; fixed when the request is
-- made, and written anew when it comes back completed.
CREATE TABLE applications (
  consultation_id uuid PRIMARY KEY REFERENCES consultations (id),
  revision        integer NOT NULL DEFAULT 1,
  purposes        text[] NOT NULL CHECK (cardinality(purposes) > 0),
  purpose_note_enc bytea,
  summary_enc     bytea, -- NULL: the one that is put together from the case
  summary_proposed boolean NOT NULL DEFAULT false, -- it was put together, and is put together anew when the request comes back
  wanted_title    text NOT NULL DEFAULT '', -- at least; '' any
  window_from     timestamptz, -- when it would suit; NULL: by its urgency
  window_to       timestamptz,
  written_by      uuid NOT NULL REFERENCES users (id),
  written_at      timestamptz NOT NULL,
  CHECK ((window_from IS NULL) = (window_to IS NULL) AND window_to > window_from)
);

-- notification_live as before, and:
-- RETURNED, TERMINATED: nobody of the inviting side has opened the record since, so nobody has seen it on the tablet.
-- HAND_OVER: the colleague has not answered yet.
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
    ELSE true
  END
$$;
-- +goose StatementEnd

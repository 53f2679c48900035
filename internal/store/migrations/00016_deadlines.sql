-- +goose Up
-- What is done with returns: reminders of deadlines, the course of each rectification, what an inspection came to.

-- deadline_reminders: what was said about a deadline, each stage once. days: so many before the day at most; -1: the day is over.
CREATE TABLE deadline_reminders (
  id               uuid PRIMARY KEY,
  organisation_id  uuid NOT NULL REFERENCES organisations (id), -- who has to act
  task_id          uuid REFERENCES campaign_tasks (id),
  rectification_id uuid REFERENCES rectifications (id),
  due_on           date NOT NULL,
  days             smallint NOT NULL CHECK (days IN (14, 7, 3, 1, -1)),
  said_at          timestamptz NOT NULL,
  CHECK (num_nonnulls(task_id, rectification_id) = 1)
);
CREATE UNIQUE INDEX deadline_reminders_once ON deadline_reminders (organisation_id, coalesce(task_id, rectification_id), due_on, days);

-- notification_live as before, and for DEADLINE_SOON and DEADLINE_OVERDUE (subject: the reminder): what it speaks of is still to be done.
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
    ELSE true
  END
$$;
-- +goose StatementEnd

-- rectification_steps: the course of a finding, from being entered to being confirmed.
CREATE TABLE rectification_steps (
  id               uuid PRIMARY KEY,
  rectification_id uuid NOT NULL REFERENCES rectifications (id),
  kind             text NOT NULL CHECK (kind IN ('ENTERED', 'CHANGED', 'DONE', 'RETURNED', 'VERIFIED')),
  progress         smallint NOT NULL CHECK (progress BETWEEN 0 AND 100),
  due_on           date NOT NULL,
  note_enc         bytea, -- the evidence of a DONE, the verdict of a RETURNED or VERIFIED
  done_by          uuid NOT NULL REFERENCES users (id),
  done_at          timestamptz NOT NULL
);
CREATE INDEX rectification_steps_of ON rectification_steps (rectification_id, done_at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON rectification_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a sample came to: after that its scores stay.
ALTER TABLE samples ADD COLUMN conclusion_enc bytea, ADD COLUMN concluded_by uuid REFERENCES users (id), ADD COLUMN concluded_at timestamptz,
  ADD CHECK ((conclusion_enc IS NULL) = (concluded_at IS NULL));

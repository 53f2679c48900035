-- +goose Up
-- Swaps of duty. A row keeps the shift's time, so that it can be read after the shift was taken out of the roster.

CREATE TABLE duty_swaps (
  id                 uuid PRIMARY KEY,
  organisation_id    uuid NOT NULL REFERENCES organisations (id),
  department_id      uuid REFERENCES departments (id),
  role               text NOT NULL,
  shift_id           uuid REFERENCES duty_shifts (id) ON DELETE SET NULL,
  starts_at          timestamptz NOT NULL,
  ends_at            timestamptz NOT NULL,
  exchange_shift_id  uuid REFERENCES duty_shifts (id) ON DELETE SET NULL, -- what is taken in return
  exchange_starts_at timestamptz,
  exchange_ends_at   timestamptz,
  requested_by       uuid NOT NULL REFERENCES users (id),
  requested_at       timestamptz NOT NULL,
  to_user_id         uuid REFERENCES users (id), -- NULL: everybody in the same role and department
  note_enc           bytea,
  state              text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED')),
  answered_by        uuid REFERENCES users (id),
  answered_at        timestamptz,
  CHECK (ends_at > starts_at),
  CHECK ((state IN ('ACCEPTED', 'DECLINED')) = (answered_by IS NOT NULL)),
  CHECK ((exchange_starts_at IS NULL) = (exchange_ends_at IS NULL))
);
CREATE UNIQUE INDEX duty_swaps_open ON duty_swaps (shift_id) WHERE state = 'OPEN';
CREATE UNIQUE INDEX duty_swaps_open_exchange ON duty_swaps (exchange_shift_id) WHERE state = 'OPEN';
CREATE INDEX duty_swaps_organisation ON duty_swaps (organisation_id, starts_at);
CREATE INDEX duty_swaps_shift ON duty_swaps (shift_id) WHERE state = 'ACCEPTED';
CREATE INDEX duty_swaps_exchange ON duty_swaps (exchange_shift_id) WHERE state = 'ACCEPTED';

-- Who said no to a request to everybody.
CREATE TABLE duty_swap_declines (
  swap_id     uuid NOT NULL REFERENCES duty_swaps (id),
  user_id     uuid NOT NULL REFERENCES users (id),
  declined_at timestamptz NOT NULL,
  PRIMARY KEY (swap_id, user_id)
);

CREATE INDEX duty_shifts_user ON duty_shifts (user_id, starts_at);

-- notification_live says whether an alert still stands. It is asked again immediately before each message is sent, so that a
-- claim stops everything for everybody, also what is queued, without the claim having to know of notifications.
-- +goose StatementBegin
CREATE FUNCTION notification_live(what text, subject uuid, at_epoch bigint, who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN what IN ('RING', 'CRITICAL_PAGE') THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'OFFERED' AND c.epoch = at_epoch AND c.mode <> 'WRITTEN')
      AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.consultation_id = subject AND o.epoch = at_epoch AND o.doctor_id = who AND o.result = 'DECLINED')
    WHEN what = 'DISPATCHER_ALERT' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'OFFERED' AND c.epoch = at_epoch AND c.dispatcher_id IS NULL)
    WHEN what = 'ASSIGNED' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.epoch = at_epoch AND c.state IN ('ACCEPTED', 'WAITING'))
    WHEN what = 'REPORT_READY' THEN
      EXISTS (SELECT 1 FROM consultations c WHERE c.id = subject AND c.state = 'REPORTED')
    WHEN what = 'SWAP_REQUEST' THEN
      EXISTS (SELECT 1 FROM duty_swaps w WHERE w.id = subject AND w.state = 'OPEN')
      AND NOT EXISTS (SELECT 1 FROM duty_swap_declines n WHERE n.swap_id = subject AND n.user_id = who)
    ELSE true
  END
$$;
-- +goose StatementEnd

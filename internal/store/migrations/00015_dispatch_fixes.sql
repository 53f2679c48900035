-- +goose Up
-- A fact whose messages cannot be planned is tried again at growing distances, apart from all others, and then given up.
ALTER TABLE notifications ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN plan_after timestamptz;

-- notification_live as before, and for NO_DISPATCHER: the request still waits under the same grant.
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
    ELSE true
  END
$$;
-- +goose StatementEnd

-- Who of the dispatchers is still at a screen is asked every second.
CREATE INDEX signaling_sessions_user ON signaling_sessions (user_id);

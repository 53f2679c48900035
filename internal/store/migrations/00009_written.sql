-- A written question rings nobody; its alerts end with the conversion.

-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION notification_live(what text, subject uuid, at_epoch bigint, who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
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
    ELSE true
  END
$$;
-- +goose StatementEnd

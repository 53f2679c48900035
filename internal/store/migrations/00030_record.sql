-- +goose Up
-- What was printed of a record, so that paper can be compared with it.

-- record_prints: who printed what a record said when. The code on the paper is kept as its hash: who holds the paper may ask whether it still
-- says what the record says, and nobody else finds it.
CREATE TABLE record_prints (
  id              uuid PRIMARY KEY,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  code_hash       bytea NOT NULL UNIQUE,
  digest          bytea NOT NULL, -- SHA-256 of what is printed, as its canonical JSON
  file_sha256     bytea NOT NULL, -- of the PDF
  pages_of        text NOT NULL CHECK (pages_of IN ('RECORD', 'CODES')), -- with what was written in words, or codes, numbers and times alone
  report_version  integer NOT NULL DEFAULT 0, -- the newest signed one then; 0: none
  adoption_id     uuid,
  printed_by      uuid NOT NULL REFERENCES users (id),
  role            text NOT NULL,
  at              timestamptz NOT NULL
);
CREATE INDEX record_prints_consultation ON record_prints (consultation_id, at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_prints FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What is looked at for each item of the form of self-checks.
ALTER TABLE self_check_items ADD COLUMN content_zh text NOT NULL DEFAULT '', ADD COLUMN content_en text NOT NULL DEFAULT '';
UPDATE self_check_items i SET content_zh = v.zh, content_en = v.en FROM (VALUES
  ('Q1', '核对许可证或备案凭证原件的有效期与校验记录', 'Original of the licence or filing: validity and yearly verification'),
  ('Q2', '核对养老机构备案回执，门牌、宣传与备案名称一致', 'Receipt of the filing; signs and advertising use the filed name'),
  ('Q3', '抽查远程会诊的科室是否在许可证登记的诊疗科目内', 'Departments of sampled consultations are on the licence'),
  ('M1', '抽查病历与诊疗意见：项目齐全、有签名、在时限内出具', 'Sampled records and opinions: complete, signed, in time'),
  ('M2', '查转诊登记：接收、到院、回转有记录，七日内闭环', 'Register of referrals: acceptance, arrival and return recorded, closed within seven days'),
  ('M3', '查自带药品登记、核对与有效期，处方药凭外院处方', 'Medicines brought along are registered, verified and not expired; prescribed ones have a prescription'),
  ('S1', '查制度文本、版本与培训记录，抽查知情同意书', 'Texts of the rules with versions and training; sampled consents'),
  ('S2', '查投诉登记的期限、答复与调查结论', 'Register of complaints: deadlines, replies, findings'),
  ('P1', '核对在岗医师、护士的执业注册与有效期', 'Registrations of doctors and nurses on duty, with their validity'),
  ('P2', '查陪同医师的到场签到与通话在场时间', 'Check-ins of attending doctors and their time in the calls'),
  ('R1', '核对协议有效期、服务类型、诊疗科目与六项条款', 'Agreements: validity, services, departments and the six clause groups'),
  ('R2', '查监测填报记录、填报人与回执', 'Filings of monitoring data, who filed them, receipts'),
  ('R3', '用系统台账抽查会诊的存证、时长与不计入原因', 'Evidence, time and reasons of sampled consultations in the ledger'),
  ('I1', '查预检登记与疑似病例的发现、报告时间', 'Screening and, of suspected cases, when they were seen and reported'),
  ('A1', '查不良事件登记的发生、上报时间与改进措施', 'Adverse events: when they happened and were reported, and what was done'),
  ('A2', '查急救与转诊合作协议、应急预案和演练记录', 'Agreements on emergencies and referrals, plans, drills')) v(code, zh, en) WHERE v.code = i.code;

-- A sign-in may act in one of the person's roles alone. NULL: in all.
ALTER TABLE auth_sessions ADD COLUMN acting_as uuid REFERENCES memberships (id);

-- title_on and licence_on: the title, and the number of the physician's licence, of somebody on a day: of a licence that holds then, not of one that
-- has ended, was entered wrongly or begins later.
-- +goose StatementBegin
CREATE FUNCTION title_on(person uuid, day date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce((SELECT l.title_code FROM professional_licences l WHERE l.user_id = person AND l.valid_from <= day AND (l.valid_to IS NULL OR l.valid_to >= day)
    ORDER BY (l.kind = 'PHYSICIAN') DESC, l.valid_from DESC, l.id LIMIT 1), '') $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION licence_on(person uuid, day date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce((SELECT l.number FROM professional_licences l WHERE l.user_id = person AND l.kind = 'PHYSICIAN' AND l.valid_from <= day AND (l.valid_to IS NULL OR l.valid_to >= day)
    ORDER BY l.valid_from DESC, l.id LIMIT 1), '') $$;
-- +goose StatementEnd

-- ledger_source: the same, and the title of the doctor is that of a licence that held on the day.
CREATE OR REPLACE VIEW ledger_source AS
SELECT c.id AS consultation_id, local_day(coalesce(c.ended_at, c.closed_at, c.submitted_at)) AS period_on, c.serial, c.inviting_org_id, c.invited_org_id,
  coalesce(d.code, '') AS department_code, c.doctor_id, c.resident_id, c.state, c.urgency, c.service_type, f.goal, c.mode, c.drill,
  extract(hour FROM c.submitted_at AT TIME ZONE 'Asia/Shanghai')::smallint AS submitted_hour, c.submitted_at, c.ended_at,
  f.answer_seconds, f.start_seconds, f.report_seconds, c.effective_seconds, o.declines, o.declines_reasoned,
  11::smallint AS fields_required, f.fields_filled, f.chronic, f.consent, coalesce(a.adoption, '') AS adoption, c.outcome_code, c.end_code,
  coalesce(t.title_code, '') AS doctor_title, e.countable, coalesce(e.reasons, 0) AS reasons, coalesce(e.ruleset, '') AS ruleset,
  CASE WHEN c.drill OR c.state = 'VOIDED' THEN 0::bigint ELSE
    mark(true, 0)
    | mark(f.offered, 1) | mark(f.offered AND c.accepted_at IS NOT NULL, 2)
    | mark(f.offered AND f.urgent, 3) | mark(f.offered AND f.urgent AND f.answer_seconds <= u.accept_seconds, 4)
    | mark(f.routine, 5) | mark(f.routine AND c.reported_at <= c.submitted_at + interval '24 hours', 6)
    | mark(f.started, 7) | mark(f.ended, 8) | mark(f.completed, 9)
    | mark(c.accepted_at IS NOT NULL AND NOT f.emergency, 10) | mark(c.urgency = 'SCHEDULED' AND c.accepted_at IS NOT NULL AND c.state NOT IN ('SCHEDULED', 'CANCELLED'), 11)
    | mark(c.urgency = 'SCHEDULED' AND c.state = 'NO_SHOW', 12)
    | mark(f.started AND o.aborted, 13) | mark(f.started AND f.consent = 'VALID', 14) | mark(f.started AND f.consent = 'EMERGENCY', 15)
    | mark(f.ended AND f.report_seconds <= f.report_target, 16)
    | mark(a.adoption IS NOT NULL AND c.service_type <> 'ONLINE_REVISIT', 17) | mark(a.adoption IN ('ADOPTED', 'PARTLY') AND c.service_type <> 'ONLINE_REVISIT', 18)
    | mark(f.started AND e.countable IS NOT NULL AND e.reasons & 240 = 0, 19)
    | mark(e.countable, 20)
    | mark(e.countable AND f.goal = 'G1', 21) | mark(e.countable AND f.goal = 'G2', 22) | mark(e.countable AND f.goal = 'G3', 23)
    | mark(e.countable AND f.goal = 'G4', 24) | mark(e.countable AND f.goal = 'G5', 25)
    | mark(f.completed AND e.countable IS NOT NULL AND e.reasons & 262145 = 0, 26)
    | mark(c.service_type = 'ONLINE_REVISIT', 27) | mark(c.service_type = 'ONLINE_REVISIT' AND (o.terminated OR c.outcome_code = 'UNSUITABLE'), 28)
    | mark(e.countable AND (left(d.code, 2) = '50' OR d.code = '5103'), 29)
    | mark(e.countable AND left(c.service_type, 7) = 'REMOTE_', 30) | mark(e.countable AND left(c.service_type, 7) = 'REMOTE_' AND t.title_code IN ('231', '232'), 31)
    | mark(e.countable IS NOT NULL, 32) | mark(NOT e.countable, 33) | mark(c.state = 'CANCELLED', 34)
    | mark(f.offered AND u.accept_seconds IS NOT NULL, 35) | mark(f.offered AND f.answer_seconds <= u.accept_seconds, 36)
    | mark(f.ended AND NOT coalesce(f.report_seconds <= f.report_target, false), 37)
    | mark(e.countable AND f.goal IN ('G1', 'G2', 'G3', 'G4'), 38) | mark(f.started AND f.start_seconds IS NOT NULL, 39)
    | mark(c.state IN ('EXPIRED', 'DECLINED', 'CLOSED_NO_SERVICE'), 40) | mark(f.started AND e.countable IS NOT NULL, 41)
    | mark(e.countable AND f.chronic AND c.service_type IN ('ONLINE_REVISIT', 'CHRONIC_MGMT'), 42)
    | mark(f.completed AND e.countable IS NULL, 43)
  END AS marks
FROM consultations c
JOIN residents r ON r.id = c.resident_id
LEFT JOIN departments d ON d.id = c.department_id
LEFT JOIN urgency_targets u ON u.urgency = c.urgency
LEFT JOIN consents s ON s.id = c.consent_id
LEFT JOIN LATERAL (
  SELECT l.title_code FROM professional_licences l WHERE l.user_id = c.doctor_id AND l.kind = 'PHYSICIAN'
    AND l.valid_from <= local_day(coalesce(c.ended_at, c.submitted_at)) AND (l.valid_to IS NULL OR l.valid_to >= local_day(coalesce(c.ended_at, c.submitted_at)))
  ORDER BY l.valid_from DESC, l.id LIMIT 1) t ON true
LEFT JOIN LATERAL (
  SELECT CASE WHEN count(i.id) = 0 OR bool_and(i.decision = 'ADOPTED') THEN 'ADOPTED' WHEN bool_and(i.decision = 'REJECTED') THEN 'REJECTED' ELSE 'PARTLY' END AS adoption
  FROM adoptions x LEFT JOIN advice_items i ON i.report_id = x.report_id
  WHERE c.adopted_at IS NOT NULL AND x.consultation_id = c.id
  GROUP BY x.report_id, x.signed_at ORDER BY x.signed_at DESC LIMIT 1) a ON true
CROSS JOIN LATERAL (
  SELECT (SELECT count(*) FROM offers y WHERE y.consultation_id = c.id AND y.result = 'DECLINED')::integer AS declines,
    (SELECT count(*) FROM offers y WHERE y.consultation_id = c.id AND y.result = 'DECLINED' AND y.reason_code <> '')::integer AS declines_reasoned,
    EXISTS (SELECT 1 FROM consultation_events v WHERE v.consultation_id = c.id AND v.from_state = 'ABORTED_TECH' AND v.to_state = 'REPORT_PENDING') AS aborted,
    EXISTS (SELECT 1 FROM consultation_events v WHERE v.consultation_id = c.id AND v.to_state = 'TERMINATED_UNSUITABLE') AS terminated) o
LEFT JOIN evaluations e ON e.consultation_id = c.id
CROSS JOIN LATERAL (
  SELECT c.offered_at IS NOT NULL AND NOT (c.state = 'CANCELLED' AND c.accepted_at IS NULL) AS offered,
    c.urgency IN ('CRITICAL', 'EMERGENT') AS urgent, c.urgency = 'ROUTINE' AND c.state <> 'CANCELLED' AS routine,
    c.started_at IS NOT NULL AS started, c.started_at IS NOT NULL AND c.ended_at IS NOT NULL AS ended, c.reported_at IS NOT NULL AS completed,
    c.state = 'TO_EMERGENCY' OR c.outcome_code = 'EMERGENCY' AS emergency,
    CASE WHEN c.accepted_at > c.offered_at THEN extract(epoch FROM c.accepted_at - c.offered_at)::integer WHEN c.accepted_at <= c.offered_at THEN 0 END AS answer_seconds,
    CASE WHEN c.started_at > c.accepted_at THEN extract(epoch FROM c.started_at - c.accepted_at)::integer WHEN c.started_at <= c.accepted_at THEN 0 END AS start_seconds,
    CASE WHEN c.reported_at > c.ended_at THEN extract(epoch FROM c.reported_at - c.ended_at)::integer WHEN c.reported_at <= c.ended_at THEN 0 END AS report_seconds,
    CASE WHEN c.urgency IN ('CRITICAL', 'EMERGENT') THEN 7200 ELSE 86400 END AS report_target,
    r.condition_codes && '{I10,I11.9,I20.9,I25.1,I25.2,I48,I50.9,I69.3,E11.9,E11.2,E11.4,E11.5,E78.5,J44.9,N18.9,M81.9,G20,G30.9,F01.9,F03}'::text[] AS chronic,
    CASE WHEN s.method = 'EMERGENCY_APPROVAL' THEN 'EMERGENCY'
      WHEN s.tick_medical AND s.tick_sensitive AND s.tick_provision AND s.signed_at <= coalesce(c.started_at, c.submitted_at)
        AND s.valid_until > coalesce(c.started_at, c.submitted_at) AND (s.withdrawn_at IS NULL OR s.withdrawn_at > coalesce(c.started_at, c.submitted_at)) THEN 'VALID'
      ELSE '' END AS consent,
    CASE WHEN c.service_type LIKE 'REMOTE\_%' THEN 'G1' WHEN c.service_type IN ('CHRONIC_MGMT', 'MED_GUIDE') THEN 'G2'
      WHEN c.service_type IN ('REHAB_CARE_GUIDE', 'PALLIATIVE_REMOTE') THEN 'G3' WHEN c.service_type = 'ONLINE_REVISIT' THEN 'G4'
      WHEN c.service_type IN ('HOME_VISIT', 'HOME_BED_ROUND', 'NET_NURSING') THEN 'G5' ELSE '' END AS goal,
    -- what is asked of every consultation that ended, the report twice: what a reader needs most
    ((cardinality(c.reasons) > 0)::integer + (c.complaint_enc IS NOT NULL)::integer + EXISTS (SELECT 1 FROM vitals v WHERE v.consultation_id = c.id)::integer
      + (c.consent_id IS NOT NULL)::integer + (c.submitter_id IS NOT NULL)::integer + (c.department_id IS NOT NULL)::integer + (c.doctor_id IS NOT NULL)::integer
      + (c.effective_seconds > 0 OR c.mode <> 'ONLINE')::integer + 2 * (c.reported_at IS NOT NULL)::integer + (c.outcome_code <> '')::integer)::smallint AS fields_filled) f
WHERE c.submitted_at IS NOT NULL;
INSERT INTO ledger_due (consultation_id) SELECT l.consultation_id FROM ledger l WHERE l.doctor_id IN (
  SELECT p.user_id FROM professional_licences p WHERE p.kind = 'PHYSICIAN' GROUP BY p.user_id HAVING count(*) > 1 OR bool_or(p.valid_to IS NOT NULL));

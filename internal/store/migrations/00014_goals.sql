-- +goose Up
-- What counts towards the goals. The ledger is derived: it can be thrown away and rebuilt from the operational rows at any
-- time, and ledger_source is its definition. It holds plain codes, ids and numbers only.

-- mark sets bit n where a condition holds; unknown is no.
CREATE FUNCTION mark(holds boolean, n integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN holds THEN 1::bigint << n ELSE 0::bigint END $$;

-- local_day is the day in Asia/Shanghai on which an instant falls.
CREATE FUNCTION local_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT (at AT TIME ZONE 'Asia/Shanghai')::date $$;

CREATE TABLE ledger (
  consultation_id   uuid NOT NULL,
  period_on         date NOT NULL, -- local day of the session's end; without a session that of the request's end, or of its submission
  serial            text NOT NULL,
  inviting_org_id   uuid NOT NULL,
  invited_org_id    uuid,
  department_code   text NOT NULL,
  doctor_id         uuid,
  resident_id       uuid NOT NULL,
  state             text NOT NULL,
  urgency           text NOT NULL,
  service_type      text NOT NULL,
  goal              text NOT NULL, -- G1 to G5; empty: none
  mode              text NOT NULL,
  drill             boolean NOT NULL,
  submitted_hour    smallint NOT NULL, -- of the local day
  submitted_at      timestamptz NOT NULL,
  ended_at          timestamptz,
  answer_seconds    integer, -- offered to accepted
  start_seconds     integer, -- accepted to started
  report_seconds    integer, -- session's end to signature
  effective_seconds integer NOT NULL,
  declines          integer NOT NULL,
  declines_reasoned integer NOT NULL,
  fields_required   smallint NOT NULL,
  fields_filled     smallint NOT NULL,
  chronic           boolean NOT NULL, -- the resident has a chronic diagnosis
  consent           text NOT NULL, -- VALID, EMERGENCY or empty, at the session's start
  adoption          text NOT NULL, -- ADOPTED, PARTLY, REJECTED or empty
  outcome_code      text NOT NULL,
  end_code          text NOT NULL,
  doctor_title      text NOT NULL, -- GB/T 8561, on that day
  countable         boolean, -- NULL: not evaluated
  reasons           bigint NOT NULL, -- bit n - 1: NCn failed
  ruleset           text NOT NULL,
  marks             bigint NOT NULL, -- bits of ledger_marks
  PRIMARY KEY (consultation_id, period_on)
) PARTITION BY RANGE (period_on);
CREATE INDEX ledger_inviting ON ledger (inviting_org_id, period_on DESC, consultation_id DESC);
CREATE INDEX ledger_invited ON ledger (invited_org_id, period_on DESC, consultation_id DESC);

-- ledger_month makes the partition of a day's month when it is not there.
-- +goose StatementBegin
CREATE FUNCTION ledger_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first date := date_trunc('month', day)::date;
  name text := 'ledger_' || to_char(first, 'YYYY_MM');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('ledger_month'));
  IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF ledger FOR VALUES FROM (%L) TO (%L)', name, first, (first + interval '1 month')::date);
END $$;
-- +goose StatementEnd

-- ledger_due: consultations whose row of the ledger is to be written anew. A queue that triggers fill in the transaction of the
-- change, whoever makes it; one follower at a time empties it.
CREATE TABLE ledger_due (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consultation_id uuid NOT NULL,
  at              timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
CREATE FUNCTION ledger_consultation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_due (consultation_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entered AFTER INSERT ON consultations FOR EACH ROW WHEN (NEW.submitted_at IS NOT NULL)
  EXECUTE FUNCTION ledger_consultation_changed();
-- The ladder, rings and media checkpoints of an open request change nothing that is counted.
CREATE TRIGGER ledger_changed AFTER UPDATE ON consultations FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND (OLD.state, OLD.submitted_at, OLD.offered_at, OLD.accepted_at, OLD.started_at, OLD.ended_at, OLD.reported_at, OLD.adopted_at, OLD.closed_at, OLD.doctor_id,
      OLD.invited_org_id, OLD.department_id, OLD.urgency, OLD.service_type, OLD.mode, OLD.drill, OLD.consent_id, OLD.submitter_id, OLD.outcome_code, OLD.end_code, OLD.request_revision)
    IS DISTINCT FROM (NEW.state, NEW.submitted_at, NEW.offered_at, NEW.accepted_at, NEW.started_at, NEW.ended_at, NEW.reported_at, NEW.adopted_at, NEW.closed_at, NEW.doctor_id,
      NEW.invited_org_id, NEW.department_id, NEW.urgency, NEW.service_type, NEW.mode, NEW.drill, NEW.consent_id, NEW.submitter_id, NEW.outcome_code, NEW.end_code, NEW.request_revision)
    OR NEW.effective_seconds <> OLD.effective_seconds AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION ledger_consultation_changed();
-- +goose StatementBegin
CREATE FUNCTION ledger_related_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_due (consultation_id) SELECT NEW.consultation_id WHERE NEW.consultation_id IS NOT NULL;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_vital AFTER INSERT ON vitals FOR EACH ROW WHEN (NEW.consultation_id IS NOT NULL) EXECUTE FUNCTION ledger_related_changed();

-- evaluations: whether a consultation counts, as it is judged now. Without the tables of the judgement nothing is known of it.
CREATE VIEW evaluations AS SELECT NULL::uuid AS consultation_id, NULL::boolean AS countable, 0::bigint AS reasons, ''::text AS ruleset WHERE false;
-- +goose StatementBegin
DO $$
BEGIN
  IF to_regclass('countability_evaluations') IS NOT NULL THEN
    CREATE OR REPLACE VIEW evaluations AS SELECT e.consultation_id, e.countable, e.bitmap::bigint AS reasons, e.ruleset FROM countability_evaluations e WHERE e.current;
    CREATE TRIGGER ledger_evaluated AFTER INSERT ON countability_evaluations FOR EACH ROW EXECUTE FUNCTION ledger_related_changed();
  END IF;
END $$;
-- +goose StatementEnd

-- ledger_source: the ledger's definition. A drill and what was voided have a row and no mark.
CREATE VIEW ledger_source AS
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
  ORDER BY (l.valid_to IS NULL OR l.valid_to >= local_day(coalesce(c.ended_at, c.submitted_at))) DESC, l.valid_from DESC, l.id LIMIT 1) t ON true
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

-- ledger_marks names the bits. source: marks or reasons.
CREATE TABLE ledger_marks (
  code   text PRIMARY KEY,
  source text NOT NULL CHECK (source IN ('marks', 'reasons')),
  bit    smallint NOT NULL,
  UNIQUE (source, bit)
);
INSERT INTO ledger_marks (code, source, bit)
SELECT code, 'marks', n - 1 FROM unnest('{SUBMITTED,OFFERED,ACCEPTED,URGENT_OFFERED,URGENT_IN_TIME,ROUTINE,ROUTINE_IN_TIME,STARTED,ENDED,COMPLETED,COMPLETION_BASE,SCHEDULED_DUE,NO_SHOW,
ABORTED,CONSENT_VALID,CONSENT_EMERGENCY,REPORT_IN_TIME,ADOPTION_RECORDED,ADOPTED,CREDENTIALS_OK,COUNTABLE,COUNTABLE_G1,COUNTABLE_G2,COUNTABLE_G3,COUNTABLE_G4,COUNTABLE_G5,COUNTABILITY_BASE,
REVISIT,REVISIT_INTERCEPTED,COUNTABLE_TCM,COUNTABLE_REMOTE,COUNTABLE_SENIOR,EVALUATED,NOT_COUNTABLE,CANCELLED,ANSWER_BASE,ANSWER_IN_TIME,REPORT_LATE,COUNTABLE_REMOTE_GOALS,WAITED,NO_SERVICE,
STARTED_EVALUATED,CHRONIC_SERVED,COMPLETED_UNEVALUATED}'::text[]) WITH ORDINALITY AS x(code, n);
INSERT INTO ledger_marks (code, source, bit) SELECT 'NC' || lpad(n::text, 2, '0'), 'reasons', n - 1 FROM generate_series(1, 24) n;

-- tallies: the ledger counted per organisation and month, quarter and year. side: INVITING, or INVITED for what a hospital gave to
-- others, which is never added to the first. n is a count of rows but for SUM_ (seconds, declines, fields), DISTINCT_ (residents)
-- and WAIT_nn (histogram of start_seconds).
CREATE TABLE tallies (
  kind            text NOT NULL CHECK (kind IN ('M', 'Q', 'Y')),
  starts_on       date NOT NULL,
  organisation_id uuid NOT NULL,
  side            text NOT NULL CHECK (side IN ('INVITING', 'INVITED')),
  mark            text NOT NULL,
  n               bigint NOT NULL,
  PRIMARY KEY (kind, starts_on, organisation_id, side, mark)
);

-- Indicators as data. A definition is never changed: another version with a later day replaces it. Numerator and denominator are
-- names of tallied marks and of what package goals counts beside the ledger; they are added over organisations, never averaged.
CREATE TABLE indicator_definitions (
  code           text NOT NULL CHECK (code ~ '^I-[0-9]{2}$'),
  version        integer NOT NULL,
  valid_from     date NOT NULL,
  name_zh        text NOT NULL,
  name_en        text NOT NULL,
  numerator      text[] NOT NULL,
  denominator    text[] NOT NULL, -- empty: a count
  unit           text NOT NULL CHECK (unit IN ('COUNT', 'PERCENT', 'PER_HUNDRED', 'SECONDS')),
  kinds          text NOT NULL, -- the periods for which it is filed: M, Q, Y
  numerator_zh   text NOT NULL,
  numerator_en   text NOT NULL,
  denominator_zh text NOT NULL DEFAULT '',
  denominator_en text NOT NULL DEFAULT '',
  exclusions_zh  text NOT NULL DEFAULT '',
  exclusions_en  text NOT NULL DEFAULT '',
  PRIMARY KEY (code, version)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON indicator_definitions FOR EACH ROW EXECUTE FUNCTION refuse_change();
INSERT INTO indicator_definitions (code, version, valid_from, name_zh, name_en, numerator, denominator, unit, kinds, numerator_zh, numerator_en, denominator_zh, denominator_en, exclusions_zh, exclusions_en) VALUES
('I-01', 1, '2024-01-01', '远程服务申请量', 'Applications', '{SUBMITTED}', '{}', 'COUNT', 'MQY', '已提交的会诊申请', 'consultations that were submitted', '', '', '演练、作废', 'drills, voided'),
('I-02', 1, '2024-01-01', '可计入远程协同服务人次', 'Countable services', '{COUNTABLE}', '{}', 'COUNT', 'MQY', '全部计入规则通过的会诊', 'consultations that pass every rule of countability', '', '', '演练、作废', 'drills, voided'),
('I-03', 1, '2024-01-01', '可计入率', 'Countability rate', '{COUNTABLE}', '{COUNTABILITY_BASE}', 'PERCENT', 'MQY', '可计入的会诊', 'countable consultations', '已出具意见的会诊', 'consultations with a signed opinion', '服务类型不计入（NC01）、演练（NC19）', 'service types that never count (NC01), drills (NC19)'),
('I-04', 1, '2024-01-01', '每百名入住老年人服务人次', 'Services per 100 residents', '{COUNTABLE_REMOTE_GOALS}', '{RESIDENTS_MEAN}', 'PER_HUNDRED', 'MQY', 'G1至G4可计入人次', 'countable services of goals G1 to G4', '期内日均入住人数', 'mean daily residents of the period', '', ''),
('I-05', 1, '2024-01-01', '远程服务覆盖率', 'Resident coverage', '{DISTINCT_SERVED}', '{RESIDENTS_PRESENT}', 'PERCENT', 'QY', '期内至少有一次可计入服务的老年人', 'residents with at least one countable service', '期内在住的老年人', 'residents present in the period', '', ''),
('I-06', 1, '2024-01-01', '慢病老人复诊覆盖率', 'Chronic follow-up coverage', '{DISTINCT_CHRONIC}', '{RESIDENTS_CHRONIC}', 'PERCENT', 'Y', '有慢病诊断且至少有一次可计入的在线复诊或慢病管理的老年人', 'residents with a chronic diagnosis and a countable online follow-up or chronic-disease service', '有慢病诊断的在住老年人', 'residents with a chronic diagnosis', '', ''),
('I-07', 1, '2024-01-01', '受理率', 'Acceptance rate', '{ACCEPTED}', '{OFFERED}', 'PERCENT', 'MQ', '已受理的申请', 'accepted', '已发出的申请', 'offered', '受邀方响应前由申请方取消的', 'cancelled by the requester before a response'),
('I-08', 1, '2024-01-01', '谢绝附理由率', 'Declines with a reason', '{SUM_DECLINES_REASONED}', '{SUM_DECLINES}', 'PERCENT', 'Q', '附理由的谢绝', 'declines with a reason', '全部谢绝', 'all declines', '', ''),
('I-09', 1, '2024-01-01', '紧急响应达标率', 'Urgent answers in time', '{URGENT_IN_TIME}', '{URGENT_OFFERED}', 'PERCENT', 'MQ', '特急、急：在时限内受理', 'critical and emergent, accepted within the target', '特急、急：已发出', 'critical and emergent, offered', '响应前由申请方取消的', 'cancelled before a response'),
('I-10', 1, '2024-01-01', '普通会诊24小时完成率', 'Routine within 24 hours', '{ROUTINE_IN_TIME}', '{ROUTINE}', 'PERCENT', 'MQ', '普通：提交后24小时内出具意见', 'routine, opinion within 24 hours of submission', '普通：已提交且未取消', 'routine, submitted and not cancelled', '', ''),
('I-11', 1, '2024-01-01', '平均等候时间', 'Waiting time', '{SUM_START_SECONDS}', '{WAITED}', 'SECONDS', 'M', '受理至开始的秒数之和', 'seconds from acceptance to start, added', '已开始的会诊', 'sessions that started', '', ''),
('I-12', 1, '2024-01-01', '完成率', 'Completion rate', '{COMPLETED}', '{COMPLETION_BASE}', 'PERCENT', 'MQ', '已出具意见的会诊', 'with a signed opinion', '已受理的会诊', 'accepted', '转急救', 'handed to emergency services'),
('I-13', 1, '2024-01-01', '爽约率', 'No-show rate', '{NO_SHOW}', '{SCHEDULED_DUE}', 'PERCENT', 'MQ', '爽约', 'no-shows', '到期的预约', 'appointments due', '', ''),
('I-14', 1, '2024-01-01', '技术中断率', 'Technical aborts', '{ABORTED}', '{STARTED}', 'PERCENT', 'M', '技术中断且15分钟内未恢复', 'broken off and not resumed within 15 minutes', '已开始的会诊', 'sessions that started', '', ''),
('I-15', 1, '2024-01-01', '知情同意签署率', 'Consent at the start', '{CONSENT_VALID}', '{STARTED}', 'PERCENT', 'MQ', '开始时有有效知情同意', 'valid consent at the start', '已开始的会诊', 'sessions that started', '紧急批准另行列示', 'emergency approvals are shown apart'),
('I-16', 1, '2024-01-01', '诊疗意见按时出具率', 'Opinions in time', '{REPORT_IN_TIME}', '{ENDED}', 'PERCENT', 'MQ', '结束后24小时（特急、急2小时）内签署', 'signed within 24 hours of the end (critical and emergent 2 hours)', '已结束的会诊', 'sessions that ended', '', ''),
('I-17', 1, '2024-01-01', '意见采纳率', 'Adoption rate', '{ADOPTED}', '{ADOPTION_RECORDED}', 'PERCENT', 'QY', '采纳与部分采纳', 'adopted and partly adopted', '采纳记录', 'adoption records', '在线复诊', 'online follow-ups'),
('I-18', 1, '2024-01-01', '资质合规率', 'Credential compliance', '{CREDENTIALS_OK}', '{STARTED_EVALUATED}', 'PERCENT', 'QY', '开始时机构与医师资质全部通过', 'every licence of institutions and doctors in order', '已开始并经评估的会诊', 'sessions that started and were evaluated', '', ''),
('I-19', 1, '2024-01-01', '医疗机构与养老机构签约率', 'Agreement rate', '{CARE_WITH_AGREEMENT}', '{CARE_ACTIVE}', 'PERCENT', 'QY', '期末有有效协议的养老机构', 'care institutions with an agreement in force at the end of the period', '期末在运营的养老机构', 'care institutions active at the end of the period', '', ''),
('I-20', 1, '2024-01-01', '特殊困难老年人家庭医生签约覆盖率', 'Family-doctor coverage', '{CONTRACTS_SPECIAL}', '{RESIDENTS_SPECIAL}', 'PERCENT', 'QY', '其中有有效家庭医生协议的', 'of these with a family-doctor contract in force', '登记的失能或80岁及以上老年人', 'registered elders who are disabled or aged 80 and over', '', ''),
('I-21', 1, '2024-01-01', '上门巡诊/家庭病床完成率', 'Home-visit completion', '{VISITS_DONE}', '{VISITS_DUE}', 'PERCENT', 'MQY', '已完成且有凭证的到访', 'visits done and proven', '到期的预约到访', 'visits booked and due', '家属取消', 'cancelled by the family'),
('I-22', 1, '2024-01-01', '满意度', 'Satisfaction', '{RATINGS_GOOD}', '{RATINGS}', 'PERCENT', 'QY', '老人或家属评分4分及以上', 'ratings of 4 and 5 by resident or family', '有效评价', 'valid ratings', '工作人员评价', 'ratings by staff'),
('I-23', 1, '2024-01-01', '双向转诊闭环率', 'Referral closure', '{REFERRALS_CLOSED}', '{REFERRALS}', 'PERCENT', 'MQY', '7天内有到院或回转记录', 'arrival or return recorded within 7 days', '新建转诊', 'referrals created', '患者拒绝', 'refused by the patient'),
('I-24', 1, '2024-01-01', '下转承接率', 'Down-referral uptake', '{REFERRALS_DOWN_TAKEN}', '{REFERRALS_DOWN}', 'PERCENT', 'QY', '3天内由原机构接收', 'accepted by the home institution within 3 days', '新建下转', 'down-referrals created', '', ''),
('I-25', 1, '2024-01-01', '绿色通道使用率', 'Green channel', '{GREEN_MET}', '{GREEN_ASKED}', 'PERCENT', 'QY', '2天内兑现', 'met within 2 days', '绿色通道申请', 'green-channel requests', '', ''),
('I-26', 1, '2024-01-01', '首诊拦截数', 'First-visit interceptions', '{REVISIT_INTERCEPTED}', '{REVISIT}', 'PERCENT', 'QY', '判定为首诊或不适宜并引导线下', 'judged a first visit or unsuitable and redirected', '在线复诊申请', 'online follow-up requests', '', ''),
('I-27', 1, '2024-01-01', '不良事件及时上报率', 'Event reporting in time', '{EVENTS_IN_TIME}', '{EVENTS}', 'PERCENT', 'MQY', '24小时内上报', 'reported within 24 hours', '记录的不良事件', 'adverse events recorded', '', ''),
('I-28', 1, '2024-01-01', '投诉按期办结率', 'Complaint closure', '{COMPLAINTS_IN_TIME}', '{COMPLAINTS_DUE}', 'PERCENT', 'QY', '期限内办结', 'closed by the due day', '到期的投诉', 'complaints due', '', ''),
('I-29', 1, '2024-01-01', '中（蒙）医药远程服务占比', 'Share of Chinese and Mongolian medicine', '{COUNTABLE_TCM}', '{COUNTABLE}', 'PERCENT', 'Y', '中医或蒙医科室的可计入服务', 'countable in a department of Chinese or Mongolian medicine', '可计入服务', 'countable services', '', ''),
('I-30', 1, '2024-01-01', '旗县远程服务覆盖率', 'County coverage', '{COUNTIES_SERVED}', '{COUNTIES}', 'PERCENT', 'Y', '有可计入服务的旗县', 'counties with a countable service', '辖区旗县（全区103个）', 'counties of the area (103 in the region)', '', ''),
('I-31', 1, '2024-01-01', '整改按期完成率', 'Rectification on time', '{RECTIFY_IN_TIME}', '{RECTIFY_DUE}', 'PERCENT', 'QY', '期限内完成并复核', 'completed by the due day and verified', '到期的整改项', 'items due', '', ''),
('I-32', 1, '2024-01-01', '数据完整率', 'Completeness', '{SUM_FIELDS_FILLED}', '{SUM_FIELDS_REQUIRED}', 'PERCENT', 'M', '已填写的必填项（意见计两分）', 'required fields that are filled, the opinion twice', '必填项', 'required fields', '', ''),
('I-33', 1, '2024-01-01', '失能失智老年人占比', 'Disabled or demented share', '{RESIDENTS_DISABLED}', '{RESIDENTS_ASSESSED}', 'PERCENT', 'Y', '能力等级1级及以上或有失智诊断', 'ability level 1 or more, or a diagnosis of dementia', '已评估的在住老年人', 'residents who were assessed', '未评估另行列示', 'those not assessed are shown apart'),
('I-34', 1, '2024-01-01', '高级职称医师参与率', 'Senior doctors', '{COUNTABLE_SENIOR}', '{COUNTABLE_REMOTE}', 'PERCENT', 'Y', '由主任或副主任医师完成', 'by a chief or associate chief physician', '可计入的远程医疗服务', 'countable remote consultations', '', '');

CREATE TABLE indicator_targets (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  indicator   text NOT NULL,
  region_code text NOT NULL, -- of whom it is: 150000 region, 100000 the nation; a longer prefix that fits wins
  value       double precision NOT NULL,
  source      text NOT NULL,
  official    boolean NOT NULL, -- false: this project's choice, to be confirmed by the authority
  valid_from  date NOT NULL,
  valid_to    date,
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
INSERT INTO indicator_targets (indicator, region_code, value, source, official, valid_from, valid_to) VALUES
('I-03', '150000', 95, '本系统建议值，待主管部门确认', false, '2024-01-01', NULL),
('I-08', '150000', 100, '远程医疗服务管理规范（试行）：谢绝须说明理由', true, '2024-01-01', NULL),
('I-15', '150000', 100, '远程医疗服务管理规范（试行）：书面知情同意', true, '2024-01-01', NULL),
('I-16', '150000', 100, '本系统建议值，待主管部门确认', false, '2024-01-01', NULL),
('I-18', '150000', 100, '远程医疗服务管理规范（试行）：机构与人员资质', true, '2024-01-01', NULL),
('I-19', '150000', 100, '参照大庆市方案，待主管部门确认', false, '2024-01-01', NULL),
('I-20', '100000', 80, '医养结合促进行动（至2027年底）', true, '2025-10-01', '2027-12-31'),
('I-22', '100000', 95, '医养结合示范项目工作方案（2025年版）', true, '2025-07-17', NULL),
('I-32', '150000', 98, '本系统建议值，待主管部门确认', false, '2024-01-01', NULL);

-- imported_values: numbers that others own, as a file brought them. The newest import of a number is the one that holds.
CREATE TABLE imports (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- of who imported it
  what            text NOT NULL CHECK (what IN ('DENOMINATORS', 'ORGANISATIONS')),
  file_name       text NOT NULL,
  sha256          bytea NOT NULL,
  rows            integer NOT NULL,
  imported_by     uuid NOT NULL REFERENCES users (id),
  imported_at     timestamptz NOT NULL
);
CREATE TABLE imported_values (
  import_id       uuid NOT NULL REFERENCES imports (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  kind            text NOT NULL CHECK (kind IN ('M', 'Q', 'Y')),
  starts_on       date NOT NULL,
  mark            text NOT NULL,
  value           double precision NOT NULL CHECK (value >= 0),
  PRIMARY KEY (organisation_id, kind, starts_on, mark, import_id)
);

-- snapshots: what was filed. Once locked, figures and rows never change: a correction is another version with its differences.
CREATE TABLE snapshots (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  kind            text NOT NULL CHECK (kind IN ('M', 'Q', 'Y')),
  starts_on       date NOT NULL,
  version         integer NOT NULL,
  state           text NOT NULL CHECK (state IN ('DRAFT', 'LOCKED', 'SIGNED', 'FILED')),
  ruleset         text NOT NULL DEFAULT '',
  definitions     text NOT NULL DEFAULT '', -- version and day of the definitions
  figures         jsonb NOT NULL DEFAULT '[]',
  differences     jsonb NOT NULL DEFAULT '[]', -- against the version before
  row_count       integer NOT NULL DEFAULT 0,
  digest          bytea,
  seal            bytea,
  seal_kid        text NOT NULL DEFAULT '',
  reason          text NOT NULL DEFAULT '', -- of a correction
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  locked_by       uuid REFERENCES users (id),
  locked_at       timestamptz,
  signed_by       uuid REFERENCES users (id),
  signed_at       timestamptz,
  receipt         text NOT NULL DEFAULT '',
  filed_by        uuid REFERENCES users (id),
  filed_at        timestamptz,
  UNIQUE (organisation_id, kind, starts_on, version),
  CHECK ((state = 'DRAFT') = (digest IS NULL))
);
CREATE TABLE snapshot_rows (
  snapshot_id uuid NOT NULL REFERENCES snapshots (id),
  position    integer NOT NULL,
  key         text NOT NULL, -- serial of a consultation, or name of an organisation
  content     jsonb NOT NULL,
  PRIMARY KEY (snapshot_id, position)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON snapshot_rows FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- +goose StatementBegin
CREATE FUNCTION snapshot_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'DRAFT' AND (OLD.ruleset, OLD.definitions, OLD.figures, OLD.differences, OLD.row_count, OLD.digest, OLD.seal, OLD.seal_kid, OLD.locked_at)
    IS DISTINCT FROM (NEW.ruleset, NEW.definitions, NEW.figures, NEW.differences, NEW.row_count, NEW.digest, NEW.seal, NEW.seal_kid, NEW.locked_at) THEN
    RAISE EXCEPTION 'a locked snapshot does not change' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON snapshots FOR EACH ROW EXECUTE FUNCTION snapshot_frozen();

-- campaigns: what is to be filed when, as data. A day is the last one that is still in time.
CREATE TABLE campaigns (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  code        text NOT NULL UNIQUE,
  name_zh     text NOT NULL,
  name_en     text NOT NULL,
  region_code text NOT NULL,
  source      text NOT NULL,
  starts_on   date NOT NULL,
  ends_on     date
);
CREATE TABLE campaign_tasks (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  campaign_id uuid NOT NULL REFERENCES campaigns (id),
  name_zh     text NOT NULL,
  name_en     text NOT NULL,
  level       text NOT NULL CHECK (level IN ('INSTITUTION', 'COUNTY', 'LEAGUE', 'REGION')), -- who does it
  receiver_zh text NOT NULL DEFAULT '',
  receiver_en text NOT NULL DEFAULT '',
  opens       text NOT NULL DEFAULT '', -- MM-DD each year, or a whole date
  due         text NOT NULL,
  safe_days   integer NOT NULL DEFAULT 1, -- how many days before the due day it should be done
  export      text NOT NULL DEFAULT '', -- the sheet that it asks for
  CHECK (due ~ '^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$')
);
CREATE TABLE campaign_reports (
  task_id         uuid NOT NULL REFERENCES campaign_tasks (id),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  due_on          date NOT NULL,
  done_on         date NOT NULL,
  receipt         text NOT NULL DEFAULT '',
  note            text NOT NULL DEFAULT '',
  done_by         uuid NOT NULL REFERENCES users (id),
  done_at         timestamptz NOT NULL,
  PRIMARY KEY (task_id, organisation_id, due_on)
);
WITH c AS (
  INSERT INTO campaigns (code, name_zh, name_en, region_code, source, starts_on, ends_on) VALUES
  ('IM-QUALITY-2021', '内蒙古医养结合机构服务质量提升行动', 'Inner Mongolia campaign for the quality of integrated care', '150000', '内蒙古自治区实施方案（2021–2022年）', '2021-01-01', '2022-12-31'),
  ('PROMOTION-2027', '医养结合促进行动', 'Promotion of integrated medical and elderly care', '100000', '国家卫生健康委等，至2027年底', '2025-10-01', '2027-12-31'),
  ('YEARLY-SELF-CHECK', '年度质量自查（沿用自治区行动日历，待主管部门确认）', 'Yearly self-check (the calendar of the regional campaign, to be confirmed by the authority)', '150000', '内蒙古自治区实施方案的日历，本系统沿用', '2023-01-01', NULL)
  RETURNING id, code)
INSERT INTO campaign_tasks (campaign_id, name_zh, name_en, level, receiver_zh, receiver_en, opens, due, safe_days, export)
SELECT c.id, t.name_zh, t.name_en, t.level, t.receiver_zh, t.receiver_en, t.opens, t.due, t.safe_days, t.export FROM c JOIN (VALUES
  ('IM-QUALITY-2021', '自查自纠', 'Self-check', 'INSTITUTION', '旗县卫生健康部门', 'the county', '01-01', '03-31', 1, 'E1'),
  ('IM-QUALITY-2021', '整改核查：台账与自查整改表', 'Rectification: ledger and form', 'INSTITUTION', '旗县卫生健康部门', 'the county', '04-01', '08-31', 1, 'E1b'),
  ('IM-QUALITY-2021', '总结报告与汇总表', 'Summary report and table', 'LEAGUE', '自治区卫生健康委', 'the region', '09-01', '10-20', 1, 'E2'),
  ('PROMOTION-2027', '旗县覆盖与签约率达标', 'County coverage and contract rate', 'COUNTY', '盟市、自治区', 'league and region', '2025-10-01', '2027-12-31', 30, 'E8'),
  ('YEARLY-SELF-CHECK', '自查自纠', 'Self-check', 'INSTITUTION', '旗县卫生健康部门', 'the county', '01-01', '03-31', 1, 'E1'),
  ('YEARLY-SELF-CHECK', '整改台账', 'Rectification ledger', 'INSTITUTION', '旗县卫生健康部门', 'the county', '04-01', '08-31', 1, 'E1b'),
  ('YEARLY-SELF-CHECK', '汇总表报盟市', 'Summary table to the league', 'COUNTY', '盟市卫生健康委', 'the league', '09-01', '10-10', 1, 'E2'),
  ('YEARLY-SELF-CHECK', '汇总表报自治区', 'Summary table to the region', 'LEAGUE', '自治区卫生健康委', 'the region', '09-01', '10-20', 1, 'E2'),
  ('YEARLY-SELF-CHECK', '抽查评估', 'Inspection by samples', 'REGION', '', '', '09-01', '12-31', 1, 'E12')
) AS t(code, name_zh, name_en, level, receiver_zh, receiver_en, opens, due, safe_days, export) ON t.code = c.code;

-- self_check_items: the form, a working layout that an authority may replace: what follows from the system names its indicator.
CREATE TABLE self_check_items (
  code      text PRIMARY KEY,
  position  smallint NOT NULL,
  category  text NOT NULL, -- QUALIFICATION, MEDICAL, SYSTEM, STAFF, REMOTE, INFECTION, SAFETY
  item_zh   text NOT NULL,
  item_en   text NOT NULL,
  basis     text NOT NULL,
  indicator text NOT NULL DEFAULT ''
);
INSERT INTO self_check_items (code, position, category, item_zh, item_en, basis, indicator) VALUES
('Q1', 1, 'QUALIFICATION', '医疗机构执业许可证或诊所备案在有效期内', 'Medical licence or clinic filing in force', '医疗机构管理条例', ''),
('Q2', 2, 'QUALIFICATION', '养老机构备案有效，名称使用规范', 'Care filing in force, name used properly', '国卫老龄发〔2024〕40号 三', ''),
('Q3', 3, 'QUALIFICATION', '远程服务在登记的诊疗科目内开展', 'Remote services within the licensed departments', '远程医疗服务管理规范（试行）', 'I-18'),
('M1', 4, 'MEDICAL', '病历与诊疗意见完整、按时', 'Records and opinions complete and in time', '医疗机构病历管理规定', 'I-16'),
('M2', 5, 'MEDICAL', '双向转诊有记录、有闭环', 'Referrals recorded and closed', '国卫老龄发〔2024〕40号 二', 'I-23'),
('M3', 6, 'MEDICAL', '自带药品与处方药管理到位', 'Medicines brought along and prescribed are managed', '国卫老龄发〔2024〕40号 十一', ''),
('S1', 7, 'SYSTEM', '知情同意、会诊、不良事件、投诉等制度齐全', 'Rules for consent, consultation, events and complaints exist', '互联网诊疗监管细则（试行）', 'I-15'),
('S2', 8, 'SYSTEM', '投诉按期办结', 'Complaints closed in time', '医疗机构投诉管理办法', 'I-28'),
('P1', 9, 'STAFF', '医师、护士执业注册有效', 'Registrations of doctors and nurses in force', '医师法、护士条例', ''),
('P2', 10, 'STAFF', '邀请方医师陪同到位', 'An attending doctor accompanies', '远程医疗服务管理规范（试行）', 'I-18'),
('R1', 11, 'REMOTE', '与合作医院的协议在有效期内、条款齐全', 'Agreements in force with all clauses', '远程医疗服务管理规范（试行）', 'I-19'),
('R2', 12, 'REMOTE', '医养结合监测信息按要求及时填报', 'Monitoring data filed in time', '内蒙古自治区实施方案 二（五）', ''),
('R3', 13, 'REMOTE', '远程服务数据真实、完整', 'Remote-service data true and complete', '严禁弄虚作假', 'I-32'),
('I1', 14, 'INFECTION', '传染病预检、报告时限落实', 'Screening and reporting of infectious disease', '传染病防治法', ''),
('A1', 15, 'SAFETY', '不良事件及时上报', 'Adverse events reported in time', '医疗质量管理办法', 'I-27'),
('A2', 16, 'SAFETY', '急救、转诊合作机制与应急预案', 'Emergency plan and cooperation', '内蒙古自治区实施方案', '');
CREATE TABLE self_checks (
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  year            integer NOT NULL,
  item            text NOT NULL REFERENCES self_check_items (code),
  result          text NOT NULL CHECK (result IN ('MET', 'PARTLY', 'NOT_MET', 'NOT_APPLICABLE')),
  problem_enc     bytea,
  immediate       boolean NOT NULL DEFAULT false, -- 立行立改
  id              uuid NOT NULL UNIQUE, -- what the sealed text is bound to
  revision        integer NOT NULL DEFAULT 1,
  checked_by      uuid NOT NULL REFERENCES users (id),
  checked_at      timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, year, item)
);

-- rectifications: the ledger of what was found and is to be mended.
CREATE TABLE rectifications (
  id              uuid PRIMARY KEY,
  number          text NOT NULL UNIQUE,
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  found_by_level  text NOT NULL CHECK (found_by_level IN ('SELF', 'COUNTY', 'LEAGUE', 'REGION')),
  found_on        date NOT NULL,
  item            text REFERENCES self_check_items (code),
  category        text NOT NULL,
  severity        text NOT NULL CHECK (severity IN ('MINOR', 'MAJOR', 'CRITICAL')),
  finding_enc     bytea NOT NULL,
  measure_enc     bytea,
  owner_enc       bytea NOT NULL, -- who answers for it
  due_on          date NOT NULL,
  progress        smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  state           text NOT NULL CHECK (state IN ('OPEN', 'WORKING', 'DONE', 'VERIFIED')),
  evidence_enc    bytea,
  done_on         date,
  verified_by     uuid REFERENCES users (id),
  verified_on     date,
  verdict_enc     bytea,
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL REFERENCES users (id),
  created_at      timestamptz NOT NULL,
  CHECK ((state IN ('DONE', 'VERIFIED')) = (done_on IS NOT NULL)),
  CHECK ((state = 'VERIFIED') = (verified_on IS NOT NULL))
);
CREATE INDEX rectifications_organisation ON rectifications (organisation_id, due_on);
CREATE SEQUENCE rectification_numbers;

-- samples: what an authority draws for inspection. The seed gives the list again from the same population; the list is frozen.
CREATE TABLE samples (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisations (id), -- who inspects
  subject_id      uuid NOT NULL REFERENCES organisations (id), -- whose consultations
  kind            text NOT NULL CHECK (kind IN ('M', 'Q', 'Y')),
  starts_on       date NOT NULL,
  seed            bigint NOT NULL,
  size            integer NOT NULL CHECK (size BETWEEN 1 AND 500),
  population      integer NOT NULL,
  population_hash bytea NOT NULL,
  purpose         text NOT NULL,
  drawn_by        uuid NOT NULL REFERENCES users (id),
  drawn_at        timestamptz NOT NULL
);
CREATE INDEX samples_organisation ON samples (organisation_id, drawn_at DESC);
CREATE TABLE sample_rows (
  sample_id       uuid NOT NULL REFERENCES samples (id),
  position        integer NOT NULL,
  consultation_id uuid NOT NULL REFERENCES consultations (id),
  score           smallint CHECK (score BETWEEN 0 AND 100),
  note_enc        bytea,
  id              uuid NOT NULL UNIQUE,
  scored_by       uuid REFERENCES users (id),
  scored_at       timestamptz,
  PRIMARY KEY (sample_id, position)
);

-- export_jobs: sheets are written by any node; a job whose lease ran out is written again from the start. The file is kept sealed
-- in pieces for some days.
CREATE TABLE export_jobs (
  id              uuid PRIMARY KEY,
  sheet           text NOT NULL,
  format          text NOT NULL CHECK (format IN ('xlsx', 'csv')),
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  params          jsonb NOT NULL,
  locale          text NOT NULL,
  requested_by    uuid NOT NULL REFERENCES users (id),
  requested_at    timestamptz NOT NULL,
  state           text NOT NULL CHECK (state IN ('WAITING', 'WORKING', 'READY', 'CANCELLED', 'FAILED')),
  attempt         integer NOT NULL DEFAULT 0, -- fencing token of the node that writes
  lease_until     timestamptz,
  done_rows       integer NOT NULL DEFAULT 0,
  total_rows      integer NOT NULL DEFAULT 0,
  file_name       text NOT NULL DEFAULT '',
  size            bigint NOT NULL DEFAULT 0,
  sha256          bytea,
  error_code      text NOT NULL DEFAULT '',
  finished_at     timestamptz,
  expires_at      timestamptz
);
CREATE INDEX export_jobs_requested ON export_jobs (requested_by, requested_at DESC);
CREATE INDEX export_jobs_waiting ON export_jobs (requested_at) WHERE state IN ('WAITING', 'WORKING');
CREATE TABLE export_pieces (
  job_id   uuid NOT NULL REFERENCES export_jobs (id) ON DELETE CASCADE,
  attempt  integer NOT NULL,
  position integer NOT NULL,
  id       uuid NOT NULL,
  content_enc bytea NOT NULL,
  PRIMARY KEY (job_id, attempt, position)
);

-- What was submitted before this version enters the ledger by the follower.
INSERT INTO ledger_due (consultation_id) SELECT id FROM consultations WHERE submitted_at IS NOT NULL ORDER BY created_at;

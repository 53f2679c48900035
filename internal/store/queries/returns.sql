-- name: SnapshotsOf :many
SELECT s.*, o.name AS organisation, c.display_name AS created_name, coalesce(l.display_name, '')::text AS locked_name, coalesce(g.display_name, '')::text AS signed_name, coalesce(f.display_name, '')::text AS filed_name
FROM snapshots s JOIN organisations o ON o.id = s.organisation_id JOIN users c ON c.id = s.created_by
LEFT JOIN users l ON l.id = s.locked_by LEFT JOIN users g ON g.id = s.signed_by LEFT JOIN users f ON f.id = s.filed_by
WHERE s.organisation_id = @organisation_id AND (sqlc.narg(id)::uuid IS NULL OR s.id = sqlc.narg(id)::uuid)
ORDER BY s.starts_on DESC, s.kind, s.version DESC;

-- name: SnapshotOrganisation :one
SELECT organisation_id FROM snapshots WHERE id = @id;

-- name: LockSnapshotRow :one
SELECT * FROM snapshots WHERE id = @id FOR UPDATE;

-- name: NewestSnapshot :one
SELECT * FROM snapshots WHERE organisation_id = @organisation_id AND kind = @kind AND starts_on = @starts_on ORDER BY version DESC LIMIT 1;

-- name: SnapshotVersion :one
SELECT * FROM snapshots WHERE organisation_id = @organisation_id AND kind = @kind AND starts_on = @starts_on AND version = @version;

-- name: AddSnapshot :execrows
-- No row: somebody else has just drafted it.
INSERT INTO snapshots (id, organisation_id, kind, starts_on, version, state, reason, created_by, created_at)
VALUES (@id, @organisation_id, @kind, @starts_on, @version, 'DRAFT', @reason, @created_by, @now)
ON CONFLICT (organisation_id, kind, starts_on, version) DO NOTHING;

-- name: FreezeSnapshot :execrows
UPDATE snapshots SET state = 'LOCKED', ruleset = @ruleset, definitions = @definitions, figures = @figures, differences = @differences, row_count = @row_count, digest = @digest, seal = @seal,
  seal_kid = @seal_kid, locked_by = sqlc.arg(locked_by)::uuid, locked_at = sqlc.arg(now)::timestamptz
WHERE id = @id AND state = 'DRAFT';

-- name: SignSnapshot :execrows
UPDATE snapshots SET state = 'SIGNED', signed_by = sqlc.arg(signed_by)::uuid, signed_at = sqlc.arg(now)::timestamptz WHERE id = @id AND state = 'LOCKED';

-- name: FileSnapshot :execrows
UPDATE snapshots SET state = 'FILED', receipt = @receipt, filed_by = sqlc.arg(filed_by)::uuid, filed_at = sqlc.arg(now)::timestamptz WHERE id = @id AND state = 'SIGNED';

-- name: FreezeLedgerRows :execrows
-- Content is what is compared with other versions and with the ledger; sheet is what the sheet of the rows says besides, as it was then.
-- The rows of one institution's period, oldest first, as they are now.
INSERT INTO snapshot_rows (snapshot_id, position, key, content)
SELECT sqlc.arg(snapshot_id)::uuid, row_number() OVER (ORDER BY l.period_on, l.consultation_id)::integer, l.serial,
  jsonb_build_object('id', l.consultation_id, 'day', l.period_on, 'service', l.service_type, 'goal', l.goal, 'urgency', l.urgency, 'state', l.state, 'countable', l.countable, 'reasons', l.reasons,
    'ruleset', l.ruleset, 'marks', l.marks, 'effective', l.effective_seconds, 'sheet', jsonb_build_object('start', c.started_at, 'end', c.ended_at, 'institution', o.name,
    'region', o.region_code, 'hospital', coalesce(h.name, ''), 'department', l.department_code, 'resident', 'R' || upper(substr(l.resident_id::text, 29)), 'sex', r.sex,
    'age', extract(year FROM age(l.period_on, r.birth_date))::integer, 'ability', r.ability_level, 'diagnosis', CASE WHEN c.problem_key LIKE 'reasons:%' OR c.reported_at IS NULL THEN '' ELSE c.problem_key END,
    'attending', coalesce(s.display_name, ''), 'doctor', coalesce(u.display_name, ''), 'title', l.doctor_title,
    'licence', CASE WHEN length(k.number) > 8 THEN left(k.number, 4) || repeat('*', length(k.number) - 8) || right(k.number, 4) ELSE k.number END,
    'consent', coalesce(upper(substr(c.consent_id::text, 25)), ''), 'agreement', coalesce(a.number, ''), 'outcome', l.outcome_code,
    'opinion', CASE WHEN p.version IS NULL THEN '' ELSE l.serial || '-R' || p.version END, 'signed', c.reported_at, 'adoption', l.adoption,
    'referred', EXISTS (SELECT 1 FROM referrals f WHERE f.consultation_id = c.id), 'rating', (SELECT max(t.score) FROM satisfaction_ratings t WHERE t.consultation_id = c.id),
    'drill', l.drill, 'digest', coalesce(encode(p.digest, 'hex'), '')))
FROM ledger l JOIN consultations c ON c.id = l.consultation_id JOIN organisations o ON o.id = l.inviting_org_id JOIN residents r ON r.id = l.resident_id
LEFT JOIN organisations h ON h.id = l.invited_org_id LEFT JOIN users s ON s.id = c.submitter_id LEFT JOIN users u ON u.id = c.doctor_id LEFT JOIN agreements a ON a.id = c.agreement_id
LEFT JOIN reports p ON p.consultation_id = c.id AND p.version = (SELECT max(x.version) FROM reports x WHERE x.consultation_id = c.id)
CROSS JOIN LATERAL (SELECT licence_on(c.doctor_id, local_day(coalesce(c.ended_at, c.submitted_at))) AS number) k
WHERE l.inviting_org_id = @organisation_id AND l.period_on >= @since AND l.period_on < @before AND l.marks <> 0;

-- name: AddSnapshotRow :exec
INSERT INTO snapshot_rows (snapshot_id, position, key, content) VALUES (@snapshot_id, @position, @key, @content);

-- name: SnapshotRows :many
SELECT position, key, content::text AS content FROM snapshot_rows WHERE snapshot_id = @snapshot_id AND position > @after ORDER BY position LIMIT @batch;

-- name: SnapshotRulesets :many
SELECT DISTINCT ruleset FROM ledger WHERE inviting_org_id = ANY (@members::uuid[]) AND period_on >= @since AND period_on < @before AND ruleset <> '' ORDER BY 1;

-- name: SnapshotRowChanges :many
-- Rows that two versions have differently, or only one of them has; the second one the ledger's own when no version is given.
SELECT coalesce(a.key, b.key)::text AS key, coalesce(a.content::text, '')::text AS before, coalesce(b.content::text, '')::text AS after
FROM (SELECT r.key, r.content - 'sheet' AS content FROM snapshot_rows r WHERE r.snapshot_id = sqlc.arg(earlier)::uuid) a
FULL JOIN (SELECT r.key, r.content - 'sheet' AS content FROM snapshot_rows r WHERE r.snapshot_id = sqlc.arg(later)::uuid) b ON b.key = a.key
WHERE a.content IS DISTINCT FROM b.content ORDER BY 1 LIMIT 200;

-- name: LedgerRowChanges :many
-- Rows that a snapshot has differently from the ledger.
SELECT coalesce(a.key, b.key)::text AS key, coalesce(a.content::text, '')::text AS before, coalesce(b.content::text, '')::text AS after
FROM (SELECT r.key, r.content - 'sheet' AS content FROM snapshot_rows r WHERE r.snapshot_id = sqlc.arg(earlier)::uuid) a
FULL JOIN (SELECT l.serial AS key,
    jsonb_build_object('id', l.consultation_id, 'day', l.period_on, 'service', l.service_type, 'goal', l.goal, 'urgency', l.urgency, 'state', l.state, 'countable', l.countable, 'reasons', l.reasons,
      'ruleset', l.ruleset, 'marks', l.marks, 'effective', l.effective_seconds) AS content
  FROM ledger l WHERE l.inviting_org_id = @organisation_id AND l.period_on >= @since AND l.period_on < @before AND l.marks <> 0) b ON b.key = a.key
WHERE a.content IS DISTINCT FROM b.content ORDER BY 1 LIMIT 200;

-- name: CampaignTasks :many
SELECT t.*, c.name_zh AS campaign_zh, c.name_en AS campaign_en, c.source, c.region_code, c.starts_on, c.ends_on FROM campaign_tasks t JOIN campaigns c ON c.id = t.campaign_id
WHERE c.starts_on <= sqlc.arg(until)::date AND (c.ends_on IS NULL OR c.ends_on >= sqlc.arg(since)::date);

-- name: CampaignTask :one
SELECT t.*, c.starts_on, c.ends_on, c.region_code FROM campaign_tasks t JOIN campaigns c ON c.id = t.campaign_id WHERE t.id = @id;

-- name: CampaignReports :many
SELECT * FROM campaign_reports WHERE organisation_id = ANY (@organisations::uuid[]);

-- name: AddCampaignReport :exec
INSERT INTO campaign_reports (task_id, organisation_id, due_on, done_on, receipt, done_by, done_at) VALUES (@task_id, @organisation_id, @due_on, @done_on, @receipt, @done_by, @now)
ON CONFLICT (task_id, organisation_id, due_on) DO UPDATE SET done_on = excluded.done_on, receipt = excluded.receipt, done_by = excluded.done_by, done_at = excluded.done_at;

-- name: SelfChecks :many
SELECT i.code, i.position, i.category, i.item_zh, i.item_en, i.content_zh, i.content_en, i.basis, i.indicator, c.id, coalesce(c.result, '')::text AS result, c.problem_enc, coalesce(c.immediate, false)::boolean AS immediate,
  coalesce(c.revision, 0)::integer AS revision, c.checked_at, coalesce(u.display_name, '')::text AS checked_name
FROM self_check_items i LEFT JOIN self_checks c ON c.item = i.code AND c.organisation_id = @organisation_id AND c.year = @year LEFT JOIN users u ON u.id = c.checked_by ORDER BY i.position;

-- name: SelfCheckForUpdate :one
SELECT * FROM self_checks WHERE organisation_id = @organisation_id AND year = @year AND item = @item FOR UPDATE;

-- name: SaveSelfCheck :execrows
INSERT INTO self_checks (organisation_id, year, item, result, problem_enc, immediate, id, checked_by, checked_at)
VALUES (@organisation_id, @year, @item, @result, @problem_enc, @immediate, @id, @checked_by, @now)
ON CONFLICT (organisation_id, year, item) DO UPDATE SET result = excluded.result, problem_enc = excluded.problem_enc, immediate = excluded.immediate, checked_by = excluded.checked_by,
  checked_at = excluded.checked_at, revision = self_checks.revision + 1
WHERE self_checks.revision = @revision;

-- name: RectificationsOf :many
SELECT r.*, o.name AS organisation, coalesce(v.display_name, '')::text AS verified_name,
  coalesce((SELECT s.done_by FROM rectification_steps s WHERE s.rectification_id = r.id AND s.kind = 'DONE' ORDER BY s.done_at DESC, s.id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS finished_by
FROM rectifications r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN users v ON v.id = r.verified_by
WHERE r.organisation_id = ANY (@members::uuid[]) ORDER BY r.state = 'VERIFIED', r.due_on, r.number LIMIT 1000;

-- name: RectificationByID :one
SELECT r.*, o.name AS organisation, coalesce(v.display_name, '')::text AS verified_name,
  coalesce((SELECT s.done_by FROM rectification_steps s WHERE s.rectification_id = r.id AND s.kind = 'DONE' ORDER BY s.done_at DESC, s.id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS finished_by
FROM rectifications r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN users v ON v.id = r.verified_by
WHERE r.id = @id FOR UPDATE OF r;

-- name: NextRectification :one
SELECT nextval('rectification_numbers');

-- name: AddRectification :exec
INSERT INTO rectifications (id, number, organisation_id, found_by_level, found_on, item, category, severity, finding_enc, measure_enc, owner_enc, due_on, state, created_by, created_at)
VALUES (@id, @number, @organisation_id, @found_by_level, @found_on, sqlc.narg(item), @category, @severity, @finding_enc, @measure_enc, @owner_enc, @due_on, 'OPEN', @created_by, @now);

-- name: UpdateRectification :execrows
UPDATE rectifications SET measure_enc = @measure_enc, owner_enc = @owner_enc, progress = @progress, evidence_enc = @evidence_enc, due_on = @due_on, state = @state, done_on = @done_on, revision = revision + 1
WHERE id = @id AND revision = @revision AND state <> 'VERIFIED';

-- name: VerifyRectification :execrows
UPDATE rectifications SET state = @state, done_on = @done_on, verified_by = @verified_by, verified_on = @verified_on, verdict_enc = @verdict_enc, progress = @progress, revision = revision + 1
WHERE id = @id AND state = 'DONE';

-- name: AddRectificationStep :exec
INSERT INTO rectification_steps (id, rectification_id, kind, progress, due_on, note_enc, done_by, done_at) VALUES (@id, @rectification_id, @kind, @progress, @due_on, @note_enc, @done_by, @now);

-- name: RectificationSteps :many
SELECT s.*, u.display_name AS done_name FROM rectification_steps s JOIN users u ON u.id = s.done_by WHERE s.rectification_id = @rectification_id ORDER BY s.done_at DESC, s.id DESC;

-- name: SummaryOfWork :many
SELECT o.id AS organisation_id, (EXISTS (SELECT 1 FROM self_checks c WHERE c.organisation_id = o.id AND c.year = @year))::integer AS checked,
  (SELECT count(*) FROM rectifications r WHERE r.organisation_id = o.id AND r.found_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date)::integer AS findings,
  (SELECT count(*) FROM self_checks c WHERE c.organisation_id = o.id AND c.year = @year AND c.immediate)::integer AS at_once,
  (SELECT count(*) FROM rectifications r WHERE r.organisation_id = o.id AND r.found_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date)::integer AS limited,
  (SELECT count(*) FROM rectifications r WHERE r.organisation_id = o.id AND r.found_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date AND r.state IN ('DONE', 'VERIFIED'))::integer AS mended,
  (SELECT count(*) FROM rectifications r WHERE r.organisation_id = o.id AND r.found_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date AND r.due_on < sqlc.arg(today)::date
    AND r.state NOT IN ('DONE', 'VERIFIED'))::integer AS overdue,
  -- An authority found something there, verified what was mended, or concluded an inspection.
  (EXISTS (SELECT 1 FROM rectifications r WHERE r.organisation_id = o.id AND (r.found_by_level <> 'SELF' AND r.found_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date
      OR r.verified_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date))
    OR EXISTS (SELECT 1 FROM samples s WHERE s.subject_id = o.id AND local_day(s.concluded_at) BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date))::integer AS verified,
  -- Consultations that were found to be false or unlawful (NC20).
  (SELECT count(*) FROM ledger l WHERE l.inviting_org_id = o.id AND l.period_on BETWEEN sqlc.arg(since)::date AND sqlc.arg(until)::date AND l.reasons & (1 << 19) <> 0)::integer AS unlawful
FROM organisations o WHERE o.id = ANY (@members::uuid[]) AND o.kind = 'CARE';

-- name: SamplesOf :many
-- Those that an authority drew, or one of them.
SELECT s.*, o.name AS subject, u.display_name AS drawn_name, coalesce(c.display_name, '')::text AS concluded_name, n.drawn::integer AS drawn, n.scored::integer AS scored, n.total::integer AS total
FROM samples s JOIN organisations o ON o.id = s.subject_id JOIN users u ON u.id = s.drawn_by LEFT JOIN users c ON c.id = s.concluded_by
CROSS JOIN LATERAL (SELECT count(*) AS drawn, count(r.score) AS scored, coalesce(sum(r.score), 0) AS total FROM sample_rows r WHERE r.sample_id = s.id) n
WHERE s.organisation_id = @organisation_id AND (sqlc.narg(id)::uuid IS NULL OR s.id = sqlc.narg(id)::uuid) ORDER BY s.drawn_at DESC, s.id DESC;

-- name: SampleOrganisation :one
SELECT organisation_id FROM samples WHERE id = @id;

-- name: SampleForUpdate :one
SELECT s.organisation_id, s.concluded_at, (SELECT count(*) FROM sample_rows r WHERE r.sample_id = s.id AND r.score IS NULL)::integer AS unscored FROM samples s WHERE s.id = @id FOR UPDATE;

-- name: ConcludeSample :execrows
UPDATE samples SET conclusion_enc = @conclusion_enc, concluded_by = sqlc.arg(concluded_by)::uuid, concluded_at = sqlc.arg(now)::timestamptz WHERE id = @id AND concluded_at IS NULL;

-- name: AddSample :exec
INSERT INTO samples (id, organisation_id, subject_id, kind, starts_on, seed, size, population, population_hash, purpose, drawn_by, drawn_at)
VALUES (@id, @organisation_id, @subject_id, @kind, @starts_on, @seed, @size, @population, @population_hash, @purpose, @drawn_by, @now);

-- name: AddSampleRow :exec
INSERT INTO sample_rows (sample_id, position, consultation_id, id) VALUES (@sample_id, @position, @consultation_id, @id);

-- name: SamplePopulation :many
-- The completed consultations of a period, in the order of their ids: the list that the seed is applied to.
SELECT l.consultation_id FROM ledger l WHERE l.inviting_org_id = ANY (@members::uuid[]) AND l.period_on >= @since AND l.period_on < @before AND (l.marks >> 9) & 1 = 1 ORDER BY l.consultation_id;

-- name: SampleRows :many
SELECT r.position, r.score, r.note_enc, r.id, l.serial, o.id AS organisation_id, o.name AS institution, l.service_type, l.state, l.countable, l.reasons, l.drill, coalesce(u.display_name, '')::text AS inspector
FROM sample_rows r JOIN ledger l ON l.consultation_id = r.consultation_id JOIN organisations o ON o.id = l.inviting_org_id LEFT JOIN users u ON u.id = r.scored_by
WHERE r.sample_id = @sample_id ORDER BY r.position;

-- name: SampleRowID :one
SELECT id FROM sample_rows WHERE sample_id = @sample_id AND position = @position;

-- name: ScoreSampleRow :execrows
UPDATE sample_rows SET score = sqlc.arg(score)::smallint, note_enc = @note_enc, scored_by = sqlc.arg(scored_by)::uuid, scored_at = sqlc.arg(now)::timestamptz WHERE sample_id = @sample_id AND position = @position;

-- name: AddImport :exec
INSERT INTO imports (id, organisation_id, what, file_name, sha256, rows, imported_by, imported_at) VALUES (@id, @organisation_id, @what, @file_name, @sha256, @rows, @imported_by, @now);

-- name: AddImportedValue :exec
INSERT INTO imported_values (import_id, organisation_id, kind, starts_on, mark, value) VALUES (@import_id, @organisation_id, @kind, @starts_on, @mark, @value);

-- name: OrganisationByCreditCode :one
SELECT id, name, kind FROM organisations WHERE credit_code = @credit_code;

-- name: ImportsOf :many
SELECT i.id, i.what, i.file_name, i.rows, i.imported_at, u.display_name AS imported_name FROM imports i JOIN users u ON u.id = i.imported_by
WHERE i.organisation_id = ANY (@organisations::uuid[]) ORDER BY i.imported_at DESC LIMIT 50;

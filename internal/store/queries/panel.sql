-- name: FdTeams :many
-- Teams of organisations, and those of which somebody is a member.
SELECT sqlc.embed(t), o.name AS organisation,
  (SELECT count(*) FROM fd_contracts c WHERE c.team_id = t.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= sqlc.arg(day)::date AND c.ended_on > sqlc.arg(day)::date) AS residents,
  EXISTS (SELECT 1 FROM fd_team_members m WHERE m.team_id = t.id AND m.user_id = sqlc.arg(user_id) AND m.until IS NULL) AS mine
FROM fd_teams t JOIN organisations o ON o.id = t.organisation_id
WHERE (sqlc.narg(id)::uuid IS NULL OR t.id = sqlc.narg(id)::uuid)
  AND (t.organisation_id = ANY (sqlc.arg(administered)::uuid[])
    OR t.active AND t.organisation_id = ANY (sqlc.arg(works)::uuid[]) AND EXISTS (SELECT 1 FROM fd_team_members m WHERE m.team_id = t.id AND m.user_id = sqlc.arg(user_id) AND m.until IS NULL))
ORDER BY t.active DESC, o.name, t.name;

-- name: FdTeamMembers :many
SELECT m.team_id, m.user_id, m.part, u.display_name FROM fd_team_members m JOIN users u ON u.id = m.user_id
WHERE m.team_id = ANY (sqlc.arg(teams)::uuid[]) AND m.until IS NULL
ORDER BY m.team_id, array_position('{LEADER,DOCTOR,NURSE,PUBLIC_HEALTH}'::text[], m.part), u.display_name;

-- name: FdTeamAlone :one
SELECT * FROM fd_teams WHERE id = sqlc.arg(id);

-- name: LockFdTeam :one
SELECT * FROM fd_teams WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: AddFdTeam :exec
INSERT INTO fd_teams (id, organisation_id, name, phone, created_by, created_at, updated_at) VALUES (sqlc.arg(id), sqlc.arg(organisation_id), sqlc.arg(name), sqlc.arg(phone), sqlc.arg(created_by), sqlc.arg(now), sqlc.arg(now));

-- name: ChangeFdTeam :execrows
UPDATE fd_teams SET name = sqlc.arg(name), phone = sqlc.arg(phone), active = sqlc.arg(active), revision = revision + 1, updated_at = sqlc.arg(now) WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: EndFdMembers :exec
-- Ends those who are not kept with their part.
UPDATE fd_team_members m SET until = sqlc.arg(now) WHERE m.team_id = sqlc.arg(team_id) AND m.until IS NULL
  AND NOT EXISTS (SELECT 1 FROM (SELECT unnest(sqlc.arg(users)::uuid[]) AS user_id, unnest(sqlc.arg(parts)::text[]) AS part) k WHERE k.user_id = m.user_id AND k.part = m.part);

-- name: AddFdMembers :exec
INSERT INTO fd_team_members (id, team_id, user_id, part, since)
SELECT gen_random_uuid(), sqlc.arg(team_id), k.user_id, k.part, sqlc.arg(now) FROM (SELECT unnest(sqlc.arg(users)::uuid[]) AS user_id, unnest(sqlc.arg(parts)::text[]) AS part) k
WHERE NOT EXISTS (SELECT 1 FROM fd_team_members m WHERE m.team_id = sqlc.arg(team_id) AND m.user_id = k.user_id AND m.until IS NULL);

-- name: FdColleagues :many
-- Who of some people has a role in an organisation now.
SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = sqlc.arg(organisation_id) AND m.user_id = ANY (sqlc.arg(users)::uuid[]) AND m.valid_from <= sqlc.arg(now) AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)) AND u.disabled_at IS NULL;

-- name: FdTeamsOfUser :many
-- The active teams of which somebody is a member, in organisations where the role still stands.
SELECT t.id FROM fd_teams t JOIN fd_team_members m ON m.team_id = t.id AND m.until IS NULL AND m.user_id = sqlc.arg(user_id)
WHERE t.active AND t.organisation_id = ANY (sqlc.arg(works)::uuid[]);

-- name: FdCandidates :many
SELECT r.id, r.organisation_id, r.name_enc, r.sex, r.birth_date, r.bed, r.capacity, o.name AS home,
  risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, sqlc.arg(day)::date), sqlc.arg(day)::date)::text[] AS groups,
  coalesce(c.id, '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS contract_id, coalesce(c.state, '')::text AS contract_state, coalesce(c.starts_on, '0001-01-01')::date AS starts_on,
  coalesce(c.ends_on, '0001-01-01')::date AS ends_on, coalesce(c.ended_on, '0001-01-01')::date AS ended_on, coalesce(t.name, '')::text AS contract_team
FROM residents r JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN LATERAL (SELECT x.* FROM fd_contracts x WHERE x.resident_id = r.id AND (x.state = 'DRAFT' OR x.state IN ('SIGNED', 'TERMINATED') AND x.ended_on > sqlc.arg(day)::date)
  ORDER BY x.state = 'DRAFT', x.starts_on LIMIT 1) c ON true
LEFT JOIN fd_teams t ON t.id = c.team_id
WHERE r.left_on IS NULL AND o.active AND r.organisation_id IN (SELECT h.id FROM organisations h WHERE fd_serves(sqlc.arg(medical), h.id, sqlc.arg(day)::date))
ORDER BY o.name, r.bed, r.id LIMIT 3000;

-- name: FdResident :one
-- A resident, and whether a medical institution may look after people there.
SELECT sqlc.embed(r), o.name AS home, fd_serves(sqlc.arg(medical), r.organisation_id, sqlc.arg(day)::date)::boolean AS served FROM residents r JOIN organisations o ON o.id = r.organisation_id WHERE r.id = sqlc.arg(id);

-- name: ResidentForPanel :one
SELECT sqlc.embed(r), o.name AS home, o.phone AS home_phone FROM residents r JOIN organisations o ON o.id = r.organisation_id WHERE r.id = sqlc.arg(id);

-- name: LockResidentForPanel :one
SELECT id FROM residents WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: NextContractNumber :one
INSERT INTO fd_contract_serials (day, last) VALUES (sqlc.arg(day), 1) ON CONFLICT (day) DO UPDATE SET last = fd_contract_serials.last + 1 RETURNING last;

-- name: AddContract :exec
INSERT INTO fd_contracts (id, number, resident_id, team_id, organisation_id, state, packages, items, starts_on, ends_on, ended_on, renews_id, created_by, created_at, updated_at)
VALUES (sqlc.arg(id), sqlc.arg(number), sqlc.arg(resident_id), sqlc.arg(team_id), sqlc.arg(organisation_id), 'DRAFT', sqlc.arg(packages), sqlc.arg(items), sqlc.arg(starts_on), sqlc.arg(ends_on)::date, sqlc.arg(ends_on)::date + 1, sqlc.arg(renews_id), sqlc.arg(created_by), sqlc.arg(now), sqlc.arg(now));

-- name: LockContract :one
SELECT * FROM fd_contracts WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: Contracts :many
-- Contracts that somebody sees: those of teams, and those of residents of institutions.
SELECT sqlc.embed(c), r.organisation_id AS home_id, r.name_enc, r.sex, r.birth_date, r.bed, r.capacity AS resident_capacity, h.name AS home, t.name AS team, o.name AS organisation,
  coalesce((SELECT u.display_name FROM fd_team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = c.team_id AND m.part = 'LEADER' AND m.until IS NULL), '')::text AS leader,
  coalesce((SELECT n.id FROM fd_contracts n WHERE n.renews_id = c.id AND n.state <> 'VOIDED' ORDER BY n.created_at DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS renewed_by,
  coalesce(s.display_name, '')::text AS signed_by_name, coalesce(e.display_name, '')::text AS terminated_by_name, coalesce(a.content_type, '')::text AS file_type,
  risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, sqlc.arg(day)::date), sqlc.arg(day)::date)::text[] AS groups
FROM fd_contracts c JOIN residents r ON r.id = c.resident_id JOIN organisations h ON h.id = r.organisation_id JOIN fd_teams t ON t.id = c.team_id JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN users s ON s.id = c.signed_by LEFT JOIN users e ON e.id = c.terminated_by LEFT JOIN attachments a ON a.id = c.attachment_id
WHERE (c.team_id = ANY (sqlc.arg(teams)::uuid[]) OR c.organisation_id = ANY (sqlc.arg(organisations)::uuid[]) OR r.organisation_id = ANY (sqlc.arg(homes)::uuid[]) AND c.state <> 'VOIDED')
  AND (sqlc.narg(id)::uuid IS NULL OR c.id = sqlc.narg(id)::uuid) AND (sqlc.narg(resident_id)::uuid IS NULL OR c.resident_id = sqlc.narg(resident_id)::uuid)
ORDER BY (c.state = 'DRAFT') DESC, (c.state = 'SIGNED' AND c.ended_on > sqlc.arg(day)::date) DESC, CASE WHEN c.state = 'SIGNED' AND c.ended_on > sqlc.arg(day)::date THEN c.ends_on END, c.ends_on DESC, c.id DESC
LIMIT 1000;

-- name: ChangeContract :execrows
UPDATE fd_contracts SET packages = sqlc.arg(packages), items = sqlc.arg(items), starts_on = sqlc.arg(starts_on), ends_on = sqlc.arg(ends_on)::date, ended_on = sqlc.arg(ends_on)::date + 1, revision = revision + 1, updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'DRAFT';

-- name: SetContractFile :execrows
UPDATE fd_contracts SET attachment_id = sqlc.arg(attachment_id), revision = revision + 1, updated_at = sqlc.arg(now) WHERE id = sqlc.arg(id) AND state = 'DRAFT';

-- name: SignContract :execrows
UPDATE fd_contracts SET state = 'SIGNED', signed_how = sqlc.arg(signed_how), signer_kind = sqlc.arg(signer_kind), signer_name_enc = sqlc.arg(signer_name_enc), relation = sqlc.arg(relation), capacity = sqlc.arg(capacity), reason_enc = sqlc.arg(reason_enc),
  system_number = sqlc.arg(system_number), attachment_id = sqlc.arg(attachment_id), text_version = sqlc.arg(text_version), text_hash = sqlc.arg(text_hash), text_enc = sqlc.arg(text_enc), signed_on = sqlc.arg(signed_on), signed_at = sqlc.arg(now),
  signed_by = sqlc.arg(signed_by), revision = revision + 1, updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'DRAFT';

-- name: TerminateContract :execrows
UPDATE fd_contracts SET state = 'TERMINATED', ended_on = greatest(starts_on, sqlc.arg(ended_on)::date), terminated_code = sqlc.arg(code), terminated_note_enc = sqlc.arg(note_enc), terminated_at = sqlc.arg(now), terminated_by = sqlc.arg(user_id),
  revision = revision + 1, updated_at = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'SIGNED';

-- name: VoidContract :execrows
UPDATE fd_contracts SET state = 'VOIDED', revision = revision + 1, updated_at = sqlc.arg(now) WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision) AND state = 'DRAFT';

-- name: AddContractEvent :exec
INSERT INTO fd_contract_events (id, contract_id, seq, type, from_state, to_state, actor_id, actor_role, data, at)
SELECT sqlc.arg(id), sqlc.arg(contract_id), coalesce(max(e.seq), 0) + 1, sqlc.arg(type), sqlc.arg(from_state), sqlc.arg(to_state), sqlc.narg(actor_id)::uuid, sqlc.arg(actor_role), sqlc.arg(data), sqlc.arg(now) FROM fd_contract_events e WHERE e.contract_id = sqlc.arg(contract_id);

-- name: ContractEvents :many
SELECT e.type, e.to_state, e.data, e.at, coalesce(u.display_name, '')::text AS by_name FROM fd_contract_events e LEFT JOIN users u ON u.id = e.actor_id WHERE e.contract_id = sqlc.arg(contract_id) ORDER BY e.seq;

-- name: ContractsEnding :many
-- Signed contracts in force that end soon and are not renewed, of which the team may have to be told.
SELECT c.id, c.starts_on, c.ends_on, c.told, c.team_id FROM fd_contracts c
WHERE c.state = 'SIGNED' AND c.starts_on <= sqlc.arg(day)::date AND c.ends_on >= sqlc.arg(day)::date AND c.ends_on <= sqlc.arg(day)::date + 90 AND (c.told = 0 OR c.told > 30)
  AND NOT EXISTS (SELECT 1 FROM fd_contracts n WHERE n.renews_id = c.id AND n.state = 'SIGNED')
ORDER BY c.ends_on, c.id LIMIT 500;

-- name: ToldOfContract :execrows
UPDATE fd_contracts SET told = sqlc.arg(told) WHERE id = sqlc.arg(id) AND state = 'SIGNED' AND told = sqlc.arg(before);

-- name: FdTeamUsers :many
SELECT m.user_id FROM fd_team_members m WHERE m.team_id = sqlc.arg(team_id) AND m.until IS NULL ORDER BY m.user_id;

-- name: ContractInForce :one
-- The contract of a resident that holds on a day.
SELECT c.id, c.number, c.team_id, c.organisation_id, c.ends_on FROM fd_contracts c
WHERE c.resident_id = sqlc.arg(resident_id) AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= sqlc.arg(day)::date AND c.ended_on > sqlc.arg(day)::date;

-- name: RiskFactsOf :one
SELECT r.ability_level, r.birth_date, r.condition_codes, marks_of(r.id, sqlc.arg(day)::date)::text[] AS marks FROM residents r WHERE r.id = sqlc.arg(id);

-- name: FamilyCoverage :many
-- Of each institution that is one of some or is served by one of some: residents, and how they are covered.
SELECT h.id AS organisation_id, h.name AS organisation, count(r.id) AS residents, count(c.id) AS contracted,
  count(r.id) FILTER (WHERE g.special) AS special, count(c.id) FILTER (WHERE g.special) AS covered, count(c.id) FILTER (WHERE c.state = 'SIGNED' AND c.ends_on <= sqlc.arg(day)::date + 90) AS ending
FROM organisations h JOIN residents r ON r.organisation_id = h.id AND r.left_on IS NULL
CROSS JOIN LATERAL (SELECT risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, sqlc.arg(day)::date), sqlc.arg(day)::date) && sqlc.arg(special)::text[] AS special) g
LEFT JOIN fd_contracts c ON c.resident_id = r.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= sqlc.arg(day)::date AND c.ended_on > sqlc.arg(day)::date
WHERE h.active AND (h.id = ANY (sqlc.arg(organisations)::uuid[]) OR EXISTS (SELECT 1 FROM unnest(sqlc.arg(organisations)::uuid[]) AS m (id) WHERE fd_serves(m.id, h.id, sqlc.arg(day)::date)))
GROUP BY h.id, h.name ORDER BY h.name;

-- name: TeamStillFollowing :one
-- Of some teams the one whose contract with a resident ended lately, begins soon or is drawn up.
SELECT c.team_id, c.organisation_id FROM fd_contracts c
WHERE c.resident_id = sqlc.arg(resident_id) AND c.team_id = ANY (sqlc.arg(teams)::uuid[]) AND (c.state = 'DRAFT' OR c.state = 'SIGNED' AND c.ended_on > sqlc.arg(since)::date)
ORDER BY c.ended_on DESC LIMIT 1;

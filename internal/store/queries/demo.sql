-- The demo's rows have fixed ids, so that seeding again finds them and leaves them as people have changed them since.

-- name: LockDemo :exec
-- Whoever holds it is idle in this transaction for as long as the stories take to tell.
SELECT pg_advisory_xact_lock(7305796542180531), set_config('idle_in_transaction_session_timeout', '0', true);

-- name: DemoOrganisation :exec
INSERT INTO organisations (id, kind, type_code, name, credit_code, level, region_code, reporting_parent_id, address, phone, pilot_member)
VALUES (@id, @kind, @type_code, @name, @credit_code, @level, @region_code, @reporting_parent_id, @address, @phone, @pilot_member)
ON CONFLICT DO NOTHING;

-- name: DemoLicence :exec
INSERT INTO licences (id, organisation_id, kind, number, department_codes, valid_from)
VALUES (@id, @organisation_id, @kind, @number, @department_codes, @valid_from) ON CONFLICT DO NOTHING;

-- name: DemoDepartment :exec
INSERT INTO departments (id, organisation_id, code, name, phone)
VALUES (@id, @organisation_id, @code, @name, @phone) ON CONFLICT DO NOTHING;

-- name: DemoAgreement :exec
INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to,
  clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability)
VALUES (@id, @number, @inviting_org_id, @invited_org_id, @service_types, @department_codes, @valid_from, @valid_to,
  @clause_purpose, @clause_conditions, @clause_content, @clause_process, @clause_rights, @clause_liability) ON CONFLICT DO NOTHING;

-- name: DemoAccount :exec
INSERT INTO users (id, username, display_name, password_hash, must_change_password, languages, phone_enc)
VALUES (@id, @username, @display_name, @password_hash, false, @languages, sqlc.narg(phone_enc)) ON CONFLICT DO NOTHING;

-- name: DemoMembership :exec
INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from)
VALUES (@id, @user_id, @organisation_id, @department_id, @role, @valid_from) ON CONFLICT DO NOTHING;

-- name: DemoProfessionalLicence :exec
INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, category, scope, independent_since, valid_from)
VALUES (@id, @user_id, @organisation_id, @kind, @number, @title_code, @category, @scope, @independent_since, @valid_from) ON CONFLICT DO NOTHING;

-- name: DemoResident :execrows
INSERT INTO residents (id, organisation_id, name_enc, id_type, identity_number_enc, identity_number_hmac, phone_enc, phone_hmac,
  sex, birth_date, ethnic_code, preferred_language, ward, bed, ability_level, capacity, allergies_enc, hearing_impaired,
  sight_impaired, risks, condition_codes, usual_doctor_id, admitted_on)
VALUES (@id, @organisation_id, @name_enc, '01', @identity_number_enc, @identity_number_hmac, @phone_enc, @phone_hmac,
  @sex, @birth_date, @ethnic_code, @preferred_language, @ward, @bed, @ability_level, @capacity, @allergies_enc, @hearing_impaired,
  @sight_impaired, @risks, @condition_codes, @usual_doctor_id, @admitted_on) ON CONFLICT DO NOTHING;

-- name: DemoShift :exec
-- A shift of somebody who is on duty at that time already is left out.
INSERT INTO duty_shifts (id, organisation_id, department_id, user_id, role, starts_at, ends_at)
SELECT @id::uuid, @organisation_id::uuid, sqlc.narg(department_id)::uuid, @user_id::uuid, @role::text, @starts_at::timestamptz, @ends_at::timestamptz
WHERE NOT EXISTS (SELECT 1 FROM duty_shifts s WHERE s.user_id = @user_id::uuid AND s.starts_at < @ends_at::timestamptz AND s.ends_at > @starts_at::timestamptz)
ON CONFLICT DO NOTHING;

-- name: DemoVital :exec
INSERT INTO vitals (id, resident_id, code, loinc, value, unit, flag, source, taken_at, taken_by, recorded_at)
VALUES (@id, @resident_id, @code, @loinc, sqlc.arg(value)::float8, @unit, @flag, 'DEVICE', @taken_at, @taken_by, @taken_at) ON CONFLICT DO NOTHING;

-- name: DemoDeclaration :exec
INSERT INTO organisation_declarations (id, organisation_id, code, document, dated_on, valid_to, declared_by, declared_at)
VALUES (@id, @organisation_id, @code, @document, @dated_on, @valid_to, @declared_by, @declared_at) ON CONFLICT DO NOTHING;

-- name: DemoPrescription :exec
INSERT INTO medications (id, resident_id, source, name_enc, dose_enc, frequency, route, started_on, rx_number, rx_institution, rx_supply_weeks, rx_state, rx_asked_id,
  created_by, created_at, updated_at)
VALUES (@id, @resident_id, 'OTHER_HOSPITAL', @name_enc, @dose_enc, @frequency, 'ORAL', @started_on, @rx_number, @rx_institution, @rx_supply_weeks::smallint, 'ASKED', @asked_id::uuid,
  @created_by, @at, @at) ON CONFLICT DO NOTHING;

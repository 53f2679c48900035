package caretest

import (
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// Exec runs SQL that must work.
func (w *World) Exec(sql string, args ...any) {
	w.T.Helper()
	if _, err := w.Store.Pool.Exec(w.T.Context(), sql, args...); err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
}

// Count gives the one number that SQL answers with.
func (w *World) Count(sql string, args ...any) int {
	w.T.Helper()
	var n int
	if err := w.Store.Pool.QueryRow(w.T.Context(), sql, args...).Scan(&n); err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
	return n
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// longAgo and farAhead bound what is in force in a world.
func longAgo() time.Time  { return Start().AddDate(-5, 0, 0) }
func farAhead() time.Time { return Start().AddDate(5, 0, 0) }

// Organisation enters an organisation.
func (w *World) Organisation(kind, typeCode, name string) uuid.UUID {
	id := newID()
	w.Exec(`INSERT INTO organisations (id, kind, type_code, name, region_code, address, phone, created_at) VALUES ($1, $2, $3, $4, '150102', '新城区海东路1号', '0471-1234567', $5)`,
		id, kind, typeCode, name, longAgo())
	return id
}

// Licence gives an organisation a licence in force.
func (w *World) Licence(org uuid.UUID, kind string, departments ...string) {
	w.Exec(`INSERT INTO licences (id, organisation_id, kind, number, department_codes, valid_from, valid_to) VALUES ($1, $2, $3, 'L-1', $4, $5, $6)`,
		newID(), org, kind, departments, longAgo(), farAhead())
}

// Department enters a department.
func (w *World) Department(org uuid.UUID, code, name string) uuid.UUID {
	id := newID()
	w.Exec(`INSERT INTO departments (id, organisation_id, code, name) VALUES ($1, $2, $3, $4)`, id, org, code, name)
	return id
}

// Agreement enters a cooperation agreement in force.
func (w *World) Agreement(inviting, invited uuid.UUID, services []string, departments ...string) uuid.UUID {
	id := newID()
	w.Exec(`INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to,
		clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '目的', '条件', '内容', '流程', '权利', '责任')`,
		id, id.String(), inviting, invited, services, departments, longAgo(), farAhead())
	return id
}

// User enters an account with one role; its actor is as it would sign in.
func (w *World) User(username, name, role string, org uuid.UUID, departments ...uuid.UUID) identity.Actor {
	w.T.Helper()
	a := identity.Actor{UserID: newID(), SessionID: newID(), Username: username, Name: name, Locale: "zh-CN"}
	w.Exec(`INSERT INTO users (id, username, display_name, password_hash, must_change_password) VALUES ($1, $2, $3, $4, false)`, a.UserID, username, name, w.hash)
	w.Exec(`INSERT INTO auth_sessions (id, user_id, expires_at) VALUES ($1, $2, $3)`, a.SessionID, a.UserID, farAhead())
	if len(departments) == 0 {
		w.member(&a, role, org, nil)
	}
	for _, d := range departments {
		w.member(&a, role, org, &d)
	}
	return a
}

func (w *World) member(a *identity.Actor, role string, org uuid.UUID, department *uuid.UUID) {
	w.Exec(`INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from) VALUES ($1, $2, $3, $4, $5, $6)`,
		newID(), a.UserID, org, department, role, longAgo())
	m := identity.Membership{Role: role, OrganisationID: org, DepartmentID: department}
	if err := w.Store.Pool.QueryRow(w.T.Context(), `SELECT name, kind, address FROM organisations WHERE id = $1`, org).
		Scan(&m.OrganisationName, &m.OrganisationKind, &m.OrganisationAddress); err != nil {
		w.T.Fatal(err)
	}
	a.Memberships = append(a.Memberships, m)
}

// Professional gives somebody a licence in force, with years of independent work.
func (w *World) Professional(a identity.Actor, kind string, org uuid.UUID, years int) {
	w.Exec(`INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, independent_since, valid_from)
		VALUES ($1, $2, $3, $4, '110150000000001', '233', $5, $6)`, newID(), a.UserID, org, kind, Start().AddDate(-years, 0, -1), longAgo())
}

// Doctor enters a consultant who is there and free.
func (w *World) Doctor(username, name string, org uuid.UUID, years int, departments ...uuid.UUID) identity.Actor {
	a := w.User(username, name, "CONSULTANT", org, departments...)
	w.Professional(a, "PHYSICIAN", org, years)
	w.Presence.Set(a.UserID, care.PresenceAvailable)
	return a
}

// Shift puts somebody on duty as attending doctor for the days around Start.
func (w *World) Shift(a identity.Actor, org uuid.UUID) {
	w.Exec(`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'ATTENDING', $4, $5)`,
		newID(), org, a.UserID, Start().AddDate(0, 0, -7), Start().AddDate(0, 0, 30))
}

// ResidentOf enters a resident.
func (w *World) ResidentOf(org uuid.UUID, name, bed, capacity string) uuid.UUID {
	id := newID()
	w.Exec(`INSERT INTO residents (id, organisation_id, name_enc, sex, birth_date, bed, capacity, allergies_enc, condition_codes, admitted_on)
		VALUES ($1, $2, $3, '2', '1940-05-01', $4, $5, $6, '{I10}', $7)`,
		id, org, w.Keeper.SealText("residents", "name_enc", id, name), bed, capacity, w.Keeper.SealText("residents", "allergies_enc", id, "青霉素"), longAgo())
	return id
}

// Identify puts a resident's identity number on file.
func (w *World) Identify(resident uuid.UUID) {
	w.Exec(`UPDATE residents SET identity_number_enc = $2 WHERE id = $1`, resident,
		w.Keeper.SealText("residents", "identity_number_enc", resident, "150102194503150019"))
}

// Guardian enters a resident's guardian.
func (w *World) Guardian(resident uuid.UUID, name, relation string) {
	id := newID()
	w.Exec(`INSERT INTO guardians (id, resident_id, name_enc, relation) VALUES ($1, $2, $3, $4)`,
		id, resident, w.Keeper.SealText("guardians", "name_enc", id, name), relation)
}

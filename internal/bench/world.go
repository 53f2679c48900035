package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// person is an account that has signed in.
type person struct {
	token string
	actor identity.Actor
}

// world is who and what a run needs: homes with nurses and residents, one hospital with one department of doctors.
type world struct {
	p          *place
	homes      []uuid.UUID
	hospital   uuid.UUID
	department uuid.UUID
	agreements []uuid.UUID // by home
	nurses     []person    // nurse i belongs to home i % len(homes)
	doctors    []person
	residents  []uuid.UUID // resident i lives in home i % len(homes)
	used       int         // residents that have a request
	password   string
}

const benchHomes = 10

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// newWorld fills the database and signs everybody in.
func newWorld(ctx context.Context, p *place, nurses, doctors, residents int) (*world, error) {
	w := &world{p: p, password: "Bench-" + uuid.NewString()}
	if err := w.organisations(ctx); err != nil {
		return nil, fmt.Errorf("organisations: %w", err)
	}
	if err := w.people(ctx, nurses, doctors); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	if err := w.moveIn(ctx, residents); err != nil {
		return nil, fmt.Errorf("residents: %w", err)
	}
	return w, p.exec(ctx, `ANALYZE`)
}

func (w *world) organisations(ctx context.Context) error {
	p, from, to := w.p, time.Now().AddDate(-5, 0, 0), time.Now().AddDate(5, 0, 0)
	w.hospital, w.department = newID(), newID()
	steps := []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'MEDICAL', 'A100', '基准医院', '150102')`, []any{w.hospital}},
		{`INSERT INTO licences (id, organisation_id, kind, number, department_codes, valid_from, valid_to) VALUES ($1, $2, 'MEDICAL_PRACTICE', 'B-1', '{02,03,20,21}', $3, $4)`,
			[]any{newID(), w.hospital, from, to}},
		{`INSERT INTO departments (id, organisation_id, code, name) VALUES ($1, $2, '02', '全科医疗科')`, []any{w.department, w.hospital}},
	}
	for i := range benchHomes {
		home, attending, agreement := newID(), newID(), newID()
		w.homes, w.agreements = append(w.homes, home), append(w.agreements, agreement)
		steps = append(steps, []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'CARE', 'INTEGRATED', $2, '150102')`, []any{home, fmt.Sprintf("基准颐养院%d", i)}},
			{`INSERT INTO licences (id, organisation_id, kind, number, department_codes, valid_from, valid_to) VALUES ($1, $2, 'CLINIC_FILING', 'B-2', '{02}', $3, $4)`, []any{newID(), home, from, to}},
			{`INSERT INTO users (id, username, display_name, password_hash, must_change_password) VALUES ($1, $2, '值班医生', '!', false)`, []any{attending, fmt.Sprintf("bench.attending.%d", i)}},
			{`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) VALUES ($1, $2, $3, 'ATTENDING', $4)`, []any{newID(), attending, home, from}},
			{`INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, independent_since, valid_from) VALUES ($1, $2, $3, 'PHYSICIAN', 'B-3', $4, $4)`, []any{newID(), attending, home, from}},
			{`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'ATTENDING', now() - interval '1 day', now() + interval '2 days')`, []any{newID(), home, attending}},
			{`INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to,
				clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability)
				VALUES ($1, $1::uuid::text, $2, $3, '{REMOTE_CONSULT,REHAB_CARE_GUIDE}', '{02}', $4, $5, '-', '-', '-', '-', '-', '-')`, []any{agreement, home, w.hospital, from, to}},
		}...)
	}
	for _, s := range steps {
		if err := p.exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) people(ctx context.Context, nurses, doctors int) error {
	hash, err := w.p.accounts.HashPassword(ctx, w.password)
	if err != nil {
		return err
	}
	from := time.Now().AddDate(-5, 0, 0)
	ids, names, homes := make([]uuid.UUID, nurses), make([]string, nurses), make([]uuid.UUID, nurses)
	for i := range nurses {
		ids[i], names[i], homes[i] = newID(), fmt.Sprintf("bench.nurse.%d", i), w.homes[i%benchHomes]
	}
	if err := w.p.exec(ctx, `INSERT INTO users (id, username, display_name, password_hash, must_change_password)
		SELECT unnest($1::uuid[]), unnest($2::text[]), '护士', $3, false`, ids, names, hash); err != nil {
		return err
	}
	if err := w.p.exec(ctx, `INSERT INTO memberships (id, user_id, organisation_id, role, valid_from)
		SELECT gen_random_uuid(), unnest($1::uuid[]), unnest($2::uuid[]), 'NURSE', $3`, ids, homes, from); err != nil {
		return err
	}
	doctorIDs, doctorNames := make([]uuid.UUID, doctors), make([]string, doctors)
	for i := range doctors {
		doctorIDs[i], doctorNames[i] = newID(), fmt.Sprintf("bench.doctor.%d", i)
	}
	if err := w.p.exec(ctx, `INSERT INTO users (id, username, display_name, password_hash, must_change_password)
		SELECT unnest($1::uuid[]), unnest($2::text[]), '医生', $3, false`, doctorIDs, doctorNames, hash); err != nil {
		return err
	}
	if err := w.p.exec(ctx, `INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from)
		SELECT gen_random_uuid(), unnest($1::uuid[]), $2, $3, 'CONSULTANT', $4`, doctorIDs, w.hospital, w.department, from); err != nil {
		return err
	}
	if err := w.p.exec(ctx, `INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, independent_since, valid_from)
		SELECT gen_random_uuid(), unnest($1::uuid[]), $2, 'PHYSICIAN', 'B-4', '233', $3, $3`, doctorIDs, w.hospital, from); err != nil {
		return err
	}
	if w.nurses, err = w.signIn(ctx, names); err != nil {
		return err
	}
	w.doctors, err = w.signIn(ctx, doctorNames)
	return err
}

// signIn signs accounts in, several at a time.
func (w *world) signIn(ctx context.Context, names []string) ([]person, error) {
	out := make([]person, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, name := range names {
		g.Go(func() error {
			grant, err := w.p.accounts.Login(ctx, name, w.password, "bench")
			if err != nil {
				return fmt.Errorf("sign %s in: %w", name, err)
			}
			a, _, err := w.p.accounts.Authenticate(ctx, grant.AccessToken)
			out[i] = person{token: grant.AccessToken, actor: a}
			return err
		})
	}
	return out, g.Wait()
}

// moveIn enters residents with a consent that stands.
func (w *world) moveIn(ctx context.Context, n int) error {
	ids, homes, beds, sealed, witnesses := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]string, n), make([][]byte, n), make([]uuid.UUID, n)
	for i := range n {
		ids[i], homes[i], beds[i] = newID(), w.homes[i%benchHomes], fmt.Sprintf("%d-%d", i/4, i%4)
		sealed[i] = w.p.keeper.SealText("residents", "name_enc", ids[i], "张秀英")
		witnesses[i] = w.nurses[i%len(w.nurses)].actor.UserID
	}
	w.residents = ids
	if err := w.p.exec(ctx, `INSERT INTO residents (id, organisation_id, name_enc, sex, birth_date, bed, admitted_on)
		SELECT unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::bytea[]), '2', '1940-05-01', unnest($4::text[]), '2020-01-01'`, ids, homes, sealed, beds); err != nil {
		return err
	}
	return w.p.exec(ctx, `INSERT INTO consents (id, resident_id, signer_kind, signer_name_enc, capacity, method, text_version, text_locale, text_hash,
			tick_medical, tick_sensitive, tick_provision, witness_id, signed_at, valid_until)
		SELECT gen_random_uuid(), unnest($1::uuid[]), 'SELF', '', 'FULL', 'DRAWN', 'bench', 'zh-CN', '', true, true, true, unnest($2::uuid[]), now() - interval '1 day', now() + interval '100 days'`,
		ids, witnesses)
}

// draft is a request that is ready to be submitted, and whose it is.
type draft struct {
	id    uuid.UUID
	nurse person
}

// nurseOf is a nurse of the home of a resident.
func (w *world) nurseOf(resident int) person {
	home := resident % benchHomes
	if home >= len(w.nurses) {
		home = 0
	}
	n := (len(w.nurses) - home + benchHomes - 1) / benchHomes
	return w.nurses[home+(resident/benchHomes%n)*benchHomes]
}

// drafts makes requests for residents who have none.
func (w *world) drafts(ctx context.Context, n int) ([]draft, error) {
	if w.used+n > len(w.residents) {
		return nil, fmt.Errorf("%d requests for %d residents", w.used+n, len(w.residents))
	}
	out := make([]draft, n)
	ids, residents, homes, nurses := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n)
	for i := range n {
		r := w.used + i
		out[i] = draft{newID(), w.nurseOf(r)}
		ids[i], residents[i], homes[i], nurses[i] = out[i].id, w.residents[r], w.homes[r%benchHomes], out[i].nurse.actor.UserID
	}
	w.used += n
	return out, w.p.exec(ctx, `INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, created_by, reasons)
		SELECT id, id::text, resident, home, 'DRAFT', 'ROUTINE', 'ROUTINE', 'REMOTE_CONSULT', nurse, '{OTHER}'
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS x (id, resident, home, nurse)`, ids, residents, homes, nurses)
}

// wait puts requests into the queue that nobody is rung for at present: everybody was rung, and the next round is far away.
func (w *world) wait(ctx context.Context, n int) error {
	list, err := w.drafts(ctx, n)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, n)
	for i, d := range list {
		ids[i] = d.id
	}
	if err := w.p.exec(ctx, `UPDATE consultations c SET state = 'OFFERED', invited_org_id = $2, department_id = $3, submitted_at = at, offered_at = at,
			accept_due_at = at + interval '24 hours', ladder_step = 4, ring_round = 1, ring_due_at = now() + interval '1 hour',
			agreement_id = (SELECT g.id FROM agreements g WHERE g.inviting_org_id = c.inviting_org_id), consent_id = (SELECT s.id FROM consents s WHERE s.resident_id = c.resident_id)
		FROM (SELECT id, now() - interval '1 minute' * (20 + n % 100) AS at FROM unnest($1::uuid[]) WITH ORDINALITY AS x (id, n)) x
		WHERE c.id = x.id`, ids, w.hospital, w.department); err != nil {
		return err
	}
	return w.p.exec(ctx, `INSERT INTO audience (consultation_id, department_id, since) SELECT unnest($1::uuid[]), $2, now() - interval '3 hours'`, ids, w.department)
}

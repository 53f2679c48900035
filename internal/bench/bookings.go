package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Sizes of the calendar that is measured.
const (
	bookableDays  = 30
	bookersAtOnce = 16
	contended     = 4 // how many want each time
)

// calendars measures the search for free times among everybody's calendars of a month, and bookings while several want each time. The
// appointments are written with SQL, as many a day as the month gives; the constraints hold for them as for any other.
func (r *Report) calendars(ctx context.Context, p *place, o ScheduleOptions) error {
	service, err := booking.New(booking.Deps{Store: p.st, Keeper: p.keeper})
	if err != nil {
		return err
	}
	c := calendarPlace{p: p, service: service, hospital: uuid.New(), home: uuid.New(), kind: uuid.New()}
	if err := c.build(ctx, o); err != nil {
		return err
	}
	booked, err := p.number(ctx, "SELECT count(*) FROM appointments")
	if err != nil {
		return err
	}
	r.Params["doctors"], r.Params["days"], r.Params["bookings"] = o.Doctors, bookableDays, booked
	if err := c.searches(ctx, r, o); err != nil {
		return err
	}
	return c.bookings(ctx, r, o)
}

// calendarPlace is a hospital whose doctors can be booked and an institution whose nurse books them.
type calendarPlace struct {
	p                    *place
	service              *booking.Service
	hospital, home, kind uuid.UUID
	doctors, residents   []uuid.UUID
	nurse                identity.Actor
}

// build makes doctors with hours of nine in each day's eighteen half hours, and fills as many of them as were asked for.
func (c *calendarPlace) build(ctx context.Context, o ScheduleOptions) error {
	nurse := uuid.New()
	c.nurse = identity.Actor{UserID: nurse, Locale: "zh-CN", Memberships: []identity.Membership{{Role: "NURSE", OrganisationID: c.home}}}
	for range o.Doctors {
		c.doctors = append(c.doctors, uuid.New())
	}
	for range 2000 {
		c.residents = append(c.residents, uuid.New())
	}
	names := make([][]byte, len(c.residents))
	for i, id := range c.residents {
		names[i] = c.p.keeper.SealText("residents", "name_enc", id, "老人")
	}
	statements := []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'MEDICAL', 'A100', '测量医院', '150102'), ($2, 'CARE', 'INTEGRATED', '测量养老院', '150102')`, []any{c.hospital, c.home}},
		{`INSERT INTO users (id, username, display_name, password_hash) SELECT u, u::text, '医生', '' FROM unnest($1::uuid[]) u`, []any{append([]uuid.UUID{nurse}, c.doctors...)}},
		{`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) SELECT gen_random_uuid(), u, $2, 'FAMILY_DOCTOR', now() - interval '1 year' FROM unnest($1::uuid[]) u`, []any{c.doctors, c.hospital}},
		{`INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to, clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability)
			VALUES (gen_random_uuid(), 'bench', $1, $2, '{HOME_VISIT}', '{02}', now() - interval '1 year', now() + interval '1 year', '', '', '', '', '', '')`, []any{c.home, c.hospital}},
		{`INSERT INTO residents (id, organisation_id, name_enc, id_type, sex, birth_date, ward, bed, capacity, admitted_on) SELECT u, $2, n, '99', '1', '1940-01-01', '1', '1', 'FULL', '2025-01-01' FROM unnest($1::uuid[], $3::bytea[]) AS r (u, n)`,
			[]any{c.residents, c.home, names}},
		{`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, duty, booked_by, created_at) VALUES ($1, $2, '随访', 'CLINIC', 30, 30, 60, 'BLOCKS', '{NURSE}', now())`,
			[]any{c.kind, c.hospital}},
		{`INSERT INTO availability_rules (id, user_id, organisation_id, recurrence, starts_on, from_minute, to_minute, days, created_by, created_at)
			SELECT gen_random_uuid(), u, $2, 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU', current_date - 7, h.from_minute, h.from_minute + 270, 'ALL', u, now()
			FROM unnest($1::uuid[]) u, (VALUES (480), (810)) h (from_minute)`, []any{c.doctors, c.hospital}},
		// Slot i of a doctor lies on day i / 18; a resident has one visit at a time. The last half hour of every day stays free, so that a search finds some.
		{`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, free_until, booked_by, created_at, updated_at)
			SELECT x.id, $1, $2, $3, ($4::uuid[])[(x.d + x.i * 211) % 2000 + 1], 'BOOKED', 'CLINIC', x.start, x.start + interval '30 minutes', x.id, 1, 1, x.start, $5, now(), now()
			FROM (SELECT gen_random_uuid() AS id, d, i, (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') + interval '1 day' * (i / 17) + interval '8 hours' + interval '30 minutes' * (i % 17)) AT TIME ZONE 'Asia/Shanghai' AS start
				FROM generate_series(0, $6::int - 1) d, generate_series(0, $7::int - 1) i) x ON CONFLICT DO NOTHING`,
			[]any{c.hospital, c.home, c.kind, c.residents, nurse, o.Doctors, (o.Bookings + o.Doctors - 1) / o.Doctors}},
	}
	for _, s := range statements {
		if err := c.p.exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	// Each slot has one appointment a doctor; they were numbered in that order.
	if err := c.p.exec(ctx, `INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live)
		SELECT id, ($1::uuid[])[row_number() OVER (PARTITION BY starts_at ORDER BY id)], 'LEAD', starts_at, ends_at, id, true FROM appointments`, c.doctors); err != nil {
		return err
	}
	return c.p.exec(ctx, "ANALYZE")
}

// searches asks for a page of the nearest slots with anybody, for a page with one doctor, and for all of a month with anybody.
func (c *calendarPlace) searches(ctx context.Context, r *Report, o ScheduleOptions) error {
	now := time.Now()
	for _, look := range []struct {
		name  string
		limit int
		one   bool
		times int
	}{{"slot search, first 300 of all doctors", 300, false, o.Searches}, {"slot search, one doctor", 300, true, o.Searches}, {"slot search, every slot of the month", 1000, false, max(o.Searches/5, 3)}} {
		var took times
		for i := range look.times {
			in := contract.FindSlotsParams{KindId: c.kind, From: now, To: now.AddDate(0, 0, bookableDays), Limit: &look.limit, ResidentId: &c.residents[i%len(c.residents)]}
			if look.one {
				in.PractitionerId = &c.doctors[i%len(c.doctors)]
			}
			began := time.Now()
			page, err := c.service.FindSlots(ctx, c.nurse, in)
			if err != nil {
				return fmt.Errorf("search: %w", err)
			}
			took.add(time.Since(began))
			if len(page.Slots) == 0 {
				return errors.New("a search found nothing")
			}
		}
		r.add(look.name+" p50", "ms", took.quantile(0.5), Lower)
		r.add(look.name+" p95", "ms", took.quantile(0.95), Lower)
	}
	return nil
}

// bookings lets several people book the same times at once: every time goes to one.
func (c *calendarPlace) bookings(ctx context.Context, r *Report, o ScheduleOptions) error {
	first := consult.DateOf(time.Now()).AddDays(bookableDays + 1).Start().Add(8 * time.Hour) // days that nobody has booked yet
	type wish struct {
		doctor, resident uuid.UUID
		start            time.Time
	}
	wishes := make([]wish, 0, o.Wanted*contended)
	for i := range o.Wanted {
		at := first.AddDate(0, 0, i/len(c.doctors)/9).Add(time.Duration(i/len(c.doctors)%9) * 30 * time.Minute)
		for j := range contended {
			wishes = append(wishes, wish{c.doctors[i%len(c.doctors)], c.residents[(i%len(c.doctors)*contended+j)%len(c.residents)], at})
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for start := 0; start < len(wishes); start += contended * bookersAtOnce { // who wants the same time wants it at about the same time
		end := min(start+contended*bookersAtOnce, len(wishes))
		random.Shuffle(end-start, func(i, j int) { wishes[start+i], wishes[start+j] = wishes[start+j], wishes[start+i] })
	}
	var made, lost atomic.Int64
	var took times
	work, failed := make(chan wish), make(chan error, bookersAtOnce)
	var all sync.WaitGroup
	began := time.Now()
	for range bookersAtOnce {
		all.Go(func() {
			for w := range work {
				t := time.Now()
				_, err := c.service.BookAppointment(ctx, c.nurse, uuid.New(), contract.AppointmentInput{KindId: c.kind, PractitionerId: w.doctor, ResidentId: w.resident, StartsAt: w.start})
				took.add(time.Since(t))
				switch {
				case err == nil:
					made.Add(1)
				case problem.Of(err).Status == http.StatusConflict:
					lost.Add(1)
				default:
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for _, w := range wishes {
		work <- w
	}
	close(work)
	all.Wait()
	seconds := time.Since(began).Seconds()
	select {
	case err := <-failed:
		return fmt.Errorf("book: %w", err)
	default:
	}
	if made.Load() != int64(o.Wanted) {
		return fmt.Errorf("%d times were wanted and %d were booked", o.Wanted, made.Load())
	}
	r.add("bookings", "1/s", float64(made.Load())/seconds, Higher)
	r.add("answers, with alternatives for who was late", "1/s", float64(len(wishes))/seconds, Higher)
	r.add("conflict rate", "share", float64(lost.Load())/float64(len(wishes)), Lower)
	r.add("booking answer p95", "ms", took.quantile(0.95), Lower)
	return nil
}

package demo

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func TestTablesAreValid(t *testing.T) {
	today := consult.DateOf(now())
	for _, o := range organisations() {
		if _, err := consult.ParseCreditCode(o.credit); err != nil {
			t.Errorf("%s: %v", o.name, err)
		}
		if _, err := consult.ParsePhone(o.phone); err != nil {
			t.Errorf("%s: %v", o.name, err)
		}
		if _, ok := consult.DivisionByCode(o.division); !ok {
			t.Errorf("%s: no division %s", o.name, o.division)
		}
	}
	beds, numbers := map[string]bool{}, map[string]bool{}
	for _, r := range residents() {
		if _, err := consult.ParseIdentityNumber(r.identity, today); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		if n, err := consult.NormaliseName(r.name); err != nil || n != r.name {
			t.Errorf("%s: %q %v", r.name, n, err)
		}
		if beds[r.home+r.bed] || numbers[r.identity] {
			t.Errorf("%s: bed or number twice", r.name)
		}
		beds[r.home+r.bed], numbers[r.identity] = true, true
		for _, c := range r.conditions {
			if _, ok := consult.ConditionByCode(c); !ok {
				t.Errorf("%s: no condition %s", r.name, c)
			}
		}
	}
}

// tables that hold what seeding writes.
func tables() []string {
	return []string{"organisations", "licences", "departments", "agreements", "users", "memberships", "professional_licences", "duty_shifts",
		"residents", "guardians", "vitals", "organisation_declarations", "medications", "consents", "consultations", "consultation_events", "offers", "audience", "calls", "participants",
		"media_intervals", "reports", "advice_items", "adoptions", "chat_messages", "follow_ups", "attachments", "blobs", "outbox", "meta", "access_log", "fd_teams", "fd_team_members", "fd_contracts", "fd_contract_events",
		"care_plans", "plan_contacts", "risk_marks", "recalls", "recall_calls"}
}

func (w world) fingerprint(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range tables() {
		var sum string
		err := w.st.Pool.QueryRow(t.Context(), "SELECT count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM "+table+" x").Scan(&sum)
		if err != nil {
			t.Fatal(table, err)
		}
		out[table] = sum
	}
	return out
}

func TestSeedTwiceChangesNothing(t *testing.T) {
	w := newWorld(t)
	accounts, err := Seed(t.Context(), w.st, w.keep, now())
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 24 {
		t.Errorf("%d accounts", len(accounts))
	}
	before := w.fingerprint(t)
	if _, err := Seed(t.Context(), w.st, w.keep, now()); err != nil {
		t.Fatal(err)
	}
	for table, sum := range w.fingerprint(t) {
		if sum != before[table] {
			t.Errorf("%s changed: %s, before %s", table, sum, before[table])
		}
	}
	if marked, err := Marked(t.Context(), w.st); err != nil || !marked {
		t.Errorf("marked %v, %v", marked, err)
	}

	t.Run("the next day rolls on", func(t *testing.T) {
		later := now().Add(24 * time.Hour)
		if _, err := Seed(t.Context(), w.st, w.keep, later); err != nil {
			t.Fatal(err)
		}
		var days int
		err := w.st.Pool.QueryRow(t.Context(), "SELECT count(*) FROM duty_shifts WHERE user_id = $1 AND starts_at > $2", idOf("user", "dr.chen"), later).Scan(&days)
		if err != nil || days != rosterDays {
			t.Errorf("%d shifts ahead, %v", days, err)
		}
	})
	t.Run("somebody is on duty at every hour", func(t *testing.T) {
		for h := range 24 * rosterDays {
			at := now().Add(time.Duration(h) * time.Hour)
			var n int
			err := w.st.Pool.QueryRow(t.Context(), "SELECT count(*) FROM duty_shifts WHERE role = 'ATTENDING' AND starts_at <= $1 AND ends_at > $1", at).Scan(&n)
			if err != nil || n != 1 {
				t.Fatalf("%v: %d on duty, %v", at, n, err)
			}
		}
	})
	t.Run("what was accompanied counts", func(t *testing.T) {
		var counts, alone int
		err := w.st.Pool.QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE countable), count(*) FILTER (WHERE bitmap = 1 << 6) FROM countability_evaluations WHERE current").Scan(&counts, &alone)
		if err != nil || counts < 8 || alone != 1 { // bit 6 is NC07: nobody of the home accompanied
			t.Errorf("%d count, %d fail for want of company alone, %v", counts, alone, err)
		}
	})
	t.Run("people can sign in", func(t *testing.T) {
		for _, a := range accounts {
			g, err := w.id.Login(t.Context(), a.Username, a.Password, "test")
			if err != nil {
				t.Errorf("%s: %v", a.Username, err)
				continue
			}
			if g.Actor.MustChangePassword || !g.Actor.Has(string(a.Role)) {
				t.Errorf("%s: %+v", a.Username, g.Actor)
			}
		}
	})
	t.Run("the stories are whole records", w.storiesAreWhole)
}

func (w world) storiesAreWhole(t *testing.T) {
	states := map[int]contract.State{untilCancelled: "CANCELLED", untilPending: "REPORT_PENDING", untilReported: "REPORTED", untilAdopted: "FOLLOW_UP",
		untilFollowUp: "FOLLOW_UP", untilArchived: "ARCHIVED"}
	svc, err := care.New(care.Deps{Store: w.st, Keeper: w.keep, Identity: w.id, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories() {
		c, err := svc.GetConsultation(t.Context(), actors()[s.nurse], idOf("consultation", s.key))
		if err != nil {
			t.Errorf("%s: %v", s.key, err)
			continue
		}
		if c.State != states[s.until] {
			t.Errorf("%s is %s, wanted %s", s.key, c.State, states[s.until])
		}
		if s.until > untilCancelled && c.EffectiveSeconds < int(s.talk/time.Second)*9/10 {
			t.Errorf("%s: %d effective seconds of %v", s.key, c.EffectiveSeconds, s.talk)
		}
		for i, e := range c.Timeline {
			if e.Seq != i+1 || i > 0 && e.At.Before(c.Timeline[i-1].At) || e.At.After(now()) {
				t.Errorf("%s: event %d %s at %v", s.key, e.Seq, e.Type, e.At)
			}
		}
	}
	found, err := w.st.Pool.Query(t.Context(), "SELECT digest, seal, seal_kid FROM reports UNION ALL SELECT digest, seal, seal_kid FROM adoptions")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	n := 0
	for found.Next() {
		var digest, sig []byte
		var kid string
		if err := found.Scan(&digest, &sig, &kid); err != nil {
			t.Fatal(err)
		}
		if err := w.keep.VerifySeal(kid, digest, sig); err != nil {
			t.Error(err)
		}
		n++
	}
	if n < 20 {
		t.Errorf("%d seals", n)
	}
}

func TestSeedRefusesRealRecords(t *testing.T) {
	w := newWorld(t)
	name, password, created, err := Bootstrap(t.Context(), w.st, w.id)
	if err != nil || !created || name != FirstAccount || password == "" {
		t.Fatal(name, created, err)
	}
	before := w.fingerprint(t)
	if _, err := Seed(t.Context(), w.st, w.keep, now()); !errors.Is(err, ErrNotDemo) {
		t.Fatalf("seeded: %v", err)
	}
	for table, sum := range w.fingerprint(t) {
		if sum != before[table] {
			t.Errorf("%s changed", table)
		}
	}
}

func TestBootstrapOnce(t *testing.T) {
	w := newWorld(t)
	name, password, created, err := Bootstrap(t.Context(), w.st, w.id)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	g, err := w.id.Login(t.Context(), name, password, "test")
	if err != nil || !g.Actor.MustChangePassword || !g.Actor.Has("SYS_ADMIN") {
		t.Fatalf("%+v, %v", g.Actor, err)
	}
	if _, _, again, err := Bootstrap(t.Context(), w.st, w.id); err != nil || again {
		t.Fatal(again, err)
	}
}

// A demo that begins at a weekend, or on its eve in the evening, has hours in which somebody is to be seen on that day and the next.
func TestHoursOfTheFirstWeekend(t *testing.T) {
	for day, want := range map[consult.Date][]string{{Year: 2026, Month: 9, Day: 17}: nil, {Year: 2026, Month: 9, Day: 18}: {"SA"}, {Year: 2026, Month: 9, Day: 19}: {"SA", "SU"}, {Year: 2026, Month: 9, Day: 20}: {"SU"}} {
		got := thisWeekend(day)
		for _, who := range []string{"dr.su", "dr.zhao"} {
			var days []string
			for _, h := range got {
				if h.who == who && !slices.Contains(days, h.days) {
					days = append(days, h.days)
				}
				if weekday := h.on.Time().Weekday(); weekday != map[string]time.Weekday{"SA": time.Saturday, "SU": time.Sunday}[h.days] {
					t.Errorf("%v: %s on a %v", day, h.days, weekday)
				}
			}
			if !slices.Equal(days, want) {
				t.Errorf("%v: %s on %v", day, who, days)
			}
		}
	}
}

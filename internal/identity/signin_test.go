package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestLoginSaysWhoIsCalling(t *testing.T) {
	w := newWorld(t)
	id := w.user("nurse.li")
	g, err := w.Login(t.Context(), "  Nurse.Li ", password, "Tablet\x00\n 平板")
	if err != nil {
		t.Fatal(err)
	}
	if g.Actor.UserID != id || g.Actor.Username != "nurse.li" || g.Actor.Name != "李护士" || g.Actor.Locale != "zh-CN" || g.Actor.MustChangePassword {
		t.Errorf("signed in as %+v", g.Actor)
	}
	if want := w.clock.now().Add(10 * time.Minute); !g.ExpiresAt.Equal(want) {
		t.Errorf("expires at %s, want %s", g.ExpiresAt, want)
	}
	a, expires, err := w.Authenticate(t.Context(), g.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if a.UserID != id || a.SessionID != g.Actor.SessionID || !expires.Equal(g.ExpiresAt) {
		t.Errorf("authenticated as %+v until %s", a, expires)
	}
	if ua := w.text("select user_agent from auth_sessions"); ua != "Tablet 平板" {
		t.Errorf("user agent %q", ua)
	}
	if got := w.logged(); got != "LOGIN:OK" {
		t.Errorf("access log %q", got)
	}
}

func TestWrongNameAndWrongPasswordLookTheSame(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	for _, c := range [][2]string{
		{"nurse.li", "wrong"}, {"nobody", password}, {"", ""}, {"nul\x00name", password}, {"bad\xff", password},
		{"nurse.li", "\xff\x00"}, {strings.Repeat("x", 10000), password}, {"' or 1=1 --", password},
	} {
		_, err := w.Login(t.Context(), c[0], c[1], "")
		if p := wants(t, err, "bad_credentials"); p.Status != 401 {
			t.Errorf("%q: status %d", c[0], p.Status)
		}
	}
	if got := w.text("select count(*)::text from access_log where action = 'LOGIN_FAILED' and result = 'bad_credentials'"); got != "8" {
		t.Errorf("%s failures in the access log", got)
	}
	if got := w.text("select count(*)::text from auth_sessions"); got != "0" {
		t.Errorf("%s sign-ins were opened", got)
	}
}

// An unknown name needs a place at the hash as well: with all of them taken, both kinds wait.
func TestUnknownNamesCostAHash(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	for range cap(w.hasher.places) {
		w.hasher.places <- struct{}{}
	}
	for _, name := range []string{"nurse.li", "nobody"} {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := w.Login(ctx, name, "wrong", "")
			failed <- err
		}()
		eventually(t, func() bool { return len(w.hasher.queue) == 1 })
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("%s did not wait for a place: %v", name, err)
		}
	}
	if cost, _, _, err := parsePHC(w.hasher.dummy); err != nil || cost != cheap {
		t.Errorf("unknown names cost %+v, %v", cost, err)
	}
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatal("it did not happen")
		case <-tick.C:
		}
	}
}

func TestLockOutBacksOff(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	inside := w.login("nurse.li").Actor
	fail := func() error {
		_, err := w.Login(t.Context(), "nurse.li", "wrong", "")
		return err
	}
	for range 4 {
		wants(t, fail(), "bad_credentials")
	}
	for _, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		p := wants(t, fail(), "account_locked")
		if p.Status != 429 || p.RetryAfterSeconds != minutes*60 {
			t.Fatalf("status %d, wait %d s; want 429, %d min", p.Status, p.RetryAfterSeconds, minutes)
		}
		// While it lasts even the right password is refused, and nothing is counted; who is inside may sign.
		w.clock.pass(time.Duration(minutes)*time.Minute - time.Second)
		_, err := w.Login(t.Context(), "nurse.li", password, "")
		if p := wants(t, err, "account_locked"); p.RetryAfterSeconds != 1 || p.Args["minutes"] != "1" {
			t.Fatalf("a second before its end: %+v", p)
		}
		if err := w.VerifyPassword(t.Context(), inside, password); err != nil {
			t.Fatalf("strangers keep the person from signing: %v", err)
		}
		w.clock.pass(time.Second)
	}
	w.login("nurse.li") // after the lock, and that clears the count
	for range 4 {
		wants(t, fail(), "bad_credentials")
	}
	w.login("nurse.li")
}

func TestManyGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	codes := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			_, err := w.Login(t.Context(), "nurse.li", "wrong", "")
			mu.Lock()
			defer mu.Unlock()
			codes[problem.Of(err).Code]++
		})
	}
	wg.Wait()
	if codes["bad_credentials"] != 4 || codes["account_locked"] != 20 {
		t.Errorf("answers %v, want 4 refused and 20 locked", codes)
	}
	if got := w.text("select failed_logins::text from users"); got != "5" {
		t.Errorf("%s failures counted, want 5", got)
	}
}

func TestRightPasswordsAtOnceDoNotLock(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := w.Login(t.Context(), "nurse.li", password, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestWrongPasswordsInsideLockThatSignInOnly(t *testing.T) {
	w := newWorld(t)
	w.user("dr.wang")
	a := w.login("dr.wang").Actor
	if err := w.VerifyPassword(t.Context(), a, password); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		p := wants(t, w.VerifyPassword(t.Context(), a, "wrong"), "wrong_password")
		if p.Status != 422 || len(p.Fields) != 1 || p.Fields[0].Path != "password" {
			t.Fatalf("%+v", p)
		}
	}
	wants(t, w.VerifyPassword(t.Context(), a, "wrong"), "account_locked")
	wants(t, w.VerifyPassword(t.Context(), a, password), "account_locked")
	if err := w.VerifyPassword(t.Context(), w.login("dr.wang").Actor, password); err != nil {
		t.Errorf("another sign-in is locked as well: %v", err)
	}
	w.clock.pass(time.Minute)
	if err := w.VerifyPassword(t.Context(), a, password); err != nil {
		t.Errorf("after a minute: %v", err)
	}
	if got := w.logged(); !strings.HasPrefix(got, "LOGIN:OK PASSWORD_CHECK_FAILED:wrong_password") {
		t.Errorf("access log %q", got)
	}
}

func TestDisabledAccount(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	w.exec("update users set disabled_at = now()")
	_, err := w.Login(t.Context(), "nurse.li", password, "")
	wants(t, err, "account_disabled")
	_, err = w.Login(t.Context(), "nurse.li", "wrong", "") // only who knows the password learns of it
	wants(t, err, "bad_credentials")
	if got := w.logged(); got != "LOGIN_FAILED:account_disabled LOGIN_FAILED:bad_credentials" {
		t.Errorf("access log %q", got)
	}
}

// A password that the program itself publishes opens nothing where others reach the server, and signs nothing either.
func TestPublishedPassword(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	a := w.login("nurse.li").Actor
	open, err := New(w.st, w.k, Config{Now: w.clock.now, HashCost: cheap, Refused: []string{password}})
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{password, "Ｃorrect-Horse-７"} { // as an input method may write it
		_, err = open.Login(t.Context(), "nurse.li", typed, "")
		wants(t, err, "password_published")
		wants(t, open.VerifyPassword(t.Context(), a, typed), "password_published")
	}
	_, err = open.Login(t.Context(), "nurse.li", "wrong", "")
	wants(t, err, "bad_credentials")
	_, err = open.Login(t.Context(), "nobody", password, "")
	wants(t, err, "bad_credentials")
}

// A reset that happens between the check of a password and the sign-in wins.
func TestNoSignInWithAPasswordThatWasReset(t *testing.T) {
	w := newWorld(t)
	id := w.user("nurse.li")
	u, err := w.check(t.Context(), id, password, atTheDoor{id}, "LOGIN_FAILED", badCredentials())
	if err != nil {
		t.Fatal(err)
	}
	w.exec("update users set password_hash = password_hash || 'x'")
	_, err = w.open(t.Context(), u, "")
	wants(t, err, "bad_credentials")
}

func TestHashIsMadeAnewAtAnotherCost(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	before := w.text("select password_hash from users")
	w.login("nurse.li")
	if w.text("select password_hash from users") != before {
		t.Error("rehashed at the same cost")
	}
	dearer, err := New(w.st, w.k, Config{Now: w.clock.now, HashCost: HashCost{MemoryKiB: 128, Passes: 2, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dearer.Login(t.Context(), "nurse.li", password, ""); err != nil {
		t.Fatal(err)
	}
	if after := w.text("select password_hash from users"); !strings.HasPrefix(after, "$argon2id$v=19$m=128,t=2,p=1$") {
		t.Errorf("hash %q", after)
	}
	w.login("nurse.li")
}

func TestOnlyMembershipsInForceCount(t *testing.T) {
	w := newWorld(t)
	id := w.user("dr.zhao")
	org := func(name string, active bool) uuid.UUID {
		o := uuid.Must(uuid.NewV7())
		w.exec("insert into organisations (id, kind, type_code, name, region_code, address, active) values ($1, 'MEDICAL', 'A100', $2, '150102', '某路1号', $3)", o, name, active)
		return o
	}
	department := func(o uuid.UUID, code string, active bool) uuid.UUID {
		d := uuid.Must(uuid.NewV7())
		w.exec("insert into departments (id, organisation_id, code, name, active) values ($1, $2, $3, '科' || $3, $4)", d, o, code, active)
		return d
	}
	now := w.clock.now()
	member := func(o uuid.UUID, d *uuid.UUID, role string, from time.Time, to *time.Time) {
		w.exec("insert into memberships (id, user_id, organisation_id, department_id, role, valid_from, valid_to) values ($1, $2, $3, $4, $5, $6, $7)",
			uuid.Must(uuid.NewV7()), id, o, d, role, from, to)
	}
	hospital, closed := org("青城医院", true), org("旧医院", false)
	heart, gone := department(hospital, "0304", true), department(hospital, "99", false)
	hour := func(h int) *time.Time { at := now.Add(time.Duration(h) * time.Hour); return &at }
	member(hospital, &heart, "CONSULTANT", *hour(-3), nil)
	member(hospital, nil, "INST_ADMIN", *hour(-2), hour(1))
	member(hospital, nil, "QC", *hour(-2), hour(0))       // ends now
	member(hospital, nil, "DISPATCHER", *hour(1), nil)    // not yet
	member(closed, nil, "NURSE", *hour(-2), nil)          // the organisation is closed
	member(hospital, &gone, "CONSULTANT", *hour(-2), nil) // the department is closed
	member(hospital, nil, "FAMILY_DOCTOR", *hour(0), nil) // begins now
	g := w.login("dr.zhao")
	roles := func(a Actor) string {
		var list []string
		for _, m := range a.Memberships {
			list = append(list, m.Role)
		}
		return strings.Join(list, " ")
	}
	if got := roles(g.Actor); got != "CONSULTANT INST_ADMIN FAMILY_DOCTOR" {
		t.Fatalf("roles %q", got)
	}
	m := g.Actor.Memberships[0]
	if m.OrganisationID != hospital || m.OrganisationName != "青城医院" || m.OrganisationKind != "MEDICAL" ||
		m.OrganisationAddress != "某路1号" || *m.DepartmentID != heart || m.DepartmentName != "科0304" {
		t.Errorf("membership %+v", m)
	}
	// It expires under a token that is still good.
	w.clock.pass(time.Hour)
	g, err := w.Refresh(t.Context(), g.RefreshToken, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := roles(g.Actor); got != "CONSULTANT FAMILY_DOCTOR DISPATCHER" && got != "CONSULTANT DISPATCHER FAMILY_DOCTOR" {
		t.Errorf("an hour later %q", got)
	}
	w.exec("update organisations set active = false")
	a, _, err := w.Authenticate(t.Context(), g.AccessToken)
	if err != nil || len(a.Memberships) != 0 {
		t.Errorf("with the hospital closed: %+v, %v", a, err)
	}
}

// Even a disabling that forgot the sign-ins ends them.
func TestDisabledAccountHasNoSignIns(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	g := w.login("nurse.li")
	w.exec("update users set disabled_at = now()")
	_, _, err := w.Authenticate(t.Context(), g.AccessToken)
	wants(t, err, "session_revoked")
	_, err = w.Refresh(t.Context(), g.RefreshToken, "")
	wants(t, err, "session_revoked")
}

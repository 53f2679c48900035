package identity

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

func (w *world) refresh(token string) Grant {
	w.t.Helper()
	g, err := w.Refresh(w.t.Context(), token, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func TestRefreshesAtOnceGetTheSameSuccessor(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	nodes := []*Service{w.Service, w.node(w.st), w.node(w.st)}
	token := w.login("nurse.li").RefreshToken
	for range 5 {
		successors := make([]string, 12)
		var wg sync.WaitGroup
		for i := range successors {
			wg.Go(func() {
				g, err := nodes[i%len(nodes)].Refresh(t.Context(), token, "")
				if err != nil {
					t.Error(err)
				}
				successors[i] = g.RefreshToken
			})
		}
		wg.Wait()
		for _, s := range successors {
			if s != successors[0] || s == token {
				t.Fatalf("successors differ, or nothing was rotated")
			}
		}
		token = successors[0]
	}
	if got := w.text("select generation::text from auth_sessions"); got != "6" {
		t.Errorf("generation %s after five rotations", got)
	}
}

func TestLostReply(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	first := w.login("nurse.li").RefreshToken
	second := w.refresh(first).RefreshToken // the answer never arrives
	w.clock.pass(Grace)
	again := w.refresh(first)
	if again.RefreshToken != second {
		t.Error("the repetition got another successor")
	}
	if _, _, err := w.Authenticate(t.Context(), again.AccessToken); err != nil {
		t.Error(err)
	}
	w.refresh(second)
}

// Requests of one browser overtake each other: one may still carry the first token when the second has been rotated too.
func TestABurstOfTabsGetsOneSuccessor(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	first := w.login("nurse.li").RefreshToken
	third := w.refresh(w.refresh(first).RefreshToken).RefreshToken
	if late := w.refresh(first).RefreshToken; late != third {
		t.Error("who came late got another successor")
	}
	w.refresh(third)
}

func TestReuseRevokesTheSignIn(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	for name, steal := range map[string]func(first string){
		"after the grace": func(first string) {
			w.refresh(first)
			w.clock.pass(Grace + time.Second)
		},
		"two generations back": func(first string) {
			second := w.refresh(first).RefreshToken
			w.clock.pass(Grace + time.Second)
			w.refresh(second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, other := w.login("nurse.li"), w.login("nurse.li")
			steal(g.RefreshToken)
			_, err := w.Refresh(t.Context(), g.RefreshToken, "")
			if p := wants(t, err, "session_reused"); p.Status != 401 {
				t.Errorf("status %d", p.Status)
			}
			_, _, err = w.Authenticate(t.Context(), g.AccessToken)
			wants(t, err, "session_revoked")
			_, err = w.Refresh(t.Context(), g.RefreshToken, "")
			wants(t, err, "session_revoked")
			if got := w.told(); !strings.HasSuffix(got, g.Actor.SessionID.String()) {
				t.Errorf("told %q", got)
			}
			if got := w.logged(); !strings.HasSuffix(got, "SESSION_REVOKED:REFRESH_REUSED") {
				t.Errorf("access log %q", got)
			}
			if _, _, err := w.Authenticate(t.Context(), other.AccessToken); err != nil {
				t.Errorf("another sign-in of the same person: %v", err)
			}
		})
	}
}

func TestForeignRefreshTokens(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	w.user("nurse.li")
	other.user("nurse.li")
	good := w.login("nurse.li").RefreshToken
	changed := []byte(good)
	for i := range changed { // every letter counts
		bad := []byte(good)
		if bad[i] == 'A' {
			bad[i] = 'B'
		} else {
			bad[i] = 'A'
		}
		_, err := w.Refresh(t.Context(), string(bad), "")
		wants(t, err, "unauthenticated")
	}
	for _, bad := range []string{"", "x", good + "A", good[1:], good + "=", strings.Repeat("A", 91), other.login("nurse.li").RefreshToken} {
		_, err := w.Refresh(t.Context(), bad, "")
		wants(t, err, "unauthenticated")
		if err := w.Logout(t.Context(), bad); err != nil {
			t.Errorf("signing out with a foreign token: %v", err)
		}
	}
	w.refresh(good)
}

func TestSignInSlidesUpToItsLimit(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	began := w.clock.now()
	g := w.login("nurse.li")
	for range 4 { // every six days of a seven-day life
		if want := w.clock.now().Add(7 * 24 * time.Hour); !g.RefreshExpires.Equal(want) {
			t.Fatalf("ends %s, want %s", g.RefreshExpires, want)
		}
		w.clock.pass(6 * 24 * time.Hour)
		g = w.refresh(g.RefreshToken)
	}
	if want := began.Add(SignInLimit); !g.RefreshExpires.Equal(want) {
		t.Fatalf("ends %s, want the limit %s", g.RefreshExpires, want)
	}
	w.clock.pass(6*24*time.Hour - time.Minute)
	g = w.refresh(g.RefreshToken)
	if want := began.Add(SignInLimit); !g.ExpiresAt.Equal(want) {
		t.Errorf("the access token lives until %s, beyond its sign-in %s", g.ExpiresAt, want)
	}
	w.clock.pass(time.Minute)
	_, err := w.Refresh(t.Context(), g.RefreshToken, "")
	wants(t, err, "session_expired")
	_, _, err = w.Authenticate(t.Context(), g.AccessToken)
	wants(t, err, "unauthenticated")

	idle := w.login("nurse.li")
	w.clock.pass(7 * 24 * time.Hour)
	_, err = w.Refresh(t.Context(), idle.RefreshToken, "")
	wants(t, err, "session_expired")
}

func TestLogout(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	here, there := w.login("nurse.li"), w.login("nurse.li")
	for range 2 { // the second time there is nothing left to do
		if err := w.Logout(t.Context(), here.RefreshToken); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Refresh(t.Context(), here.RefreshToken, "")
	wants(t, err, "session_revoked")
	_, _, err = w.Authenticate(t.Context(), here.AccessToken)
	wants(t, err, "session_revoked")
	w.refresh(there.RefreshToken)
	if got := w.told(); got != here.Actor.SessionID.String() {
		t.Errorf("told %q", got)
	}
	if got := w.logged(); got != "LOGIN:OK LOGIN:OK LOGOUT:OK" {
		t.Errorf("access log %q", got)
	}
}

func TestLogoutEverywhere(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	w.user("nurse.wu")
	stays := w.login("nurse.wu")
	grants := []Grant{w.login("nurse.li"), w.login("nurse.li"), w.login("nurse.li")}
	if err := w.LogoutEverywhere(t.Context(), grants[1].Actor); err != nil {
		t.Fatal(err)
	}
	told := w.told()
	for _, g := range grants {
		_, _, err := w.Authenticate(t.Context(), g.AccessToken)
		wants(t, err, "session_revoked")
		if !strings.Contains(told, g.Actor.SessionID.String()) {
			t.Errorf("the sockets of %s were not told", g.Actor.SessionID)
		}
	}
	if _, _, err := w.Authenticate(t.Context(), stays.AccessToken); err != nil || strings.Contains(told, stays.Actor.SessionID.String()) {
		t.Errorf("somebody else was signed out: %v", err)
	}
	if got := w.text("select count(*)::text from access_log where action = 'SESSION_REVOKED' and result = 'LOGOUT_EVERYWHERE'"); got != "3" {
		t.Errorf("%s rows in the access log", got)
	}
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	w.exec("update users set must_change_password = true")
	other, mine := w.login("nurse.li"), w.login("nurse.li")
	if !mine.Actor.MustChangePassword {
		t.Fatal("the first sign-in does not have to change the password")
	}
	change := func(current, next string) (Grant, error) {
		return w.ChangePassword(t.Context(), mine.Actor, current, next, "test")
	}
	_, err := change("wrong", "Another-Horse-8")
	if p := wants(t, err, "wrong_password"); p.Fields[0].Path != "current" {
		t.Errorf("%+v", p.Fields)
	}
	_, err = change(password, password)
	if p := wants(t, err, "invalid_request"); p.Fields[0].Code != "password_same" || p.Fields[0].Path != "next" {
		t.Errorf("%+v", p.Fields)
	}
	_, err = change(password, "nurse.li")
	if p := wants(t, err, "invalid_request"); strings.Join(fieldCodes(p), " ") != "too_short password_has_username" {
		t.Errorf("%+v", p.Fields)
	}
	next, err := change(password, "Another-Horse-8")
	if err != nil {
		t.Fatal(err)
	}
	if next.Actor.MustChangePassword || next.Actor.SessionID != mine.Actor.SessionID {
		t.Errorf("after the change: %+v", next.Actor)
	}
	if got := w.told(); got != other.Actor.SessionID.String() { // this sign-in's sockets stay open
		t.Errorf("told %q, want only the other sign-in", got)
	}
	_, err = w.Refresh(t.Context(), other.RefreshToken, "")
	wants(t, err, "session_revoked")
	w.refresh(next.RefreshToken)
	_, err = w.Login(t.Context(), "nurse.li", password, "")
	wants(t, err, "bad_credentials")
	if _, err := w.Login(t.Context(), "nurse.li", "Another-Horse-8", ""); err != nil {
		t.Fatal(err)
	}
	if got := w.text("select count(*)::text from access_log where action = 'PASSWORD_CHANGED'"); got != "1" {
		t.Errorf("%s changes in the access log", got)
	}
}

// A refresh token that was stolen before the password was changed gets no successor, not even within the grace.
func TestChangedPasswordEndsOldRefreshTokens(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	g := w.login("nurse.li")
	if _, err := w.ChangePassword(t.Context(), g.Actor, password, "Another-Horse-8", ""); err != nil {
		t.Fatal(err)
	}
	_, err := w.Refresh(t.Context(), g.RefreshToken, "")
	wants(t, err, "session_reused")
}

func TestRevokedSignInCannotChangeThePassword(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	g := w.login("nurse.li")
	if err := w.Logout(t.Context(), g.RefreshToken); err != nil {
		t.Fatal(err)
	}
	_, err := w.ChangePassword(t.Context(), g.Actor, password, "Another-Horse-8", "")
	wants(t, err, "session_revoked")
	w.login("nurse.li")
}

func TestResetAndDisable(t *testing.T) {
	w := newWorld(t)
	id, admin := w.user("nurse.li"), w.user("admin.sun")
	by := Actor{UserID: admin}
	g := w.login("nurse.li")
	tx := func(f func(q *db.Queries) error) error { return w.st.Tx(t.Context(), f) }

	if err := tx(func(q *db.Queries) error { return w.Disable(t.Context(), q, by, id) }); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.Authenticate(t.Context(), g.AccessToken)
	wants(t, err, "session_revoked")
	_, err = w.Login(t.Context(), "nurse.li", password, "")
	wants(t, err, "account_disabled")
	wants(t, tx(func(q *db.Queries) error { return w.Disable(t.Context(), q, by, admin) }), "cannot_disable_self")

	temporary, hash, err := w.NewPassword(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx(func(q *db.Queries) error { return w.ResetPassword(t.Context(), q, by, id, hash) }); err != nil {
		t.Fatal(err)
	}
	g, err = w.Login(t.Context(), "nurse.li", temporary, "")
	if err != nil || !g.Actor.MustChangePassword {
		t.Errorf("with the temporary password: %+v, %v", g.Actor, err)
	}
	wants(t, tx(func(q *db.Queries) error { return w.ResetPassword(t.Context(), q, by, uuid.New(), hash) }), "not_found")
	if got := w.logged(); !strings.Contains(got, "ACCOUNT_DISABLED:OK SESSION_REVOKED:DISABLED") || !strings.Contains(got, "PASSWORD_RESET:OK") {
		t.Errorf("access log %q", got)
	}
}

func TestResetLiftsTheLock(t *testing.T) {
	w := newWorld(t)
	id := w.user("nurse.li")
	for range 5 {
		_, _ = w.Login(t.Context(), "nurse.li", "wrong", "")
	}
	temporary, hash, err := w.NewPassword(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.st.Tx(t.Context(), func(q *db.Queries) error { return w.ResetPassword(t.Context(), q, Actor{UserID: id}, id, hash) }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Login(t.Context(), "nurse.li", temporary, ""); err != nil {
		t.Error(err)
	}
}

func TestSetLocale(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	g := w.login("nurse.li")
	if err := w.SetLocale(t.Context(), g.Actor, "en"); err != nil {
		t.Fatal(err)
	}
	if a, _, err := w.Authenticate(t.Context(), g.AccessToken); err != nil || a.Locale != "en" {
		t.Errorf("%+v, %v", a, err)
	}
	wants(t, w.SetLocale(t.Context(), Actor{UserID: uuid.New()}, "en"), "not_found")
}

func TestPrune(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	w.login("nurse.li")
	socket := `with s as (insert into signaling_sessions (id, auth_session_id, user_id, node, closed_at)
		select gen_random_uuid(), id, user_id, 'node', %s from auth_sessions order by expires_at desc limit 1 returning 1) select count(*)::text from s`
	w.text(fmt.Sprintf(socket, "expires_at"))
	w.clock.pass(keepEnded + 8*24*time.Hour)
	w.login("nurse.li")
	w.text(fmt.Sprintf(socket, "null"))
	if err := w.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.text("select count(*)::text from auth_sessions"); got != "1" {
		t.Errorf("%s sign-ins are left, want 1", got)
	}
	if got := w.text("select count(*)::text from signaling_sessions"); got != "1" {
		t.Errorf("%s sessions of sockets are left, want the one that is open", got)
	}
	if got := w.text("select count(*)::text from signing_keys"); got != "8" {
		t.Errorf("%s keys, want 8: the former ones may still have to verify", got)
	}
	w.clock.pass(SignInLimit + 2*keyMargin + time.Second)
	if err := w.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.text("select count(*)::text from signing_keys"); got != "5" {
		t.Errorf("%s keys, want 5: one each, and both of the system's seal", got)
	}
}

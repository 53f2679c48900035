package identity

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestPasswordRules(t *testing.T) {
	for _, c := range []struct{ username, password, want string }{
		{"nurse.li", "Lianzhen-Demo-2026", ""},
		{"nurse.li", "内蒙古的冬天很冷也很美丽", ""},
		{"nurse.li", "123456789", "too_short"},
		{"nurse.li", "内蒙古的冬天很冷", "too_short"},
		{"nurse.li", strings.Repeat("abcdef ", 19), "too_long"},
		{"nurse.li", "my-Nurse.LI-password", "password_has_username"},
		{"nurse.li", "1234567890", "password_common"},
		{"nurse.li", "１２３４５６７８９０", "password_common"}, // full-width, as an input method gives them
		{"nurse.li", "Password123", "password_common"},
		{"nurse.li", "aaaaaaaaaabbb", "password_monotonous"},
		{"nurse.li", "", "too_short password_monotonous"},
		{"aaa", "aaaaaaaa", "too_short password_has_username password_monotonous"},
	} {
		err := CheckPassword("next", c.username, c.password)
		got := ""
		if err != nil {
			p := problem.Of(err)
			got = strings.Join(fieldCodes(p), " ")
			if p.Status != 422 || p.Fields[0].Path != "next" {
				t.Errorf("%q: %+v", c.password, p)
			}
		}
		if got != c.want {
			t.Errorf("%q: refused for %q, want %q", c.password, got, c.want)
		}
	}
}

func TestCommonPasswordsAreWorthTheirLine(t *testing.T) {
	for p := range common() {
		if utf8.RuneCountInString(p) < passwordMin {
			t.Errorf("%q is refused for its length anyway", p)
		}
		if p != strings.ToLower(string(canonical(p))) {
			t.Errorf("%q would never match", p)
		}
	}
	if len(common()) < 150 {
		t.Errorf("only %d", len(common()))
	}
}

func TestTemporaryPasswords(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		p := temporaryPassword()
		if len(p) != 14 || p[4] != '-' || p[9] != '-' || seen[p] || CheckPassword("", "nurse.li", p) != nil {
			t.Fatalf("drew %q", p)
		}
		seen[p] = true
	}
}

func TestHashes(t *testing.T) {
	h := newHasher(cheap)
	rapid.Check(t, func(rt *rapid.T) {
		p, other := rapid.String().Draw(rt, "password"), rapid.String().Draw(rt, "other")
		hash, err := h.hash(t.Context(), p)
		if err != nil {
			rt.Fatal(err)
		}
		if fits, outdated, err := h.verify(t.Context(), hash, p); !fits || outdated || err != nil {
			rt.Fatalf("its own password: %v %v %v", fits, outdated, err)
		}
		if fits, _, err := h.verify(t.Context(), hash, other); err != nil || fits != (string(canonical(p)) == string(canonical(other))) {
			rt.Fatalf("%q against %q: %v %v", other, p, fits, err)
		}
	})
	if fits, _, err := h.verify(t.Context(), "", ""); fits || err != nil {
		t.Errorf("nobody's password fits: %v", err)
	}
	a, errA := h.hash(t.Context(), "x")
	b, errB := h.hash(t.Context(), "x")
	if err := errors.Join(errA, errB); err != nil || a == b {
		t.Errorf("two hashes of one password are the same, %v", err)
	}
	if d := DefaultHashCost(); d.MemoryKiB != 65536 || d.Passes != 3 || d.Lanes != 1 {
		t.Errorf("default cost %+v", d)
	}
}

func TestHostileHashStrings(t *testing.T) {
	h := newHasher(cheap)
	good, err := h.hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	salt, sum := strings.Split(good, "$")[4], strings.Split(good, "$")[5]
	for _, bad := range []string{
		"x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + sum, "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + sum, "$argon2id$v=19$m=64,t=999999,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + sum, "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + sum,
		"$argon2id$v=19$m=64,t=1,p=1$$" + sum, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", good + "$", " " + good,
		"$argon2id$v=19$m=64,t=1,p=1,x=1$" + salt + "$" + sum, "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + sum,
	} {
		if fits, _, err := h.verify(t.Context(), bad, "x"); err == nil || fits {
			t.Errorf("took %q", bad)
		}
	}
}

func TestHashesAtOnceAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(cheap)
		var leaves []func()
		for range cap(h.places) {
			leave, err := h.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		waiting := hashQueue - cap(h.places)
		outcome := make(chan error, waiting)
		for range waiting {
			go func() {
				leave, err := h.enter(t.Context())
				if err == nil {
					leave()
				}
				outcome <- err
			}()
		}
		synctest.Wait()
		_, err := h.enter(t.Context()) // one more than may wait
		if p := wants(t, err, "sign_in_busy"); p.Status != 503 || p.RetryAfterSeconds == 0 {
			t.Errorf("%+v", p)
		}
		leaves[0]()
		for range waiting {
			if err := <-outcome; err != nil {
				t.Error(err)
			}
		}
		// Nobody leaves: patience ends.
		if leaves[0], err = h.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = h.enter(t.Context())
		wants(t, err, "sign_in_busy")
		for _, leave := range leaves {
			leave()
		}
		if len(h.queue) != 0 || len(h.places) != 0 {
			t.Error("places were not given back")
		}
	})
}

func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		account := uuid.New()
		done, err := turns.take(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := turns.take(t.Context(), uuid.New())
		if err != nil {
			t.Fatal(err)
		}
		elsewhere()
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() {
			_, err := turns.take(ctx, account)
			gaveUp <- err
		}()
		second := make(chan func())
		go func() {
			done, err := turns.take(t.Context(), account)
			if err != nil {
				t.Error(err)
			}
			second <- done
		}()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		select {
		case <-second:
			t.Error("two had the turn at once")
		default:
		}
		done()
		(<-second)()
		if len(turns.open) != 0 {
			t.Error("turns were not given back")
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add(newHasher(cheap).dummy)
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, sum, err := parsePHC(s)
		if err == nil && phc(c, salt, sum) != s {
			t.Fatalf("%q reads as %q", s, phc(c, salt, sum))
		}
	})
}

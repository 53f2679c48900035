package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

func TestForeignAccessTokensAreRefused(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	user := w.user("nurse.li")
	g := w.login("nurse.li")
	other.user("nurse.li")
	access := w.keys.set.Load().newest[purposeAccess]
	media := w.keys.set.Load().newest[purposeMedia]
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := w.clock.now()
	claims := func(change func(c *accessClaims)) accessClaims {
		c := accessClaims{RegisteredClaims: w.registered(accessTo, user.String(), now, now.Add(time.Minute)), SessionID: g.Actor.SessionID.String()}
		if change != nil {
			change(&c)
		}
		return c
	}
	make1 := func(method jwt.SigningMethod, kid any, key any, change func(c *accessClaims)) string {
		tok := jwt.NewWithClaims(method, claims(change))
		if kid != nil {
			tok.Header["kid"] = kid
		}
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	kid := access.kid.String()
	good := make1(jwt.SigningMethodEdDSA, kid, access.private, nil)
	if _, _, err := w.Authenticate(t.Context(), good); err != nil {
		t.Fatal("the pattern of the bad ones must be good:", err)
	}
	part := strings.Split(good, ".")
	ticket, _, err := w.IssueTicket(t.Context(), Ticket{Room: uuid.New(), Participant: uuid.New(), User: user})
	if err != nil {
		t.Fatal(err)
	}
	for what, token := range map[string]string{
		"empty":              "",
		"no JWT":             "abc",
		"alg none":           make1(jwt.SigningMethodNone, kid, jwt.UnsafeAllowNoneSignatureType, nil),
		"no signature":       part[0] + "." + part[1] + ".",
		"HMAC by public key": make1(jwt.SigningMethodHS256, kid, []byte(access.public), nil),
		"RSA":                make1(jwt.SigningMethodRS256, kid, rsaKey, nil),
		"another key":        make1(jwt.SigningMethodEdDSA, kid, stranger, nil),
		"unknown kid":        make1(jwt.SigningMethodEdDSA, uuid.NewString(), stranger, nil),
		"no kid":             make1(jwt.SigningMethodEdDSA, nil, access.private, nil),
		"kid of a number":    make1(jwt.SigningMethodEdDSA, 7, access.private, nil),
		"kid of a path":      make1(jwt.SigningMethodEdDSA, "../../etc/passwd", access.private, nil),
		"key of media":       make1(jwt.SigningMethodEdDSA, media.kid.String(), media.private, nil),
		"a media ticket":     ticket,
		"a refresh token":    g.RefreshToken,
		"another system":     other.login("nurse.li").AccessToken,
		"audience":           make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.Audience = jwt.ClaimStrings{mediaTo} }),
		"no audience":        make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.Audience = nil }),
		"issuer":             make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.Issuer = "else" }),
		"expired":            make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.ExpiresAt = jwt.NewNumericDate(now) }),
		"no expiry":          make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.ExpiresAt = nil }),
		"no sign-in":         make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.SessionID = "" }),
		"unknown sign-in":    make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.SessionID = uuid.NewString() }),
		"another's sign-in":  make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.Subject = uuid.NewString() }),
		"no subject":         make1(jwt.SigningMethodEdDSA, kid, access.private, func(c *accessClaims) { c.Subject = "" }),
		"padded":             good + "=",
		"four parts":         good + ".x",
	} {
		t.Run(what, func(t *testing.T) {
			a, _, err := w.Authenticate(t.Context(), token)
			if p := wants(t, err, "unauthenticated"); p.Status != 401 {
				t.Errorf("status %d", p.Status)
			}
			if a.UserID != uuid.Nil || len(a.Memberships) > 0 {
				t.Errorf("refused, but it is %+v", a)
			}
		})
	}
}

func TestAccessTokenExpires(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	g := w.login("nurse.li")
	w.clock.pass(10*time.Minute - time.Second)
	if _, _, err := w.Authenticate(t.Context(), g.AccessToken); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(time.Second)
	_, _, err := w.Authenticate(t.Context(), g.AccessToken)
	wants(t, err, "unauthenticated")
}

func TestTicket(t *testing.T) {
	w := newWorld(t)
	user := w.user("nurse.li")
	g := w.login("nurse.li")
	for _, want := range []Ticket{
		{Room: uuid.New(), Participant: uuid.New(), User: user, Epoch: 1<<53 - 1},
		{Room: user, Participant: user, User: user, Epoch: 0}, // equal ids stay in their places
	} {
		token, expires, err := w.IssueTicket(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if !expires.Equal(w.clock.now().Add(TicketTTL)) {
			t.Errorf("expires %s", expires)
		}
		got, until, err := w.node(w.st).OpenTicket(t.Context(), token)
		if err != nil || got != want || !until.Equal(expires) {
			t.Errorf("opened %+v until %s, %v", got, until, err)
		}
	}
	token, _, err := w.IssueTicket(t.Context(), Ticket{Room: uuid.New(), Participant: uuid.New(), User: user, Epoch: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", g.AccessToken, token[:len(token)-4]} {
		_, _, err := w.OpenTicket(t.Context(), bad)
		wants(t, err, "ticket_invalid")
	}
	w.clock.pass(TicketTTL - time.Second)
	if _, _, err := w.OpenTicket(t.Context(), token); err != nil {
		t.Error(err)
	}
	w.clock.pass(time.Second)
	_, _, err = w.OpenTicket(t.Context(), token)
	if p := wants(t, err, "ticket_invalid"); p.Status != 401 {
		t.Errorf("status %d", p.Status)
	}
}

func TestRotatedKeysSignNobodyOut(t *testing.T) {
	w := newWorld(t)
	w.user("nurse.li")
	there := w.node(w.st)
	before := w.login("nurse.li")
	ticket, _, err := w.IssueTicket(t.Context(), Ticket{Room: uuid.New(), Participant: uuid.New(), User: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	digest := []byte("digest")
	sig, sealKid := w.k.Sign(digest)
	old := w.keys.set.Load().newest

	if err := w.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for purpose, key := range w.keys.set.Load().newest {
		if key.kid == old[purpose].kid {
			t.Errorf("%s has the same key as before", purpose)
		}
	}
	after := w.login("nurse.li")
	for name, node := range map[string]*Service{"here": w.Service, "there": there} {
		for what, token := range map[string]string{"before": before.AccessToken, "after": after.AccessToken} {
			if _, _, err := node.Authenticate(t.Context(), token); err != nil {
				t.Errorf("%s, a token from %s: %v", name, what, err)
			}
		}
		if _, _, err := node.OpenTicket(t.Context(), ticket); err != nil {
			t.Errorf("%s, a ticket from before: %v", name, err)
		}
		if err := node.k.VerifySeal(sealKid, digest, sig); err != nil {
			t.Errorf("%s, a seal from before: %v", name, err)
		}
	}
	sig, sealKid = w.k.Sign(digest)
	if err := there.k.VerifySeal(sealKid, digest, sig); err != nil {
		t.Errorf("there, a seal of the new key: %v", err)
	}
	// The other node meets the new refresh key first.
	g, err := there.Refresh(t.Context(), w.refresh(before.RefreshToken).RefreshToken, "")
	if err != nil {
		t.Fatal(err)
	}
	// A node that met nothing signs with the new keys within a minute.
	silent := w.node(w.st)
	if err := w.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(readEvery)
	key, err := silent.keys.newest(t.Context(), purposeAccess)
	if err != nil || key.kid != w.keys.set.Load().newest[purposeAccess].kid {
		t.Errorf("signs with %s, %v", key.kid, err)
	}
	// A refresh token goes on for the whole life of its sign-in.
	w.clock.pass(6 * 24 * time.Hour)
	w.refresh(g.RefreshToken)
	// The first keys have ended by now; their seals have not.
	if _, err := w.keys.find(t.Context(), purposeAccess, old[purposeAccess].kid); err == nil {
		t.Error("a key verifies after its end")
	}
	if err := w.k.VerifySeal(sealKid, digest, sig); err != nil {
		t.Error(err)
	}
}

func TestForgedKeyIDsReachTheDatabaseRarely(t *testing.T) {
	w := newWorld(t)
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	reads := map[*keySet]bool{w.keys.set.Load(): true}
	forge := func(n int) {
		for range n {
			tok := jwt.NewWithClaims(jwt.SigningMethodEdDSA, accessClaims{})
			tok.Header["kid"] = uuid.NewString()
			s, err := tok.SignedString(stranger)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = w.Authenticate(t.Context(), s)
			wants(t, err, "unauthenticated")
			reads[w.keys.set.Load()] = true
		}
	}
	forge(100)
	w.clock.pass(askEvery)
	forge(100)
	if got := len(reads) - 1; got != 2 {
		t.Errorf("read %d times, want once in each %s", got, askEvery)
	}
}

func FuzzTokens(f *testing.F) {
	key := tokenKey{kid: uuid.New(), purpose: purposeAccess}
	var err error
	if key.public, key.private, err = ed25519.GenerateKey(nil); err != nil {
		f.Fatal(err)
	}
	refresh := tokenKey{kid: uuid.New(), purpose: purposeRefresh, secret: make([]byte, refreshSecretSize)}
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	ring := &keyring{now: now, asked: now()} // asked just now: an unknown id reaches no database
	ring.set.Store(&keySet{
		byID:   map[uuid.UUID]tokenKey{key.kid: key, refresh.kid: refresh},
		newest: map[string]tokenKey{purposeAccess: key, purposeRefresh: refresh}, read: now(),
	})
	s := &Service{keys: ring, now: now}
	access, err := s.sign(f.Context(), purposeAccess, accessClaims{RegisteredClaims: s.registered(accessTo, "u", now(), now().Add(time.Hour))})
	if err != nil {
		f.Fatal(err)
	}
	token, err := s.makeRefresh(f.Context(), refreshToken{uuid.New(), 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(access)
	f.Add(token)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, text string) {
		var c accessClaims
		refused, err := s.parse(t.Context(), purposeAccess, accessTo, text, &c)
		if err != nil || refused == nil && text != access {
			t.Fatalf("%q: %v, %v", text, refused, err)
		}
		if got, err := s.openRefresh(t.Context(), text); err == nil && text != token {
			t.Fatalf("%q opened to %+v", text, got)
		}
	})
}

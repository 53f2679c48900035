package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// authenticator is a security key in software (ES256, no attestation), with what a browser adds.
type authenticator struct {
	t       *testing.T
	private *ecdsa.PrivateKey
	id      []byte
	count   uint32
	flags   byte   // user present, user verified
	origin  string // of the page that asks
	rpID    string
}

const presentAndVerified = 0x05

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &authenticator{t: t, private: private, id: id, flags: presentAndVerified, origin: "https://lianzhen.test:8443", rpID: "lianzhen.test"}
}

func (k *authenticator) clientData(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

// data is what the key says of itself and of this use: relying party, flags, counter.
func (k *authenticator) data(flags byte) []byte {
	party := sha256.Sum256([]byte(k.rpID))
	return binary.BigEndian.AppendUint32(append(party[:], flags), k.count)
}

func (k *authenticator) register(in contract.KeyCreation, name string) contract.KeyInput {
	k.t.Helper()
	data := append(k.data(k.flags|0x40), make([]byte, 16)...) // attested, of no known make
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(data, k.id...)
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	// COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(append(append(data, point[1:33]...), 0x22, 0x58, 0x20), point[33:]...)
	// CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
	object := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59")
	object = append(binary.BigEndian.AppendUint16(object, uint16(len(data))), data...)
	return contract.KeyInput{ChallengeId: in.ChallengeId, Name: name, CredentialId: encoded(k.id),
		ClientData: encoded(k.clientData("webauthn.create", in.Challenge)), Attestation: encoded(object), Transports: []string{"usb"}}
}

func (k *authenticator) sign(in contract.KeyChallenge) contract.FactorProof {
	k.t.Helper()
	k.count++
	client, data := k.clientData("webauthn.get", in.Challenge), k.data(k.flags)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return contract.FactorProof{Method: MethodKey, Key: &contract.KeyAssertion{ChallengeId: in.ChallengeId, CredentialId: encoded(k.id),
		ClientData: encoded(client), AuthenticatorData: encoded(data), Signature: encoded(signature)}}
}

// asked gives a challenge, answered by nobody yet.
func (w *world) asked(a Actor) contract.KeyChallenge {
	w.t.Helper()
	c, err := w.BeginKeyCheck(w.t.Context(), a)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// enter sets a key up and gives the recovery codes that came with it.
func (w *world) enter(a Actor, k *authenticator, c contract.FactorChange) []string {
	w.t.Helper()
	asked, err := w.BeginKey(w.t.Context(), a, c)
	if err != nil {
		w.t.Fatal(err)
	}
	codes, err := w.AddKey(w.t.Context(), a, k.register(asked, "桌上的钥匙"))
	if err != nil {
		w.t.Fatal(err)
	}
	return codes
}

func TestSecurityKey(t *testing.T) {
	w := newWorld(t)
	w.user("dr.wang")
	a := w.login("dr.wang").Actor
	ctx := t.Context()
	_, err := w.BeginKeyCheck(ctx, a)
	wants(t, err, "second_factor_not_enrolled")
	_, err = w.BeginKey(ctx, a, contract.FactorChange{Password: "wrong"})
	wants(t, err, "wrong_password")

	k := newAuthenticator(t)
	begun := func() contract.KeyCreation {
		t.Helper()
		asked, err := w.BeginKey(ctx, a, contract.FactorChange{Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return asked
	}
	asked := begun()
	if asked.RpId != "lianzhen.test" || asked.UserHandle != encoded(a.UserID[:]) || len(asked.Exclude) != 0 {
		t.Errorf("%+v", asked)
	}
	for name, spoil := range map[string]func(*authenticator){
		"of another page":           func(k *authenticator) { k.origin = "https://lianzhen.test" },
		"of another relying party":  func(k *authenticator) { k.rpID = "evil.test" },
		"without user verification": func(k *authenticator) { k.flags = 0x01 },
	} {
		bad := newAuthenticator(t)
		spoil(bad)
		_, err = w.AddKey(ctx, a, bad.register(begun(), name))
		wants(t, err, "key_refused")
	}
	w.exec("update second_factors set failed = 0") // three refusals above count as wrong codes do
	_, err = w.AddKey(ctx, w.login("dr.wang").Actor, k.register(asked, "x"))
	wants(t, err, "key_challenge_over") // asked for in another sign-in
	codes, err := w.AddKey(ctx, a, k.register(asked, " 桌上的钥匙 "))
	if err != nil || len(codes) != recoveryCodes {
		t.Fatal(len(codes), err)
	}
	_, err = w.AddKey(ctx, a, k.register(asked, "x"))
	wants(t, err, "key_challenge_over") // used up
	if w.text("select count(*)::text from second_factors where encode(secret_enc, 'escape') like '%publicKey%'") != "0" {
		t.Error("the key is readable")
	}

	// Another key only with a proof of the first; with it come no new recovery codes.
	_, err = w.BeginKey(ctx, a, contract.FactorChange{Password: password})
	wants(t, err, "second_factor_required")
	p := k.sign(w.asked(a))
	second := newAuthenticator(t)
	if more := w.enter(a, second, contract.FactorChange{Password: password, Proof: &p}); len(more) != 0 {
		t.Errorf("%d more recovery codes", len(more))
	}
	if challenge := w.asked(a); len(challenge.Allow) != 2 {
		t.Errorf("%+v", challenge)
	}

	challenge := w.asked(a)
	good := k.sign(challenge)
	if err := w.VerifyFactor(ctx, a, good); err != nil {
		t.Fatal(err)
	}
	wants(t, w.VerifyFactor(ctx, a, good), "key_challenge_over")
	for name, spoil := range map[string]func(*authenticator){
		"of another page":           func(k *authenticator) { k.origin = "https://evil.test" },
		"of another relying party":  func(k *authenticator) { k.rpID = "evil.test" },
		"without user verification": func(k *authenticator) { k.flags = 0x01 },
		"of an unknown key":         func(k *authenticator) { k.id = make([]byte, 32) },
	} {
		bad := *k
		spoil(&bad)
		t.Log(name)
		wants(t, w.VerifyFactor(ctx, a, bad.sign(w.asked(a))), "key_refused")
	}
	late := k.sign(w.asked(a))
	w.clock.pass(challengeLife + time.Second)
	wants(t, w.VerifyFactor(ctx, a, late), "key_challenge_over")
	tampered := k.sign(w.asked(a))
	tampered.Key.Signature = good.Key.Signature
	wants(t, w.VerifyFactor(ctx, a, tampered), "account_locked") // the fifth refusal in a row
	w.clock.pass(2 * time.Minute)

	// A counter that runs backwards: the key was copied and opens nothing any more, with whatever counter.
	for range 3 {
		if err := w.VerifyFactor(ctx, a, k.sign(w.asked(a))); err != nil {
			t.Fatal(err)
		}
	}
	copied := *k
	copied.count = 1
	wants(t, w.VerifyFactor(ctx, a, copied.sign(w.asked(a))), "key_copied")
	wants(t, w.VerifyFactor(ctx, a, k.sign(w.asked(a))), "key_refused")
	f, err := w.Factors(ctx, a)
	if err != nil || !f.Keys[0].Refused || f.Keys[1].Refused || f.Keys[0].Name != "桌上的钥匙" {
		t.Fatalf("%+v %v", f, err)
	}

	// Renamed and removed by its owner alone; the recovery codes go with the last factor.
	w.user("dr.gao")
	stranger := w.login("dr.gao").Actor
	wants(t, w.RenameKey(ctx, stranger, f.Keys[0].ID, "x"), "not_found")
	wants(t, w.RemoveKey(ctx, stranger, f.Keys[0].ID, contract.FactorChange{Password: password}), "not_found")
	if err := w.RenameKey(ctx, a, f.Keys[1].ID, "手机"); err != nil {
		t.Fatal(err)
	}
	wants(t, w.RenameKey(ctx, a, f.Keys[1].ID, " \x00 "), "invalid_request")
	p = second.sign(w.asked(a))
	if err := w.RemoveKey(ctx, a, f.Keys[0].ID, contract.FactorChange{Password: password, Proof: &p}); err != nil {
		t.Fatal(err)
	}
	recovery := change(MethodRecovery, codes[0])
	if err := w.RemoveKey(ctx, a, f.Keys[1].ID, recovery); err != nil {
		t.Fatal(err)
	}
	if f, err = w.Factors(ctx, a); err != nil || f.Enrolled() || f.RecoveryLeft != 0 {
		t.Errorf("%+v %v", f, err)
	}
}

// Nothing that was begun with the password alone is finished after a second factor has been set up.
func TestABegunGeneratorDoesNotOutliveTheFirstKey(t *testing.T) {
	w := newWorld(t)
	w.user("dr.wang")
	a := w.login("dr.wang").Actor
	secret, _, err := w.BeginTOTP(t.Context(), a, contract.FactorChange{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	w.enter(a, newAuthenticator(t), contract.FactorChange{Password: password})
	code, err := totp.GenerateCode(secret, w.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ConfirmTOTP(t.Context(), a, code)
	wants(t, err, "second_factor_not_begun")
}

// Nor is a key that was asked for with the password alone entered after it, nor one that was asked for before everything was taken away.
func TestAnAskedForKeyDoesNotOutliveTheFirstFactor(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for _, first := range []string{MethodTOTP, MethodKey} {
		name := "dr." + strings.ToLower(first)
		w.user(name)
		a := w.login(name).Actor
		alone := contract.FactorChange{Password: password}
		asked, err := w.BeginKey(ctx, a, alone)
		if err != nil {
			t.Fatal(err)
		}
		k := newAuthenticator(t)
		if first == MethodKey {
			w.enter(a, k, alone)
		} else {
			secret, _, err := w.BeginTOTP(ctx, a, alone)
			if err != nil {
				t.Fatal(err)
			}
			code, err := totp.GenerateCode(secret, w.clock.now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err = w.ConfirmTOTP(ctx, a, code); err != nil {
				t.Fatal(err)
			}
		}
		_, err = w.AddKey(ctx, a, newAuthenticator(t).register(asked, "x"))
		wants(t, err, "key_challenge_over")
		if first != MethodKey {
			continue
		}
		proof := k.sign(w.asked(a))
		if asked, err = w.BeginKey(ctx, a, contract.FactorChange{Password: password, Proof: &proof}); err != nil {
			t.Fatal(err)
		}
		if err := w.st.Tx(ctx, func(q *db.Queries) error {
			_, err := w.ResetFactors(ctx, q, a, a.UserID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, err = w.AddKey(ctx, a, newAuthenticator(t).register(asked, "x"))
		wants(t, err, "key_challenge_over")
	}
}

// Where the public address has no host name browsers bind no keys.
func TestKeysNeedAHostName(t *testing.T) {
	for _, public := range []*url.URL{nil, {Scheme: "https", Host: "192.0.2.7:8443"}, {Scheme: "https", Host: "[2001:db8::1]"}} {
		if rp, err := relyingParty(public); rp != nil || err != nil {
			t.Errorf("%v: %v %v", public, rp, err)
		}
	}
}

// Where a role asks for the second factor at sign-in, those that begin later wait for it: who has none sets one up, and the others confirm,
// which rotates the sign-in. Sign-ins from before go on.
func TestSecondFactorAtSignIn(t *testing.T) {
	w := newWorld(t)
	id := w.user("dr.wang")
	org := uuid.New()
	w.exec("insert into organisations (id, kind, type_code, name, region_code) values ($1, 'CARE', 'CARE_HOME', '阳光', '150102')", org)
	w.exec("insert into memberships (id, user_id, organisation_id, role, valid_from) values ($1, $2, $3, 'ATTENDING', $4)", uuid.New(), id, org, w.clock.now())
	before := w.login("dr.wang")
	w.clock.pass(time.Minute)
	w.exec("insert into factor_rules (organisation_id, role, sign_in_since) values ($1, 'NURSE', $2)", org, w.clock.now())
	if due := w.login("dr.wang").Actor.FactorDue; due != "" {
		t.Errorf("due for another role: %s", due)
	}
	w.exec("insert into factor_rules (organisation_id, role, sign_in_since) values ($1, 'ATTENDING', $2)", org, w.clock.now())
	w.clock.pass(time.Second)
	if again, err := w.Refresh(t.Context(), before.RefreshToken, "test"); err != nil || again.Actor.FactorDue != "" {
		t.Errorf("a sign-in from before: %q %v", again.Actor.FactorDue, err)
	}

	g := w.login("dr.wang")
	if g.Actor.FactorDue != FactorEnrol {
		t.Fatalf("due: %q", g.Actor.FactorDue)
	}
	k := newAuthenticator(t)
	w.enter(g.Actor, k, contract.FactorChange{Password: password})
	if again, err := w.Refresh(t.Context(), g.RefreshToken, "test"); err != nil || again.Actor.FactorDue != "" {
		t.Fatalf("after setting one up: %q %v", again.Actor.FactorDue, err)
	}

	g = w.login("dr.wang")
	if g.Actor.FactorDue != FactorConfirm {
		t.Fatalf("due: %q", g.Actor.FactorDue)
	}
	_, err := w.ConfirmSignIn(t.Context(), g.Actor, proof(MethodRecovery, "AAAAA-AAAAA"), "test")
	wants(t, err, "wrong_code")
	confirmed, err := w.ConfirmSignIn(t.Context(), g.Actor, k.sign(w.asked(g.Actor)), "test")
	if err != nil || confirmed.Actor.FactorDue != "" {
		t.Fatalf("%q %v", confirmed.Actor.FactorDue, err)
	}
	_, err = w.Refresh(t.Context(), g.RefreshToken, "test")
	wants(t, err, "session_reused") // a token from before the confirmation
}

package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Security keys and passkeys (WebAuthn level 2) as second factor. They are bound to the installation's public address: its host is the
// relying party, its origin the only page that may ask. User verification (PIN, finger, face) is asked of the key, attestation is not:
// which make a key is, is nobody's concern here. A challenge is stored, answered once, within five minutes, in the sign-in that asked. A
// key whose counter runs backwards was copied and opens nothing from then on.

const (
	challengeLife    = 5 * time.Minute
	challengeFor     = "REGISTER"
	challengeCheck   = "CHECK"
	mostKeys         = 10
	relyingPartyName = "联诊 Lianzhen"
)

// SecurityKey is a key as its owner sees it.
type SecurityKey struct {
	ID         uuid.UUID
	Name       string
	Since      time.Time
	LastUsedAt *time.Time
	Refused    bool // was found to have been copied
}

// key is what is sealed of a security key. The counter stands beside it, for the compare-and-set.
type key struct {
	Name       string              `json:"name"`
	Credential webauthn.Credential `json:"credential"`
}

// relyingParty is nil where browsers bind no keys: without a public address, or where that is an IP address.
func relyingParty(public *url.URL) (*webauthn.WebAuthn, error) {
	if public == nil || net.ParseIP(public.Hostname()) != nil {
		return nil, nil
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: public.Hostname(), RPDisplayName: relyingPartyName, RPOrigins: []string{public.Scheme + "://" + public.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("public address for security keys: %w", err)
	}
	return rp, nil
}

// bearer is a person with the keys that are good.
type bearer struct {
	Actor
	keys []webauthn.Credential
}

func (b bearer) WebAuthnID() []byte                         { return b.UserID[:] }
func (b bearer) WebAuthnName() string                       { return b.Username }
func (b bearer) WebAuthnDisplayName() string                { return b.Name }
func (b bearer) WebAuthnCredentials() []webauthn.Credential { return b.keys }

func (s *Service) bearer(a Actor, rows []db.SecondFactor) (bearer, error) {
	b := bearer{Actor: a}
	for _, row := range rows {
		if row.Kind != MethodKey || row.RefusedAt != nil {
			continue
		}
		k, err := s.openKey(row)
		if err != nil {
			return b, err
		}
		b.keys = append(b.keys, k.Credential)
	}
	return b, nil
}

func (s *Service) openKey(row db.SecondFactor) (key, error) {
	var k key
	plain, err := s.k.Open("second_factors", "secret_enc", row.ID, row.SecretEnc)
	if err == nil {
		err = json.Unmarshal(plain, &k)
	}
	if err != nil {
		return k, fmt.Errorf("open a security key: %w", err)
	}
	k.Credential.Authenticator.SignCount = uint32(row.SignCount)
	return k, nil
}

func (s *Service) sealKey(id uuid.UUID, k key) ([]byte, error) {
	plain, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("seal a security key: %w", err)
	}
	return s.k.Seal("second_factors", "secret_enc", id, plain), nil
}

// BeginKey says what to ask of a new key. Errors: 422 keys_not_possible, too_many_keys.
func (s *Service) BeginKey(ctx context.Context, a Actor, c contract.FactorChange) (contract.KeyCreation, error) {
	if s.rp == nil {
		return contract.KeyCreation{}, keysNotPossible()
	}
	if err := s.mayChange(ctx, a, c); err != nil {
		return contract.KeyCreation{}, err
	}
	rows, err := s.st.Q().FactorsOf(ctx, a.UserID)
	if err != nil {
		return contract.KeyCreation{}, fmt.Errorf("security keys: %w", err)
	}
	b, err := s.bearer(a, rows)
	if err != nil {
		return contract.KeyCreation{}, err
	}
	if len(b.keys) >= mostKeys {
		return contract.KeyCreation{}, problem.New(http.StatusUnprocessableEntity, "too_many_keys", problem.Args{"max": fmt.Sprint(mostKeys)})
	}
	asked, session, err := s.rp.BeginRegistration(b, webauthn.WithExclusions(webauthn.Credentials(b.keys).CredentialDescriptors()))
	if err != nil {
		return contract.KeyCreation{}, fmt.Errorf("ask for a security key: %w", err)
	}
	var id uuid.UUID
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockPerson(ctx, a.UserID); err != nil {
			return fmt.Errorf("security keys: %w", err)
		}
		if c.Proof == nil { // the first factor may have been set up in the meantime
			held, err := q.FactorsOf(ctx, a.UserID)
			if err != nil {
				return fmt.Errorf("security keys: %w", err)
			}
			if len(held) > 0 {
				return problem.New(http.StatusUnprocessableEntity, "second_factor_required", nil)
			}
		}
		id, err = s.keepChallenge(ctx, q, a, challengeFor, session)
		return err
	})
	if err != nil {
		return contract.KeyCreation{}, err
	}
	o := asked.Response
	out := contract.KeyCreation{ChallengeId: id, Challenge: o.Challenge.String(), RpId: o.RelyingParty.ID, RpName: o.RelyingParty.Name,
		UserHandle: encoded(a.UserID[:]), UserName: a.Username, DisplayName: a.Name, Algorithms: []int{}, Exclude: descriptors(o.CredentialExcludeList)}
	for _, p := range o.Parameters {
		out.Algorithms = append(out.Algorithms, int(p.Algorithm))
	}
	return out, nil
}

// AddKey enters the key that answered. With the first second factor come recovery codes, which are shown this once. Errors: 422
// key_refused, key_challenge_over; 409 key_known.
func (s *Service) AddKey(ctx context.Context, a Actor, in contract.KeyInput) ([]string, error) {
	name, err := keyName(in.Name)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.attempt(ctx, a, func(ctx context.Context, q *db.Queries) (*problem.Problem, error) {
		if err := q.LockPerson(ctx, a.UserID); err != nil {
			return nil, fmt.Errorf("security keys: %w", err)
		}
		session, err := s.takeChallenge(ctx, q, a, challengeFor, in.ChallengeId)
		if err != nil {
			return nil, err
		}
		made, err := s.created(a, session, in)
		if err != nil {
			return keyRefused(err), nil
		}
		if codes, err = s.recoveryOfFirst(ctx, q, a); err != nil {
			return nil, err
		}
		if len(codes) > 0 {
			if err := q.DropUnconfirmed(ctx, a.UserID); err != nil {
				return nil, fmt.Errorf("security keys: %w", err)
			}
		}
		id := uuid.Must(uuid.NewV7())
		made.Attestation = webauthn.CredentialAttestation{} // not asked for
		sealed, err := s.sealKey(id, key{Name: name, Credential: *made})
		if err != nil {
			return nil, err
		}
		if err := q.AddKey(ctx, db.AddKeyParams{ID: id, UserID: a.UserID, SecretEnc: sealed, CredentialID: made.ID,
			SignCount: int64(made.Authenticator.SignCount), Now: s.now()}); err != nil {
			if store.Violates(err, "second_factors_credential") {
				return nil, problem.New(http.StatusConflict, "key_known", nil)
			}
			return nil, fmt.Errorf("enter a security key: %w", err)
		}
		return nil, s.enrolled(ctx, q, a, MethodKey)
	})
	return codes, err
}

func (s *Service) created(a Actor, session webauthn.SessionData, in contract.KeyInput) (*webauthn.Credential, error) {
	raw, err := decoded(in.CredentialId, in.ClientData, in.Attestation)
	if err != nil {
		return nil, err
	}
	answer := protocol.CredentialCreationResponse{
		PublicKeyCredential: publicKey(in.CredentialId, raw[0]),
		AttestationResponse: protocol.AuthenticatorAttestationResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: raw[1]},
			AttestationObject:     raw[2], Transports: in.Transports,
		},
	}
	parsed, err := answer.Parse()
	if err != nil {
		return nil, err
	}
	return s.rp.CreateCredential(bearer{Actor: a}, session, parsed)
}

// BeginKeyCheck asks the caller's keys to sign, once. Errors: 422 keys_not_possible, second_factor_not_enrolled.
func (s *Service) BeginKeyCheck(ctx context.Context, a Actor) (contract.KeyChallenge, error) {
	if s.rp == nil {
		return contract.KeyChallenge{}, keysNotPossible()
	}
	rows, err := s.st.Q().FactorsOf(ctx, a.UserID)
	if err != nil {
		return contract.KeyChallenge{}, fmt.Errorf("security keys: %w", err)
	}
	b, err := s.bearer(a, rows)
	if err != nil {
		return contract.KeyChallenge{}, err
	}
	if len(b.keys) == 0 {
		return contract.KeyChallenge{}, notEnrolled()
	}
	asked, session, err := s.rp.BeginLogin(b)
	if err != nil {
		return contract.KeyChallenge{}, fmt.Errorf("ask a security key: %w", err)
	}
	id, err := s.keepChallenge(ctx, s.st.Q(), a, challengeCheck, session)
	if err != nil {
		return contract.KeyChallenge{}, err
	}
	o := asked.Response
	return contract.KeyChallenge{ChallengeId: id, Challenge: o.Challenge.String(), RpId: o.RelyingPartyID, Allow: descriptors(o.AllowedCredentials)}, nil
}

// useKey judges a key's answer. What is refused has used up its challenge.
func (s *Service) useKey(ctx context.Context, q *db.Queries, a Actor, rows []db.SecondFactor, in *contract.KeyAssertion) (*problem.Problem, error) {
	if s.rp == nil {
		return nil, keysNotPossible()
	}
	if in == nil {
		return nil, problem.Invalid(problem.Field{Path: "key", Code: "required"})
	}
	session, err := s.takeChallenge(ctx, q, a, challengeCheck, in.ChallengeId)
	if err != nil {
		return nil, err
	}
	b, err := s.bearer(a, rows)
	if err != nil {
		return nil, err
	}
	used, err := s.asserted(b, session, *in)
	if err != nil {
		return keyRefused(err), nil
	}
	row, err := q.KeyByCredential(ctx, db.KeyByCredentialParams{CredentialID: used.ID, UserID: a.UserID})
	if store.IsNone(err) {
		return keyRefused(nil), nil
	}
	if err != nil {
		return nil, fmt.Errorf("security key: %w", err)
	}
	if used.Authenticator.CloneWarning {
		if err := q.RefuseKey(ctx, db.RefuseKeyParams{ID: row.ID, Now: new(s.now())}); err != nil {
			return nil, fmt.Errorf("refuse a security key: %w", err)
		}
		if err := s.log(ctx, q, entry{user: &a.UserID, action: "SECOND_FACTOR_COPIED", object: "user", id: &a.UserID}); err != nil {
			return nil, err
		}
		return problem.New(http.StatusUnprocessableEntity, "key_copied", nil), nil
	}
	k, err := s.openKey(row)
	if err != nil {
		return nil, err
	}
	k.Credential = *used
	sealed, err := s.sealKey(row.ID, k)
	if err != nil {
		return nil, err
	}
	n, err := q.UseKey(ctx, db.UseKeyParams{ID: row.ID, SignCount: int64(used.Authenticator.SignCount), SecretEnc: sealed, Now: s.now()})
	if err != nil {
		return nil, fmt.Errorf("security key: %w", err)
	}
	if n == 0 { // refused or used at the same instant
		return keyRefused(nil), nil
	}
	return nil, nil
}

func (s *Service) asserted(b bearer, session webauthn.SessionData, in contract.KeyAssertion) (*webauthn.Credential, error) {
	raw, err := decoded(in.CredentialId, in.ClientData, in.AuthenticatorData, in.Signature, in.UserHandle)
	if err != nil {
		return nil, err
	}
	answer := protocol.CredentialAssertionResponse{
		PublicKeyCredential: publicKey(in.CredentialId, raw[0]),
		AssertionResponse: protocol.AuthenticatorAssertionResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: raw[1]},
			AuthenticatorData:     raw[2], Signature: raw[3], UserHandle: raw[4],
		},
	}
	parsed, err := answer.Parse()
	if err != nil {
		return nil, err
	}
	return s.rp.ValidateLogin(b, session, parsed)
}

// RenameKey gives one of the caller's keys another name.
func (s *Service) RenameKey(ctx context.Context, a Actor, id uuid.UUID, name string) error {
	name, err := keyName(name)
	if err != nil {
		return err
	}
	return s.onKey(ctx, a, id, func(q *db.Queries, row db.SecondFactor) error {
		k, err := s.openKey(row)
		if err != nil {
			return err
		}
		k.Name = name
		sealed, err := s.sealKey(id, k)
		if err != nil {
			return err
		}
		if err := q.RenameKey(ctx, db.RenameKeyParams{ID: id, SecretEnc: sealed}); err != nil {
			return fmt.Errorf("rename a security key: %w", err)
		}
		return nil
	})
}

// RemoveKey takes one of the caller's keys away.
func (s *Service) RemoveKey(ctx context.Context, a Actor, id uuid.UUID, c contract.FactorChange) error {
	// Before the proof: a key that is not there uses up no code.
	if err := s.onKey(ctx, a, id, func(*db.Queries, db.SecondFactor) error { return nil }); err != nil {
		return err
	}
	if err := s.mayChange(ctx, a, c); err != nil {
		return err
	}
	return s.onKey(ctx, a, id, func(q *db.Queries, row db.SecondFactor) error {
		if err := q.RemoveKey(ctx, row.ID); err != nil {
			return fmt.Errorf("remove a security key: %w", err)
		}
		return s.removed(ctx, q, a, MethodKey)
	})
}

func (s *Service) onKey(ctx context.Context, a Actor, id uuid.UUID, do func(*db.Queries, db.SecondFactor) error) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		row, err := q.KeyOf(ctx, db.KeyOfParams{ID: id, UserID: a.UserID})
		if store.IsNone(err) {
			return problem.NotFound()
		}
		if err != nil {
			return fmt.Errorf("security key: %w", err)
		}
		return do(q, row)
	})
}

func (s *Service) keepChallenge(ctx context.Context, q *db.Queries, a Actor, purpose string, session *webauthn.SessionData) (uuid.UUID, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return uuid.Nil, fmt.Errorf("keep a challenge: %w", err)
	}
	id := uuid.Must(uuid.NewV7())
	if err := q.AddKeyChallenge(ctx, db.AddKeyChallengeParams{ID: id, UserID: a.UserID, SessionID: a.SessionID, Purpose: purpose,
		Data: data, ExpiresAt: s.now().Add(challengeLife)}); err != nil {
		return uuid.Nil, fmt.Errorf("keep a challenge: %w", err)
	}
	return id, nil
}

// takeChallenge uses a challenge up. Error: 422 key_challenge_over.
func (s *Service) takeChallenge(ctx context.Context, q *db.Queries, a Actor, purpose string, id uuid.UUID) (webauthn.SessionData, error) {
	var session webauthn.SessionData
	data, err := q.TakeKeyChallenge(ctx, db.TakeKeyChallengeParams{ID: id, UserID: a.UserID, SessionID: a.SessionID, Purpose: purpose, Now: s.now()})
	if store.IsNone(err) {
		return session, problem.New(http.StatusUnprocessableEntity, "key_challenge_over", nil)
	}
	if err == nil {
		err = json.Unmarshal(data, &session)
	}
	if err != nil {
		return session, fmt.Errorf("take a challenge: %w", err)
	}
	return session, nil
}

func keysNotPossible() *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "keys_not_possible", nil)
}

func keyRefused(cause error) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "key_refused", nil)
	if cause != nil {
		return p.Because(cause)
	}
	return p
}

// keyName refuses a name of spaces or control characters alone.
func keyName(name string) (string, error) {
	name = strings.TrimSpace(clean(name, 160))
	if name == "" {
		return "", problem.Invalid(problem.Field{Path: "name", Code: "required"})
	}
	return name, nil
}

func publicKey(id string, raw []byte) protocol.PublicKeyCredential {
	return protocol.PublicKeyCredential{Credential: protocol.Credential{ID: id, Type: string(protocol.PublicKeyCredentialType)}, RawID: raw}
}

func descriptors(list []protocol.CredentialDescriptor) []contract.KeyDescriptor {
	out := make([]contract.KeyDescriptor, len(list))
	for i, d := range list {
		out[i] = contract.KeyDescriptor{Id: encoded(d.CredentialID), Transports: []string{}}
		for _, t := range d.Transport {
			out[i].Transports = append(out[i].Transports, string(t))
		}
	}
	return out
}

func encoded(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func decoded(texts ...string) ([][]byte, error) {
	out := make([][]byte, len(texts))
	for i, text := range texts {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("base64url: %w", err)
		}
		out[i] = raw
	}
	return out, nil
}

package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The second factor of a person: a code generator (TOTP, RFC 6238: 6 digits, 30 s, SHA-1, as every generator has it), security keys and
// passkeys (securitykeys.go), and ten recovery codes that come with the first of them. A code is used once, also by two nodes at the same
// instant: its step must be later than the last one that was used. Wrong ones lock the person's second factor, in every sign-in, as
// wrong passwords lock an account. Whoever has one changes what is set up only by proving it, so that a password alone never does.

// The ways to confirm.
const (
	MethodTOTP     = "TOTP"
	MethodRecovery = "RECOVERY"
	MethodKey      = "WEBAUTHN"
)

const (
	totpIssuer    = "Lianzhen"
	totpPeriod    = 30
	totpBegun     = 15 * time.Minute // for so long a secret waits for its first code
	recoveryCodes = 10
)

// Factors is what a person has set up.
type Factors struct {
	TOTPSince    *time.Time // nil: no code generator
	Keys         []SecurityKey
	RecoveryLeft int
	AtActs       bool // a role of the person asks for one at reception and signatures
	AtSignIn     bool // a role of the person asks for one at each sign-in
	KeysPossible bool // the installation has a public address that keys can be bound to
}

// Enrolled says that there is a second factor to ask for.
func (f Factors) Enrolled() bool {
	return f.TOTPSince != nil || len(f.Keys) > 0
}

// Factors gives what the caller has set up.
func (s *Service) Factors(ctx context.Context, a Actor) (Factors, error) {
	q := s.st.Q()
	out := Factors{Keys: []SecurityKey{}, KeysPossible: s.rp != nil}
	rows, err := q.FactorsOf(ctx, a.UserID)
	if err != nil {
		return out, fmt.Errorf("second factor: %w", err)
	}
	for _, row := range rows {
		if row.Kind == MethodTOTP {
			out.TOTPSince = row.ConfirmedAt
			continue
		}
		key, err := s.openKey(row)
		if err != nil {
			return out, err
		}
		out.Keys = append(out.Keys, SecurityKey{ID: row.ID, Name: key.Name, Since: row.CreatedAt, LastUsedAt: row.LastUsedAt, Refused: row.RefusedAt != nil})
	}
	left, err := q.RecoveryLeft(ctx, a.UserID)
	if err != nil {
		return out, fmt.Errorf("recovery codes: %w", err)
	}
	out.RecoveryLeft = int(left)
	demanded, err := q.FactorDemanded(ctx, db.FactorDemandedParams{UserID: a.UserID, Organisations: a.Organisations(), Now: s.now()})
	if err != nil {
		return out, fmt.Errorf("second factor: %w", err)
	}
	out.AtActs, out.AtSignIn = demanded.AtActs, demanded.AtSignIn
	return out, nil
}

// mayChange asks for the password, and for a proof where a second factor is set up. Error: 422 second_factor_required.
func (s *Service) mayChange(ctx context.Context, a Actor, c contract.FactorChange) error {
	if err := s.VerifyPassword(ctx, a, c.Password); err != nil {
		return err
	}
	f, err := s.Factors(ctx, a)
	switch {
	case err != nil:
		return err
	case !f.Enrolled():
		return nil
	case c.Proof == nil:
		return problem.New(http.StatusUnprocessableEntity, "second_factor_required", nil)
	}
	return s.VerifyFactor(ctx, a, *c.Proof)
}

// BeginTOTP draws a secret for the caller's code generator; it counts once a code of it was shown. The password is asked again.
// Error: 409 second_factor_exists.
func (s *Service) BeginTOTP(ctx context.Context, a Actor, c contract.FactorChange) (secret, uri string, err error) {
	if err := s.mayChange(ctx, a, c); err != nil {
		return "", "", err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: a.Username, Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", "", fmt.Errorf("draw a secret: %w", err)
	}
	id := uuid.Must(uuid.NewV7())
	n, err := s.st.Q().BeginTOTP(ctx, db.BeginTOTPParams{ID: id, UserID: a.UserID, Now: s.now(),
		SecretEnc: s.k.Seal("second_factors", "secret_enc", id, []byte(key.Secret()))})
	if err != nil {
		return "", "", fmt.Errorf("store a secret: %w", err)
	}
	if n == 0 {
		return "", "", problem.New(http.StatusConflict, "second_factor_exists", nil)
	}
	return key.Secret(), key.URL(), nil
}

// ConfirmTOTP takes the first code of a new generator. With the first second factor come the recovery codes, which are shown this
// once; otherwise none.
func (s *Service) ConfirmTOTP(ctx context.Context, a Actor, code string) ([]string, error) {
	var codes []string
	err := s.attempt(ctx, a, func(ctx context.Context, q *db.Queries) (*problem.Problem, error) {
		if err := q.LockPerson(ctx, a.UserID); err != nil {
			return nil, fmt.Errorf("second factor: %w", err)
		}
		row, err := q.TOTPOf(ctx, a.UserID)
		if store.IsNone(err) || err == nil && (row.ConfirmedAt != nil || row.CreatedAt.Before(s.now().Add(-totpBegun))) {
			return nil, problem.New(http.StatusConflict, "second_factor_not_begun", nil)
		}
		if err != nil {
			return nil, fmt.Errorf("second factor: %w", err)
		}
		if refusal, err := s.useTOTP(ctx, q, row, code); err != nil || refusal != nil {
			return refusal, err
		}
		if codes, err = s.recoveryOfFirst(ctx, q, a); err != nil {
			return nil, err
		}
		if err := q.ConfirmTOTP(ctx, db.ConfirmTOTPParams{ID: row.ID, Now: new(s.now())}); err != nil {
			return nil, fmt.Errorf("second factor: %w", err)
		}
		return nil, s.enrolled(ctx, q, a, MethodTOTP)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// enrolled notes that a factor was set up; who had to do so to go on has proved it by that.
func (s *Service) enrolled(ctx context.Context, q *db.Queries, a Actor, method string) error {
	if a.FactorDue == FactorEnrol {
		if err := q.SignInConfirmed(ctx, db.SignInConfirmedParams{ID: a.SessionID, Method: method, Now: new(s.now())}); err != nil {
			return fmt.Errorf("confirm the sign-in: %w", err)
		}
	}
	if err := q.SetFactorsReset(ctx, db.SetFactorsResetParams{UserID: a.UserID}); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	return s.log(ctx, q, entry{user: &a.UserID, action: "SECOND_FACTOR_ENROLLED", object: "user", id: &a.UserID, result: method})
}

// recoveryOfFirst makes recovery codes for somebody who has no second factor yet. The keys that were asked for with the password alone can no
// longer be entered from here on.
func (s *Service) recoveryOfFirst(ctx context.Context, q *db.Queries, a Actor) ([]string, error) {
	rows, err := q.FactorsOf(ctx, a.UserID)
	if err != nil || len(rows) > 0 {
		return []string{}, err
	}
	if err := q.DropKeyRegistrations(ctx, a.UserID); err != nil {
		return nil, fmt.Errorf("security keys: %w", err)
	}
	return s.newRecovery(ctx, q, a.UserID)
}

// newRecovery draws recovery codes in place of the former ones.
func (s *Service) newRecovery(ctx context.Context, q *db.Queries, user uuid.UUID) ([]string, error) {
	if err := q.RemoveRecovery(ctx, user); err != nil {
		return nil, fmt.Errorf("recovery codes: %w", err)
	}
	var codes []string
	for range recoveryCodes {
		c := newRecoveryCode()
		codes = append(codes, c)
		if err := q.AddRecovery(ctx, db.AddRecoveryParams{ID: uuid.Must(uuid.NewV7()), UserID: user, CodeHmac: s.k.Lookup("recovery", plainCode(c))}); err != nil {
			return nil, fmt.Errorf("recovery codes: %w", err)
		}
	}
	return codes, nil
}

// RenewRecovery gives new recovery codes, which are shown this once. Error: 422 second_factor_not_enrolled.
func (s *Service) RenewRecovery(ctx context.Context, a Actor, c contract.FactorChange) ([]string, error) {
	if err := s.mayChange(ctx, a, c); err != nil {
		return nil, err
	}
	var codes []string
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockPerson(ctx, a.UserID); err != nil {
			return fmt.Errorf("second factor: %w", err)
		}
		rows, err := q.FactorsOf(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("second factor: %w", err)
		}
		if len(rows) == 0 {
			return notEnrolled()
		}
		if codes, err = s.newRecovery(ctx, q, a.UserID); err != nil {
			return err
		}
		return s.log(ctx, q, entry{user: &a.UserID, action: "RECOVERY_CODES_RENEWED", object: "user", id: &a.UserID})
	})
	return codes, err
}

// RemoveTOTP takes the code generator away. Error: 404.
func (s *Service) RemoveTOTP(ctx context.Context, a Actor, c contract.FactorChange) error {
	if err := s.mayChange(ctx, a, c); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		n, err := q.RemoveTOTP(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("second factor: %w", err)
		}
		if n == 0 {
			return problem.NotFound()
		}
		return s.removed(ctx, q, a, MethodTOTP)
	})
}

// removed notes that a factor was taken away; the recovery codes go with the last one.
func (s *Service) removed(ctx context.Context, q *db.Queries, a Actor, method string) error {
	rows, err := q.FactorsOf(ctx, a.UserID)
	if err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	if len(rows) == 0 {
		if err := q.RemoveRecovery(ctx, a.UserID); err != nil {
			return fmt.Errorf("recovery codes: %w", err)
		}
	}
	return s.log(ctx, q, entry{user: &a.UserID, action: "SECOND_FACTOR_REMOVED", object: "user", id: &a.UserID, result: method})
}

// ResetFactors takes everything away that somebody had set up and has lost; had says whether there was anything. It runs in the
// caller's transaction; whether by may do this is decided by the caller.
func (s *Service) ResetFactors(ctx context.Context, q *db.Queries, by Actor, user uuid.UUID) (had bool, err error) {
	n, err := q.RemoveFactors(ctx, user)
	if err != nil {
		return false, fmt.Errorf("second factor: %w", err)
	}
	if err := q.DropKeyRegistrations(ctx, user); err != nil { // asked for with what is lost
		return false, fmt.Errorf("security keys: %w", err)
	}
	if err := q.RemoveRecovery(ctx, user); err != nil {
		return false, fmt.Errorf("recovery codes: %w", err)
	}
	if n > 0 {
		if err := q.SetFactorsReset(ctx, db.SetFactorsResetParams{UserID: user, At: new(s.now())}); err != nil {
			return false, fmt.Errorf("second factor: %w", err)
		}
	}
	return n > 0, s.log(ctx, q, entry{user: &by.UserID, action: "SECOND_FACTOR_RESET", object: "user", id: &user})
}

// VerifyFactor asks for the second factor: a code of the generator or a recovery code, each used once, or a security key's answer to a
// challenge of [Service.BeginKeyCheck]. Errors: 422 wrong_code on the field code, key_refused, key_copied, key_challenge_over,
// second_factor_not_enrolled; account_locked (429).
func (s *Service) VerifyFactor(ctx context.Context, a Actor, p contract.FactorProof) error {
	return s.attempt(ctx, a, func(ctx context.Context, q *db.Queries) (*problem.Problem, error) {
		rows, err := q.FactorsOf(ctx, a.UserID)
		if err != nil {
			return nil, fmt.Errorf("second factor: %w", err)
		}
		if len(rows) == 0 {
			return nil, notEnrolled()
		}
		switch p.Method {
		case MethodKey:
			return s.useKey(ctx, q, a, rows, p.Key)
		case MethodRecovery:
			n, err := q.UseRecovery(ctx, db.UseRecoveryParams{UserID: a.UserID, Hashes: s.k.LookupsEver("recovery", plainCode(p.Code)), Now: new(s.now())})
			if err != nil {
				return nil, fmt.Errorf("recovery code: %w", err)
			}
			if n != 1 {
				return wrongCode(), nil
			}
			return nil, s.log(ctx, q, entry{user: &a.UserID, action: "RECOVERY_CODE_USED", object: "user", id: &a.UserID})
		}
		at := slices.IndexFunc(rows, func(f db.SecondFactor) bool { return f.Kind == MethodTOTP })
		if at < 0 {
			return wrongCode(), nil
		}
		return s.useTOTP(ctx, q, rows[at], p.Code)
	})
}

func notEnrolled() *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "second_factor_not_enrolled", nil)
}

func wrongCode() *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "wrong_code", nil)
	p.Fields = []problem.Field{{Path: "code", Code: "wrong_code"}}
	return p
}

// useTOTP compares a code with those of now and of the period before and after, all of them in the same time, and uses it up.
func (s *Service) useTOTP(ctx context.Context, q *db.Queries, row db.SecondFactor, code string) (*problem.Problem, error) {
	secret, err := s.k.Open("second_factors", "secret_enc", row.ID, row.SecretEnc)
	if err != nil {
		return nil, fmt.Errorf("open a secret: %w", err)
	}
	now, used := s.now(), int64(0)
	for _, shift := range []time.Duration{-totpPeriod * time.Second, 0, totpPeriod * time.Second} {
		at := now.Add(shift)
		want, err := totp.GenerateCode(string(secret), at)
		if err != nil {
			return nil, fmt.Errorf("second factor: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(plainCode(code))) == 1 {
			used = at.Unix() / totpPeriod
		}
	}
	if used == 0 {
		return wrongCode(), nil
	}
	n, err := q.UseTOTP(ctx, db.UseTOTPParams{ID: row.ID, Step: used, Now: &now})
	if err != nil {
		return nil, fmt.Errorf("second factor: %w", err)
	}
	if n != 1 { // used before
		return wrongCode(), nil
	}
	return nil, nil
}

// attempt lets one try at a time of an account, counts a refused one against the second factor, and refuses while that is locked.
func (s *Service) attempt(ctx context.Context, a Actor, try func(context.Context, *db.Queries) (*problem.Problem, error)) error {
	done, err := s.turns.take(ctx, a.UserID)
	if err != nil {
		return err
	}
	defer done()
	failed := secondFactor{a.UserID}
	until, err := failed.lockedUntil(ctx, s.st.Q())
	if err != nil {
		return fmt.Errorf("is it locked: %w", err)
	}
	if p := s.locked(until); p != nil {
		return p
	}
	var refusal *problem.Problem // kept apart: what a refused try used up stays so
	if err := s.st.Tx(ctx, func(q *db.Queries) (err error) {
		if refusal, err = try(ctx, q); err != nil || refusal != nil {
			return err
		}
		return failed.clear(ctx, q)
	}); err != nil {
		return err
	}
	if refusal == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	until, err = failed.count(ctx, s.st.Q(), s.now())
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("count a failure: %w", err)
	}
	if err := s.log(ctx, s.st.Q(), entry{user: &a.UserID, action: "SECOND_FACTOR_FAILED", object: "user", id: &a.UserID, result: refusal.Code}); err != nil {
		return err
	}
	if p := s.locked(until); p != nil {
		return p
	}
	return refusal
}

// newRecoveryCode draws 50 bits as two groups of five letters and digits.
func newRecoveryCode() string {
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		panic(err)
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	return text[:5] + "-" + text[5:10]
}

// plainCode is a code as it is compared: what people add for reading is left out.
func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(code)))
}

// Matches compares a short secret with its hash from [Service.HashPassword]; the caller counts failures.
func (s *Service) Matches(ctx context.Context, hash, secret string) (bool, error) {
	fits, _, err := s.hasher.verify(ctx, hash, secret)
	return fits, err
}

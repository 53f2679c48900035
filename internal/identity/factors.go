package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The second factor of a person: a code generator (TOTP, RFC 6238: 6 digits, 30 s, SHA-1, as every generator has it) with ten
// recovery codes. A code is used once, also by two nodes at the same instant: its step must be later than the last one that
// was used. Wrong ones lock the person's second factor, in every sign-in, as wrong passwords lock an account.

// The ways to confirm.
const (
	MethodTOTP     = "TOTP"
	MethodRecovery = "RECOVERY"
)

const (
	totpIssuer    = "Lianzhen"
	totpPeriod    = 30
	recoveryCodes = 10
)

// Factors is what a person has set up.
type Factors struct {
	TOTPSince    *time.Time // nil: no code generator
	RecoveryLeft int
	Required     bool // by an organisation of the person
}

// Enrolled says that there is a second factor to ask for.
func (f Factors) Enrolled() bool { return f.TOTPSince != nil }

// Factors gives what the caller has set up.
func (s *Service) Factors(ctx context.Context, a Actor) (Factors, error) {
	q := s.st.Q()
	var out Factors
	row, err := q.TOTPOf(ctx, a.UserID)
	switch {
	case err == nil:
		out.TOTPSince = row.ConfirmedAt
	case !store.IsNone(err):
		return out, fmt.Errorf("second factor: %w", err)
	}
	left, err := q.RecoveryLeft(ctx, a.UserID)
	if err != nil {
		return out, fmt.Errorf("recovery codes: %w", err)
	}
	out.RecoveryLeft = int(left)
	demanded, err := q.FactorDemanded(ctx, db.FactorDemandedParams{UserID: a.UserID, Organisations: a.Organisations()})
	if err != nil {
		return out, fmt.Errorf("second factor: %w", err)
	}
	out.Required = demanded.Required
	return out, nil
}

// BeginTOTP draws a secret for the caller's code generator; it counts once a code of it was shown. The password is asked again.
// Error: 409 second_factor_exists.
func (s *Service) BeginTOTP(ctx context.Context, a Actor, password string) (secret, uri string, err error) {
	if err := s.VerifyPassword(ctx, a, password); err != nil {
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

// ConfirmTOTP takes the first code of a new generator and gives the recovery codes, which are shown this once.
func (s *Service) ConfirmTOTP(ctx context.Context, a Actor, code string) ([]string, error) {
	var codes []string
	err := s.attempt(ctx, a, func(ctx context.Context, q *db.Queries) (bool, error) {
		row, err := q.TOTPOf(ctx, a.UserID)
		if store.IsNone(err) || err == nil && row.ConfirmedAt != nil {
			return false, problem.New(http.StatusConflict, "second_factor_not_begun", nil)
		}
		if err != nil {
			return false, fmt.Errorf("second factor: %w", err)
		}
		fits, err := s.useTOTP(ctx, q, row, code)
		if err != nil || !fits {
			return false, err
		}
		if err := q.ConfirmTOTP(ctx, db.ConfirmTOTPParams{ID: row.ID, Now: new(s.now())}); err != nil {
			return false, fmt.Errorf("second factor: %w", err)
		}
		if err := q.RemoveRecovery(ctx, a.UserID); err != nil {
			return false, fmt.Errorf("recovery codes: %w", err)
		}
		for range recoveryCodes {
			c := newRecoveryCode()
			codes = append(codes, c)
			if err := q.AddRecovery(ctx, db.AddRecoveryParams{ID: uuid.Must(uuid.NewV7()), UserID: a.UserID, CodeHmac: s.k.Lookup("recovery", plainCode(c))}); err != nil {
				return false, fmt.Errorf("recovery codes: %w", err)
			}
		}
		return true, s.log(ctx, q, entry{user: &a.UserID, action: "SECOND_FACTOR_ENROLLED", object: "user", id: &a.UserID})
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveFactors takes the second factor away; a code of it is asked for, and the password.
func (s *Service) RemoveFactors(ctx context.Context, a Actor, password, method, code string) error {
	if err := s.VerifyPassword(ctx, a, password); err != nil {
		return err
	}
	if err := s.VerifyFactor(ctx, a, method, code); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error { return s.dropFactors(ctx, q, a.UserID, a.UserID) })
}

// ResetFactors takes somebody's second factor away who has lost it. It runs in the caller's transaction; whether by may do this
// is decided by the caller.
func (s *Service) ResetFactors(ctx context.Context, q *db.Queries, by Actor, user uuid.UUID) error {
	return s.dropFactors(ctx, q, by.UserID, user)
}

func (s *Service) dropFactors(ctx context.Context, q *db.Queries, by, user uuid.UUID) error {
	if err := q.RemoveFactors(ctx, user); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	if err := q.RemoveRecovery(ctx, user); err != nil {
		return fmt.Errorf("recovery codes: %w", err)
	}
	return s.log(ctx, q, entry{user: &by, action: "SECOND_FACTOR_REMOVED", object: "user", id: &user})
}

// VerifyFactor asks for the second factor: a code of the generator or a recovery code, each used once. Errors: 422 wrong_code
// on the field code, account_locked (429), second_factor_not_enrolled.
func (s *Service) VerifyFactor(ctx context.Context, a Actor, method, code string) error {
	return s.attempt(ctx, a, func(ctx context.Context, q *db.Queries) (bool, error) {
		row, err := q.TOTPOf(ctx, a.UserID)
		if store.IsNone(err) || err == nil && row.ConfirmedAt == nil {
			return false, problem.New(http.StatusUnprocessableEntity, "second_factor_not_enrolled", nil)
		}
		if err != nil {
			return false, fmt.Errorf("second factor: %w", err)
		}
		if method == MethodRecovery {
			n, err := q.UseRecovery(ctx, db.UseRecoveryParams{UserID: a.UserID, Hashes: s.k.LookupsEver("recovery", plainCode(code)), Now: new(s.now())})
			if err != nil {
				return false, fmt.Errorf("recovery code: %w", err)
			}
			return n == 1, nil
		}
		return s.useTOTP(ctx, q, row, code)
	})
}

// useTOTP compares a code with those of now and of the period before and after, all of them in the same time, and uses it up.
func (s *Service) useTOTP(ctx context.Context, q *db.Queries, row db.SecondFactor, code string) (bool, error) {
	secret, err := s.k.Open("second_factors", "secret_enc", row.ID, row.SecretEnc)
	if err != nil {
		return false, fmt.Errorf("open a secret: %w", err)
	}
	now, used := s.now(), int64(0)
	for _, shift := range []time.Duration{-totpPeriod * time.Second, 0, totpPeriod * time.Second} {
		at := now.Add(shift)
		want, err := totp.GenerateCode(string(secret), at)
		if err != nil {
			return false, fmt.Errorf("second factor: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(plainCode(code))) == 1 {
			used = at.Unix() / totpPeriod
		}
	}
	if used == 0 {
		return false, nil
	}
	n, err := q.UseTOTP(ctx, db.UseTOTPParams{ID: row.ID, Step: used, Now: &now})
	if err != nil {
		return false, fmt.Errorf("second factor: %w", err)
	}
	return n == 1, nil
}

// attempt lets one try at a time of an account, counts a wrong one against the second factor, and refuses while that is locked.
func (s *Service) attempt(ctx context.Context, a Actor, try func(context.Context, *db.Queries) (bool, error)) error {
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
	fits := false
	if err := s.st.Tx(ctx, func(q *db.Queries) (err error) {
		if fits, err = try(ctx, q); err != nil || !fits {
			return err
		}
		return failed.clear(ctx, q)
	}); err != nil {
		return err
	}
	if fits {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	until, err = failed.count(ctx, s.st.Q(), s.now())
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("count a failure: %w", err)
	}
	if err := s.log(ctx, s.st.Q(), entry{user: &a.UserID, action: "SECOND_FACTOR_FAILED", object: "user", id: &a.UserID, result: "wrong_code"}); err != nil {
		return err
	}
	if p := s.locked(until); p != nil {
		return p
	}
	p := problem.New(http.StatusUnprocessableEntity, "wrong_code", nil)
	p.Fields = []problem.Field{{Path: "code", Code: "wrong_code"}}
	return p
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

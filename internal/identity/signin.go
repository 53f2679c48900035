package identity

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const userAgentLimit = 200

// Login checks name and password and opens a sign-in. It refuses with bad_credentials (401, unknown user and wrong
// password alike), account_locked (429 with the seconds to wait), account_disabled and
// password_published (403, only to who knows the password) or sign_in_busy (503).
func (s *Service) Login(ctx context.Context, username, password, userAgent string) (Grant, error) {
	u, err := s.userNamed(ctx, username)
	if store.IsNone(err) {
		if _, _, err := s.hasher.verify(ctx, "", password); err != nil {
			return Grant{}, err
		}
		if err := s.log(ctx, s.st.Q(), entry{action: "LOGIN_FAILED", object: "user", result: "bad_credentials"}); err != nil {
			return Grant{}, err
		}
		return Grant{}, badCredentials()
	}
	if err != nil {
		return Grant{}, fmt.Errorf("read the user: %w", err)
	}
	u, err = s.check(ctx, u.ID, password, atTheDoor{u.ID}, "LOGIN_FAILED", badCredentials())
	if err != nil {
		return Grant{}, err
	}
	return s.open(ctx, u, userAgent)
}

func badCredentials() *problem.Problem {
	return problem.New(http.StatusUnauthorized, "bad_credentials", nil)
}

// userNamed finds an account without regard to case. What cannot be a user name is nobody's.
func (s *Service) userNamed(ctx context.Context, username string) (db.User, error) {
	name := strings.ToLower(strings.TrimSpace(username))
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		name = ""
	}
	return s.st.Q().UserByUsername(ctx, name)
}

// open makes the sign-in of a checked password, unless the account has changed since.
func (s *Service) open(ctx context.Context, checked db.User, userAgent string) (Grant, error) {
	now := s.now()
	session := db.AuthSession{ID: uuid.Must(uuid.NewV7()), UserID: checked.ID, Generation: 1, ExpiresAt: now.Add(s.refreshTTL)}
	var g Grant
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		u, err := q.LockUser(ctx, checked.ID) // a reset or a disabling at the same time comes wholly before or after
		if err != nil {
			return fmt.Errorf("read the user: %w", err)
		}
		if u.DisabledAt != nil {
			return problem.New(http.StatusForbidden, "account_disabled", nil)
		}
		if u.PasswordHash != checked.PasswordHash {
			return badCredentials()
		}
		if err := q.InsertAuthSession(ctx, db.InsertAuthSessionParams{
			ID: session.ID, UserID: u.ID, At: now, ExpiresAt: session.ExpiresAt, UserAgent: clean(userAgent, userAgentLimit),
		}); err != nil {
			return fmt.Errorf("open the sign-in: %w", err)
		}
		if err := s.log(ctx, q, entry{user: &u.ID, action: "LOGIN", object: "auth_session", id: &session.ID}); err != nil {
			return err
		}
		g, err = s.grant(ctx, q, session)
		return err
	})
	if err == nil {
		return g, nil
	}
	if code := problem.Of(err).Code; code == "account_disabled" {
		if err := s.log(ctx, s.st.Q(), entry{user: &checked.ID, action: "LOGIN_FAILED", object: "user", id: &checked.ID, result: code}); err != nil {
			return Grant{}, err
		}
	}
	return Grant{}, err
}

// check compares a password with the account's and counts failures on the tally; wrong is what a wrong one is answered
// with. It gives the account as it is after the check (rehashed when the cost has changed).
func (s *Service) check(ctx context.Context, user uuid.UUID, password string, failed tally, failure string, wrong *problem.Problem) (db.User, error) {
	done, err := s.turns.take(ctx, user)
	if err != nil {
		return db.User{}, err
	}
	defer done()
	q := s.st.Q()
	u, err := q.SignInUser(ctx, user) // after the wait: others may have failed meanwhile
	if err != nil {
		return db.User{}, fmt.Errorf("read the user: %w", err)
	}
	refuse := func(p *problem.Problem) (db.User, error) {
		if err := s.log(ctx, q, entry{user: &u.ID, action: failure, object: "user", id: &u.ID, result: p.Code}); err != nil {
			return db.User{}, err
		}
		return db.User{}, p
	}
	until, err := failed.lockedUntil(ctx, q)
	if err != nil {
		return db.User{}, fmt.Errorf("is it locked: %w", err)
	}
	if p := s.locked(until); p != nil {
		return refuse(p)
	}
	fits, outdated, err := s.hasher.verify(ctx, u.PasswordHash, password)
	if err != nil {
		return db.User{}, err
	}
	if !fits {
		// Counted even if the caller hangs up, or hanging up would make guesses free.
		ctx = context.WithoutCancel(ctx)
		until, err := failed.count(ctx, q, s.now())
		if store.IsNone(err) { // locked by another node at this moment
			return refuse(wrong)
		}
		if err != nil {
			return db.User{}, fmt.Errorf("count a failure: %w", err)
		}
		if p := s.locked(until); p != nil {
			return refuse(p)
		}
		return refuse(wrong)
	}
	if s.refused[string(canonical(password))] {
		return refuse(problem.New(http.StatusForbidden, "password_published", nil))
	}
	if err := failed.clear(ctx, q); err != nil {
		return db.User{}, fmt.Errorf("clear the failures: %w", err)
	}
	if outdated {
		hash, err := s.hasher.hash(ctx, password)
		if err != nil {
			return db.User{}, err
		}
		if err := q.RehashPassword(ctx, db.RehashPasswordParams{Next: hash, ID: u.ID, Current: u.PasswordHash}); err != nil {
			return db.User{}, fmt.Errorf("rehash a password: %w", err)
		}
		u.PasswordHash = hash
	}
	return u, nil
}

// locked gives the refusal while a lock lasts.
func (s *Service) locked(until *time.Time) *problem.Problem {
	if until == nil {
		return nil
	}
	left := until.Sub(s.now())
	if left <= 0 {
		return nil
	}
	minutes := int((left + time.Minute - 1) / time.Minute)
	p := problem.New(http.StatusTooManyRequests, "account_locked", problem.Args{"minutes": fmt.Sprint(minutes)})
	p.RetryAfterSeconds = int((left + time.Second - 1) / time.Second)
	return p
}

// VerifyPassword asks the person again, for a signature. It refuses with wrong_password (422, on the field password) or
// account_locked (429); wrong ones lock this sign-in, not the account.
func (s *Service) VerifyPassword(ctx context.Context, a Actor, password string) error {
	_, err := s.check(ctx, a.UserID, password, inside{a.SessionID}, "PASSWORD_CHECK_FAILED", wrongPassword("password"))
	return err
}

// VerifyColleague says whose name and password these are, for somebody who confirms on a device on which another is signed in.
// It opens no sign-in. It refuses with witness_credentials (422, on the field password), account_locked (429) or sign_in_busy
// (503); failures count as at the door.
func (s *Service) VerifyColleague(ctx context.Context, username, password string) (uuid.UUID, string, error) {
	wrong := problem.Invalid(problem.Field{Path: "secondWitness/password", Code: "witness_credentials"})
	u, err := s.userNamed(ctx, username)
	if store.IsNone(err) {
		if _, _, err := s.hasher.verify(ctx, "", password); err != nil {
			return uuid.Nil, "", err
		}
		return uuid.Nil, "", wrong
	}
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("read the user: %w", err)
	}
	if u, err = s.check(ctx, u.ID, password, atTheDoor{u.ID}, "PASSWORD_CHECK_FAILED", wrong); err != nil {
		return uuid.Nil, "", err
	}
	if u.DisabledAt != nil || u.MustChangePassword {
		return uuid.Nil, "", wrong
	}
	return u.ID, u.DisplayName, nil
}

func wrongPassword(field string) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "wrong_password", nil)
	p.Fields = []problem.Field{{Path: field, Code: "wrong_password"}}
	return p
}

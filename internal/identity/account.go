package identity

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// HashPassword makes the argon2id string of a password. It refuses with sign_in_busy (503) when too many are waiting.
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	return s.hasher.hash(ctx, password)
}

// NewPassword draws a temporary password and its hash, for a new account or [Service.ResetPassword]. Call it before the
// transaction: it takes about a tenth of a second.
func (s *Service) NewPassword(ctx context.Context) (password, hash string, err error) {
	password = temporaryPassword()
	hash, err = s.hasher.hash(ctx, password)
	return password, hash, err
}

// ChangePassword replaces the caller's own password, ends its other sign-ins and rotates this one, so that a refresh
// token from before is worth nothing. It refuses with wrong_password (422, on the field current), account_locked (429) or
// invalid_request with the broken rules on the field next.
func (s *Service) ChangePassword(ctx context.Context, a Actor, current, next, userAgent string) (Grant, error) {
	if err := CheckPassword("next", a.Username, next); err != nil {
		return Grant{}, err
	}
	if string(canonical(current)) == string(canonical(next)) {
		return Grant{}, problem.Invalid(problem.Field{Path: "next", Code: "password_same"})
	}
	u, err := s.check(ctx, a.UserID, current, inside{a.SessionID}, "PASSWORD_CHECK_FAILED", wrongPassword("current"))
	if err != nil {
		return Grant{}, err
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		now := s.now()
		n, err := q.ChangePassword(ctx, db.ChangePasswordParams{Next: hash, At: now, ID: u.ID, Current: u.PasswordHash})
		if err != nil {
			return fmt.Errorf("change the password: %w", err)
		}
		if n == 0 { // changed or disabled since the check
			return wrongPassword("current")
		}
		row, err := s.renew(ctx, q, a, userAgent)
		if err != nil {
			return err
		}
		if g, err = s.grant(ctx, q, row); err != nil {
			return err
		}
		if err := s.log(ctx, q, entry{user: &u.ID, action: "PASSWORD_CHANGED", object: "user", id: &u.ID}); err != nil {
			return err
		}
		return s.revokeOthers(ctx, q, u.ID, &a.SessionID, RevokedPasswordChanged)
	})
	if err != nil {
		return Grant{}, err
	}
	return g, nil
}

// ResetPassword gives an account a temporary password by its hash (from [Service.NewPassword]), lifts a lock-out or a
// disabling, and ends all its sign-ins. It runs in the caller's transaction and is called last. Whether by may do this is
// decided by the caller. An unknown user is not_found.
func (s *Service) ResetPassword(ctx context.Context, q *db.Queries, by Actor, user uuid.UUID, hash string) error {
	n, err := q.ResetPassword(ctx, db.ResetPasswordParams{Hash: hash, At: s.now(), ID: user})
	if err != nil {
		return fmt.Errorf("reset the password: %w", err)
	}
	if n == 0 {
		return problem.NotFound()
	}
	if err := s.log(ctx, q, entry{user: &by.UserID, action: "PASSWORD_RESET", object: "user", id: &user}); err != nil {
		return err
	}
	return s.RevokeUser(ctx, q, user, RevokedPasswordReset)
}

// Disable closes an account and ends all its sign-ins. It runs in the caller's transaction and is called last. Whether by
// may do this is decided by the caller; nobody may disable itself (422 cannot_disable_self). An account that is disabled
// stays so.
func (s *Service) Disable(ctx context.Context, q *db.Queries, by Actor, user uuid.UUID) error {
	if by.UserID == user {
		return problem.New(http.StatusUnprocessableEntity, "cannot_disable_self", nil)
	}
	n, err := q.DisableUser(ctx, db.DisableUserParams{At: s.now(), ID: user})
	if err != nil {
		return fmt.Errorf("disable the account: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := s.log(ctx, q, entry{user: &by.UserID, action: "ACCOUNT_DISABLED", object: "user", id: &user}); err != nil {
		return err
	}
	return s.RevokeUser(ctx, q, user, RevokedDisabled)
}

package identity

import (
	"context"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ConfirmSignIn confirms a sign-in with the second factor, where a role of the person asks for it, and rotates it: a refresh token from
// before the confirmation is worth nothing. Errors as [Service.VerifyFactor] and [Service.Refresh].
func (s *Service) ConfirmSignIn(ctx context.Context, a Actor, p contract.FactorProof, userAgent string) (Grant, error) {
	if err := s.VerifyFactor(ctx, a, p); err != nil {
		return Grant{}, err
	}
	var g Grant
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, err := s.renew(ctx, q, a, userAgent)
		if err != nil {
			return err
		}
		if err := q.SignInConfirmed(ctx, db.SignInConfirmedParams{ID: row.ID, Method: string(p.Method), Now: new(s.now())}); err != nil {
			return fmt.Errorf("confirm the sign-in: %w", err)
		}
		if g, err = s.grant(ctx, q, row); err != nil {
			return err
		}
		return s.log(ctx, q, entry{user: &a.UserID, action: "SIGN_IN_CONFIRMED", object: "auth_session", id: &a.SessionID, result: string(p.Method)})
	})
	return g, err
}

// renew rotates the caller's own sign-in by two generations, so that the token from before does not get the successor within the grace.
func (s *Service) renew(ctx context.Context, q *db.Queries, a Actor, userAgent string) (db.AuthSession, error) {
	now := s.now()
	row, err := q.LockAuthSession(ctx, a.SessionID)
	switch {
	case err != nil:
		return row, fmt.Errorf("read the sign-in: %w", err)
	case row.RevokedAt != nil:
		return row, revoked()
	case !now.Before(row.ExpiresAt):
		return row, expired()
	}
	row, err = q.RotateAuthSession(ctx, db.RotateAuthSessionParams{
		ID: row.ID, Generation: row.Generation, Step: 2, At: now, IdleEnd: now.Add(s.refreshTTL), Burst: now.Add(-Grace),
		UserAgent: clean(userAgent, userAgentLimit),
	})
	if err != nil {
		return row, fmt.Errorf("rotate the sign-in: %w", err)
	}
	return row, nil
}

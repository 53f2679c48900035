package identity

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Why a sign-in was revoked.
const (
	RevokedLogout          = "LOGOUT"
	RevokedEverywhere      = "LOGOUT_EVERYWHERE"
	RevokedReuse           = "REFRESH_REUSED"
	RevokedPasswordChanged = "PASSWORD_CHANGED"
	RevokedPasswordReset   = "PASSWORD_RESET"
	RevokedDisabled        = "DISABLED"
)

// Refresh rotates a refresh token. Its predecessor gets the same successor for [Grace] after the rotation, and so do those
// before it that were rotated in the same burst (many tabs, requests that overtake each other); any other one is taken for
// stolen and revokes the sign-in (401 session_reused). Other refusals, all 401: unauthenticated (not a token
// of ours), session_expired, session_revoked.
func (s *Service) Refresh(ctx context.Context, token, userAgent string) (Grant, error) {
	t, err := s.openRefresh(ctx, token)
	if err != nil {
		return Grant{}, err
	}
	now := s.now()
	row, err := s.st.Q().RotateAuthSession(ctx, db.RotateAuthSessionParams{
		ID: t.session, Generation: t.generation, Step: 1, At: now, IdleEnd: now.Add(s.refreshTTL), Burst: now.Add(-Grace),
		UserAgent: clean(userAgent, userAgentLimit),
	})
	if store.IsNone(err) {
		row, err = s.again(ctx, t)
	}
	if err != nil {
		return Grant{}, err
	}
	return s.grant(ctx, s.st.Q(), row)
}

// again decides on a token that did not win the rotation.
func (s *Service) again(ctx context.Context, t refreshToken) (row db.AuthSession, err error) {
	var refusal error // kept apart: the transaction that revokes must commit
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		now := s.now()
		row, err = q.LockAuthSession(ctx, t.session)
		switch {
		case store.IsNone(err):
			refusal = unauthenticated(errRefreshToken)
			return nil
		case err != nil:
			return fmt.Errorf("read the sign-in: %w", err)
		case row.RevokedAt != nil:
			refusal = revoked()
			return nil
		case !now.Before(row.ExpiresAt):
			refusal = expired()
			return nil
		case t.generation >= row.GraceFrom && t.generation <= row.Generation && now.Sub(row.RotatedAt) <= Grace:
			return nil
		}
		refusal = problem.New(http.StatusUnauthorized, "session_reused", nil)
		return s.revoke(ctx, q, row, RevokedReuse, "SESSION_REVOKED")
	})
	if err == nil {
		err = refusal
	}
	return row, err
}

// Logout ends the sign-in of a refresh token, of whichever generation. A token that is not ours or whose sign-in has
// ended is no error.
func (s *Service) Logout(ctx context.Context, token string) error {
	t, err := s.openRefresh(ctx, token)
	if err != nil {
		if problem.Of(err).Status == http.StatusUnauthorized {
			return nil
		}
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		row, err := q.LockAuthSession(ctx, t.session)
		if store.IsNone(err) || err == nil && row.RevokedAt != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the sign-in: %w", err)
		}
		return s.revoke(ctx, q, row, RevokedLogout, "LOGOUT")
	})
}

// revoke ends one locked sign-in and tells its sockets; last in a transaction.
func (s *Service) revoke(ctx context.Context, q *db.Queries, row db.AuthSession, code, action string) error {
	if _, err := q.RevokeAuthSession(ctx, db.RevokeAuthSessionParams{At: s.now(), Code: code, ID: row.ID}); err != nil {
		return fmt.Errorf("revoke the sign-in: %w", err)
	}
	if err := s.log(ctx, q, entry{user: &row.UserID, action: action, object: "auth_session", id: &row.ID, result: result(action, code)}); err != nil {
		return err
	}
	return tellRevoked(ctx, q, row.UserID, []uuid.UUID{row.ID})
}

func result(action, code string) string {
	if action == code {
		return ""
	}
	return code
}

// LogoutEverywhere ends all sign-ins of the caller, this one included, and so closes its sockets and media.
func (s *Service) LogoutEverywhere(ctx context.Context, a Actor) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		return s.RevokeUser(ctx, q, a.UserID, RevokedEverywhere)
	})
}

// RevokeUser ends all sign-ins of a user in the caller's transaction and appends the event that closes their sockets.
// It appends to the outbox, therefore it is called last. Code is one of the Revoked constants.
func (s *Service) RevokeUser(ctx context.Context, q *db.Queries, user uuid.UUID, code string) error {
	return s.revokeOthers(ctx, q, user, nil, code)
}

// revokeOthers ends all sign-ins of a user but one.
func (s *Service) revokeOthers(ctx context.Context, q *db.Queries, user uuid.UUID, keep *uuid.UUID, code string) error {
	ended, err := q.RevokeAuthSessionsOf(ctx, db.RevokeAuthSessionsOfParams{At: s.now(), Code: code, UserID: user, Keep: keep})
	if err != nil {
		return fmt.Errorf("revoke the sign-ins: %w", err)
	}
	if len(ended) == 0 {
		return nil
	}
	for _, id := range ended {
		if err := s.log(ctx, q, entry{user: &user, action: "SESSION_REVOKED", object: "auth_session", id: &id, result: code}); err != nil {
			return err
		}
	}
	return tellRevoked(ctx, q, user, ended)
}

func tellRevoked(ctx context.Context, q *db.Queries, user uuid.UUID, sessions []uuid.UUID) error {
	return store.Append(ctx, q, user, store.Envelope{
		Event: "session.revoked", To: store.Audience{AuthSessions: sessions}, Data: struct{}{},
	})
}

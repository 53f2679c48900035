package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ActAs makes this sign-in act in one of the caller's roles alone, or with nil in all of them again. It is told to the access log, and holds from
// the next request on; other sign-ins of the person are not touched. A role that the caller does not hold now is not_found.
func (s *Service) ActAs(ctx context.Context, a Actor, membership *uuid.UUID) (Actor, error) {
	if membership != nil && !slices.ContainsFunc(a.Held, func(m Membership) bool { return m.ID == *membership }) {
		return Actor{}, problem.NotFound()
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		n, err := q.SetActingAs(ctx, db.SetActingAsParams{ID: a.SessionID, UserID: a.UserID, Membership: membership})
		if err != nil {
			return fmt.Errorf("act in a role: %w", err)
		}
		if n == 0 {
			return revoked()
		}
		return s.log(ctx, q, entry{user: &a.UserID, action: "ACTING_AS", object: "membership", id: membership})
	})
	if err != nil {
		return Actor{}, err
	}
	return s.actor(ctx, s.st.Q(), a.UserID, a.SessionID)
}

// narrowed are the memberships in which a sign-in acts: all, or the chosen one; none where the chosen one has ended, until another is chosen.
func narrowed(held []Membership, chosen *uuid.UUID) []Membership {
	if chosen == nil {
		return held
	}
	return slices.DeleteFunc(slices.Clone(held), func(m Membership) bool { return m.ID != *chosen })
}

package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// SignedIn gives the person behind a sign-in that was checked before, with the memberships in force now. Refusals have
// status 401, as those of [Service.Authenticate].
func (s *Service) SignedIn(ctx context.Context, user, signIn uuid.UUID) (Actor, error) {
	return s.actor(ctx, s.st.Q(), user, signIn)
}

// MembershipsOf gives the memberships in force now of each of these users, with roles and ids only. Who has none is absent.
func (s *Service) MembershipsOf(ctx context.Context, users []uuid.UUID) (map[uuid.UUID][]Membership, error) {
	rows, err := s.st.Q().MembershipsOfUsers(ctx, db.MembershipsOfUsersParams{Users: users, At: s.now()})
	if err != nil {
		return nil, fmt.Errorf("read the memberships: %w", err)
	}
	held := make(map[uuid.UUID][]Membership, len(users))
	for _, m := range rows {
		held[m.UserID] = append(held[m.UserID], Membership{Role: m.Role, OrganisationID: m.OrganisationID, DepartmentID: m.DepartmentID})
	}
	return held, nil
}

// MembershipsOfSignIns gives the memberships in force now in which each of these sign-ins acts (see [Service.ActAs]), with roles and ids only.
// A sign-in without any is absent.
func (s *Service) MembershipsOfSignIns(ctx context.Context, signIns []uuid.UUID) (map[uuid.UUID][]Membership, error) {
	rows, err := s.st.Q().MembershipsOfSignIns(ctx, db.MembershipsOfSignInsParams{SignIns: signIns, At: s.now()})
	if err != nil {
		return nil, fmt.Errorf("read the memberships: %w", err)
	}
	held := make(map[uuid.UUID][]Membership, len(signIns))
	for _, m := range rows {
		held[m.SignIn] = append(held[m.SignIn], Membership{Role: m.Role, OrganisationID: m.OrganisationID, DepartmentID: m.DepartmentID})
	}
	return held, nil
}

// ActorOf is somebody as signed in now, without a sign-in: for work that was asked for earlier and is done in the person's name, in the role in
// which it was asked for, or with nil in all; a role that has ended leaves none. Nobody whose account is disabled (session_revoked).
func (s *Service) ActorOf(ctx context.Context, user uuid.UUID, actingAs *uuid.UUID) (Actor, error) {
	q := s.st.Q()
	u, err := q.SignInUser(ctx, user)
	switch {
	case store.IsNone(err):
		return Actor{}, problem.NotFound()
	case err != nil:
		return Actor{}, fmt.Errorf("read the user: %w", err)
	case u.DisabledAt != nil:
		return Actor{}, revoked()
	}
	rows, err := q.MembershipsInForce(ctx, db.MembershipsInForceParams{UserID: user, At: s.now()})
	if err != nil {
		return Actor{}, fmt.Errorf("read the memberships: %w", err)
	}
	a := Actor{UserID: user, Username: u.Username, Name: u.DisplayName, Locale: u.Locale, ActingAs: actingAs, Held: make([]Membership, len(rows))}
	for i, m := range rows {
		a.Held[i] = Membership(m)
	}
	a.Memberships = narrowed(a.Held, actingAs)
	return a, nil
}

package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// tally counts wrong passwords and says until when no more are taken. Strangers at the door and the person who is already
// inside are counted apart: nobody who merely knows a user name can keep its owner from signing.
type tally interface {
	lockedUntil(ctx context.Context, q *db.Queries) (*time.Time, error)
	// count notes a failure. It finds no row while the tally is locked.
	count(ctx context.Context, q *db.Queries, at time.Time) (lockedUntil *time.Time, err error)
	clear(ctx context.Context, q *db.Queries) error
}

// atTheDoor counts sign-ins to an account.
type atTheDoor struct{ account uuid.UUID }

func (t atTheDoor) lockedUntil(ctx context.Context, q *db.Queries) (*time.Time, error) {
	u, err := q.SignInUser(ctx, t.account)
	return u.LockedUntil, err
}

func (t atTheDoor) count(ctx context.Context, q *db.Queries, at time.Time) (*time.Time, error) {
	row, err := q.CountFailedLogin(ctx, db.CountFailedLoginParams{At: at, ID: t.account})
	return row.LockedUntil, err
}

func (t atTheDoor) clear(ctx context.Context, q *db.Queries) error {
	return q.ClearFailedLogins(ctx, t.account)
}

// inside counts what is asked of a person who is signed in.
type inside struct{ signIn uuid.UUID }

func (t inside) lockedUntil(ctx context.Context, q *db.Queries) (*time.Time, error) {
	row, err := q.AuthSession(ctx, t.signIn)
	return row.ChecksLockedUntil, err
}

func (t inside) count(ctx context.Context, q *db.Queries, at time.Time) (*time.Time, error) {
	return q.CountFailedCheck(ctx, db.CountFailedCheckParams{At: at, ID: t.signIn})
}

func (t inside) clear(ctx context.Context, q *db.Queries) error {
	return q.ClearFailedChecks(ctx, t.signIn)
}

// secondFactor counts wrong codes of a person. A right password clears what is counted for a sign-in, and whoever has the password
// has as many sign-ins as he likes: neither may buy another five guesses of six digits.
type secondFactor struct{ account uuid.UUID }

func (t secondFactor) lockedUntil(ctx context.Context, q *db.Queries) (*time.Time, error) {
	until, err := q.FactorLock(ctx, t.account)
	if store.IsNone(err) { // none is set up: the attempt itself says so
		return nil, nil
	}
	return until, err
}

func (t secondFactor) count(ctx context.Context, q *db.Queries, at time.Time) (*time.Time, error) {
	return q.CountFailedFactor(ctx, db.CountFailedFactorParams{At: at, UserID: t.account})
}

func (t secondFactor) clear(ctx context.Context, q *db.Queries) error {
	return q.ClearFailedFactor(ctx, t.account)
}

package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The roles that this package speaks of.
const (
	roleNurse      = string(consult.RoleNurse)
	roleAttending  = string(consult.RoleAttending)
	roleConsultant = string(consult.RoleConsultant)
	roleFamily     = string(consult.RoleFamilyDoctor)
	roleDispatcher = string(consult.RoleDispatcher)
	roleAdmin      = string(consult.RoleInstAdmin)
	roleSystem     = string(consult.RoleSystem)
)

// home are the roles of a resident's side; planners plan for an organisation; practitioners can be booked.
func home() []string          { return []string{roleNurse, roleAttending, roleFamily, roleAdmin} }
func planners() []string      { return []string{roleDispatcher, roleAdmin} }
func practitioners() []string { return []string{roleConsultant, roleAttending, roleFamily, roleNurse} }
func everybody() []string {
	return []string{roleNurse, roleAttending, roleConsultant, roleFamily, roleDispatcher, roleAdmin}
}

// HoldFor is how long a hold keeps its slot: this project's choice.
const HoldFor = 10 * time.Minute

// moreTravel is how many minutes beyond the travel of its kind anybody may ask for: this project's choice.
const moreTravel = 60

// maxHolds is how many slots one person keeps at a time.
const maxHolds = 5

// Deps are what the use-cases stand on.
type Deps struct {
	Store  *store.Store
	Keeper *seal.Keeper
	// Now overrides the clock; nil is the database's.
	Now func() time.Time
}

// Service holds the use-cases. It has no state of its own.
type Service struct {
	st   *store.Store
	keep *seal.Keeper
	now  func() time.Time
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil {
		return nil, errors.New("booking: a store and a keeper are needed")
	}
	return &Service{st: d.Store, keep: d.Keeper, now: d.Now}, nil
}

// clock gives the instant at which a use-case happens: the time of the database unless a clock was given.
func (s *Service) clock(ctx context.Context, q *db.Queries) (time.Time, error) {
	return store.Now(ctx, q, s.now)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func require(a identity.Actor, roles ...string) error {
	if !a.Has(roles...) {
		return problem.Forbidden()
	}
	return nil
}

// command carries something out once per command id, in a transaction ([store.Command]).
func (s *Service) command(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, request any,
	do func(q *db.Queries) (uuid.UUID, error)) (uuid.UUID, error) {
	return store.Command{User: a.UserID, ID: cmd, Operation: operation, Request: request}.Once(ctx, s.st.Tx, do)
}

// audit appends a change of what can be booked to the access log.
func (s *Service) audit(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time, role, action, objectType string, object uuid.UUID) error {
	if err := q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: role, Action: action, ObjectType: objectType,
		ObjectID: &object, Detail: "OK"}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// one turns the answer of a query for one row into what leaves the use-case: no row is 404.
func one(err error, what string) error { return store.One(err, what) }

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// some is a pointer to a value, nil for the zero value: absent fields of the contract.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func invalid(path, code string) error { return problem.Invalid(problem.Field{Path: path, Code: code}) }

// today is the day in Asia/Shanghai, as dates are kept.
func today(now time.Time) time.Time { return consult.DateOf(now).Time() }

package visits

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/route/travel"
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

func goers() []string    { return []string{roleFamily, roleAttending, roleNurse} }
func planners() []string { return []string{roleDispatcher, roleAdmin} }
func doctors() []string  { return []string{roleFamily, roleAttending} }

// Deps are what the use-cases stand on.
type Deps struct {
	Store        *store.Store
	Keeper       *seal.Keeper
	Identity     *identity.Service
	Care         *care.Service
	Contracts    care.Contracts
	Appointments Appointments
	Travel       travel.Matrix    // nil: an estimate without a map
	Now          func() time.Time // nil: the database's clock
	Log          func(msg string, args ...any)
}

// Appointments is what visits need of booking: an appointment that a visit has no use for any more is cancelled with it, and one is taken with the visit that it is
// for, in one transaction each.
type Appointments interface {
	Take(ctx context.Context, q *db.Queries, a identity.Actor, in contract.AppointmentInput) (id uuid.UUID, told []store.Envelope, refused func(context.Context, error) error, err error)
	Release(ctx context.Context, q *db.Queries, a identity.Actor, role string, id uuid.UUID) (told []store.Envelope, afterwards func(context.Context), err error)
}

// Service holds the use-cases. It has no state of its own.
type Service struct {
	st           *store.Store
	keep         *seal.Keeper
	id           *identity.Service
	care         *care.Service
	contracts    care.Contracts
	appointments Appointments
	travel       travel.Matrix
	now          func() time.Time
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil || d.Identity == nil || d.Care == nil || d.Contracts == nil || d.Appointments == nil {
		return nil, errors.New("visits: a store, a keeper, an identity service, the care use-cases, the contracts and the appointments are needed")
	}
	if d.Travel == nil {
		d.Travel = travel.Rural()
	}
	return &Service{st: d.Store, keep: d.Keeper, id: d.Identity, care: d.Care, contracts: d.Contracts, appointments: d.Appointments, travel: d.Travel, now: d.Now}, nil
}

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
	do func(q *db.Queries, now time.Time) (uuid.UUID, error)) (uuid.UUID, error) {
	return store.Command{User: a.UserID, ID: cmd, Operation: operation, Request: request}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		now, err := s.clock(ctx, q)
		if err != nil {
			return uuid.Nil, err
		}
		return do(q, now)
	})
}

// number is what people read out: SM or JC, the day in Asia/Shanghai, and the number within it.
func number(ctx context.Context, q *db.Queries, kind string, now time.Time) (string, error) {
	day := consult.DateOf(now)
	n, err := q.NextHomeSerial(ctx, db.NextHomeSerialParams{Kind: kind, Day: day.Time()})
	if err != nil {
		return "", fmt.Errorf("serial number: %w", err)
	}
	return fmt.Sprintf("%s%04d%02d%02d-%04d", kind, day.Year, day.Month, day.Day, n), nil
}

func (s *Service) sealText(table, column string, row uuid.UUID, text string) []byte {
	return s.keep.SealText(table, column, row, strings.TrimSpace(text))
}

func (s *Service) openText(table, column string, row uuid.UUID, sealed []byte) (string, error) {
	text, err := s.keep.OpenText(table, column, row, sealed)
	if err != nil {
		return "", fmt.Errorf("open %s.%s: %w", table, column, err)
	}
	return text, nil
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

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

func invalid(path, code string) error { return problem.Invalid(problem.Field{Path: path, Code: code}) }

func lang(a identity.Actor) consult.Lang {
	if strings.HasPrefix(a.Locale, "en") {
		return consult.EN
	}
	return consult.ZH
}

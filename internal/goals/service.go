package goals

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Note stands beside every figure: no authority has published a definition of these counts.
const Note = "本系统口径，非官方统计口径"

// NoteEnglish is Note for English readers; sheets carry both.
const NoteEnglish = "counted by this system's own rules; not an official statistic"

// The roles that this package speaks of.
const (
	roleAdmin  = "INST_ADMIN"
	roleCounty = "REG_COUNTY"
	roleLeague = "REG_LEAGUE"
	roleRegion = "REG_REGION"
	roleSystem = "SYS_ADMIN"
)

func authorities() []string { return []string{roleCounty, roleLeague, roleRegion} }

// Deps are what the package stands on.
type Deps struct {
	Store  *store.Store
	Keeper *seal.Keeper
	Log    *slog.Logger // nil: nowhere
	// Consultations is the log as people see it, for its export; nil refuses that.
	Consultations ConsultationLog
	// Actors loads who asked for an export; nil writes none.
	Actors Actors
	// Directory enters organisations that a workbook brings; nil refuses that.
	Directory Directory
	// Months closes months for the rules of countability; nil refuses to lock a return.
	Months Months
	// Now overrides the clock; nil is the database's.
	Now func() time.Time
}

// Months keeps for a month of an institution the rules by which it is closed, and judges by them what others judged. It may be asked
// again.
type Months interface {
	CloseMonth(ctx context.Context, by, institution uuid.UUID, month consult.Date) error
}

// Service holds the use-cases. It has no state of its own.
type Service struct {
	st   *store.Store
	keep *seal.Keeper
	log  *slog.Logger
	now  func() time.Time

	consultations ConsultationLog
	actors        Actors
	directory     Directory
	months        Months
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil {
		return nil, errors.New("goals: a store and a keeper are needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{st: d.Store, keep: d.Keeper, log: d.Log, now: d.Now, consultations: d.Consultations, actors: d.Actors, directory: d.Directory, months: d.Months}, nil
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

// audit notes what somebody did or opened.
func audit(ctx context.Context, q *db.Queries, a identity.Actor, role, action, objectType string, object uuid.UUID) error {
	if err := q.AppendAccess(ctx, db.AppendAccessParams{ID: newID(), UserID: &a.UserID, Role: role, Action: action, ObjectType: objectType, ObjectID: &object}); err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

func refuse(code string, args problem.Args) error {
	return problem.New(http.StatusUnprocessableEntity, code, args)
}

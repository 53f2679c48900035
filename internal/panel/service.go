package panel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The roles that this package speaks of.
const (
	roleDoctor    = "FAMILY_DOCTOR"
	roleNurse     = "NURSE"
	roleAttending = "ATTENDING"
	roleAdmin     = "INST_ADMIN"
	roleSystem    = "SYSTEM"
)

// Files judges what is uploaded before it is stored.
type Files interface {
	ReadSignature(ctx context.Context, png []byte) (store.File, error)
	ReadScan(ctx context.Context, body io.Reader) (store.File, error)
}

// Deps are what the package stands on.
type Deps struct {
	Store  *store.Store
	Keeper *seal.Keeper
	Files  Files
	// Now overrides the clock; nil is the database's.
	Now func() time.Time
}

// Service holds the use-cases. It has no state of its own.
type Service struct {
	st    *store.Store
	keep  *seal.Keeper
	files Files
	now   func() time.Time
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil || d.Files == nil {
		return nil, errors.New("panel: a store, a keeper and a judge of files are needed")
	}
	return &Service{st: d.Store, keep: d.Keeper, files: d.Files, now: d.Now}, nil
}

func (s *Service) clock(ctx context.Context, q *db.Queries) (time.Time, error) {
	return store.Now(ctx, q, s.now)
}

// change is one transaction of one person, or of the system: a.UserID is zero.
type change struct {
	s     *Service
	q     *db.Queries
	a     identity.Actor
	now   time.Time
	today consult.Date
	key   uuid.UUID // of the outbox
	out   []store.Envelope
}

// changed is the data of the event panel.changed.
type changed struct {
	ResidentID *uuid.UUID `json:"residentId,omitempty"`
	What       string     `json:"what"` // contract, group, plan, recall, team
}

// tell tells a team, and the bedside of an institution unless it is zero, that something changed.
func (ch *change) tell(ctx context.Context, team, home uuid.UUID, resident *uuid.UUID, what string) error {
	var to store.Audience
	if team != uuid.Nil {
		users, err := ch.q.FdTeamUsers(ctx, team)
		if err != nil {
			return fmt.Errorf("whom to tell: %w", err)
		}
		to.Users = users
	}
	if home != uuid.Nil {
		to.Organisations = []uuid.UUID{home}
	}
	if len(to.Users) > 0 || len(to.Organisations) > 0 {
		ch.out = append(ch.out, store.Envelope{Event: "panel.changed", To: to, Data: changed{resident, what}})
	}
	return nil
}

// in carries out a change in a transaction; what it tells is the last statement.
func (s *Service) in(ctx context.Context, a identity.Actor, do func(ch *change) error) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		ch := &change{s: s, q: q, a: a, now: now, today: consult.DateOf(now)}
		if err := do(ch); err != nil {
			return err
		}
		return store.Append(ctx, q, ch.key, ch.out...)
	})
}

// command carries something out once per command id, in a transaction ([store.Command]).
func (s *Service) command(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, request any, do func(ch *change) (uuid.UUID, error)) (uuid.UUID, error) {
	var ch *change
	tx := func(ctx context.Context, f func(q *db.Queries) error) error {
		return s.in(ctx, a, func(c *change) error {
			ch = c
			return f(c.q)
		})
	}
	return store.Command{User: a.UserID, ID: cmd, Operation: operation, Request: request}.Once(ctx, tx, func(*db.Queries) (uuid.UUID, error) {
		object, err := do(ch)
		ch.key = object
		return object, err
	})
}

// audit notes what somebody did or opened.
func audit(ctx context.Context, q *db.Queries, a identity.Actor, role, action, objectType string, object uuid.UUID) error {
	if err := q.AppendAccess(ctx, db.AppendAccessParams{ID: newID(), UserID: &a.UserID, Role: role, Action: action, ObjectType: objectType, ObjectID: &object}); err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
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

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

package care

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The roles that this package speaks of (contract.Role as plain text, as memberships carry it).
const (
	RoleNurse        = "NURSE"
	RoleAttending    = "ATTENDING"
	RoleConsultant   = "CONSULTANT"
	RoleFamilyDoctor = "FAMILY_DOCTOR"
	RoleDispatcher   = "DISPATCHER"
	RoleInstAdmin    = "INST_ADMIN"
	RoleSysAdmin     = "SYS_ADMIN"
	RoleSecAdmin     = "SEC_ADMIN"
	RoleAuditor      = "AUDITOR"
	RoleRegCounty    = "REG_COUNTY"
	RoleRegLeague    = "REG_LEAGUE"
	RoleRegRegion    = "REG_REGION"
)

// What a doctor set for himself. IN_CALL is never set: it follows from the consultations.
const (
	PresenceAvailable = "AVAILABLE"
	PresenceInCall    = "IN_CALL"
	PresenceBackSoon  = "BACK_SOON"
	PresenceOff       = "OFF"
)

// PresenceState is what is known of one doctor now.
type PresenceState struct {
	State     string     // AVAILABLE, BACK_SOON or OFF
	BackAt    *time.Time // with BACK_SOON
	Connected bool       // at least one socket is open
}

// Available says that the doctor said so and that a socket is there to ring.
func (p PresenceState) Available() bool { return p.State == PresenceAvailable && p.Connected }

// Presence tells who is there now. It may lose what it knows: a doctor it does not name is OFF. An error of it never
// stops a command.
type Presence interface {
	Of(ctx context.Context, users []uuid.UUID) (map[uuid.UUID]PresenceState, error)
}

// Config holds what an installation may set.
type Config struct {
	// ConsentValidity is how long a drawn consent holds; 0 means DefaultConsentValidity.
	ConsentValidity time.Duration
	// ConsultPhone is the number to call when no doctor is online.
	ConsultPhone string
}

// DefaultConsentValidity is how long a drawn consent holds unless it is withdrawn: this project's choice.
const DefaultConsentValidity = consult.ConsentValidDays * 24 * time.Hour

// Deps are what the use-cases stand on.
type Deps struct {
	Store    *store.Store
	Keeper   *seal.Keeper
	Identity *identity.Service
	Presence Presence
	// Order is the index of the queue; nil asks the database each time.
	Order Order
	// Notify checks and tests what people enter for notifications; nil refuses all of it. Facts are written without it.
	Notify Notifier
	// Scanner is asked about uploaded documents; nil: nobody is, and each document says so.
	Scanner Scanner
	// Pages draws first pages of PDFs; nil: they have no thumbnails.
	Pages FirstPager
	// Printer sets records for paper; nil: nothing is printed.
	Printer Printer
	// Signer signs documents in the name of people; nil is the system's own seal.
	Signer seal.Signer
	// Now overrides the clock; nil is the clock of the database, so that nodes cannot disagree.
	Now func() time.Time
	Config
}

// Service holds the use-cases. It has no state of its own: everything is in the database, but for the places of those who
// work on a picture and the last second's simulations of waiting.
type Service struct {
	st        *store.Store
	keep      *seal.Keeper
	signer    seal.Signer
	id        *identity.Service
	presence  Presence
	order     Order
	notify    Notifier
	scanner   Scanner
	pages     FirstPager
	printer   Printer
	contracts Contracts
	visits    Visits
	plans     Plans
	now       func() time.Time
	cfg       Config
	pictures  chan struct{} // one element for each picture that is being decoded

	forecasts forecasts
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil || d.Identity == nil {
		return nil, errors.New("care: a store, a keeper and an identity service are needed")
	}
	if d.Presence == nil {
		d.Presence = nobody{}
	}
	if d.Signer == nil {
		d.Signer = d.Keeper.Signer()
	}
	if d.Notify == nil {
		d.Notify = noNotifier{}
	}
	if d.ConsentValidity == 0 {
		d.ConsentValidity = DefaultConsentValidity
	}
	if d.ConsentValidity < 0 {
		return nil, fmt.Errorf("care: a consent cannot be valid for %v", d.ConsentValidity)
	}
	return &Service{st: d.Store, keep: d.Keeper, signer: d.Signer, id: d.Identity, presence: d.Presence, order: d.Order, notify: d.Notify, scanner: d.Scanner, pages: d.Pages, printer: d.Printer, now: d.Now, cfg: d.Config,
		pictures: make(chan struct{}, picturesAtOnce)}, nil
}

// clock gives the instant at which a use-case happens: the time of the database unless a clock was given.
func (s *Service) clock(ctx context.Context, q *db.Queries) (time.Time, error) {
	return store.Now(ctx, q, s.now)
}

// clockAt is clock where the time of the database was read with something else.
func (s *Service) clockAt(database time.Time) time.Time {
	if s.now != nil {
		return s.now().UTC().Truncate(time.Microsecond)
	}
	return database.UTC()
}

// presencePatience is how long a use-case waits for presence, which it can do without.
const presencePatience = 500 * time.Millisecond

// presenceOf is what is known of the doctors; when presence is out of reach nobody is known to be there.
func (s *Service) presenceOf(ctx context.Context, users []uuid.UUID) map[uuid.UUID]PresenceState {
	if len(users) == 0 {
		return map[uuid.UUID]PresenceState{}
	}
	ctx, stop := context.WithTimeout(ctx, presencePatience)
	defer stop()
	known, err := s.presence.Of(ctx, users)
	if err != nil || known == nil {
		return map[uuid.UUID]PresenceState{}
	}
	return known
}

// newID makes a UUIDv7: ids grow with time.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

type nobody struct{}

func (nobody) Of(context.Context, []uuid.UUID) (map[uuid.UUID]PresenceState, error) { return nil, nil }

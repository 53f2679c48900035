package remind

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// The roles that this package speaks of.
const (
	roleNurse      = string(consult.RoleNurse)
	roleAttending  = string(consult.RoleAttending)
	roleFamily     = string(consult.RoleFamilyDoctor)
	roleDispatcher = string(consult.RoleDispatcher)
	roleAdmin      = string(consult.RoleInstAdmin)
)

func planners() []string { return []string{roleDispatcher, roleAdmin} }

// Deps are what the use-cases stand on.
type Deps struct {
	Store   *store.Store
	Keeper  *seal.Keeper
	Booking *booking.Service
	Visits  *visits.Service
	// Words writes what a reminder says, for the preview in the settings.
	Words Words
	Now   func() time.Time // nil: the database's clock
}

// Words is what is needed of the sender of messages, beside the facts that are written for it.
type Words interface {
	ReminderText(family bool, locale string, at time.Time, place string) string
}

// Service holds the use-cases. It has no state of its own.
type Service struct {
	st     *store.Store
	keep   *seal.Keeper
	book   *booking.Service
	visits *visits.Service
	words  Words
	now    func() time.Time
}

// New makes the use-cases.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil || d.Booking == nil || d.Visits == nil || d.Words == nil {
		return nil, errors.New("remind: a store, a keeper, the appointments, the visits and the words are needed")
	}
	return &Service{st: d.Store, keep: d.Keeper, book: d.Booking, visits: d.Visits, words: d.Words, now: d.Now}, nil
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

func roleIn(a identity.Actor, org uuid.UUID, roles ...string) string {
	for _, r := range roles {
		if a.In(org, r) {
			return r
		}
	}
	return ""
}

// audit appends what somebody did to the access log.
func audit(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time, role, action, objectType string, object uuid.UUID) error {
	if err := q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), Detail: "OK", At: now, UserID: &a.UserID, Role: role, Action: action, ObjectType: objectType,
		ObjectID: &object}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// batch is how many appointments one transaction looks at.
const batch = 100

// keepLinks is how long a link of an appointment that is over is kept, so that it is refused in words.
const keepLinks = 30 * 24 * time.Hour

// Sweep writes the reminders that are due, and tells of changes whom was reminded. Any node may call it, several at once; it says how much there was.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	did := 0
	for {
		n, err := s.due(ctx)
		did += n
		if err != nil || n < batch {
			if err != nil {
				return did, err
			}
			break
		}
	}
	n, err := s.cancelled(ctx)
	return did + n, err
}

// Prune forgets links of appointments that are long over.
func (s *Service) Prune(ctx context.Context) (int64, error) {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return 0, err
	}
	n, err := s.st.Q().PruneAppointmentLinks(ctx, now.Add(-keepLinks))
	if err != nil {
		return 0, fmt.Errorf("links that are over: %w", err)
	}
	return n, nil
}

func (s *Service) due(ctx context.Context) (int, error) {
	did := 0
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		rows, err := q.AppointmentsToRemind(ctx, db.AppointmentsToRemindParams{Now: now, Batch: batch})
		if err != nil {
			return fmt.Errorf("appointments to remind of: %w", err)
		}
		did = len(rows)
		organisations := make([]uuid.UUID, len(rows))
		for i, r := range rows {
			organisations[i] = r.OrganisationID
		}
		settings, err := readSettings(ctx, q, organisations)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := s.remind(ctx, q, r, settings.of(r.OrganisationID, r.KindID), now); err != nil {
				return err
			}
		}
		return nil
	})
	return did, err
}

// remind writes what is to be told of one appointment now.
func (s *Service) remind(ctx context.Context, q *db.Queries, r db.AppointmentsToRemindRow, set rule, now time.Time) error {
	d := decide(r.StartsAt, r.Since, now, set.leads, r.Known, set.quiet)
	add := func(kind, state, why string) (bool, error) {
		n, err := q.AddAppointmentReminder(ctx, db.AddAppointmentReminderParams{ID: newID(), AppointmentID: r.ID, Kind: kind, Revision: r.Revision, State: state, Why: why, StartsAt: r.StartsAt, Now: now})
		if err != nil {
			return false, fmt.Errorf("reminder: %w", err)
		}
		return n == 1, nil
	}
	for _, k := range d.skip {
		if _, err := add(k.kind, "SKIPPED", k.why); err != nil {
			return err
		}
	}
	_, _, hush := set.quiet.around(now)
	if r.ToldBefore && !contains(r.Known, moved) && now.Before(r.StartsAt) && !hush {
		first, err := add(moved, "TOLD", "")
		if err == nil && first {
			err = s.tellAgain(ctx, q, notify.AppointmentMoved, r.ID, r.Revision, r.StartsAt, now)
		}
		if err != nil {
			return err
		}
	}
	if d.tell != "" {
		f := notify.Fact{Event: notify.AppointmentReminder, Key: key(notify.AppointmentReminder, r.ID, d.tell, r.Revision), Subject: r.ID, Epoch: int64(r.Revision), VoidAt: &r.StartsAt, At: now}
		if err := s.recipients(ctx, q, &f, r, set, now); err != nil {
			return err
		}
		state, why := "TOLD", ""
		if len(f.Users) == 0 && len(f.Organisations) == 0 && f.Family == nil {
			state, why = "SKIPPED", "NOBODY"
		}
		first, err := add(d.tell, state, why)
		if err == nil && first && state == "TOLD" {
			err = notify.Enqueue(ctx, q, f)
		}
		if err != nil {
			return err
		}
	}
	if err := q.RemindAt(ctx, db.RemindAtParams{ID: r.ID, RemindAt: d.look}); err != nil {
		return fmt.Errorf("reminder: %w", err)
	}
	return nil
}

func key(e notify.Event, appointment uuid.UUID, kind string, revision int32) string {
	return fmt.Sprintf("%s:%s:%s:%d", e, appointment, kind, revision)
}

// recipients are whom the settings say: who goes, the nurses on duty with their group, the family.
func (s *Service) recipients(ctx context.Context, q *db.Queries, f *notify.Fact, r db.AppointmentsToRemindRow, set rule, now time.Time) error {
	if contains(set.audiences, toDoctor) {
		staff, err := q.StaffOf(ctx, []uuid.UUID{r.ID})
		if err != nil {
			return fmt.Errorf("whom to remind: %w", err)
		}
		for _, p := range staff {
			f.Users = append(f.Users, p.UserID)
		}
	}
	if contains(set.audiences, toInstitution) {
		nurses, err := q.NursesToRemind(ctx, db.NursesToRemindParams{OrganisationID: r.ResidentOrgID, Now: now})
		if err != nil {
			return fmt.Errorf("whom to remind: %w", err)
		}
		f.Users, f.Organisations = append(f.Users, nurses...), []uuid.UUID{r.ResidentOrgID}
	}
	if contains(set.audiences, toFamily) {
		f.Family = &r.ResidentID
	}
	return nil
}

// tellAgain tells of a change those to whom a message about the appointment went, and nobody else.
func (s *Service) tellAgain(ctx context.Context, q *db.Queries, e notify.Event, id uuid.UUID, revision int32, start, now time.Time) error {
	rows, err := q.RemindedOf(ctx, id)
	if err != nil {
		return fmt.Errorf("who was reminded: %w", err)
	}
	f := notify.Fact{Event: e, Key: key(e, id, "", revision), Subject: id, Epoch: int64(revision), VoidAt: &start, At: now}
	for _, r := range rows {
		switch {
		case r.UserID != nil:
			f.Users = append(f.Users, *r.UserID)
		case r.ResidentID != nil:
			f.Family = r.ResidentID
		case r.GroupOf != nil:
			f.Organisations = append(f.Organisations, *r.GroupOf)
		}
	}
	return notify.Enqueue(ctx, q, f)
}

// cancelledSince is how far back a cancellation is still told of.
const cancelledSince = 24 * time.Hour

func (s *Service) cancelled(ctx context.Context) (int, error) {
	did := 0
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		did = 0
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		rows, err := q.CancelledToTell(ctx, now.Add(-cancelledSince))
		if err != nil {
			return fmt.Errorf("cancelled appointments: %w", err)
		}
		organisations := make([]uuid.UUID, len(rows))
		for i, r := range rows {
			organisations[i] = r.OrganisationID
		}
		settings, err := readSettings(ctx, q, organisations)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if _, end, hush := settings.of(r.OrganisationID, uuid.Nil).quiet.around(now); hush && end.Before(r.StartsAt) || !now.Before(r.StartsAt) {
				continue
			}
			n, err := q.AddAppointmentReminder(ctx, db.AddAppointmentReminderParams{ID: newID(), AppointmentID: r.ID, Kind: called, Revision: r.Revision, State: "TOLD", StartsAt: r.StartsAt, Now: now})
			if err != nil {
				return fmt.Errorf("tell of a cancellation: %w", err)
			}
			if n == 1 {
				did++
				if err := s.tellAgain(ctx, q, notify.AppointmentCancelled, r.ID, r.Revision, r.StartsAt, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return did, err
}

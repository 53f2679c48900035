package booking

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// The times of the waiting list: this project's choice.
const (
	OfferFor    = 2 * time.Hour    // how long a freed slot is kept for who is offered it
	offerLeast  = 10 * time.Minute // less is no offer
	offerBefore = 30 * time.Minute // an offer ends so long before its start
	lookAgain   = 10 * time.Minute // between two looks for a slot without anything having been freed
	offerTime   = 10 * time.Second // for looking after a command
)

// The states of an entry.
const (
	waits    = "WAITING"
	offered  = "OFFERED"
	left     = "LEFT"
	offering = "offer"
)

// ListWaiting gives who waits, in the order in which they are offered a slot.
func (s *Service) ListWaiting(ctx context.Context, a identity.Actor, in contract.ListWaitingParams) ([]contract.WaitingEntry, error) {
	if err := require(a, everybody()...); err != nil {
		return nil, err
	}
	return s.waitingSeen(ctx, a, db.WaitingSeenParams{KindID: in.KindId, ResidentID: in.ResidentId, Ended: value(in.Ended)})
}

func (s *Service) waitingSeen(ctx context.Context, a identity.Actor, p db.WaitingSeenParams) ([]contract.WaitingEntry, error) {
	p.Homes, p.Planned, p.UserID = a.Organisations(home()...), a.Organisations(planners()...), a.UserID
	rows, err := s.st.Q().WaitingSeen(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("waiting list: %w", err)
	}
	out := make([]contract.WaitingEntry, len(rows))
	for i, r := range rows {
		w := r.WaitingList
		name, err := s.keep.OpenText("residents", "name_enc", w.ResidentID, r.NameEnc)
		if err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		out[i] = contract.WaitingEntry{Id: w.ID, KindId: w.KindID, KindName: r.KindName, PractitionerId: w.UserID, PractitionerName: some(r.UserName), ResidentId: w.ResidentID,
			ResidentName: consult.MaskName(name), Earliest: w.Earliest.UTC(), Latest: w.Latest.UTC(), FromMinute: int(w.FromMinute), ToMinute: int(w.ToMinute), Urgent: w.Urgent,
			Status: contract.WaitingEntryStatus(w.Status), AppointmentId: w.AppointmentID, OfferedStart: utc(r.OfferedStart), OfferExpiresAt: utc(r.HoldExpiresAt),
			Declined: int(w.Declined), CreatedAt: w.CreatedAt.UTC(), MayLeave: w.Status == waits || w.Status == offered}
	}
	return out, nil
}

func (s *Service) waitingEntry(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.WaitingEntry, error) {
	list, err := s.waitingSeen(ctx, a, db.WaitingSeenParams{ID: &id, Ended: true})
	if err != nil {
		return contract.WaitingEntry{}, err
	}
	if len(list) != 1 {
		return contract.WaitingEntry{}, problem.NotFound()
	}
	return list[0], nil
}

// JoinWaitingList puts a resident on the list of a kind. A slot that is free already is offered at once. Errors as BookAppointment, and 409
// already_waiting.
func (s *Service) JoinWaitingList(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.WaitingInput) (contract.WaitingEntry, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.WaitingEntry{}, err
	}
	row := db.InsertWaitingParams{KindID: in.KindId, UserID: in.PractitionerId, ResidentID: in.ResidentId, Earliest: in.Earliest, Latest: in.Latest, FromMinute: int32(value(in.FromMinute)),
		ToMinute: 1440, Urgent: value(in.Urgent), CreatedBy: a.UserID}
	if in.ToMinute != nil {
		row.ToMinute = int32(*in.ToMinute)
	}
	switch {
	case row.ToMinute <= row.FromMinute:
		return contract.WaitingEntry{}, invalid("toMinute", "period_order")
	case !in.Latest.After(in.Earliest):
		return contract.WaitingEntry{}, invalid("latest", "period_order")
	}
	id, err := s.command(ctx, a, cmd, "joinWaitingList", in, func(q *db.Queries) (uuid.UUID, error) {
		id := newID()
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		single := contract.AppointmentInput{KindId: in.KindId, PractitionerId: value(in.PractitionerId), ResidentId: in.ResidentId}
		w, resident, err := s.wish(ctx, q, a, single, now)
		if err != nil {
			return id, err
		}
		if !in.Latest.After(now) {
			return id, invalid("latest", "in_past")
		}
		if in.PractitionerId != nil {
			rows, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: w.kind.OrganisationID, Roles: practitioners(), Now: now, UserID: in.PractitionerId})
			if err != nil {
				return id, fmt.Errorf("practitioners: %w", err)
			}
			if len(rows) != 1 {
				return id, invalid("practitionerId", "not_in_role_here")
			}
		}
		row.ID, row.ResidentOrgID, row.Now = id, resident.OrganisationID, now
		if err := q.InsertWaiting(ctx, row); err != nil {
			if store.Violates(err, "waiting_list_once") {
				return id, problem.New(http.StatusConflict, "already_waiting", nil)
			}
			return id, fmt.Errorf("waiting list: %w", err)
		}
		return id, s.audit(ctx, q, a, now, bookingRole(a, resident.OrganisationID, w.kind.OrganisationID), "joinWaitingList", "resident", in.ResidentId)
	})
	if err != nil {
		return contract.WaitingEntry{}, err
	}
	if e, err := s.st.Q().WaitingByID(ctx, id); err == nil && e.Status == waits {
		_, _ = s.offer(ctx, e) // the sweep looks again
	}
	return s.waitingEntry(ctx, a, id)
}

// LeaveWaitingList ends the waiting; a slot that is held for it is given back. Errors: 409 appointment_state when it is over.
func (s *Service) LeaveWaitingList(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.WaitingEntry, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.WaitingEntry{}, err
	}
	e, err := s.waitingEntry(ctx, a, id)
	if err != nil {
		return e, err
	}
	var freed []freed
	_, err = s.command(ctx, a, cmd, "leaveWaitingList", id, func(q *db.Queries) (uuid.UUID, error) {
		freed = nil
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		// Appointments are locked before entries, as where a hold ends.
		t := &told{}
		if e.AppointmentId != nil && e.Status == contract.WaitingEntryStatus(offered) {
			c, err := q.LockAppointment(ctx, *e.AppointmentId)
			if err != nil {
				return id, fmt.Errorf("lock: %w", err)
			}
			staff, err := q.StaffOf(ctx, []uuid.UUID{c.ID})
			if err != nil {
				return id, fmt.Errorf("staff: %w", err)
			}
			if c.Status == held {
				ch := &change{s: s, q: q, c: c, staff: staff, sight: see(a, c, staff), a: a, now: now, told: t}
				if statusAt(c, now) == held {
					if err := ch.cancel(ctx, contract.CancelAppointmentInput{Reason: contract.AppointmentCancelReasonHOLDRELEASED}); err != nil {
						return id, err
					}
				}
				freed = ch.freed
			}
		}
		w, err := q.LockWaiting(ctx, id)
		if err != nil {
			return id, fmt.Errorf("waiting list: %w", err)
		}
		if w.Status != waits && w.Status != offered {
			return id, problem.New(http.StatusConflict, "appointment_state", nil)
		}
		if err := q.SetWaiting(ctx, db.SetWaitingParams{ID: id, Status: left, Now: &now}); err != nil {
			return id, fmt.Errorf("waiting list: %w", err)
		}
		return id, t.write(ctx, q)
	})
	if err != nil {
		return e, err
	}
	s.offerFreed(ctx, freed)
	return s.waitingEntry(ctx, a, id)
}

// freed is a time that was given back.
type freed struct {
	kind uuid.UUID
	with uuid.UUID
}

// offerFreed offers what was given back to who waits for it. It comes after the commit of what freed it and may fail: the sweep looks again.
func (s *Service) offerFreed(ctx context.Context, list []freed) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), offerTime)
	defer stop()
	for _, f := range list {
		now, err := s.clock(ctx, s.st.Q())
		if err != nil {
			return
		}
		entries, err := s.st.Q().WaitingFor(ctx, db.WaitingForParams{KindID: f.kind, UserID: &f.with, Now: now})
		if err != nil {
			return
		}
		for _, e := range entries {
			if made, err := s.offer(ctx, e); err != nil || made {
				break
			}
		}
	}
}

// offer looks for a slot that fits an entry and holds the first. It reports whether one is held now.
func (s *Service) offer(ctx context.Context, e db.WaitingList) (bool, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return false, err
	}
	if err := q.LookedForWaiting(ctx, db.LookedForWaitingParams{ID: e.ID, Now: &now}); err != nil {
		return false, fmt.Errorf("waiting list: %w", err)
	}
	k, err := q.KindByID(ctx, e.KindID)
	if err != nil {
		return false, fmt.Errorf("kind: %w", err)
	}
	from, to := e.Earliest, e.Latest
	if from.Before(now) {
		from = now
	}
	if last := from.Add(longestSearch); to.After(last) {
		to = last
	}
	if k.RetiredAt != nil || !from.Before(to) {
		return false, nil
	}
	elsewhere, err := residentElsewhere(ctx, q, e.ResidentID, from, to, now, nil)
	if err != nil {
		return false, err
	}
	people, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: k.OrganisationID, Roles: practitioners(), Now: now, UserID: e.UserID})
	if err != nil {
		return false, fmt.Errorf("practitioners: %w", err)
	}
	f, err := s.free(ctx, q, looking{kind: k}, people, from, to, now, elsewhere, 5000)
	if err != nil {
		return false, err
	}
	for _, slot := range f.slots {
		local := slot.From.In(consult.Shanghai())
		minute := int32(local.Hour()*60 + local.Minute())
		if minute < e.FromMinute || minute+k.Minutes > e.ToMinute {
			continue
		}
		if offerUntil(slot.Slot, now).Sub(now) < offerLeast {
			continue
		}
		made, err := s.holdFor(ctx, e, k, slot)
		if made || err != nil {
			return made, err
		}
	}
	return false, nil
}

func offerUntil(slot calendar.Slot, now time.Time) time.Time {
	until := now.Add(OfferFor)
	if last := slot.From.Add(-offerBefore); last.Before(until) {
		until = last
	}
	return until
}

// holdFor holds a slot for an entry, by the same compare-and-set as every booking. False: somebody else was quicker, or nobody waits any more.
func (s *Service) holdFor(ctx context.Context, e db.WaitingList, k db.AppointmentKind, slot foundSlot) (bool, error) {
	made := false
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		made = false
		w := wanted{kind: k, lead: slot.with.ID, resident: e.ResidentID, start: slot.From.UTC(), except: []uuid.UUID{}}
		if err := w.lock(ctx, q); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		id, t := newID(), &told{}
		g, err := s.grant(ctx, q, w, id, now, t)
		if err != nil {
			return err
		}
		until := offerUntil(slot.Slot, now)
		if err := g.insert(ctx, q, w, db.InsertAppointmentParams{ID: id, OrganisationID: k.OrganisationID, ResidentOrgID: e.ResidentOrgID, KindID: k.ID, ResidentID: e.ResidentID,
			Status: held, Place: k.Place, HoldExpiresAt: &until, Reason: string(contract.AppointmentReasonWAITINGLIST), BookedBy: e.CreatedBy, Now: now}); err != nil {
			return err
		}
		current, err := q.LockWaiting(ctx, e.ID)
		if err != nil {
			return fmt.Errorf("waiting list: %w", err)
		}
		if current.Status != waits {
			return problem.New(http.StatusConflict, "appointment_state", nil)
		}
		if err := q.SetWaiting(ctx, db.SetWaitingParams{ID: e.ID, Status: offered, AppointmentID: &id, Now: &now}); err != nil {
			return fmt.Errorf("waiting list: %w", err)
		}
		c, err := q.AppointmentByID(ctx, id)
		if err != nil {
			return fmt.Errorf("hold: %w", err)
		}
		if err := event(ctx, q, c, offering, "", held, c.Revision, nil, roleSystem, now, map[string]any{"from": g.visit.From, "waiting": e.ID}); err != nil {
			return err
		}
		t.about(c, w.staff(), held, c.Revision, offering)
		made = true
		return t.write(ctx, q)
	})
	if err != nil && slices.Contains([]int{http.StatusConflict, http.StatusUnprocessableEntity}, problem.Of(err).Status) {
		return false, nil
	}
	return made, err
}

// Sweep does what is due by the clock, on any node: holds that are over are told of and offered on, what is booked for somebody who has left is cancelled, and who waits is looked for a slot now and
// then, also when the node that freed one died. It reports how much there was.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	var over []freed
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		over = nil
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		ids, err := q.HoldsOver(ctx, now)
		if err != nil {
			return fmt.Errorf("holds: %w", err)
		}
		t := &told{}
		for _, id := range ids {
			f, err := lapsedEvent(ctx, q, id, now, t)
			if err != nil {
				return err
			}
			over = append(over, f)
		}
		return t.write(ctx, q)
	})
	if err != nil {
		return 0, err
	}
	s.offerFreed(ctx, over)
	left, err := s.releaseLeft(ctx)
	if err != nil {
		return len(over), err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return len(over), err
	}
	ended, err := q.ExpireWaiting(ctx, now)
	if err != nil {
		return len(over), fmt.Errorf("waiting list: %w", err)
	}
	before := now.Add(-lookAgain)
	entries, err := q.WaitingUnlooked(ctx, before)
	if err != nil {
		return len(over), fmt.Errorf("waiting list: %w", err)
	}
	for _, e := range entries {
		if _, err := s.offer(ctx, e); err != nil {
			return len(over), err
		}
	}
	return len(over) + left + len(ended) + len(entries), nil
}

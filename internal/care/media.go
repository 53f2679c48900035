package care

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Origin says on whose authority a relay reports: the life of its node and the term of the lease that this has on the call,
// and the epoch of the ticket that the connection was made with. Both fence what is recorded: a node that does not carry the
// call any more, or carries it for a doctor who gave the request back, begins nothing. The zero Origin is nobody in particular
// and reports on calls that no node ever carried.
type Origin struct {
	NodeTerm, LeaseTerm int64
	Epoch               int64
}

// MediaInterval is a stretch of presence as the relay saw it. It is handed over several times under the same id, each time
// replacing the last.
type MediaInterval struct {
	ID                     uuid.UUID
	From                   Origin
	Call, Participant      uuid.UUID
	Kind                   string // "connected" or "media"
	Start, LastSeen        time.Time
	Closed                 bool
	AudioBytes, VideoBytes uint64
	AudioMuted, VideoMuted bool
}

// The event of a call that was moved to another node, and why.
const (
	eventCallMoved = "CALL_MOVED"

	MovedNodeLost = "node_lost" // the node that carried it is dead
	MovedDraining = "draining"  // the node that carried it is stopping
)

// carries says whether the origin may still speak for the call. The consultation's lock is held, and a lease changes hands
// under it.
func (s *Service) carries(ctx context.Context, ch *change, call uuid.UUID, from Origin) (bool, error) {
	ok, err := ch.q.HoldsLease(ctx, db.HoldsLeaseParams{CallID: call, NodeTerm: from.NodeTerm, Term: from.LeaseTerm})
	if err != nil {
		return false, fmt.Errorf("lease of the call: %w", err)
	}
	return ok, nil
}

// mayBegin says whether a participant's connection may begin something in the record.
func (s *Service) mayBegin(ctx context.Context, ch *change, participant uuid.UUID, from Origin) (bool, error) {
	if from.NodeTerm == 0 {
		return true, nil
	}
	ok, err := ch.q.TicketHolds(ctx, db.TicketHoldsParams{ParticipantID: participant, Epoch: from.Epoch})
	if err != nil && !store.IsNone(err) {
		return false, fmt.Errorf("epoch of the connection: %w", err)
	}
	return ok, nil
}

// MediaJoined notes that a participant's connection is up. From an origin that has no say any more it changes nothing.
func (s *Service) MediaJoined(ctx context.Context, from Origin, call, participant, connection uuid.UUID) error {
	return s.onCall(ctx, call, func(ch *change) error {
		if ok, err := s.carries(ctx, ch, call, from); err != nil || !ok {
			return err
		}
		if ok, err := s.mayBegin(ctx, ch, participant, from); err != nil || !ok {
			return err
		}
		n, err := ch.q.ParticipantJoined(ctx, db.ParticipantJoinedParams{ID: participant, CallID: call, Now: &ch.now})
		if err != nil || n == 0 {
			return err
		}
		ch.touch("call")
		return ch.record(ctx, eventJoined, map[string]any{"callId": call, "participantId": participant, "connectionId": connection})
	})
}

// MediaLeft notes that a connection is gone, and why in the relay's words.
func (s *Service) MediaLeft(ctx context.Context, from Origin, call, participant, connection uuid.UUID, why string) error {
	return s.onCall(ctx, call, func(ch *change) error {
		if ok, err := s.carries(ctx, ch, call, from); err != nil || !ok {
			return err
		}
		n, err := ch.q.ParticipantLeft(ctx, db.ParticipantLeftParams{ID: participant, CallID: call, Now: &ch.now})
		if err != nil || n == 0 {
			return err
		}
		ch.touch("call")
		return ch.record(ctx, eventLeft, map[string]any{"callId": call, "participantId": participant, "connectionId": connection, "reason": why})
	})
}

// MediaPresence stores intervals and lets the consultations follow: both sides connected starts or resumes, a side lost
// starts the clocks, and effective seconds are computed anew. Participants that do not exist are passed over. An origin that
// gave the call up begins no interval any more but ends those that it had begun; one whose life was ended by others does neither.
func (s *Service) MediaPresence(ctx context.Context, intervals []MediaInterval) error {
	var calls []uuid.UUID
	grouped := map[uuid.UUID][]MediaInterval{}
	for _, i := range intervals {
		if _, known := grouped[i.Call]; !known {
			calls = append(calls, i.Call)
		}
		grouped[i.Call] = append(grouped[i.Call], i)
	}
	for _, call := range calls {
		err := s.onCall(ctx, call, func(ch *change) error { return s.storeIntervals(ctx, ch, call, grouped[call]) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) storeIntervals(ctx context.Context, ch *change, call uuid.UUID, intervals []MediaInterval) error {
	ids := make([]uuid.UUID, len(intervals))
	for i := range intervals {
		ids[i] = intervals[i].ID
	}
	known, err := ch.q.KnownIntervals(ctx, ids)
	if err != nil {
		return fmt.Errorf("media intervals: %w", err)
	}
	for _, i := range intervals {
		if !slices.Contains(known, i.ID) {
			if ok, err := s.carries(ctx, ch, call, i.From); err != nil {
				return err
			} else if !ok {
				continue
			}
			if ok, err := s.mayBegin(ctx, ch, i.Participant, i.From); err != nil {
				return err
			} else if !ok {
				continue
			}
		}
		seen := i.LastSeen
		if seen.Before(i.Start) {
			seen = i.Start
		}
		_, err := ch.q.UpsertInterval(ctx, db.UpsertIntervalParams{ID: i.ID, ParticipantID: i.Participant, CallID: call, Kind: i.Kind,
			StartedAt: i.Start, LastSeenAt: seen, Closed: i.Closed, AudioBytes: bytesOf(i.AudioBytes), VideoBytes: bytesOf(i.VideoBytes),
			AudioMuted: i.AudioMuted, VideoMuted: i.VideoMuted, NodeTerm: i.From.NodeTerm})
		if err != nil {
			return fmt.Errorf("media interval: %w", err)
		}
	}
	return nil
}

// MoveCall takes a call from the node that carried it, so that another can, and tells the people in it, who ask for a new
// ticket and join again: the same call of the same consultation. With MovedNodeLost it takes it from a life that is over, and ends
// for good, at what was last seen, whatever such a life had measured; with MovedDraining from the life that gives it up itself
// (by), whose connections go on until the people have moved. It says whether the call had such a node; it may be called again
// and by several nodes at once.
func (s *Service) MoveCall(ctx context.Context, call uuid.UUID, by int64, reason string) (moved bool, err error) {
	if reason == MovedNodeLost {
		by = 0
	}
	known := false
	err = s.onCall(ctx, call, func(ch *change) error {
		known = true
		moved, err = s.moveCall(ctx, ch, call, by, reason)
		return err
	})
	if err == nil && !known { // a call without consultation has nobody to be told
		var n int64
		n, err = s.st.Q().FreeLease(ctx, db.FreeLeaseParams{CallID: call, By: by})
		moved = n > 0
	}
	if err != nil {
		return false, fmt.Errorf("move the call: %w", err)
	}
	return moved, nil
}

func (s *Service) moveCall(ctx context.Context, ch *change, call uuid.UUID, by int64, reason string) (bool, error) {
	freed, err := ch.q.FreeLease(ctx, db.FreeLeaseParams{CallID: call, By: by})
	if err != nil {
		return false, err
	}
	if reason == MovedNodeLost {
		if _, err := ch.q.SettleIntervals(ctx, call); err != nil {
			return false, err
		}
		if err := ch.q.ParticipantsCutOff(ctx, db.ParticipantsCutOffParams{CallID: call, Now: &ch.now}); err != nil {
			return false, err
		}
	}
	row, err := ch.q.CallByID(ctx, call)
	if err != nil || freed == 0 || row.EndedAt != nil {
		return freed > 0, err
	}
	people, err := ch.q.ParticipantsOfCall(ctx, call)
	if err != nil {
		return false, err
	}
	users := make([]uuid.UUID, len(people))
	for i, p := range people {
		users[i] = p.UserID
	}
	ch.touch("call")
	ch.tell("call.moved", store.Audience{Users: users}, callEnded{CallID: call, ConsultationID: ch.c.ID, Reason: reason})
	return true, ch.record(ctx, eventCallMoved, map[string]any{"callId": call, "reason": reason})
}

func bytesOf(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// onCall does something for a call, in the record of the consultation that it is about now, under the locks of its consultations, in
// the order of their ids, and then lets each of them follow what the relay sees. An unknown call changes nothing.
func (s *Service) onCall(ctx context.Context, call uuid.UUID, do func(ch *change) error) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		ids, err := q.ConsultationsOfCall(ctx, call)
		if err != nil {
			return fmt.Errorf("consultations of the call: %w", err)
		}
		var changes []*change
		for _, id := range ids {
			c, err := q.LockConsultation(ctx, id)
			if err != nil {
				return fmt.Errorf("lock the consultation: %w", err)
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			changes = append(changes, s.systemChange(q, c, now))
		}
		if len(changes) == 0 {
			return nil
		}
		about, err := q.CurrentOfCall(ctx, call)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("what the call is about: %w", err)
		}
		now := max(0, slices.Index(ids, about))
		if err := do(changes[now]); err != nil {
			return err
		}
		for _, ch := range changes {
			if err := s.followMedia(ctx, ch); err != nil {
				return err
			}
		}
		// Of those whose turn is over only what changed is written: a late report of their last seconds.
		kept := changes[:0]
		for i, ch := range changes {
			if i == now || ch.counted || ch.moved != nil || len(ch.sections) > 0 || len(ch.events.Types) > 0 {
				kept = append(kept, ch)
			}
		}
		return commitAll(ctx, kept)
	})
}

// followMedia brings a consultation to where the relay's evidence puts it.
func (s *Service) followMedia(ctx context.Context, ch *change) error {
	sides, err := ch.q.SidesConnected(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("who is connected: %w", err)
	}
	both := sides.Care && sides.Medical
	switch {
	case both:
		err = s.bothConnected(ctx, ch)
	case ch.c.State == string(consult.StateInProgress) && ch.c.MediaLostAt == nil:
		if err = ch.q.SetMediaLost(ctx, db.SetMediaLostParams{ID: ch.c.ID, LostAt: &ch.now, Now: ch.now}); err == nil {
			ch.c.MediaLostAt = &ch.now
			ch.touch("call")
			err = ch.record(ctx, eventMediaLost, map[string]any{"care": sides.Care, "medical": sides.Medical})
		}
	}
	if err != nil {
		return err
	}
	return s.countEffective(ctx, ch)
}

// bothConnected starts, resumes, or stops the clocks.
func (s *Service) bothConnected(ctx context.Context, ch *change) error {
	if ch.c.State == string(consult.StateAccepted) {
		if err := s.readyIfConsented(ctx, ch); err != nil {
			return err
		}
	}
	if ch.c.State == string(consult.StateAbortedTech) {
		busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: ch.c.DoctorID, ExceptID: ch.c.ID})
		if err != nil {
			return fmt.Errorf("busy: %w", err)
		}
		if busy {
			return nil // the seat was given up; the doctor is with somebody else
		}
		if err := ch.step(ctx, consult.ActResume, consult.RoleSystem, "", nil); err != nil {
			return err
		}
		ch.duty = true
	}
	switch {
	case ch.c.State == string(consult.StateWaiting) && mayStart(ch.c) != nil:
		return nil
	case ch.c.State == string(consult.StateWaiting):
		if err := ch.mayStart(ctx); len(consult.Refusals(err)) > 0 {
			return nil // it stays in the waiting room; who asked for a ticket was told why, and each checkpoint asks again
		} else if err != nil {
			return err
		}
		if err := ch.step(ctx, consult.ActStart, consult.RoleSystem, "", nil); err != nil {
			return err
		}
		if err := ch.q.SetStarted(ctx, db.SetStartedParams{ID: ch.c.ID, Now: ch.now}); err != nil {
			return fmt.Errorf("start: %w", err)
		}
		ch.c.MediaLostAt = nil
		ch.inQueue("updated")
	case ch.c.State == string(consult.StateInProgress) && ch.c.MediaLostAt != nil:
		if err := ch.q.SetMediaLost(ctx, db.SetMediaLostParams{ID: ch.c.ID, Now: ch.now}); err != nil {
			return fmt.Errorf("media is back: %w", err)
		}
		lost := int(ch.now.Sub(*ch.c.MediaLostAt).Seconds())
		ch.c.MediaLostAt = nil
		ch.touch("call")
		return ch.record(ctx, eventMediaBack, map[string]any{"seconds": lost})
	}
	return nil
}

// countEffective computes the time in which both sides were carried; it is stored and never entered.
func (s *Service) countEffective(ctx context.Context, ch *change) error {
	rows, err := ch.q.CaseIntervals(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("media intervals: %w", err)
	}
	var medical, care []consult.Interval
	for _, r := range rows {
		if r.Kind != "media" {
			continue
		}
		i := consult.Interval{From: r.StartedAt, To: r.LastSeenAt}
		if r.Side == sideMedical {
			medical = append(medical, i)
		} else {
			care = append(care, i)
		}
	}
	seconds := int32(min(consult.EffectiveSeconds(medical, care), math.MaxInt32))
	if seconds == ch.c.EffectiveSeconds {
		return nil
	}
	ch.c.EffectiveSeconds, ch.counted = seconds, true
	if err := ch.q.SetEffectiveSeconds(ctx, db.SetEffectiveSecondsParams{ID: ch.c.ID, Seconds: seconds}); err != nil {
		return fmt.Errorf("effective time: %w", err)
	}
	return nil
}

// CloseOpenMediaAfterCrash closes, at what was last seen, the intervals that no node's life answers for. Those of nodes are left
// alone: they end with the node's life, in MoveCall. It is called once, before this node takes calls.
func (s *Service) CloseOpenMediaAfterCrash(ctx context.Context) error {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return err
	}
	return s.closeSilent(ctx, now.Add(time.Hour))
}

// closeSilent closes what nobody has reported since an instant, of what no node answers for, and lets the consultations follow.
func (s *Service) closeSilent(ctx context.Context, before time.Time) error {
	calls, err := s.st.Q().CloseSilentIntervals(ctx, before)
	if err != nil {
		return fmt.Errorf("close silent intervals: %w", err)
	}
	for _, call := range calls {
		if err := s.onCall(ctx, call, func(*change) error { return nil }); err != nil && !store.IsNone(err) {
			return err
		}
	}
	return nil
}

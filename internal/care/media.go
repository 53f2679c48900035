package care

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// MediaInterval is a stretch of presence as the relay saw it. It is handed over several times under the same id, each time
// replacing the last.
type MediaInterval struct {
	ID                     uuid.UUID
	Call, Participant      uuid.UUID
	Kind                   string // "connected" or "media"
	Start, LastSeen        time.Time
	Closed                 bool
	AudioBytes, VideoBytes uint64
	AudioMuted, VideoMuted bool
}

// MediaJoined notes that a participant's connection is up.
func (s *Service) MediaJoined(ctx context.Context, call, participant, connection uuid.UUID) error {
	return s.onCall(ctx, call, func(ch *change) error {
		n, err := ch.q.ParticipantJoined(ctx, db.ParticipantJoinedParams{ID: participant, CallID: call, Now: &ch.now})
		if err != nil || n == 0 {
			return err
		}
		ch.touch("call")
		return ch.record(ctx, eventJoined, map[string]any{"callId": call, "participantId": participant, "connectionId": connection})
	})
}

// MediaLeft notes that a connection is gone, and why in the relay's words.
func (s *Service) MediaLeft(ctx context.Context, call, participant, connection uuid.UUID, why string) error {
	return s.onCall(ctx, call, func(ch *change) error {
		n, err := ch.q.ParticipantLeft(ctx, db.ParticipantLeftParams{ID: participant, CallID: call, Now: &ch.now})
		if err != nil || n == 0 {
			return err
		}
		ch.touch("call")
		return ch.record(ctx, eventLeft, map[string]any{"callId": call, "participantId": participant, "connectionId": connection, "reason": why})
	})
}

// MediaPresence stores intervals and lets the consultations follow: both sides connected starts or resumes, a side lost
// starts the clocks, and effective seconds are computed anew. Participants that do not exist are passed over.
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
		err := s.onCall(ctx, call, func(ch *change) error {
			for _, i := range grouped[call] {
				seen := i.LastSeen
				if seen.Before(i.Start) {
					seen = i.Start
				}
				_, err := ch.q.UpsertInterval(ctx, db.UpsertIntervalParams{ID: i.ID, ParticipantID: i.Participant, CallID: call, Kind: i.Kind,
					StartedAt: i.Start, LastSeenAt: seen, Closed: i.Closed, AudioBytes: bytesOf(i.AudioBytes), VideoBytes: bytesOf(i.VideoBytes),
					AudioMuted: i.AudioMuted, VideoMuted: i.VideoMuted})
				if err != nil {
					return fmt.Errorf("media interval: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func bytesOf(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// onCall does something for a call under the locks of its consultations, in the order of their ids, and then lets each of
// them follow what the relay sees. An unknown call changes nothing.
func (s *Service) onCall(ctx context.Context, call uuid.UUID, do func(ch *change) error) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		ids, err := q.ConsultationsOfCall(ctx, call)
		if err != nil {
			return fmt.Errorf("consultations of the call: %w", err)
		}
		var changes []*change
		for i, id := range ids {
			c, err := q.LockConsultation(ctx, id)
			if err != nil {
				return fmt.Errorf("lock the consultation: %w", err)
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			ch := s.systemChange(q, c, now)
			if i == 0 {
				if err := do(ch); err != nil {
					return err
				}
			}
			changes = append(changes, ch)
		}
		for _, ch := range changes {
			if err := s.followMedia(ctx, ch); err != nil {
				return err
			}
		}
		for _, ch := range changes {
			if err := ch.commit(ctx); err != nil {
				return err
			}
		}
		return nil
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
	case ch.c.State == string(consult.StateWaiting):
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
	ch.c.EffectiveSeconds = seconds
	if err := ch.q.SetEffectiveSeconds(ctx, db.SetEffectiveSecondsParams{ID: ch.c.ID, Seconds: seconds}); err != nil {
		return fmt.Errorf("effective time: %w", err)
	}
	return nil
}

// CloseOpenMediaAfterCrash closes the intervals that a stopped relay left open, at what it last saw. A relay that still runs
// elsewhere opens its own again with its next checkpoint. It is called once, before this node takes calls.
func (s *Service) CloseOpenMediaAfterCrash(ctx context.Context) error {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return err
	}
	return s.closeSilent(ctx, now.Add(time.Hour))
}

// closeSilent closes what no relay has reported since an instant and lets the consultations follow.
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

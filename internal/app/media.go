package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/media/sfu"
	"github.com/lianzhen-health/lianzhen/signaling"
)

// tickets lets the relay check a ticket: its signature, and that what it grants still holds.
type tickets struct {
	identity *identity.Service
	care     *care.Service
}

func (t tickets) VerifyTicket(ctx context.Context, text string) (sfu.Grant, error) {
	ticket, expires, err := t.identity.OpenTicket(ctx, text)
	if err != nil {
		return sfu.Grant{}, err
	}
	if _, err := t.care.AuthoriseTicket(ctx, ticket); err != nil {
		if p := problem.Of(err); p.Status == http.StatusConflict && p.Code == "epoch_stale" {
			return sfu.Grant{}, sfu.ErrEpochStale
		}
		return sfu.Grant{}, err
	}
	return sfu.Grant{Room: ticket.Room.String(), Participant: ticket.Participant.String(), Epoch: ticket.Epoch, Expires: expires}, nil
}

// calls is care in the shape that signaling asks for.
type calls struct{ care *care.Service }

func (c calls) Authorise(ctx context.Context, t identity.Ticket) error {
	_, err := c.care.AuthoriseTicket(ctx, t)
	return err
}

func (c calls) Roster(ctx context.Context, call uuid.UUID) ([]signaling.Participant, error) {
	people, err := c.care.CallParticipants(ctx, call)
	if err != nil {
		return nil, err
	}
	out := make([]signaling.Participant, len(people))
	for i, p := range people {
		out[i] = signaling.Participant{ID: p.ID, User: p.User, Name: p.Name, Role: p.Role}
	}
	return out, nil
}

func slots(in []sfu.Slot) []signaling.Slot {
	out := make([]signaling.Slot, len(in))
	for i, s := range in {
		out[i] = signaling.Slot{Mid: s.Mid, Kind: s.Kind, Participant: s.Participant}
	}
	return out
}

// observer hands what the relay sees to the rooms at once and to the record in order. The record is kept trying while
// the database is away; an interval that waits is replaced by its newer state, so that little waits.
type observer struct {
	care    *care.Service
	log     *slog.Logger
	rooms   *signaling.Rooms
	origins *origins

	lag atomic.Int64 // nanoseconds; see follow

	mu      sync.Mutex
	waiting []*note
	media   map[uuid.UUID]*note // notes of intervals that wait
	wake    chan struct{}
	idle    chan struct{} // closed while nothing waits
}

// note is something to be recorded: an act, or the newest state of an interval.
type note struct {
	since    time.Time
	act      func(context.Context) error
	interval *care.MediaInterval
}

const (
	recordLimit = 10 * time.Second // for one try
	recordPause = 500 * time.Millisecond
	recordFor   = 6 * time.Hour // then a note is given up, loudly
	drainLag    = time.Second
)

func newObserver(c *care.Service, log *slog.Logger, rooms *signaling.Rooms, from *origins) *observer {
	idle := make(chan struct{})
	close(idle)
	return &observer{care: c, log: log, rooms: rooms, origins: from, media: map[uuid.UUID]*note{}, wake: make(chan struct{}, 1), idle: idle}
}

func (o *observer) Joined(room, participant string, connection uuid.UUID) {
	call, who, ok := ids(room, participant)
	if !ok {
		return
	}
	o.rooms.Joined(call, who, connection)
	from := o.origins.of(connection)
	o.add(&note{act: func(ctx context.Context) error { return o.care.MediaJoined(ctx, from, call, who, connection) }})
}

func (o *observer) Left(room, participant string, connection uuid.UUID, reason string) {
	call, who, ok := ids(room, participant)
	if !ok {
		return
	}
	o.rooms.Left(call, who, connection, reason)
	from := o.origins.of(connection)
	o.origins.done(connection) // its intervals came before
	o.add(&note{act: func(ctx context.Context) error { return o.care.MediaLeft(ctx, from, call, who, connection, reason) }})
}

func (o *observer) Slots(room, participant string, list []sfu.Slot) {
	if call, who, ok := ids(room, participant); ok {
		o.rooms.Slots(call, who, slots(list))
	}
}

func (o *observer) Presence(list []sfu.Interval) {
	for _, i := range list {
		call, who, ok := ids(i.Room, i.Participant)
		if !ok {
			continue
		}
		o.add(&note{interval: &care.MediaInterval{
			ID: i.ID, From: o.origins.of(i.Connection), Call: call, Participant: who, Kind: i.Kind, Start: i.Start, LastSeen: i.LastSeen, Closed: i.Closed,
			AudioBytes: i.AudioBytes, VideoBytes: i.VideoBytes, AudioMuted: i.AudioMuted, VideoMuted: i.VideoMuted,
		}})
	}
}

// ids reads the relay's names: rooms are calls and participants are participants, both by their ids.
func ids(room, participant string) (call, who uuid.UUID, ok bool) {
	call, errCall := uuid.Parse(room)
	who, errWho := uuid.Parse(participant)
	return call, who, errCall == nil && errWho == nil
}

func (o *observer) add(n *note) {
	n.since = time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if n.interval != nil {
		if old := o.media[n.interval.ID]; old != nil {
			old.interval = n.interval
			return
		}
		o.media[n.interval.ID] = n
	}
	if len(o.waiting) == 0 {
		o.idle = make(chan struct{})
	}
	o.waiting = append(o.waiting, n)
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take gives the oldest act, or all intervals that stand before the next act.
func (o *observer) take() (act func(context.Context) error, intervals []care.MediaInterval, count int, since time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) > 0 {
		since = o.waiting[0].since
	}
	for i, n := range o.waiting {
		if n.act != nil {
			if i == 0 {
				return n.act, nil, 1, since
			}
			break
		}
		delete(o.media, n.interval.ID)
		intervals = append(intervals, *n.interval)
	}
	return nil, intervals, len(intervals), since
}

func (o *observer) done(count int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = o.waiting[count:]
	if len(o.waiting) == 0 && count > 0 {
		close(o.idle)
	}
}

// follow lets other nodes speak first from now on: when people move from here to another node, the end of their old
// connection must not be read as a loss before the new one is known.
func (o *observer) follow() { o.lag.Store(int64(drainLag)) }

// run records until ctx ends.
func (o *observer) run(ctx context.Context) error {
	for {
		act, intervals, count, since := o.take()
		if count == 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-o.wake:
			}
			continue
		}
		if lag := time.Duration(o.lag.Load()) - time.Since(since); lag > 0 && !pause(ctx, lag) {
			return nil
		}
		if act == nil {
			act = func(ctx context.Context) error { return o.care.MediaPresence(ctx, intervals) }
		}
		if err := o.insist(ctx, act, since); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			o.log.Error("media evidence could not be recorded", "error", err)
		}
		o.done(count)
	}
}

func (o *observer) insist(ctx context.Context, act func(context.Context) error, since time.Time) error {
	for {
		try, cancel := context.WithTimeout(ctx, recordLimit)
		err := act(try)
		cancel()
		// What the use-case refuses (a call that is gone) does not get better by waiting.
		if err == nil || problem.Of(err).Status < http.StatusInternalServerError {
			return nil
		}
		if time.Since(since) > recordFor {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(recordPause):
		}
	}
}

// flush waits until nothing is left to record.
func (o *observer) flush(ctx context.Context) error {
	o.mu.Lock()
	idle := o.idle
	o.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return errors.New("media evidence was still being recorded")
	}
}

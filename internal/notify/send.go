package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	atOnce     = 16 // messages that one node has on its way on one channel
	eachAtOnce = 4  // of these to one provider, so that a slow one leaves room
	pruneEvery = time.Hour
	memory     = 90 * 24 * time.Hour // of the delivery log
	noteLimit  = 5 * time.Second     // for reading a message and for noting its result
	turnLimit  = 30 * time.Second
)

// Run plans and sends until ctx ends or Close is called; then it waits for what is on its way, no longer than a provider's
// limit. It is called once.
func (s *Service) Run(ctx context.Context) error {
	defer close(s.ended)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	s.running.Store(true)
	var g errgroup.Group
	g.Go(func() error {
		s.every(ctx, s.cfg.Poll, "plan", func(ctx context.Context) error {
			for {
				n, err := s.Plan(ctx)
				if n > 0 {
					s.nudge()
				}
				if err != nil || n < planBatch {
					return err
				}
			}
		})
		return nil
	})
	g.Go(func() error { s.every(ctx, 2*s.cfg.Poll, "stop", s.stop); return nil })
	g.Go(func() error { s.every(ctx, pruneEvery, "prune", s.prune); return nil })
	for channel, planned := range s.planned {
		g.Go(func() error { s.sendLoop(ctx, channel, planned); return nil })
	}
	return g.Wait()
}

// Close stops Run and waits until it has ended or ctx has. It may be called twice, and without Run.
func (s *Service) Close(ctx context.Context) error {
	s.close()
	if !s.running.Load() {
		return nil
	}
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("notifications on their way: %w", ctx.Err())
	}
}

// nudge lets the senders of this node look at once for what was planned; those of others look at their next turn.
func (s *Service) nudge() {
	for _, planned := range s.planned {
		select {
		case planned <- struct{}{}:
		default:
		}
	}
}

// every runs something again and again; an error is logged and the next turn comes all the same.
func (s *Service) every(ctx context.Context, interval time.Duration, what string, do func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		turn, cancel := context.WithTimeout(ctx, turnLimit)
		err := do(turn)
		cancel()
		if err != nil && ctx.Err() == nil {
			s.log.Error("notifications: a turn failed", "turn", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// stop marks what no longer stands.
func (s *Service) stop(ctx context.Context) error {
	if _, err := s.st.Q().StopDeliveries(ctx); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

func (s *Service) prune(ctx context.Context) error {
	now, err := s.clock(ctx)
	if err != nil {
		return err
	}
	if _, err := s.st.Q().PruneNotifications(ctx, now.Add(-memory)); err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	return nil
}

// flight counts what one node has on its way to each provider of a channel.
type flight struct {
	mu    sync.Mutex
	all   int
	each  map[uuid.UUID]int
	wg    sync.WaitGroup
	freed chan struct{}
}

// room gives how many more may go, and which providers have their share.
func (f *flight) room() (int, []uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	busy := []uuid.UUID{}
	for id, n := range f.each {
		if n >= eachAtOnce {
			busy = append(busy, id)
		}
	}
	return atOnce - f.all, busy
}

func (f *flight) add(provider uuid.UUID, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all += n
	if provider != uuid.Nil {
		if f.each[provider] += n; f.each[provider] == 0 {
			delete(f.each, provider)
		}
	}
	if n < 0 {
		select {
		case f.freed <- struct{}{}:
		default:
		}
	}
}

// sendLoop takes what is due on a channel as long as there is room.
func (s *Service) sendLoop(ctx context.Context, channel string, planned <-chan struct{}) {
	f := &flight{each: map[uuid.UUID]int{}, freed: make(chan struct{}, 1)}
	defer f.wg.Wait()
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	for {
		if room, busy := f.room(); room > 0 {
			taken, err := s.take(ctx, channel, room, busy)
			if err != nil && ctx.Err() == nil {
				s.log.Error("notifications: nothing could be taken for sending", "channel", channel, "error", err)
			}
			for _, t := range taken {
				f.add(t.provider, 1)
				f.wg.Go(func() {
					defer f.add(t.provider, -1)
					s.send(context.WithoutCancel(ctx), t.id)
				})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-planned:
		case <-f.freed:
		}
	}
}

type takenDelivery struct{ id, provider uuid.UUID }

func (s *Service) take(ctx context.Context, channel string, room int, busy []uuid.UUID) ([]takenDelivery, error) {
	now, err := s.clock(ctx)
	if err != nil {
		return nil, err
	}
	until := now.Add(s.cfg.Lease)
	rows, err := s.st.Q().TakeDeliveries(ctx, db.TakeDeliveriesParams{LeaseUntil: &until, Channel: channel, Now: now, Busy: busy, Each: eachAtOnce, Batch: int32(room)})
	if err != nil {
		return nil, fmt.Errorf("take: %w", err)
	}
	out := make([]takenDelivery, len(rows))
	for i, r := range rows {
		out[i].id = r.ID
		if r.ChannelID != nil {
			out[i].provider = *r.ChannelID
		}
	}
	return out, nil
}

// send makes one attempt and notes its result. What cannot be noted, because the node dies or the database is away, is sent
// again with the same id when the lease is over.
func (s *Service) send(ctx context.Context, id uuid.UUID) {
	load, cancel := context.WithTimeout(ctx, noteLimit)
	d, err := s.st.Q().DeliveryToSend(load, id)
	if err == nil {
		var now time.Time
		if now, err = s.clock(load); err == nil {
			cancel()
			s.attempt(ctx, d, now)
			return
		}
	}
	cancel()
	s.log.Error("notifications: a message could not be read", "delivery", id, "error", err)
}

func (s *Service) attempt(ctx context.Context, d db.DeliveryToSendRow, now time.Time) {
	if d.VoidAt != nil && !now.Before(*d.VoidAt) { // it waited for a provider until there was nothing to remind of
		s.note(ctx, d, db.NoteDeliveryParams{State: "STOPPED", DueAt: d.DueAt, ErrorCode: codeTooLate}, nil)
		return
	}
	if later := (quietHours{d.QuietFrom, d.QuietTo}).after(now); !d.AtAnyHour && later.After(now) {
		s.note(ctx, d, db.NoteDeliveryParams{State: "WAITING", DueAt: later}, nil)
		return
	}
	began := time.Now()
	o := s.deliver(ctx, d, now)
	s.metrics.answer.WithLabelValues(d.Channel).Observe(time.Since(began).Seconds())
	at := now.Add(time.Since(began))
	p := db.NoteDeliveryParams{DueAt: d.DueAt, ErrorCode: o.Code, ProviderCode: o.Provider}
	if o.Status != 0 {
		status := int32(o.Status)
		p.Status = &status
	}
	result := resultDead
	switch {
	case o.OK:
		p.State, p.SentAt, result = "DELIVERED", &at, resultDelivered
		s.metrics.seconds.WithLabelValues(d.Channel).Observe(max(at.Sub(d.DueAt).Seconds(), 0))
	case o.gone:
		p.State, result = "STOPPED", resultGone
	case o.retry && d.Attempts < maxAttempts:
		p.State, result = "RETRYING", resultRetry
		p.DueAt = at.Add(max(retryAfter(urgencyOf(d.Urgency), d.Attempts), o.pause))
	default:
		p.State = "DEAD"
		s.log.Warn("notifications: a message was given up", "delivery", d.ID, "channel", d.Channel, "code", o.Code, "status", o.Status, "attempts", d.Attempts)
	}
	s.metrics.attempts.WithLabelValues(d.Channel, result).Inc()
	s.note(ctx, d, p, &o)
}

// deliver opens what is sealed, writes the text and hands both to the adapter.
func (s *Service) deliver(ctx context.Context, d db.DeliveryToSendRow, now time.Time) Outcome {
	if d.UserID != nil && d.DisabledAt != nil {
		return Outcome{Code: codeNoRecipient}
	}
	urgency := urgencyOf(d.Urgency)
	if d.Channel == Push {
		if d.SubscriptionID == nil {
			return Outcome{Code: codeGone, gone: true}
		}
		endpoint, err := s.keep.OpenText("push_subscriptions", "endpoint_enc", *d.SubscriptionID, d.EndpointEnc)
		if err != nil || endpoint == "" {
			return Outcome{Code: codeUnreadable}
		}
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.cfg.Limit, pushLimit))
		defer cancel()
		return sendPush(ctx, s.client, s.vapid, pushMessage{endpoint: endpoint, life: pushLife(Event(d.Event), urgency, d.Round), urgency: urgency,
			topic: topicOf(d.Series), at: now})
	}
	if d.ChannelID == nil || d.ChannelKind == nil {
		return Outcome{Code: codeDisabled}
	}
	address, err := s.keep.OpenText("notification_channels", "url_enc", *d.ChannelID, d.UrlEnc)
	if err != nil {
		return Outcome{Code: codeUnreadable}
	}
	secret, err := s.keep.OpenText("notification_channels", "secret_enc", *d.ChannelID, d.SecretEnc)
	if err != nil {
		return Outcome{Code: codeUnreadable}
	}
	m := message{id: d.ID.String(), event: Event(d.Event), urgency: d.Urgency, at: now}
	if d.ChannelLocale != nil {
		m.locale = *d.ChannelLocale
	}
	if d.UserID != nil {
		m.locale = *d.UserLocale
		if m.phone, err = s.keep.OpenText("notification_settings", "phone_enc", *d.UserID, d.PhoneEnc); err != nil || m.phone == "" {
			return Outcome{Code: codeNoRecipient}
		}
	}
	words := text{codes: s.st.Codes(), event: m.event, urgency: urgency, department: d.DepartmentCode, round: d.Round}
	if d.SubjectID != nil {
		words.subject = *d.SubjectID
	}
	if words.at = d.AppointmentAt; d.AppointmentPlace != nil {
		words.place = *d.AppointmentPlace
	}
	if d.ResidentID != nil {
		switch err := s.toFamily(ctx, d, &words, &m, now); {
		case errors.Is(err, errNoPhone):
			return Outcome{Code: codeNoRecipient}
		case err != nil:
			s.log.WarnContext(ctx, "notifications: a message to a family could not be made", "delivery", d.ID, "error", err)
			return Outcome{Code: codeUnreadable, retry: true}
		}
	}
	m.text = words.in(m.locale, s.cfg.PublicURL)
	return s.dispatch(ctx, Channel{Kind: *d.ChannelKind, URL: address, Secret: secret, Locale: m.locale}, m)
}

// note writes the result and, in the same transaction, the next message of a series that goes on.
func (s *Service) note(ctx context.Context, d db.DeliveryToSendRow, p db.NoteDeliveryParams, o *Outcome) {
	ctx, cancel := context.WithTimeout(ctx, noteLimit)
	defer cancel()
	p.ID, p.Attempts = d.ID, d.Attempts
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		noted, err := q.NoteDelivery(ctx, p)
		if err != nil || noted == 0 || o == nil {
			return err
		}
		now, err := s.clock(ctx)
		if err != nil {
			return err
		}
		if err := s.noteProvider(ctx, q, d, *o, now); err != nil {
			return err
		}
		// A provider that was away may be back before the request is answered: a series goes on after a message that was given up.
		if !Event(d.Event).repeats() || !o.OK && (p.State != "DEAD" || !o.retry) {
			return nil
		}
		return s.again(ctx, q, d, now)
	})
	if err != nil {
		s.log.Error("notifications: a result could not be noted; the message is sent again", "delivery", d.ID, "error", err)
	}
}

func (s *Service) noteProvider(ctx context.Context, q *db.Queries, d db.DeliveryToSendRow, o Outcome, now time.Time) error {
	switch {
	case o.gone && d.SubscriptionID != nil:
		return q.DropPushSubscription(ctx, *d.SubscriptionID)
	case d.SubscriptionID != nil && o.OK:
		return q.NotePushSubscription(ctx, db.NotePushSubscriptionParams{ID: *d.SubscriptionID, Now: now})
	case d.ChannelID != nil:
		p := db.NoteChannelParams{ID: *d.ChannelID, Delivered: o.OK, Now: now, ErrorCode: o.Code}
		if o.pause > 0 {
			until := now.Add(o.pause)
			p.PausedUntil = &until
		}
		return q.NoteChannel(ctx, p)
	}
	return nil
}

// again adds the next message of a series, as long as what it says still stands.
func (s *Service) again(ctx context.Context, q *db.Queries, d db.DeliveryToSendRow, now time.Time) error {
	live, err := q.StillLive(ctx, d.ID)
	if err != nil || !live {
		return err
	}
	next := now.Add(repeatAfter(urgencyOf(d.Urgency), d.Round))
	if !d.AtAnyHour {
		next = quietHours{d.QuietFrom, d.QuietTo}.after(next)
	}
	return q.AddDelivery(ctx, db.AddDeliveryParams{ID: uuid.Must(uuid.NewV7()), NotificationID: d.NotificationID, OrganisationID: d.OrganisationID,
		UserID: d.UserID, Channel: d.Channel, ChannelID: d.ChannelID, SubscriptionID: d.SubscriptionID, Series: d.Series, Round: d.Round + 1,
		AtAnyHour: d.AtAnyHour, DueAt: next, Now: now})
}

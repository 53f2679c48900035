package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// openAtOnce is how many pages open their sockets at a time before a measurement; the storm knows no such courtesy.
const openAtOnce = 32

// openPages opens one socket for each person, doctors' last. When half of them are open it calls half.
func openPages(ctx context.Context, s *server, w *world, h *heard, half func() error) ([]*page, error) {
	pages := make([]*page, 0, len(w.nurses)+len(w.doctors))
	for _, n := range w.nurses {
		pages = append(pages, &page{who: n, server: s, heard: h})
	}
	for _, d := range w.doctors {
		pages = append(pages, &page{who: d, server: s, heard: h})
	}
	open := func(from, to int) error {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(openAtOnce)
		for i := from; i < to; i++ {
			g.Go(func() error { return pages[i].open(ctx, i >= len(w.nurses)) })
		}
		return g.Wait()
	}
	middle := len(pages) / 2
	if err := open(0, middle); err != nil {
		return pages, err
	}
	if err := half(); err != nil {
		return pages, err
	}
	return pages, open(middle, len(pages))
}

// warmSockets are opened and closed before anything is measured.
const warmSockets = 64

// warmUp opens some nurses' sockets and closes them.
func (w *world) warmUp(ctx context.Context, s *server, n int) error {
	pages := make([]*page, min(n, len(w.nurses)))
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(openAtOnce)
	for i := range pages {
		pages[i] = &page{who: w.nurses[i], server: s, heard: &heard{}}
		g.Go(func() error { return pages[i].open(within, false) })
	}
	err := g.Wait()
	closeAll(pages)
	for _, p := range pages {
		if p.reading != nil {
			<-p.reading
		}
	}
	if err != nil {
		return err
	}
	return sleep(ctx, time.Second) // the server ends its side
}

// quiet waits until the pages have heard nothing for a second.
func quiet(ctx context.Context, h *heard) error {
	for last := int64(-1); last != h.events.Load(); {
		last = h.events.Load()
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// clicks submits requests and answers them, hands at a time: what the nurse waits for until a doctor's device rings, and what the doctor
// waits for after the click. Who clicks is a doctor of the hand's own, whoever was rung: a doctor who is rung by two hands has but one
// consultation to give.
func (w *world) clicks(ctx context.Context, s *server, h *heard, list []draft, hands int) (ring, grant *times, err error) {
	ring, grant = &times{}, &times{}
	next := make(chan draft, len(list))
	for _, d := range list {
		next <- d
	}
	close(next)
	g, ctx := errgroup.WithContext(ctx)
	for i := range hands {
		g.Go(func() error {
			for d := range next {
				if err := w.click(ctx, s, h, d, w.doctors[i], ring, grant); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return ring, grant, g.Wait()
}

// ringTime bounds how long a ring may take; one that takes longer is an error of the run.
const ringTime = time.Minute

func (w *world) click(ctx context.Context, s *server, h *heard, d draft, doctor person, ring, grant *times) error {
	r := h.ring(d.id)
	began := time.Now()
	if _, err := s.command(ctx, d.nurse, d.id, "submit", contract.SubmitRequest{Urgency: "ROUTINE"}); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, ringTime)
	defer cancel()
	select {
	case <-r.done:
	case <-within.Done():
		return fmt.Errorf("nobody heard the ring of %s: %w", d.id, within.Err())
	}
	ring.add(r.at.Sub(began))
	clicked := time.Now()
	c, err := s.command(ctx, doctor, d.id, "claim", contract.EpochRequest{Epoch: r.epoch})
	if err != nil {
		return err
	}
	grant.add(time.Since(clicked))
	if _, err := s.command(ctx, doctor, d.id, "release", contract.EpochReasonRequest{Epoch: c.Epoch, Reason: care.ReleaseReasons()[0].Code}); err != nil {
		return err
	}
	_, err = s.command(ctx, d.nurse, d.id, "cancel", contract.ReasonRequest{Reason: care.CancelReasons()[0].Code})
	return err
}

// storm cuts every socket off at once, lets things happen, and lets every page resume at once.
func (w *world) storm(ctx context.Context, s *server, pages []*page, missed []draft) (each *times, all time.Duration, reloads int, err error) {
	for _, p := range pages {
		p.drop()
	}
	for _, d := range missed {
		if _, err := s.command(ctx, d.nurse, d.id, "submit", contract.SubmitRequest{Urgency: "ROUTINE"}); err != nil {
			return nil, 0, 0, err
		}
		if _, err := s.command(ctx, d.nurse, d.id, "cancel", contract.ReasonRequest{Reason: care.CancelReasons()[0].Code}); err != nil {
			return nil, 0, 0, err
		}
	}
	each = &times{}
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range pages {
		g.Go(func() error {
			err := p.again(ctx)
			each.add(time.Since(began))
			if p.reloads > 0 {
				return nil // counted
			}
			return err
		})
	}
	err = g.Wait()
	all = time.Since(began)
	for _, p := range pages {
		reloads += p.reloads
	}
	return each, all, reloads, err
}

// told are the events of the outbox that reach pages; others are between nodes.
func told() []string {
	return []string{"queue.changed", "ring", "ring.stop", "consultation.changed", "duty.changed", "presence.changed"}
}

// audit compares what each page got with what the outbox says that it had to get, and counts what is wrong.
func (w *world) audit(ctx context.Context, pages []*page) (duplicates, lost int64, err error) {
	rows, err := w.p.st.Pool.Query(ctx, `SELECT shard, seq, payload FROM outbox WHERE topic = ANY ($1) ORDER BY shard, seq`, told())
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	users, sessions := map[uuid.UUID][]*page{}, map[uuid.UUID][]*page{}
	departments, organisations := map[uuid.UUID][]*page{}, map[uuid.UUID][]*page{}
	open := 0
	for _, p := range pages {
		if p.reloads > 0 {
			continue // it said hello no more
		}
		open++
		users[p.who.actor.UserID] = append(users[p.who.actor.UserID], p)
		sessions[p.who.actor.SessionID] = append(sessions[p.who.actor.SessionID], p)
		for _, m := range p.who.actor.Memberships {
			switch {
			case m.DepartmentID != nil:
				departments[*m.DepartmentID] = append(departments[*m.DepartmentID], p)
			default:
				organisations[m.OrganisationID] = append(organisations[m.OrganisationID], p)
			}
		}
		duplicates += int64(p.duplicate)
		lost += int64(p.holes)
	}
	for rows.Next() {
		var m mark
		var shard int16
		var payload []byte
		if err := rows.Scan(&shard, &m.seq, &payload); err != nil {
			return 0, 0, err
		}
		m.stream = int(shard)
		var e struct {
			To store.Audience `json:"to"`
		}
		if err := json.Unmarshal(payload, &e); err != nil {
			return 0, 0, err
		}
		var to []*page
		for _, part := range []struct {
			of   []uuid.UUID
			whom map[uuid.UUID][]*page
		}{{e.To.Users, users}, {e.To.AuthSessions, sessions}, {e.To.Departments, departments}, {e.To.Organisations, organisations}} {
			for _, id := range part.of {
				to = append(to, part.whom[id]...)
			}
		}
		seen := make(map[*page]bool, len(to))
		for _, p := range to {
			if seen[p] {
				continue
			}
			seen[p] = true
			p.mu.Lock()
			if m.seq > p.first[m.stream] && !p.got[m] {
				lost++
			}
			p.mu.Unlock()
		}
	}
	return duplicates, lost, rows.Err()
}

// closeAll ends the sockets.
func closeAll(pages []*page) {
	for _, p := range slices.Backward(pages) {
		if p.ws != nil {
			_ = p.ws.Close()
		}
	}
}

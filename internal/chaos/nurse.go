package chaos

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// patience is how long a nurse waits before she takes a request back; one in four waits for longer than a ring lasts.
const (
	patience     = 12 * time.Second
	longPatience = 50 * time.Second
)

// work is a nurse's shift: one request after the other until ctx ends. What has begun is left as it stands.
func (w *ward) nurse(ctx context.Context, p *person) {
	for pause(ctx, p.between(100*time.Millisecond, 600*time.Millisecond)) {
		resident, ok := w.takeResident(p.number(1000))
		if !ok {
			continue
		}
		w.request(ctx, p, resident)
		w.giveResident(resident)
	}
}

// urgencies that nurses choose, the rare ones rare; each is at or above what the reason alone proposes.
func (p *person) urgency() contract.Urgency {
	switch n := p.number(20); {
	case n == 0:
		return "CRITICAL"
	case n < 5:
		return "EMERGENT"
	case n < 11:
		return "URGENT"
	}
	return "ROUTINE"
}

// request brings one resident's case into the queue and watches it.
func (w *ward) request(ctx context.Context, p *person, resident uuid.UUID) {
	id := uuid.Must(uuid.NewV7())
	department := w.departments[p.number(len(w.departments))]
	urgency := p.urgency()
	create := act{op: check.OpCreate, kase: id, path: "/api/v1/consultations", key: uuid.New(),
		body: contract.ConsultationInput{Id: id, ResidentId: resident, Reasons: []string{"OTHER"}, RedFlags: []string{}}}
	e, c := p.do(ctx, create)
	if e.Outcome != check.OK {
		return
	}
	if c != nil && c.ConsentNeeded && urgency != "CRITICAL" {
		if e, _ := p.do(ctx, act{op: check.OpConsent, kase: id, path: path(id, "consent"), body: w.consent}); e.Outcome != check.OK {
			p.cancel(ctx, id)
			return
		}
	}
	submit := act{op: check.OpSubmit, kase: id, path: path(id, "submit"), key: uuid.New(),
		body: contract.SubmitRequest{Urgency: urgency, DepartmentId: &department}}
	if e, c = p.twice(ctx, submit); e.Outcome != check.OK {
		p.cancel(ctx, id)
		return
	}
	w.watch(ctx, p, id, c)
}

// twice does an act, and when mischief wants it another request with the same key runs beside it or comes after it.
func (p *person) twice(ctx context.Context, a act) (check.Event, *contract.Consultation) {
	a = a.complete()
	var beside sync.WaitGroup
	if p.mischievous() {
		beside.Go(func() { p.repeat(ctx, a) })
	}
	e, c := p.do(ctx, a)
	beside.Wait()
	if e.Outcome == check.OK && p.mischievous() {
		p.repeat(ctx, a)
	}
	if p.mischievous() {
		p.replay(ctx)
	}
	return e, c
}

func (p *person) cancel(ctx context.Context, id uuid.UUID) bool {
	e, _ := p.twice(ctx, act{op: check.OpCancel, kase: id, path: path(id, "cancel"), body: contract.ReasonRequest{Reason: "BY_MISTAKE"}})
	return e.Outcome == check.OK
}

// over are the states in which the nurse has nothing left to wait for.
func over(state contract.State) bool {
	switch state {
	case "CANCELLED", "VOIDED", "REPORT_PENDING", "REPORTED", "ADOPTED", "FOLLOW_UP", "ARCHIVED", "CLOSED_NO_SERVICE", "TO_EMERGENCY":
		return true
	}
	return false
}

// watch looks at the request until it is over, changes it now and then, and takes it back when her patience ends.
func (w *ward) watch(ctx context.Context, p *person, id uuid.UUID, c *contract.Consultation) {
	until := time.Now().Add(p.between(patience/3, patience))
	if p.chance(0.25) {
		until = time.Now().Add(p.between(patience, longPatience))
	}
	for pause(ctx, p.between(200*time.Millisecond, 900*time.Millisecond)) {
		if p.socket.isDeaf() {
			continue // who has vanished does nothing
		}
		if p.chance(0.02) {
			p.socket.drop() // the tablet's network changes
		}
		if now, ok := p.look(ctx, id); ok {
			c = &now
			if over(now.State) {
				return
			}
		}
		switch {
		case time.Now().After(until) || p.chance(0.02):
			if p.cancel(ctx, id) {
				return
			}
			until = time.Now().Add(time.Second) // somebody was faster: look again
		case c != nil && p.chance(0.08):
			urgency := p.urgency()
			why := "复测后情况有变化"
			p.do(ctx, act{op: check.OpUpdate, kase: id, method: http.MethodPut, path: path(id, "request"),
				body: contract.RequestUpdate{Reasons: []string{"OTHER"}, RedFlags: []string{}, Revision: c.RequestRevision, Urgency: &urgency, UrgencyReason: &why}})
		}
	}
}

// tidy ends what a round has left behind, so that the next one begins with an empty queue.
func (w *ward) tidy(ctx context.Context, cases []uuid.UUID) {
	var work sync.WaitGroup
	places := make(chan struct{}, 4)
	for i, id := range cases {
		p := w.nurses[i%len(w.nurses)]
		work.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			p.do(ctx, act{op: check.OpCancel, kase: id, path: path(id, "cancel"), body: contract.ReasonRequest{Reason: "OTHER"}})
		})
	}
	work.Wait()
}

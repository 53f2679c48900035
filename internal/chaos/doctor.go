package chaos

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// doctor answers rings and looks at the queue until ctx ends.
func (w *ward) doctor(ctx context.Context, p *person) {
	p.socket.present("AVAILABLE")
	look := time.NewTicker(p.between(700*time.Millisecond, 1500*time.Millisecond))
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-p.socket.heard:
			if p.socket.isDeaf() {
				continue // who has vanished does nothing
			}
			var r ring
			if json.Unmarshal(f.Data, &r) != nil {
				continue
			}
			if f.Event == "consultation.assigned" {
				w.conduct(ctx, p, r.ConsultationID, r.Epoch)
			}
			if f.Event != "ring" {
				continue
			}
			switch n := p.number(20); {
			case n < 9:
				w.answer(ctx, p, r.ConsultationID, r.Epoch)
			case n < 12 && w.decline != "":
				p.twice(ctx, act{op: check.OpDecline, kase: r.ConsultationID, epoch: r.Epoch, path: path(r.ConsultationID, "decline"),
					body: map[string]any{"epoch": r.Epoch, "reason": w.decline}})
			}
		case <-look.C:
			if p.socket.isDeaf() {
				continue
			}
			w.fromQueue(ctx, p)
			if p.chance(0.03) {
				p.socket.drop() // the page is reloaded, the network changes
			}
		}
	}
}

// fromQueue reads the list, keeps what it says for the order's checker, and sometimes takes the first row without a ring.
func (w *ward) fromQueue(ctx context.Context, p *person) {
	from := time.Now()
	var q contract.Queue
	if !p.get(ctx, "/api/v1/queue", &q) {
		return
	}
	e := check.Event{Kind: check.KindQueue, Who: p.name, User: p.id, From: from, At: q.ServerTime, Waiting: make([]check.Place, len(q.Waiting))}
	for i, r := range q.Waiting {
		target := 24 * time.Hour
		if r.TargetSeconds != nil {
			target = time.Duration(*r.TargetSeconds) * time.Second
		}
		e.Waiting[i] = check.Place{Case: r.Id, Urgency: string(r.Urgency), Since: r.OfferedAt, Target: target}
	}
	w.history.add(e)
	if len(q.Waiting) > 0 && p.chance(0.12) {
		w.answer(ctx, p, q.Waiting[0].Id, q.Waiting[0].Epoch)
	}
}

// answer claims, and who wins conducts.
func (w *ward) answer(ctx context.Context, p *person, id uuid.UUID, epoch int64) {
	claim := act{op: check.OpClaim, kase: id, epoch: epoch, path: path(id, "claim"), body: contract.EpochRequest{Epoch: epoch}}
	if e, _ := p.twice(ctx, claim); e.Outcome != check.OK {
		return
	}
	w.conduct(ctx, p, id, epoch+1)
}

// conduct hands the case over, gives it back, or leaves it to the nurse to end.
func (w *ward) conduct(ctx context.Context, p *person, id uuid.UUID, epoch int64) {
	if !pause(ctx, p.between(100*time.Millisecond, 1200*time.Millisecond)) {
		return
	}
	if now, ok := p.look(ctx, id); ok && over(now.State) {
		return
	}
	switch n := p.number(10); {
	case n < 3:
		p.twice(ctx, act{op: check.OpRelease, kase: id, epoch: epoch, path: path(id, "release"), body: contract.EpochReasonRequest{Epoch: epoch, Reason: "OTHER_DEPARTMENT"}})
	case n < 9:
		p.twice(ctx, act{op: check.OpDone, kase: id, epoch: epoch, path: path(id, "emergency-steps"), body: contract.EmergencyStepRequest{Step: "TO_EMERGENCY"}})
	}
}

package chaos

import (
	"context"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// dispatcher looks at the board and now and then takes charge of what waits, widens it, or gives it to a doctor who is there.
func (w *ward) dispatcher(ctx context.Context, p *person) {
	for pause(ctx, p.between(time.Second, 2500*time.Millisecond)) {
		var b contract.Board
		if !p.get(ctx, "/api/v1/board", &b) || len(b.Rows) == 0 {
			continue
		}
		row := b.Rows[p.number(len(b.Rows))]
		if row.State != "OFFERED" {
			continue
		}
		switch n := p.number(6); {
		case n == 0:
			p.twice(ctx, act{op: check.OpCharge, kase: row.Id, epoch: row.Epoch, path: path(row.Id, "take-charge"), body: contract.EpochRequest{Epoch: row.Epoch}})
		case n == 1:
			p.twice(ctx, act{op: check.OpWiden, kase: row.Id, epoch: row.Epoch, path: path(row.Id, "widen"), body: contract.EpochRequest{Epoch: row.Epoch}})
		case n < 5:
			// Of the suite's own doctors: the demo's would keep what they are given.
			d := w.doctors[p.number(len(w.doctors))]
			p.twice(ctx, act{op: check.OpAssign, kase: row.Id, epoch: row.Epoch, target: d.id, path: path(row.Id, "assign"),
				body: contract.AssignRequest{Epoch: row.Epoch, DoctorId: d.id}})
		}
	}
}

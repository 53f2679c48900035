package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
)

// register is what the claim of one request is to its callers: who holds it and under which epoch.
type register struct {
	epoch  int64
	holder uuid.UUID // zero: it waits
	closed bool
}

type command struct {
	op    string
	user  uuid.UUID
	epoch int64
}

// answer is what came back: the effect, no effect, or no word.
type answer string

// system acts come from the record, since no client saw them; they took effect some time after their clock was read.
const systemLag = 30 * time.Second

// claimPatience bounds the search for one request; nothing near it has been seen.
const claimPatience = 10 * time.Second

// Claims is I2: each request's claims, releases, cancellations and hand-overs, as the clients saw them, could have happened
// one after the other on one register; no epoch of a request had two holders; and no doctor held two requests at once.
func Claims(history []Event, f Facts) Verdict {
	v := Verdict{Invariant: "I2"}
	byCase := map[uuid.UUID][]porcupine.Operation{}
	clients := map[string]int{}
	end := int64(math.MinInt64)
	for _, e := range history {
		end = max(end, e.At.UnixNano())
	}
	end += int64(time.Hour)
	for _, e := range history {
		op, ok := operation(e, end)
		if !ok {
			continue
		}
		if _, known := clients[e.Who]; !known {
			clients[e.Who] = len(clients)
		}
		op.ClientId = clients[e.Who]
		byCase[e.Case] = append(byCase[e.Case], op)
	}
	for id, steps := range f.Steps {
		for _, s := range steps {
			if s.Actor != uuid.Nil || (s.Type != "RELEASE" && s.Type != "CANCEL" && s.Type != "TO_EMERGENCY") {
				continue
			}
			byCase[id] = append(byCase[id], porcupine.Operation{ClientId: len(clients), Input: command{op: "system-" + strings.ToLower(s.Type), epoch: s.Epoch - 1},
				Call: s.At.UnixNano(), Output: answer(OK), Return: s.At.Add(systemLag).UnixNano()})
		}
	}
	for id, ops := range byCase {
		if !slices.ContainsFunc(ops, func(o porcupine.Operation) bool { return o.Input.(command).op == OpClaim }) {
			continue
		}
		v.Checked++
		switch porcupine.CheckOperationsTimeout(claimModel(), ops, claimPatience) {
		case porcupine.Illegal:
			v.add(id, "", "the answers to its commands fit no order of events on one register")
		case porcupine.Unknown:
			v.Note = "one request's history was too long to decide"
		}
	}
	holders(f, &v)
	return v
}

func operation(e Event, end int64) (porcupine.Operation, bool) {
	if e.Kind != KindAct || e.Replay || !slices.Contains([]string{OpClaim, OpAssign, OpRelease, OpCancel, OpDone}, e.Op) {
		return porcupine.Operation{}, false
	}
	op := porcupine.Operation{Input: command{op: e.Op, user: e.User, epoch: e.Epoch}, Call: e.From.UnixNano(), Output: answer(e.Outcome), Return: e.At.UnixNano()}
	if e.Op == OpAssign {
		op.Input = command{op: OpAssign, user: e.Target, epoch: e.Epoch}
	}
	switch {
	case e.Outcome == Unknown, e.Outcome == Refused && e.Doubt, e.Outcome == Refused && e.Op != OpClaim && (e.Code == "not_found" || e.Code == "no_longer_waiting"):
		// These two say how the request stands and nothing about what was done: who gave back a request that then ended does
		// not see it any more when the answer is written.
		op.Output, op.Return = answer(Unknown), end
	case e.Outcome == Refused:
		// A refusal has many reasons; only those that speak of the register are held against it.
		if e.Op != OpClaim || (e.Code != "already_claimed" && e.Code != "epoch_stale" && e.Code != "no_longer_waiting") {
			return porcupine.Operation{}, false
		}
		op.Output = answer(e.Code)
	}
	return op, true
}

func claimModel() porcupine.Model {
	nondeterministic := porcupine.NondeterministicModel{
		Init: func() []any { return []any{register{}} },
		Step: func(state, input, output any) []any {
			r, c := state.(register), input.(command)
			next, may := r.after(c)
			switch output.(answer) {
			case OK:
				if !may {
					return nil
				}
				return []any{next}
			case Unknown:
				if !may {
					return []any{r}
				}
				return []any{r, next}
			case "already_claimed":
				if r.holder == uuid.Nil && !r.closed {
					return nil
				}
			case "epoch_stale":
				if r.epoch == c.epoch && r.holder == uuid.Nil && !r.closed {
					return nil
				}
			case "no_longer_waiting":
				if !r.closed {
					return nil
				}
			}
			return []any{r}
		},
		Equal: func(a, b any) bool { return a == b },
	}
	return nondeterministic.ToModel()
}

// after is the register after a command, and whether the command is possible.
func (r register) after(c command) (register, bool) {
	switch c.op {
	case OpClaim:
		if !r.closed && r.holder == uuid.Nil && r.epoch == c.epoch {
			return register{epoch: c.epoch + 1, holder: c.user}, true
		}
		// Claiming again what one holds changes nothing and is answered alike.
		return r, !r.closed && r.holder == c.user && r.epoch == c.epoch+1
	case OpAssign:
		return register{epoch: c.epoch + 1, holder: c.user}, !r.closed && r.holder == uuid.Nil && r.epoch == c.epoch
	case OpRelease:
		return register{epoch: c.epoch + 1}, !r.closed && r.holder == c.user && r.epoch == c.epoch
	case "system-release":
		return register{epoch: c.epoch + 1}, !r.closed && r.holder != uuid.Nil && r.epoch == c.epoch
	case OpDone:
		return register{epoch: r.epoch, holder: r.holder, closed: true}, !r.closed && r.holder == c.user
	default: // cancelled by the nurse, or ended by the system
		return register{epoch: r.epoch, holder: r.holder, closed: true}, !r.closed
	}
}

type tenure struct {
	request    uuid.UUID
	from, till time.Time // till zero: still held
}

// holders looks at the record alone: who held what, from when until when.
func holders(f Facts, v *Verdict) {
	byDoctor := map[uuid.UUID][]tenure{}
	for id, steps := range f.Steps {
		holder := map[int64]uuid.UUID{}
		var now *tenure
		var doctor uuid.UUID
		closeAt := func(at time.Time) {
			if now != nil {
				now.till = at
				byDoctor[doctor] = append(byDoctor[doctor], *now)
				now = nil
			}
		}
		for _, s := range steps {
			next, given := s.granted()
			switch {
			case given:
				if now != nil {
					v.add(id, "", fmt.Sprintf("was given to %s while %s held it", next, doctor))
				}
				if other, taken := holder[s.Epoch]; taken && other != next {
					v.add(id, "", fmt.Sprintf("epoch %d was given to %s and to %s", s.Epoch, other, next))
				}
				holder[s.Epoch] = next
				closeAt(s.At)
				now, doctor = &tenure{request: id, from: s.At}, next
			case s.To != "" && !slices.Contains([]string{"ACCEPTED", "WAITING", "IN_PROGRESS"}, s.To):
				closeAt(s.At)
			}
		}
		if now != nil {
			byDoctor[doctor] = append(byDoctor[doctor], *now)
		}
	}
	for doctor, list := range byDoctor {
		v.Checked += len(list)
		slices.SortFunc(list, func(a, b tenure) int { return a.from.Compare(b.from) })
		for i := 1; i < len(list); i++ {
			if before := list[i-1]; before.till.IsZero() || before.till.After(list[i].from.Add(clockTolerance)) {
				v.add(list[i].request, "", fmt.Sprintf("doctor %s took it while holding %s", doctor, before.request))
			}
		}
	}
}

// clockTolerance is how far the clock of a transaction may lie before the lock that it waited for: the record carries the
// instant at which the transaction looked at the clock after the consultation was locked, and the lock of the other
// consultation is another one.
const clockTolerance = 2 * time.Second

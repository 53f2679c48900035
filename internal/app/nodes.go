package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/cluster"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/media/sfu"
	"github.com/lianzhen-health/lianzhen/signaling"
)

// router carries out what pages ask of calls on the node that has the call: here, or by a request to it. It is
// signaling.Relay.
type router struct {
	local
	cluster *cluster.Cluster
	care    *care.Service
	log     *slog.Logger
	moved   *prometheus.CounterVec
}

// The subjects of requests between nodes.
const (
	askJoin  = "call.join"
	askMute  = "call.mute"
	askLeave = "call.leave"
	askState = "call.state"
)

// betweenNodes is how long a command waits before it asks again who has a call that is changing hands.
const betweenNodes = 100 * time.Millisecond

// errElsewhere says that the node that was asked does not have the call (any more).
var errElsewhere = errors.New("another node has the call")

// answer is how one node answers another.
type answer struct {
	Elsewhere bool             `json:"elsewhere,omitempty"`
	Problem   *refused         `json:"problem,omitempty"`
	Data      *json.RawMessage `json:"data,omitempty"`
}

// refused is a problem on its way to another node. Causes stay in this node's log.
type refused struct {
	Status            int          `json:"status"`
	Code              string       `json:"code"`
	Args              problem.Args `json:"args,omitempty"`
	RetryAfterSeconds int          `json:"retryAfterSeconds,omitempty"`
}

// handle answers the requests of other nodes.
func (r *router) handle() {
	r.cluster.Handle(askJoin, serve(r, r.joinHere))
	r.cluster.Handle(askMute, serve(r, func(_ context.Context, in muting) (struct{}, error) {
		return struct{}{}, r.setMuted(in.Seat, in.Audio, in.Video)
	}))
	r.cluster.Handle(askLeave, serve(r, func(_ context.Context, in signaling.Seat) (struct{}, error) { return struct{}{}, r.leave(in) }))
	r.cluster.Handle(askState, serve(r, func(_ context.Context, in signaling.Seat) (signaling.CallState, error) { return r.rooms.State(in) }))
}

// muting is call.mute between nodes.
type muting struct {
	Seat  signaling.Seat `json:"seat"`
	Audio bool           `json:"audio"`
	Video bool           `json:"video"`
}

// serve makes a handler that speaks JSON.
func serve[In, Out any](r *router, do func(context.Context, In) (Out, error)) cluster.Handler {
	return func(ctx context.Context, body []byte) []byte {
		var in In
		var out Out
		err := json.Unmarshal(body, &in)
		if err == nil {
			out, err = do(ctx, in)
		}
		var a answer
		switch {
		case errors.Is(err, errElsewhere):
			a.Elsewhere = true
		case err != nil:
			p := r.problemOf(ctx, err)
			a.Problem = &refused{Status: p.Status, Code: p.Code, Args: p.Args, RetryAfterSeconds: p.RetryAfterSeconds}
		default:
			var data json.RawMessage
			if data, err = json.Marshal(out); err == nil {
				a.Data = &data
			}
		}
		b, err := json.Marshal(a)
		if err != nil {
			r.log.ErrorContext(ctx, "answer to a node not written", "error", err)
		}
		return b
	}
}

// problemOf gives what the other node is told.
func (r *router) problemOf(ctx context.Context, err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	var coded interface{ Code() string }
	switch {
	case errors.As(err, &coded) && problem.Known(coded.Code()):
		return problem.New(http.StatusUnprocessableEntity, coded.Code(), nil)
	case ctx.Err() != nil:
		return problem.New(http.StatusServiceUnavailable, "unavailable", nil)
	default:
		r.log.ErrorContext(ctx, "request of another node failed", "error", err)
		return problem.Of(err)
	}
}

// ask asks another node. The error is a problem, errElsewhere, cluster.ErrGone, or of the way there.
func ask[Out any](ctx context.Context, r *router, to cluster.Node, subject string, in any) (out Out, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("ask node %s: %w", to.Name, err)
	}
	raw, err := r.cluster.Request(ctx, to, subject, body)
	if err != nil {
		return out, err
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return out, fmt.Errorf("answer of node %s: %w", to.Name, err)
	}
	switch {
	case a.Elsewhere:
		return out, errElsewhere
	case a.Problem != nil:
		p := problem.New(a.Problem.Status, a.Problem.Code, a.Problem.Args)
		p.RetryAfterSeconds = a.Problem.RetryAfterSeconds
		return out, p
	case a.Data == nil:
		return out, fmt.Errorf("answer of node %s is empty", to.Name)
	}
	if err := json.Unmarshal(*a.Data, &out); err != nil {
		return out, fmt.Errorf("answer of node %s: %w", to.Name, err)
	}
	return out, nil
}

// Probe tests the network to this node.
func (r *router) Probe(ctx context.Context, offer string) (string, error) {
	return r.relay.Probe(ctx, offer)
}

// Join joins where the call is. Whoever comes first brings the call to this node. While the node that has it is dead or gives
// it up, it waits; ctx ends that as unavailable.
func (r *router) Join(ctx context.Context, j signaling.Join) (signaling.Joined, error) {
	for {
		joined, err := r.tryJoin(ctx, j)
		switch {
		case err == nil || !errors.Is(err, errElsewhere) && !errors.Is(err, cluster.ErrGone):
			if err != nil && ctx.Err() != nil {
				err = problem.New(http.StatusServiceUnavailable, "unavailable", nil).Because(err)
			}
			return joined, err
		case !pause(ctx, betweenNodes):
			return signaling.Joined{}, problem.New(http.StatusServiceUnavailable, "unavailable", nil).Because(err)
		}
	}
}

func (r *router) tryJoin(ctx context.Context, j signaling.Join) (signaling.Joined, error) {
	lease, err := r.cluster.Take(ctx, j.Call)
	switch {
	case err != nil:
		return signaling.Joined{}, err
	case lease.Mine:
		return r.joinUnder(ctx, j, lease)
	case lease.Node.Term == 0: // this node is draining, or between two lives
		others := r.cluster.Others()
		if len(others) == 0 {
			return signaling.Joined{}, errElsewhere
		}
		return ask[signaling.Joined](ctx, r, others[rand.N(len(others))], askJoin, j)
	case !lease.Alive: // the tick would do it in a moment
		if err := r.lost(ctx, j.Call); err != nil {
			return signaling.Joined{}, err
		}
		return signaling.Joined{}, errElsewhere
	default:
		return ask[signaling.Joined](ctx, r, lease.Node, askJoin, j)
	}
}

// joinHere is another node's wish that a call be here.
func (r *router) joinHere(ctx context.Context, j signaling.Join) (signaling.Joined, error) {
	lease, err := r.cluster.Take(ctx, j.Call)
	if err != nil {
		return signaling.Joined{}, err
	}
	if !lease.Mine {
		return signaling.Joined{}, errElsewhere
	}
	return r.joinUnder(ctx, j, lease)
}

// joinUnder joins the room that this node carries under a lease. A connection that was made while the lease was lost is none.
func (r *router) joinUnder(ctx context.Context, j signaling.Join, lease cluster.Lease) (signaling.Joined, error) {
	joined, err := r.join(ctx, j, care.Origin{NodeTerm: lease.Node.Term, LeaseTerm: lease.Term, Epoch: j.Epoch})
	if err != nil {
		return signaling.Joined{}, err
	}
	if nodeTerm, term, ok := r.cluster.Held(j.Call); !ok || nodeTerm != lease.Node.Term || term != lease.Term {
		r.relay.Leave(j.Call.String(), j.Participant.String(), joined.Connection)
		r.rooms.Leaving(joined.Connection)
		return signaling.Joined{}, errElsewhere
	}
	return joined, nil
}

// where gives the node that has the call of a connection; here is this one. Where nobody has it, the connection is no more.
func (r *router) where(ctx context.Context, call uuid.UUID) (node cluster.Node, here bool, err error) {
	if _, _, ok := r.cluster.Held(call); ok {
		return cluster.Node{}, true, nil
	}
	lease, err := r.cluster.Holder(ctx, call)
	if err == nil && !lease.Alive {
		err = sfu.ErrConnectionUnknown
	}
	return lease.Node, false, err
}

// unreached is what a page is told of a connection whose node did not answer because it is gone.
func unreached(err error) error {
	if errors.Is(err, cluster.ErrGone) || errors.Is(err, errElsewhere) {
		return fmt.Errorf("%w: %w", sfu.ErrConnectionUnknown, err)
	}
	return err
}

// SetMuted implements signaling.Relay.
func (r *router) SetMuted(ctx context.Context, s signaling.Seat, audio, video bool) error {
	node, here, err := r.where(ctx, s.Call)
	if err != nil {
		return err
	}
	if here {
		return r.setMuted(s, audio, video)
	}
	_, err = ask[struct{}](ctx, r, node, askMute, muting{Seat: s, Audio: audio, Video: video})
	return unreached(err)
}

// Leave implements signaling.Relay.
func (r *router) Leave(ctx context.Context, s signaling.Seat) error {
	node, here, err := r.where(ctx, s.Call)
	if err != nil {
		return err
	}
	if here {
		return r.leave(s)
	}
	_, err = ask[struct{}](ctx, r, node, askLeave, s)
	return unreached(err)
}

// State implements signaling.Relay.
func (r *router) State(ctx context.Context, s signaling.Seat) (signaling.CallState, error) {
	node, here, err := r.where(ctx, s.Call)
	if err != nil {
		return signaling.CallState{}, err
	}
	if here {
		return r.rooms.State(s)
	}
	state, err := ask[signaling.CallState](ctx, r, node, askState, s)
	return state, unreached(err)
}

// Revoked implements signaling.Relay. The media of a sign-in is wherever its calls are: every node reads the event.
func (r *router) Revoked(signIns []uuid.UUID) { r.revoked(signIns) }

// Ended implements signaling.Relay.
func (r *router) Ended(call uuid.UUID) { r.ended(call) }

// lost takes a call from a node whose life is over.
func (r *router) lost(ctx context.Context, call uuid.UUID) error {
	moved, err := r.care.MoveCall(ctx, call, 0, care.MovedNodeLost)
	if moved {
		r.moved.WithLabelValues(care.MovedNodeLost).Inc()
		r.log.WarnContext(ctx, "call moved", "call", call, "reason", care.MovedNodeLost)
	}
	return err
}

// publish writes events of a call as long as this node has it.
func publishFor(c func() *cluster.Cluster, st *store.Store) signaling.Publish {
	return func(ctx context.Context, call uuid.UUID, events []store.Envelope) error {
		nodeTerm, term, ok := c().Held(call)
		if !ok {
			return signaling.ErrNotCarried
		}
		return st.Tx(ctx, func(q *db.Queries) error {
			kept, err := q.KeepLease(ctx, db.KeepLeaseParams{CallID: call, NodeTerm: nodeTerm, Term: term})
			if err != nil {
				return fmt.Errorf("lease of the call: %w", err)
			}
			if len(kept) == 0 {
				return signaling.ErrNotCarried
			}
			return store.Append(ctx, q, call, events...)
		})
	}
}

// drain gives up every call, so that the people in it move to another node while their media still flows here. It says whether
// there is another node that takes them; alone, it keeps what it has to the end.
func (r *router) drain(ctx context.Context) (moving bool, err error) {
	if err := r.cluster.Drain(ctx); err != nil {
		return false, err
	}
	if len(r.cluster.Others()) == 0 {
		return false, nil
	}
	self := r.cluster.Self()
	for { // until none is left: a join that was under way may have brought one more
		calls, err := r.cluster.OwnLeases(ctx)
		if err != nil || len(calls) == 0 {
			return true, err
		}
		anyMoved := false
		for _, call := range calls {
			moved, err := r.care.MoveCall(ctx, call, self.Term, care.MovedDraining)
			if err != nil {
				return true, err
			}
			r.cluster.Gone(call)
			if moved {
				anyMoved = true
				r.moved.WithLabelValues(care.MovedDraining).Inc()
				r.log.InfoContext(ctx, "call moved", "call", call, "reason", care.MovedDraining)
			}
		}
		if !anyMoved && !pause(ctx, betweenNodes) { // what did not move now is asked again in a moment, not at once
			return true, ctx.Err()
		}
	}
}

// empty waits until nobody is in a room of this node any more.
func (r *router) empty(ctx context.Context) error {
	for {
		rooms := r.relay.Rooms()
		if len(rooms) == 0 {
			return nil
		}
		if !pause(ctx, betweenNodes) {
			return fmt.Errorf("%d calls were still on this node", len(rooms))
		}
	}
}

func newMoved(reg prometheus.Registerer) *prometheus.CounterVec {
	moved := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lianzhen_calls_moved_total",
		Help: "Calls that this node took from a dead node or gave up itself, by reason."}, []string{"reason"})
	for _, reason := range []string{care.MovedNodeLost, care.MovedDraining} {
		moved.WithLabelValues(reason)
	}
	reg.MustRegister(moved)
	return moved
}

// pause waits and says whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Handler answers a request of another node. It has until ctx ends; it returns what is to be sent back, failures included, in
// whatever form both sides agree on.
type Handler func(ctx context.Context, body []byte) []byte

// ErrGone says that the life that was asked is over: what was asked for has no effect that lasts.
var ErrGone = errors.New("cluster: the node that was asked is gone")

// maxAnswering bounds the requests that are being answered at the same time; more wait.
const maxAnswering = 64

// pending is a request that waits for its answer.
type pending struct {
	to     int64
	once   sync.Once
	answer chan []byte   // one element
	lost   chan struct{} // closed when the other life is over
}

func (p *pending) gone() { p.once.Do(func() { close(p.lost) }) }

// Handle says who answers requests on a subject. It is called before Run.
func (c *Cluster) Handle(subject string, h Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handlers[subject] = h
}

// Request asks another life and waits for the answer: at most until ctx ends, which must have a deadline, or that life does.
func (c *Cluster) Request(ctx context.Context, to Node, subject string, body []byte) (answer []byte, err error) {
	defer func() { c.metrics.requested(subject, err) }()
	end, ok := ctx.Deadline()
	if !ok {
		return nil, errors.New("cluster: a request needs a deadline")
	}
	id, p := uuid.New(), &pending{to: to.Term, answer: make(chan []byte, 1), lost: make(chan struct{})}
	c.mu.Lock()
	c.pending[id] = p
	self := c.self.Term
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.pending, id)
	}()
	if err := c.send(ctx, to.Term, self, id, subject, body, time.Until(end)); err != nil {
		return nil, err
	}
	select {
	case answer := <-p.answer:
		return answer, nil
	case <-p.lost:
		return nil, ErrGone
	case <-ctx.Done():
		return nil, fmt.Errorf("cluster: no answer of node %s: %w", to.Name, ctx.Err())
	}
}

func (c *Cluster) send(ctx context.Context, to, from int64, request uuid.UUID, subject string, body []byte, life time.Duration) error {
	if body == nil {
		body = []byte{}
	}
	err := c.Store.Q().SendNodeMessage(ctx, db.SendNodeMessageParams{ToTerm: to, FromTerm: from, Request: request, Subject: subject,
		Body: body, Seconds: life.Seconds()})
	if err != nil {
		return fmt.Errorf("cluster: send to a node: %w", err)
	}
	return nil
}

// listen takes messages of the present life until ctx ends: when it is told that there are some, and every second.
func (c *Cluster) listen(ctx context.Context) {
	seats := make(chan struct{}, maxAnswering)
	for ctx.Err() == nil {
		c.mu.Lock()
		term, reborn := c.self.Term, c.reborn
		c.mu.Unlock()
		life, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-reborn:
				cancel()
			case <-life.Done():
			}
		}()
		err := c.listenFor(life, term, seats)
		over := life.Err() != nil // another life, or the end
		cancel()
		if !over {
			c.Logger.WarnContext(ctx, "cluster: not listening", "error", err)
			pause(ctx, c.Beat/2)
		}
	}
}

// connect opens the connection of one life: as long as it stands the others know that the process does. It hears of messages.
func (c *Cluster) connect(ctx context.Context, term int64) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.Store.Pool.Config().ConnConfig.Copy())
	if err != nil {
		return nil, fmt.Errorf("connect to listen: %w", err)
	}
	if err = db.New(conn).HoldNode(ctx, term); err == nil {
		_, err = conn.Exec(ctx, "LISTEN node_"+strconv.FormatInt(term, 10))
	}
	if err != nil {
		disconnect(ctx, conn)
		return nil, fmt.Errorf("listen: %w", err)
	}
	return conn, nil
}

func disconnect(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// listenFor takes the messages of one life.
func (c *Cluster) listenFor(ctx context.Context, term int64, seats chan struct{}) error {
	conn, err := c.connect(ctx, term)
	if err != nil {
		return err
	}
	defer disconnect(ctx, conn)
	for {
		if err := c.fetch(ctx, db.New(conn), term, seats); err != nil {
			return err
		}
		quiet, cancel := context.WithTimeout(ctx, c.Beat)
		_, err := conn.WaitForNotification(quiet)
		cancel()
		if err != nil && (ctx.Err() != nil || conn.IsClosed() || !errors.Is(err, context.DeadlineExceeded)) {
			return err
		}
	}
}

// fetch takes what there is and deals with it.
func (c *Cluster) fetch(ctx context.Context, q *db.Queries, term int64, seats chan struct{}) error {
	limit, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	rows, err := q.TakeNodeMessages(limit, term)
	if err != nil {
		return fmt.Errorf("take messages: %w", err)
	}
	slices.SortFunc(rows, func(a, b db.TakeNodeMessagesRow) int { return int(a.ID - b.ID) })
	for _, m := range rows {
		if m.Subject == "" {
			c.mu.Lock()
			if p := c.pending[m.Request]; p != nil {
				select {
				case p.answer <- m.Body:
				default: // it has one
				}
			}
			c.mu.Unlock()
			continue
		}
		c.work.Go(func() { c.answer(ctx, term, m, seats) })
	}
	return nil
}

// answer answers one request, unless it is too late.
func (c *Cluster) answer(ctx context.Context, term int64, m db.TakeNodeMessagesRow, seats chan struct{}) {
	c.mu.Lock()
	h := c.handlers[m.Subject]
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(m.Seconds*float64(time.Second)))
	defer cancel()
	select {
	case seats <- struct{}{}:
		defer func() { <-seats }()
	case <-ctx.Done():
		return
	}
	if h == nil || ctx.Err() != nil {
		c.metrics.answered(m.Subject, "dropped")
		return
	}
	body := h(ctx, m.Body)
	end, _ := ctx.Deadline()
	if err := c.send(ctx, m.FromTerm, term, m.Request, "", body, time.Until(end)); err != nil {
		c.metrics.answered(m.Subject, "failed")
		c.Logger.WarnContext(ctx, "cluster: not answered", "subject", m.Subject, "error", err)
		return
	}
	c.metrics.answered(m.Subject, "ok")
}

package signaling

import (
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// command takes a frame after the first as far as it can without waiting for a slow command.
func (s *socket) command(b []byte) {
	h := s.hub
	req, detail := h.registry.parse(b)
	if detail != "" {
		h.metrics.frames.WithLabelValues("in", "bad").Inc()
		s.done()
		s.shut(closeBadFrame, detail)
		return
	}
	if req.ack != nil {
		h.metrics.frames.WithLabelValues("in", "ack").Inc()
		s.acked(*req.ack)
		s.done()
		return
	}
	c := req.command
	h.metrics.frames.WithLabelValues("in", c.name).Inc()
	s.mu.Lock()
	v, earlier := s.results.begin(req.id, maphash.Bytes(h.seed, b))
	locale := s.locale
	s.mu.Unlock()
	switch v {
	case answered:
		s.push(frame{kind: frameResult, tail: earlier})
		s.done()
		return
	case running:
		s.done()
		return
	case reused:
		p := problem.New(http.StatusConflict, "command_reused", nil)
		if t, err := tail(result{ID: req.id, Error: refuse(locale, p)}); err == nil {
			s.push(frame{kind: frameResult, tail: t})
		}
		s.done()
		return
	}
	if !c.slow {
		s.carryOut(req, locale)
		return
	}
	if s.slow == nil { // the worker's alone
		s.slow = make(chan struct{}, maxSlow)
	}
	seats := s.slow
	h.work.Go(func() {
		seats <- struct{}{}
		defer func() { <-seats }()
		if s.leaving() { // nobody waits for the answer
			s.done()
			return
		}
		s.carryOut(req, locale)
	})
}

// carryOut runs a command and answers it.
func (s *socket) carryOut(req request, locale string) {
	defer s.done()
	h := s.hub
	ctx, cancel := context.WithTimeout(h.root, commandTime)
	defer cancel()
	from := time.Now()
	data, err := s.run(ctx, req)
	res := result{ID: req.id, OK: err == nil, Data: data}
	outcome := "ok"
	if err != nil {
		p := refusalOf(err)
		if p.Status >= http.StatusInternalServerError {
			h.Logger.ErrorContext(ctx, "signaling: command failed", "command", req.command.name, "error", err)
		}
		res.Data, res.Error, outcome = nil, refuse(locale, p), p.Code
	}
	h.metrics.commands.WithLabelValues(req.command.name, outcome).Inc()
	h.metrics.seconds.WithLabelValues(req.command.name).Observe(time.Since(from).Seconds())
	t, err := tail(res)
	if err != nil {
		h.Logger.ErrorContext(ctx, "signaling: result not written", "command", req.command.name, "error", err)
		t, _ = tail(result{ID: req.id, Error: refuse(locale, problem.New(http.StatusInternalServerError, "internal", nil))})
	}
	s.mu.Lock()
	times := s.results.finish(req.id, t)
	s.mu.Unlock()
	for range times {
		s.push(frame{kind: frameResult, tail: t})
	}
}

// run checks that the command may be given now, and gives it. A panic in it is an internal error of this one command.
func (s *socket) run(ctx context.Context, req request) (data any, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.hub.Logger.ErrorContext(ctx, "signaling: panic", "command", req.command.name, "panic", r, "stack", string(debug.Stack()))
			data, err = nil, problem.New(http.StatusInternalServerError, "internal", nil)
		}
	}()
	if !req.command.trusts {
		if err := s.recheck(ctx); err != nil {
			return nil, err
		}
	}
	if !s.whoami().may(req.command.roles) {
		return nil, problem.Forbidden()
	}
	return req.command.run(s.hub, ctx, s, req.members)
}

// recheck looks at the sign-in and its memberships again when that was not done just now. When they cannot be looked at,
// what was known stands: revocation arrives as an event.
func (s *socket) recheck(ctx context.Context) error {
	s.mu.Lock()
	now := s.hub.now()
	w, expires, fresh := s.who, s.expires, now.Sub(s.checked) < stillKnown
	s.mu.Unlock()
	if !now.Before(expires) {
		return problem.New(http.StatusUnauthorized, "unauthenticated", nil)
	}
	if fresh {
		return nil
	}
	actor, err := s.hub.Auth.SignedIn(ctx, w.user, w.signIn)
	switch {
	case err == nil:
		s.mu.Lock()
		expires = s.expires // it may have been renewed meanwhile
		s.mu.Unlock()
		s.known(actor, expires)
		return nil
	case problem.Of(err).Status < http.StatusInternalServerError:
		return err
	default:
		s.hub.Logger.WarnContext(ctx, "signaling: memberships not checked", "error", err)
		return nil
	}
}

// refusalOf turns an error of a command into a problem. An error that brings a code of the catalogue keeps it.
func refusalOf(err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	var coded interface{ Code() string }
	if errors.As(err, &coded) && problem.Known(coded.Code()) {
		return problem.New(http.StatusUnprocessableEntity, coded.Code(), nil).Because(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return problem.New(http.StatusServiceUnavailable, "unavailable", nil).Because(err)
	}
	return problem.Of(err)
}

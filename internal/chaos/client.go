package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// Bounds of one command: a try that hangs is given up, and the command is tried again on another node with the same key.
const (
	tryWait = 8 * time.Second
	actWait = 45 * time.Second
)

// person is a virtual user with one account, who talks to whichever node answers.
type person struct {
	w       *ward
	name    string // of the account
	id      uuid.UUID
	role    string
	http    *http.Client
	socket  *socket
	tokenMu sync.Mutex
	token   string

	randMu sync.Mutex
	rand   *rand.Rand

	pastMu sync.Mutex
	past   []act // answered, to be replayed
}

func newPerson(w *ward, name string, id uuid.UUID, role string, seed uint64) *person {
	p := &person{w: w, name: name, id: id, role: role, rand: rand.New(rand.NewPCG(seed, 0))}
	p.http = &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 4, IdleConnTimeout: 5 * time.Second,
	}}
	p.socket = newSocket(p)
	return p
}

func (p *person) chance(share float64) bool {
	p.randMu.Lock()
	defer p.randMu.Unlock()
	return p.rand.Float64() < share
}

func (p *person) number(n int) int {
	p.randMu.Lock()
	defer p.randMu.Unlock()
	return p.rand.IntN(n)
}

func (p *person) between(least, most time.Duration) time.Duration {
	p.randMu.Lock()
	defer p.randMu.Unlock()
	return least + time.Duration(p.rand.Int64N(int64(most-least)+1))
}

// pause waits, and says whether there is time left.
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

// answer is what one try brought.
type answer struct {
	status  int
	body    []byte
	code    string // of a problem
	retry   bool   // it said when to try again
	arrived bool   // it may have been carried out although there is no answer
	err     error
}

// try sends a request once to one node.
func (p *person) try(ctx context.Context, base, method, path string, key uuid.UUID, token string, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, tryWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost && key != uuid.Nil {
		req.Header.Set("Idempotency-Key", key.String())
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := p.http.Do(req)
	if err != nil {
		var op *net.OpError
		return answer{err: err, arrived: !errors.As(err, &op) || op.Op != "dial"}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return answer{err: err, arrived: true}
	}
	a := answer{status: res.StatusCode, body: text, retry: res.Header.Get("Retry-After") != ""}
	if a.status >= 300 {
		var problem contract.Problem
		_ = json.Unmarshal(text, &problem)
		a.code = problem.Code
	}
	return a
}

// again says that another try may bring an answer.
func (a answer) again() bool {
	return a.err != nil || a.status >= 500 || a.status == http.StatusTooManyRequests || a.status == http.StatusUnauthorized
}

// act is a command as the history names it.
type act struct {
	op           string
	kase         uuid.UUID
	epoch        int64
	key          uuid.UUID
	target       uuid.UUID // whom a dispatcher means
	method, path string
	body         any
}

// complete gives a command its key, which a repetition shares, and its method.
func (a act) complete() act {
	if a.method == "" {
		a.method = http.MethodPost
	}
	if a.key == uuid.Nil {
		a.key = uuid.New()
	}
	return a
}

// do carries an act out until there is an answer, on one node after the other, with one key; what it brought is recorded.
// The consultation is nil when the answer holds none.
func (p *person) do(ctx context.Context, a act) (check.Event, *contract.Consultation) {
	a = a.complete()
	body, err := json.Marshal(a.body)
	if err != nil {
		panic(fmt.Sprintf("chaos: %s: %v", a.op, err)) // a contract type that cannot be written is a wrong program
	}
	e := check.Event{Kind: check.KindAct, Op: a.op, Who: p.name, User: p.id, Case: a.kase, Key: a.key, Target: a.target, Epoch: a.epoch, From: time.Now(), Outcome: check.Unknown}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), actWait) // an act that began is brought to its end
	defer cancel()
	var last answer
	for {
		e.Tries++
		node := p.w.site.pick(p)
		e.Node = node.name
		last = p.try(ctx, node.base(), a.method, a.path, a.key, p.bearer(ctx), body)
		if last.status >= 500 {
			p.w.failed(node.name, a.op, last)
		}
		if !last.again() {
			break
		}
		if last.status == http.StatusUnauthorized {
			p.forgetToken()
		} else if last.arrived || last.status >= 500 {
			e.Doubt = true
		}
		if !pause(ctx, p.between(50*time.Millisecond, 400*time.Millisecond)) {
			break
		}
	}
	e.Status, e.Code, e.Retry = last.status, last.code, last.retry
	switch {
	case last.again():
		if last.err != nil {
			e.Note = last.err.Error()
		}
	case last.status < 300:
		e.Outcome = check.OK
	default:
		e.Outcome = check.Refused
	}
	p.w.history.add(e)
	if e.Outcome != check.OK {
		return e, nil
	}
	p.remember(a)
	var c contract.Consultation
	if json.Unmarshal(last.body, &c) != nil || c.Id == uuid.Nil {
		return e, nil
	}
	return e, &c
}

// pastKept is how many answered acts a person remembers for replays.
const pastKept = 32

func (p *person) remember(a act) {
	p.pastMu.Lock()
	defer p.pastMu.Unlock()
	p.past = append(p.past, a)
	if len(p.past) > pastKept {
		p.past = p.past[1:]
	}
}

func (p *person) forgetPast() {
	p.pastMu.Lock()
	defer p.pastMu.Unlock()
	p.past = nil
}

// replay sends an act again that was answered before, with its key: it must have no further effect. The answer is recorded as
// a replay; the record itself is looked at by the checkers.
func (p *person) replay(ctx context.Context) {
	p.pastMu.Lock()
	if len(p.past) == 0 {
		p.pastMu.Unlock()
		return
	}
	a := p.past[p.number(len(p.past))]
	p.pastMu.Unlock()
	p.repeat(ctx, a)
}

func (p *person) repeat(ctx context.Context, a act) {
	body, err := json.Marshal(a.body)
	if err != nil {
		return
	}
	e := check.Event{Kind: check.KindAct, Op: a.op, Who: p.name, User: p.id, Case: a.kase, Key: a.key, Target: a.target, Epoch: a.epoch, From: time.Now(), Replay: true, Tries: 1}
	node := p.w.site.pick(p)
	last := p.try(ctx, node.base(), a.method, a.path, a.key, p.bearer(ctx), body)
	e.Node, e.Status, e.Code, e.Outcome = node.name, last.status, last.code, check.OK
	switch {
	case last.again():
		e.Outcome = check.Unknown
	case last.status >= 300:
		e.Outcome = check.Refused
	}
	p.w.history.add(e)
}

// get reads something; false when no node answered it now.
func (p *person) get(ctx context.Context, path string, into any) bool {
	node := p.w.site.pick(p)
	a := p.try(ctx, node.base(), http.MethodGet, path, uuid.Nil, p.bearer(ctx), nil)
	if a.status == http.StatusUnauthorized {
		p.forgetToken()
	}
	if a.status >= 500 {
		p.w.failed(node.name, "get", a)
	}
	return a.err == nil && a.status == http.StatusOK && json.Unmarshal(a.body, into) == nil
}

// look reads a consultation and records what it shows.
func (p *person) look(ctx context.Context, id uuid.UUID) (contract.Consultation, bool) {
	var c contract.Consultation
	from := time.Now()
	if !p.get(ctx, "/api/v1/consultations/"+id.String(), &c) {
		return c, false
	}
	e := check.Event{Kind: check.KindView, Who: p.name, User: p.id, Case: id, From: from, Epoch: c.Epoch, State: string(c.State)}
	if c.Doctor != nil {
		e.Holder = c.Doctor.Name
	}
	p.w.history.add(e)
	return c, true
}

func (p *person) forgetToken() {
	p.tokenMu.Lock()
	defer p.tokenMu.Unlock()
	p.token = ""
}

// bearer signs in when there is no token, on whichever node answers; "" when none does.
func (p *person) bearer(ctx context.Context) string {
	p.tokenMu.Lock()
	defer p.tokenMu.Unlock()
	for tries := 0; p.token == "" && tries < 3 && ctx.Err() == nil; tries++ {
		body, _ := json.Marshal(contract.LoginRequest{Username: p.name, Password: p.w.password})
		a := p.try(ctx, p.w.site.pick(p).base(), http.MethodPost, "/api/v1/auth/login", uuid.Nil, "", body)
		var got contract.Session
		if a.err == nil && a.status == http.StatusOK && json.Unmarshal(a.body, &got) == nil {
			p.token = got.AccessToken
			break
		}
		if !pause(ctx, 200*time.Millisecond) {
			break
		}
	}
	return p.token
}

func path(id uuid.UUID, what string) string {
	return "/api/v1/consultations/" + id.String() + "/" + what
}

func caption(n int) string { return strconv.Itoa(n) }

package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

// round is one fault, or several at once, under load, and what was found.
type round struct {
	site   *Site
	ward   *ward
	faults []Fault
	bouts  int // so far

	mu     sync.Mutex
	own    []check.Violation
	stalls []check.Stall
	late   time.Duration
	cut    []time.Duration // after how long slow readers were cut off
	asked  int             // slow readers that were opened
	away   []check.Absence
}

// result is what a round found.
type result struct {
	faults   []Fault
	verdicts []check.Verdict
	history  []check.Event
	facts    check.Facts
	bouts    int
	took     time.Duration
	notes    []string
	err      error // the suite itself could not go on
}

func (r *round) fault(what, whom string) {
	r.ward.history.add(check.Event{Kind: check.KindFault, Op: what, Who: whom})
}

// violate notes something that the fault itself demands.
func (r *round) violate(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own = append(r.own, check.Violation{What: what})
}

func (r *round) absent(a check.Absence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = append(r.away, a)
}

func (r *round) slow(cut time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = append(r.cut, cut)
}

// quiet bounds how long the servers may take to become quiet once everything is whole again.
const quiet = 2 * time.Minute

// run plays the round for d and looks at what came of it.
func (r *round) run(ctx context.Context, d time.Duration) result {
	out := result{faults: r.faults}
	began := time.Now()
	before, heads, err := r.prepare(ctx)
	if err != nil {
		out.err = err
		return out
	}
	var dbBegan time.Time
	if dbBegan, err = r.site.clock(ctx); err != nil {
		out.err = err
		return out
	}
	load, stopLoad := context.WithCancel(ctx)
	defer stopLoad()
	var people, meter sync.WaitGroup
	for _, p := range r.ward.nurses {
		people.Go(func() { r.ward.nurse(load, p) })
	}
	for _, p := range r.ward.doctors {
		people.Go(func() { r.ward.doctor(load, p) })
	}
	people.Go(func() { r.ward.dispatcher(load, r.ward.desk) })
	metering, stopMeter := context.WithCancel(ctx)
	defer stopMeter()
	meter.Go(func() { r.meter(metering) })

	if err := r.trouble(ctx, d); err != nil {
		out.err = err
	}
	stopLoad()
	people.Wait()
	told, err := r.site.whole(ctx)
	if err != nil {
		out.err = errors.Join(out.err, fmt.Errorf("the servers did not come back: %w", err))
	}
	for _, t := range told {
		r.violate(t)
	}
	r.settle(ctx, heads, dbBegan, before, &out)
	stopMeter()
	meter.Wait()
	r.conclude(&out)
	out.bouts, out.took = r.bouts, time.Since(began).Round(time.Second)
	r.ward.tidy(ctx, openCases(out.facts))
	return out
}

// prepare waits until everybody is connected and takes the figures to compare with.
func (r *round) prepare(ctx context.Context) ([]check.Sample, []int64, error) {
	if err := r.everybodyThere(ctx, quiet); err != nil {
		return nil, nil, err
	}
	before, err := r.samples(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.ward.takeFailures()
	mischief := 4
	for _, f := range r.faults {
		mischief = max(mischief, f.Mischief)
	}
	r.ward.mischief.Store(int64(mischief))
	heads, err := r.site.heads(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.ward.history.forget()
	for _, f := range r.faults {
		r.fault("round of "+f.Name, "")
	}
	for _, p := range r.ward.people() {
		p.forgetPast() // what is replayed belongs to the round's history
		p.socket.begin()
	}
	return before, heads, nil
}

func (r *round) everybodyThere(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		var away []string
		for _, p := range r.ward.people() {
			if !p.socket.connected() {
				away = append(away, p.name)
			}
		}
		if len(away) == 0 {
			return nil
		}
		if !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("not connected after %s: %s", wait, strings.Join(away, ", "))
		}
	}
}

func (r *round) samples(ctx context.Context) ([]check.Sample, error) {
	for _, p := range r.ward.people() {
		p.http.CloseIdleConnections()
	}
	var out []check.Sample
	for _, n := range r.site.nodes {
		s, err := n.sample(ctx)
		if err != nil {
			return nil, fmt.Errorf("metrics of %s: %w", n.name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// trouble injects and heals until the time is up. The last bout is healed in any case.
func (r *round) trouble(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(d)
	lead := min(d/10, 2*time.Second)
	if !pause(ctx, lead) {
		return ctx.Err()
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, f := range r.faults {
		work.Go(func() {
			for first := true; ctx.Err() == nil && (first || time.Now().Add(f.Hold).Before(end)); first = false {
				if err := r.bout(ctx, f); err != nil {
					mu.Lock()
					failed = errors.Join(failed, fmt.Errorf("%s: %w", f.Name, err))
					mu.Unlock()
					return
				}
				pause(ctx, f.Rest)
			}
		})
	}
	work.Wait()
	pause(ctx, time.Until(end))
	return failed
}

func (r *round) bout(ctx context.Context, f Fault) error {
	from := time.Now()
	heal, err := f.Inject(ctx, r)
	if err == nil {
		pause(ctx, f.Hold)
	}
	if heal != nil {
		err = errors.Join(err, heal(context.WithoutCancel(ctx)))
		r.fault("healed", f.Name)
	}
	r.mu.Lock()
	r.bouts++
	r.mu.Unlock()
	if f.Stops {
		// Connections are made anew, the sweep catches up.
		for _, n := range r.site.nodes {
			_ = n.ready(ctx, startWait)
		}
		r.mu.Lock()
		r.stalls = append(r.stalls, check.Stall{From: from, Till: time.Now().Add(2 * time.Second)})
		r.mu.Unlock()
	}
	return err
}

// meter measures how late this machine is: a timer that is due every 50 ms, and now and then a question to PostgreSQL, ten of
// which a sweep may ask one after the other. While PostgreSQL is away the timer alone counts.
func (r *round) meter(ctx context.Context) {
	for n := 0; ; n++ {
		due := time.Now().Add(50 * time.Millisecond)
		if !pause(ctx, 50*time.Millisecond) {
			return
		}
		late := 4 * time.Since(due)
		if n%20 == 0 {
			asked := time.Now()
			if _, err := r.site.clock(ctx); err == nil {
				late += 10 * time.Since(asked)
			}
		}
		r.mu.Lock()
		r.late = max(r.late, late)
		r.mu.Unlock()
	}
}

// settle waits until every client knows everything, and takes the verdicts. What does not settle in time is a violation.
func (r *round) settle(ctx context.Context, heads []int64, dbBegan time.Time, before []check.Sample, out *result) {
	began := time.Now()
	deadline := began.Add(quiet)
	if err := r.everybodyThere(ctx, quiet); err != nil {
		r.violate(err.Error())
	}
	for {
		for _, p := range r.ward.people() {
			p.socket.finish()
		}
		facts, head, err := r.site.facts(ctx, heads, dbBegan)
		if err != nil {
			out.err = errors.Join(out.err, err)
			return
		}
		after, err := r.samples(ctx)
		if err != nil {
			out.err = errors.Join(out.err, err)
			return
		}
		standing, err := r.site.standing(ctx)
		if err != nil {
			out.err = errors.Join(out.err, fmt.Errorf("read the index: %w", err))
			return
		}
		history := ofTheRound(r.ward.history.history())
		r.mu.Lock()
		stalls, late := slices.Clone(r.stalls), r.late
		r.mu.Unlock()
		streams, leaks, index := check.Streams(history, facts, head), check.Leaks(before, after), check.Index(standing, after)
		settled := len(streams.Violations)+len(leaks.Violations)+len(index.Violations) == 0
		if !settled && time.Now().Before(deadline) && pause(ctx, 500*time.Millisecond) {
			continue
		}
		if facts.Proof, err = r.site.proof(ctx); err != nil {
			out.err = errors.Join(out.err, fmt.Errorf("verify the chain: %w", err))
			return
		}
		out.notes = append(out.notes, fmt.Sprintf("the machine was up to %s late", late.Round(time.Millisecond)), fmt.Sprintf("quiet after %s", time.Since(began).Round(100*time.Millisecond)))
		out.history, out.facts = history, facts
		out.verdicts = []check.Verdict{check.Lost(history, facts), check.Claims(history, facts), check.Epochs(history, facts), streams,
			check.Rings(facts, stalls, late), check.Order(history), {Invariant: "I7", Note: "no bookings in this version"}, check.Chain(facts), index, leaks}
		r.own = append(r.own, check.Absent(facts, r.away, late)...)
		r.compare(before, after)
		return
	}
}

// ofTheRound leaves out acts on cases of an earlier round: a ring that was heard late.
func ofTheRound(history []check.Event) []check.Event {
	created := map[uuid.UUID]bool{}
	for _, e := range history {
		if e.Kind == check.KindAct && e.Op == check.OpCreate {
			created[e.Case] = true
		}
	}
	return slices.DeleteFunc(history, func(e check.Event) bool {
		return e.Kind != check.KindFrame && e.Kind != check.KindSession && e.Case != uuid.Nil && !created[e.Case]
	})
}

// residentSlack is how much more memory a node may hold than before: a garbage-collected heap may double.
const residentSlack = 300 << 20

func (r *round) compare(before, after []check.Sample) {
	var b, a int64
	for _, s := range before {
		b += s.Resident
	}
	for _, s := range after {
		a += s.Resident
	}
	if a > 2*b+residentSlack {
		r.violate(fmt.Sprintf("the nodes held %d MiB before and hold %d MiB after", b>>20, a>>20))
	}
}

// conclude adds what the faults themselves demand, and the notes.
func (r *round) conclude(out *result) {
	byWhy, naked := r.ward.takeFailures()
	for _, f := range r.faults {
		if f.Unavailable && naked > 0 {
			r.violate(fmt.Sprintf("%d answers of 500 and above were not 503 with Retry-After: %s", naked, counts(byWhy)))
		}
		if f.Name == "F9" {
			for _, c := range r.cut {
				if c > slowBound {
					r.violate(fmt.Sprintf("a client that reads nothing was cut off after %s only", c.Round(time.Second)))
				}
			}
			if len(r.cut) < r.asked {
				r.violate(fmt.Sprintf("%d of %d clients that read nothing were never cut off", r.asked-len(r.cut), r.asked))
			}
			out.notes = append(out.notes, fmt.Sprintf("slow readers cut off after %v", rounded(r.cut)))
		}
	}
	own := check.Verdict{Invariant: "own", Checked: r.bouts, Violations: r.own}
	out.verdicts = append(out.verdicts, own)
	acts := map[string]int{}
	sessions := map[string]int{}
	for _, e := range out.history {
		switch e.Kind {
		case check.KindAct:
			acts[e.Outcome]++
			if e.Op == check.OpClaim && e.Outcome == check.OK && !e.Replay {
				acts["claims won"]++
			}
			if e.Replay {
				acts["repeated"]++
			}
		case check.KindSession:
			if e.Op != check.OpPosition && e.Op != check.OpEnd {
				sessions[e.Op]++
			}
		}
	}
	out.notes = append(out.notes, fmt.Sprintf("%d consultations; commands: %s", len(out.facts.Cases), counts(acts)),
		fmt.Sprintf("sockets: %s; longest without one %s", counts(sessions), longestGap(out.history)))
	if len(byWhy) > 0 {
		out.notes = append(out.notes, "answers of 500 and above: "+counts(byWhy))
	}
}

func rounded(list []time.Duration) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Round(100*time.Millisecond).String())
	}
	return out
}

func counts(m map[string]int) string {
	var parts []string
	for k, n := range m {
		parts = append(parts, fmt.Sprintf("%s %d", strings.TrimSpace(k), n))
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// longestGap is the longest time that somebody was without a socket.
func longestGap(history []check.Event) time.Duration {
	closed := map[string]time.Time{}
	var longest time.Duration
	for _, e := range history {
		if e.Kind != check.KindSession {
			continue
		}
		switch e.Op {
		case check.OpClosed:
			closed[e.Who] = e.At
		case check.OpResumed, check.OpWelcome:
			if at, ok := closed[e.Who]; ok {
				longest = max(longest, e.At.Sub(at))
				delete(closed, e.Who)
			}
		}
	}
	return longest.Round(10 * time.Millisecond)
}

// openCases are those that would stand in the next round's way.
func openCases(f check.Facts) []uuid.UUID {
	var out []uuid.UUID
	for id, c := range f.Cases {
		if slices.Contains([]string{"DRAFT", "SUBMITTED", "TRIAGED", "OFFERED", "ACCEPTED", "WAITING"}, c.State) {
			out = append(out, id)
		}
	}
	return out
}

// clock is the database's.
func (s *Site) clock(ctx context.Context) (t time.Time, err error) {
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		return t, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&t)
	return t, err
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options are the scale of a run of the dispatch benchmark.
type Options struct {
	Sockets  int           // open sockets
	Doctors  int           // of those: doctors who are there
	Waiting  int           // requests in the queue all the time
	Workers  int           // requests at a time, ours and the baselines'
	Duration time.Duration // of each throughput phase
	Warm     int           // requests before it, so that statements are prepared and planned
	Samples  int           // of the two latencies
	Hands    int           // pairs of nurse and doctor at a time while latencies are taken
	Missed   int           // requests that come and go while every socket is away
	Commit   string
	// Profiles is a folder for processor profiles of the throughput and the latency phases; empty: none.
	Profiles string
	// Server is the command line that leads to [Child]; settings are added to it.
	Server []string
	// Progress gets a line for each phase; nil: none.
	Progress io.Writer
}

// Defaults are the scale that the product is held to.
func Defaults() Options {
	return Options{Sockets: 2000, Doctors: 100, Waiting: 500, Workers: 16, Duration: 20 * time.Second, Warm: 120, Samples: 400, Hands: 4, Missed: 20}
}

func (o Options) check() error {
	switch {
	case o.Doctors < 1 || o.Sockets <= o.Doctors || o.Workers < 1 || o.Hands < 1 || o.Samples < 1 || o.Warm < 0 || o.Waiting < 0 || o.Missed < 0 || o.Duration <= 0:
		return errors.New("bench: at least one doctor, worker, hand and sample, and more sockets than doctors")
	case o.Workers > o.Doctors || o.Hands > o.Doctors:
		return errors.New("bench: as many doctors as workers and hands")
	case len(o.Server) == 0:
		return errors.New("bench: the server's command line is not known")
	}
	return nil
}

func (o Options) say(format string, args ...any) {
	if o.Progress != nil {
		fmt.Fprintf(o.Progress, time.Now().Format("15:04:05 ")+format+"\n", args...)
	}
}

// Dispatch measures what stands between a nurse's tap and a doctor's answer. See scheduler/BENCHMARKS.md. An error beside a report
// means that the figures stand and something was granted twice or lost.
func Dispatch(ctx context.Context, o Options) (report *Report, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.say("starting PostgreSQL and Redis")
	p, err := openPlace(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	durable, err := p.durable(ctx)
	if err != nil {
		return nil, err
	}
	report = &Report{Name: "dispatch", Commit: o.Commit, Machine: machine(ctx, p.st.Pool, p.redis), Params: map[string]any{
		"sockets": o.Sockets, "doctors": o.Doctors, "waiting": o.Waiting, "workers": o.Workers, "warm": o.Warm, "seconds": o.Duration.Seconds(),
		"samples": o.Samples, "hands": o.Hands, "missed": o.Missed, "durability": durable}}

	o.say("signing %d people in", o.Sockets)
	most := int(o.Duration.Seconds()*400) + 100 + o.Warm
	w, err := newWorld(ctx, p, o.Sockets-o.Doctors, o.Doctors, o.Waiting+most+o.Samples+o.Missed)
	if err != nil {
		return nil, err
	}
	if err := w.wait(ctx, o.Waiting); err != nil {
		return nil, err
	}
	duplicates, lost, err := w.throughput(ctx, o, report, most)
	if err != nil {
		return nil, err
	}
	more, gone, err := w.sockets(ctx, o, report)
	if err != nil {
		return nil, err
	}
	duplicates, lost = duplicates+more, lost+gone
	report.add("duplicates", "count", float64(duplicates), Lower)
	report.add("lost", "count", float64(lost), Lower)
	if duplicates+lost > 0 {
		return report, fmt.Errorf("bench: %d duplicates and %d lost", duplicates, lost)
	}
	return report, nil
}

// durable says what PostgreSQL does before it acknowledges; a run without it measures nothing.
func (p *place) durable(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := p.st.Pool.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&value); err != nil {
			return nil, err
		}
		if value != "on" {
			return nil, fmt.Errorf("bench: %s is %s", name, value)
		}
		out[name] = value
	}
	return out, nil
}

// throughput measures requests a second, ours and the baselines', in this process.
func (w *world) throughput(ctx context.Context, o Options, report *Report, most int) (duplicates, lost int64, err error) {
	p := w.p
	around, stop := context.WithCancel(ctx)
	background, inBackground := errgroup.WithContext(around)
	background.Go(func() error { return p.index.Run(inBackground) })
	background.Go(func() error { return w.attend(inBackground, w.doctors[:o.Workers]) })
	defer func() {
		stop()
		_ = background.Wait()
	}()
	list, err := w.drafts(ctx, most)
	if err != nil {
		return 0, 0, err
	}
	o.say("warming up with %d requests", o.Warm)
	if _, _, err := w.cycles(ctx, list[:o.Warm], o.Workers, 10*time.Minute); err != nil {
		return 0, 0, err
	}
	// What autovacuum does for a server that has run for a while: plans that were made for empty tables are made anew.
	if err := p.exec(ctx, `ANALYZE`); err != nil {
		return 0, 0, err
	}
	warm := o.Warm
	o.say("throughput: submit, claim, release, cancel by the use-cases")
	var ours work
	var done []draft
	err = o.profiled("cycles", func() error {
		ours, err = p.counted(ctx, func(ctx context.Context) (int64, time.Duration, error) {
			n, took, err := w.cycles(ctx, list[warm:], o.Workers, o.Duration)
			done = list[:warm+int(n)]
			if o.Profiles != "" {
				err = errors.Join(err, p.statements.write(filepath.Join(o.Profiles, "statements.txt"), n))
			}
			return n, took, err
		})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	if duplicates, lost, err = p.wrongs(ctx, done, "CANCELLED"); err != nil {
		return 0, 0, err
	}
	with := loadLike(ours)
	o.say("%.1f requests/s with %.1f inserts, %.1f updates, %.1f deletes and %.1f statements each", ours.rate(), ours.each(ours.inserts), ours.each(ours.updates),
		ours.each(ours.deletes), ours.each(ours.statements))
	measure := func(how pattern, with load) (work, error) {
		o.say("baseline: %s with %d inserts, %d updates and %d reads beside the job", how, with.inserts, with.updates, with.reads)
		if err := p.prepare(ctx, o.Waiting); err != nil {
			return work{}, err
		}
		if _, _, err := p.baseline(ctx, how, with, o.Workers, o.Duration/10); err != nil {
			return work{}, err
		}
		out, err := p.counted(ctx, func(ctx context.Context) (int64, time.Duration, error) {
			return p.baseline(ctx, how, with, o.Workers, o.Duration)
		})
		if err == nil {
			o.say("%.1f requests/s with %.1f inserts, %.1f updates and %.1f statements each", out.rate(), out.each(out.inserts), out.each(out.updates), out.each(out.statements))
		}
		return out, err
	}
	river, err := measure(skipLocked, with)
	if err != nil {
		return 0, 0, err
	}
	plain, err := measure(forUpdate, with)
	if err != nil {
		return 0, 0, err
	}
	bare, err := measure(skipLocked, load{})
	if err != nil {
		return 0, 0, err
	}
	same, err := measure(skipLocked, with.reading(ours.each(ours.statements)))
	if err != nil {
		return 0, 0, err
	}
	report.against("requests_per_second", "1/s", ours.rate(), river.rate(), Higher)
	report.against("requests_per_second_for_update", "1/s", ours.rate(), plain.rate(), Higher)
	report.against("requests_per_second_bare_skip_locked", "1/s", ours.rate(), bare.rate(), Higher)
	report.against("requests_per_second_same_statements", "1/s", ours.rate(), same.rate(), Higher)
	report.against("cpu_per_request", "ms", ours.cpuEach(), river.cpuEach(), Lower)
	report.against("cpu_per_request_same_statements", "ms", ours.cpuEach(), same.cpuEach(), Lower)
	report.against("statements_per_request", "count", ours.each(ours.statements), river.each(river.statements), Lower)
	report.against("row_changes_per_request", "rows", ours.each(ours.inserts+ours.updates+ours.deletes),
		river.each(river.inserts+river.updates+river.deletes), Lower)
	return duplicates, lost, nil
}

// attend keeps doctors available as long as ctx lasts, as their sockets would.
func (w *world) attend(ctx context.Context, doctors []person) error {
	for {
		for _, d := range doctors {
			if err := w.p.presence.Set(ctx, d.actor.UserID, "AVAILABLE", time.Time{}); err != nil {
				return err
			}
		}
		if sleep(ctx, 15*time.Second) != nil {
			return nil
		}
	}
}

// profiled runs f with a processor profile of this process when profiles are wanted.
func (o Options) profiled(name string, f func() error) error {
	if o.Profiles == "" {
		return f()
	}
	file, err := os.Create(filepath.Join(o.Profiles, name+".pprof"))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

// sockets measures what needs a server: memory, latencies, the storm.
func (w *world) sockets(ctx context.Context, o Options, report *Report) (duplicates, lost int64, err error) {
	o.say("starting the server")
	s, err := startServer(ctx, w.p, o.Server)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	h := &heard{}
	// What a server makes once, for the first pages, is not a socket's.
	if err := w.warmUp(ctx, s, min(o.Sockets, warmSockets)); err != nil {
		return 0, 0, err
	}
	empty, err := s.memory()
	if err != nil {
		return 0, 0, err
	}
	o.say("opening %d sockets", o.Sockets)
	var half memory
	pages, err := openPages(ctx, s, w, h, func() (err error) {
		if err = quiet(ctx, h); err == nil {
			half, err = s.memory()
		}
		return err
	})
	defer closeAll(pages)
	if err != nil {
		return 0, 0, err
	}
	if err := quiet(ctx, h); err != nil {
		return 0, 0, err
	}
	full, err := s.memory()
	if err != nil {
		return 0, 0, err
	}
	if o.Profiles != "" {
		var answer string
		if err := s.ask("heap "+filepath.Join(o.Profiles, "sockets.heap.pprof"), &answer); err != nil {
			return 0, 0, err
		}
	}
	each := func(before, after uint64) float64 { return (float64(after) - float64(before)) / float64(o.Sockets) }
	o.say("%.0f bytes of heap and %.0f of stacks a socket, %.0f resident; the server without them has %d and %d", each(empty.Heap, full.Heap),
		each(empty.Stacks, full.Stacks), each(empty.Resident, full.Resident), empty.Heap, empty.Stacks)
	report.add("bytes_per_idle_socket", "B", each(empty.Heap+empty.Stacks, full.Heap+full.Stacks), Lower)
	// What a server makes while it is busy, such as database sessions with their statements, is there by now: what the second half adds
	// is the sockets'.
	further := float64(full.Heap+full.Stacks) - float64(half.Heap+half.Stacks)
	report.add("bytes_per_further_socket", "B", further/float64(len(pages)-len(pages)/2), Lower)
	report.add("stack_bytes_per_idle_socket", "B", each(empty.Stacks, full.Stacks), Lower)
	report.add("resident_bytes_per_idle_socket", "B", each(empty.Resident, full.Resident), Lower)
	report.add("goroutines_per_idle_socket", "count", each(uint64(empty.Goroutines), uint64(full.Goroutines)), Lower)

	o.say("latencies: %d samples", o.Samples)
	list, err := w.drafts(ctx, o.Samples)
	if err != nil {
		return 0, 0, err
	}
	ring, grant, err := w.profiledClicks(ctx, o, s, h, list)
	if err != nil {
		return 0, 0, err
	}
	o.say("submit to ring %.1f ms (p99 %.1f), click to grant %.1f ms (p99 %.1f)", ring.quantile(0.5), ring.quantile(0.99), grant.quantile(0.5), grant.quantile(0.99))
	report.add("submit_to_ring_p50", "ms", ring.quantile(0.5), Lower)
	report.add("submit_to_ring_p99", "ms", ring.quantile(0.99), Lower)
	report.add("click_to_grant_p50", "ms", grant.quantile(0.5), Lower)
	report.add("click_to_grant_p99", "ms", grant.quantile(0.99), Lower)
	if duplicates, lost, err = w.p.wrongs(ctx, list, "CANCELLED"); err != nil {
		return 0, 0, err
	}
	if err := quiet(ctx, h); err != nil {
		return 0, 0, err
	}
	o.say("storm: %d sockets resume at once", o.Sockets)
	missed, err := w.drafts(ctx, o.Missed)
	if err != nil {
		return 0, 0, err
	}
	resumes, all, reloads, err := w.storm(ctx, s, pages, missed)
	if err != nil {
		return 0, 0, err
	}
	report.add("resume_storm", "s", all.Seconds(), Lower)
	report.add("resume_p50", "ms", resumes.quantile(0.5), Lower)
	report.add("resume_p99", "ms", resumes.quantile(0.99), Lower)
	report.add("resumes_refused", "count", float64(reloads), Lower)
	if err := quiet(ctx, h); err != nil {
		return 0, 0, err
	}
	twice, never, err := w.audit(ctx, pages)
	if err != nil {
		return 0, 0, err
	}
	report.add("events_delivered", "count", float64(h.events.Load()), Higher)
	return duplicates + twice, lost + never + int64(reloads), nil
}

func (w *world) profiledClicks(ctx context.Context, o Options, s *server, h *heard, list []draft) (ring, grant *times, err error) {
	var answer string
	if o.Profiles != "" {
		if err := s.ask("profile "+filepath.Join(o.Profiles, "server.pprof"), &answer); err != nil {
			return nil, nil, err
		}
		defer func() { err = errors.Join(err, s.ask("profile", &answer)) }()
	}
	return w.clicks(ctx, s, h, list, o.Hands)
}

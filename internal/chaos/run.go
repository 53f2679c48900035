package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// ErrViolated says that an invariant did not hold.
var ErrViolated = errors.New("an invariant does not hold")

// planned is one round and how long it lasts.
type planned struct {
	faults []Fault
	for_   time.Duration
}

// short is what `make test` runs: about two minutes with starting and settling.
func short() []planned {
	f := map[string]Fault{}
	for _, one := range Faults() {
		f[one.Name] = one
	}
	return []planned{
		{[]Fault{f["F1"]}, 9 * time.Second}, {[]Fault{f["F2"]}, 6 * time.Second}, {[]Fault{f["F3"]}, 9 * time.Second},
		{[]Fault{f["F4"]}, 9 * time.Second}, {[]Fault{f["F12"]}, 6 * time.Second},
		// Both wait for the server's 30 s without a pong.
		{[]Fault{f["F8"], f["F9"]}, 44 * time.Second},
	}
}

// plan chooses the rounds.
func plan(o Options) ([]planned, error) {
	if o.Short {
		return short(), nil
	}
	var out []planned
	for _, f := range Faults() {
		if len(o.Only) == 0 || slices.Contains(o.Only, f.Name) {
			out = append(out, planned{[]Fault{f}, o.Duration})
		}
	}
	for _, name := range o.Only {
		if !slices.ContainsFunc(Faults(), func(f Fault) bool { return f.Name == name }) {
			return nil, fmt.Errorf("there is no fault %s", name)
		}
	}
	return out, nil
}

// Run plays the rounds and prints the table. The error is ErrViolated when an invariant did not hold, and another one when the
// suite itself could not go on.
func Run(ctx context.Context, o Options) error {
	rounds, err := plan(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "chaos: seed %d, %d nurses, %d doctors, %d nodes\n", o.Seed, o.Nurses, o.Doctors, nodeCount)
	var single, sentinel []planned
	for _, p := range rounds {
		if p.faults[0].Sentinel {
			sentinel = append(sentinel, p)
		} else {
			single = append(single, p)
		}
	}
	var results []result
	var left []string
	for i, group := range [][]planned{single, sentinel} {
		if len(group) == 0 {
			continue
		}
		got, cannot, err := runOn(ctx, o, group, i == 1)
		results, left = append(results, got...), append(left, cannot...)
		if err != nil {
			table(o.Out, results, left)
			return err
		}
	}
	return table(o.Out, results, left)
}

// runOn plays rounds on a site of their own.
func runOn(ctx context.Context, o Options, rounds []planned, withSentinel bool) (results []result, left []string, err error) {
	var out io.Writer
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, nil, err
		}
		name := fmt.Sprintf("history-%d.jsonl", o.Seed)
		if withSentinel {
			name = fmt.Sprintf("history-%d-sentinel.jsonl", o.Seed)
		}
		file, err := os.Create(filepath.Join(o.Dir, name))
		if err != nil {
			return nil, nil, err
		}
		defer file.Close()
		out = file
		fmt.Fprintln(o.Out, "chaos: history in", file.Name())
	}
	began := time.Now()
	site, err := openSite(ctx, o, withSentinel)
	if err != nil {
		return nil, nil, fmt.Errorf("start the servers: %w", err)
	}
	defer site.close(context.WithoutCancel(ctx))
	w, err := openWard(ctx, site, o, newRecorder(out))
	if err != nil {
		return nil, nil, fmt.Errorf("people and residents: %w", err)
	}
	sockets, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer func() { stop(); work.Wait() }()
	for _, p := range w.people() {
		work.Go(func() { p.socket.run(sockets) })
	}
	fmt.Fprintf(o.Out, "chaos: servers and people are there after %s\n", time.Since(began).Round(100*time.Millisecond))
	for _, p := range rounds {
		if why := p.impossible(site); why != "" {
			left = append(left, fmt.Sprintf("%s %s: %s", p.faults[0].Name, p.faults[0].Title, why))
			continue
		}
		r := &round{site: site, ward: w, faults: p.faults}
		res := r.run(ctx, p.for_)
		results = append(results, res)
		progress(o.Out, res)
		if res.err != nil {
			site.keep(o)
			return results, left, res.err
		}
		if ctx.Err() != nil {
			return results, left, ctx.Err()
		}
	}
	return results, left, nil
}

func (p planned) impossible(s *Site) string {
	for _, f := range p.faults {
		if f.Needs != nil {
			if why := f.Needs(s); why != "" {
				return why
			}
		}
	}
	return ""
}

// keep copies the servers' logs to where the histories go.
func (s *Site) keep(o Options) {
	if o.Dir == "" {
		return
	}
	for _, n := range s.nodes {
		text, err := os.ReadFile(filepath.Join(s.dir, n.name+".log"))
		if err == nil {
			_ = os.WriteFile(filepath.Join(o.Dir, n.name+".log"), text, 0o600)
		}
	}
}

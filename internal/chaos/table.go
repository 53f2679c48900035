package chaos

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

func (r result) names() string {
	var out []string
	for _, f := range r.faults {
		out = append(out, f.Name)
	}
	return strings.Join(out, "+")
}

func (r result) violations() int {
	n := 0
	for _, v := range r.verdicts {
		n += len(v.Violations)
	}
	return n
}

// progress prints a round as soon as it has ended, with a counterexample where there is one.
func progress(out io.Writer, r result) {
	for _, f := range r.faults {
		fmt.Fprintf(out, "\n%s %s\n", f.Name, f.Title)
	}
	fmt.Fprintf(out, "  %d bouts, %s; %s\n", r.bouts, r.took, strings.Join(r.notes, "\n  "))
	if r.err != nil {
		fmt.Fprintln(out, "  the suite could not go on:", r.err)
	}
	for _, v := range r.verdicts {
		for i, one := range v.Violations {
			if i == 3 {
				fmt.Fprintf(out, "  VIOLATED %s: and %d more\n", v.Invariant, len(v.Violations)-i)
				break
			}
			fmt.Fprintf(out, "  VIOLATED %s: %s\n", v.Invariant, strings.Join(strings.Fields(one.Who+" "+one.What), " "))
			if one.Case != uuid.Nil {
				counterexample(out, r, v.Invariant, one)
			}
		}
	}
}

// shown is how many lines of a case are printed.
const shown = 40

// counterexample prints what happened to one consultation: what its clients did and the record's events, in the order of time.
func counterexample(out io.Writer, r result, invariant string, v check.Violation) {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for _, e := range r.history {
		if e.Case != v.Case && e.Kind != check.KindFault {
			continue
		}
		switch e.Kind {
		case check.KindAct:
			text := fmt.Sprintf("%s %s epoch %d: %s %s", e.Who, e.Op, e.Epoch, e.Outcome, e.Code)
			if e.Doubt {
				text += fmt.Sprintf(" (after %d tries)", e.Tries)
			}
			if e.Replay {
				text += " (repeated)"
			}
			lines = append(lines, line{e.At, text})
		case check.KindView:
			if invariant == "I3" {
				lines = append(lines, line{e.At, fmt.Sprintf("%s saw %s epoch %d %s", e.Who, e.State, e.Epoch, e.Holder)})
			}
		case check.KindFrame:
			if invariant == "I4" && e.Who == v.Who {
				lines = append(lines, line{e.At, fmt.Sprintf("%s was told %s (stream %d, %d after %d)", e.Who, e.Name, e.Stream, e.Seq, e.Prev)})
			}
		case check.KindFault:
			lines = append(lines, line{e.At, "FAULT " + e.Op + " " + e.Who})
		}
	}
	if invariant == "I4" {
		for _, e := range r.history {
			if e.Kind == check.KindSession && e.Who == v.Who && e.Op != check.OpPosition {
				lines = append(lines, line{e.At, fmt.Sprintf("%s %s %s at %s %v", e.Who, e.Op, e.Code, e.Node, e.Positions)})
			}
		}
	}
	for _, s := range r.facts.Steps[v.Case] {
		who := "system"
		if s.Actor != uuid.Nil {
			who = s.Actor.String()
		}
		lines = append(lines, line{s.At, fmt.Sprintf("RECORD %d %s %s>%s epoch %d by %s", s.Seq, s.Type, s.From, s.To, s.Epoch, who)})
	}
	for _, o := range r.facts.Offers {
		if o.Case == v.Case && invariant == "I5" {
			lines = append(lines, line{o.Expires, fmt.Sprintf("RING of %s epoch %d expires; %s at %s", o.Doctor, o.Epoch, o.Result, o.Resolved.Format(time.TimeOnly))})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	fmt.Fprintf(out, "    consultation %s\n", v.Case)
	for i, l := range lines {
		if i == shown {
			fmt.Fprintf(out, "    … %d more lines in the history\n", len(lines)-shown)
			break
		}
		fmt.Fprintf(out, "    %s %s\n", l.at.UTC().Format("15:04:05.000"), l.text)
	}
}

// table prints fault × invariant and says whether everything held.
func table(out io.Writer, results []result, left []string) error {
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	violated, checked := 0, 0
	for i, r := range results {
		if i == 0 {
			fmt.Fprint(w, "fault\tbouts\ttime")
			for _, v := range r.verdicts {
				fmt.Fprint(w, "\t", v.Invariant)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\t%d\t%s", r.names(), r.bouts, r.took)
		for _, v := range r.verdicts {
			checked += v.Checked
			switch {
			case len(v.Violations) > 0:
				fmt.Fprintf(w, "\t%d ✗%d", v.Checked, len(v.Violations))
			case v.Checked == 0:
				fmt.Fprint(w, "\t–")
			default:
				fmt.Fprintf(w, "\t%d", v.Checked)
			}
		}
		fmt.Fprintln(w)
		violated += r.violations()
	}
	_ = w.Flush()
	fmt.Fprintln(out, "\nA number is how many things were looked at, ✗ how many of them must not be, – that there was nothing to look at.")
	for _, why := range left {
		fmt.Fprintln(out, "not run:", why)
	}
	if violated > 0 {
		fmt.Fprintf(out, "%d violations\n", violated)
		return ErrViolated
	}
	fmt.Fprintf(out, "no violation in %d checks\n", checked)
	return nil
}

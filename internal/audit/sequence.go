package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// batch is how many rows one transaction chains.
const batch = 500

// Sequencer appends what waits to the chains of one node. Any number may run, also under one name.
type Sequencer struct {
	st      *store.Store
	keep    *seal.Keeper
	node    string
	log     *slog.Logger
	damaged prometheus.Counter
	chained prometheus.Counter
}

// NewSequencer makes the sequencer of a node. The logger and the registerer may be nil.
func NewSequencer(st *store.Store, keep *seal.Keeper, node string, log *slog.Logger, reg prometheus.Registerer) (*Sequencer, error) {
	if st == nil || keep == nil || node == "" {
		return nil, errors.New("audit: a store, a keeper and a node's name are needed")
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Sequencer{st: st, keep: keep, node: node, log: log,
		chained: prometheus.NewCounter(prometheus.CounterOpts{Name: "lianzhen_chain_entries_total", Help: "Rows that this node appended to its hash chains."}),
		damaged: prometheus.NewCounter(prometheus.CounterOpts{Name: "lianzhen_chain_damaged_total",
			Help: "Rows that could not be opened or were gone when this node chained them. Each is a fault that verify names."}),
	}
	if reg != nil {
		if err := errors.Join(reg.Register(s.chained), reg.Register(s.damaged), reg.Register(lag(st, log))); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
	}
	return s, nil
}

// Run chains everything that waits and gives how many entries were appended.
func (s *Sequencer) Run(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.once(ctx)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

// note is one row that waits.
type note struct{ kind, object string }

// once chains one batch in one transaction.
func (s *Sequencer) once(ctx context.Context) (taken int, err error) {
	damaged := 0
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		damaged = 0
		rows, err := q.TakePending(ctx, batch)
		if err != nil {
			return fmt.Errorf("what waits for the chain: %w", err)
		}
		if taken = len(rows); taken == 0 {
			return nil
		}
		slices.SortFunc(rows, func(a, b db.TakePendingRow) int { return int(a.ID - b.ID) })
		// Before the rows are read: of two entries of one row, the one with the later instant saw the later row.
		now, err := q.DatabaseNow(ctx)
		if err != nil {
			return err
		}
		var notes []note
		for _, r := range rows {
			if n := (note{r.Kind, r.Object}); !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
		links, bad, err := s.links(ctx, q, notes, now.UTC())
		damaged = bad
		if err != nil {
			return err
		}
		return s.append(ctx, q, links)
	})
	if err != nil {
		return 0, fmt.Errorf("chain: %w", err)
	}
	s.chained.Add(float64(taken))
	if damaged > 0 {
		s.damaged.Add(float64(damaged))
		s.log.ErrorContext(ctx, "chain: rows were damaged or gone before they were chained; verify names them", "rows", damaged)
	}
	return taken, nil
}

// link is an entry without its place.
type link struct {
	organisation uuid.UUID
	kind, object string
	columns      []string
	at           time.Time
	commitment   []byte
	salt         []byte
	subject      *uuid.UUID // the consultation of which it speaks
}

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	return salt
}

// links reads the rows and commits to them, in the order of the notes.
func (s *Sequencer) links(ctx context.Context, q *db.Queries, notes []note, now time.Time) (out []link, damaged int, err error) {
	found := map[note]content{}
	for _, k := range kinds() {
		var objects []string
		for _, n := range notes {
			if n.kind == k.name {
				objects = append(objects, n.object)
			}
		}
		if len(objects) == 0 {
			continue
		}
		rows, err := k.load(ctx, q, objects)
		if err != nil {
			return nil, 0, fmt.Errorf("rows of %s: %w", k.table, err)
		}
		for _, r := range rows {
			found[note{k.name, r.Object}] = r
		}
	}
	for _, n := range notes {
		l := link{kind: n.kind, object: n.object, at: now.Truncate(time.Microsecond), salt: newSalt()}
		k, known := kindOf(n.kind)
		c, there := found[n]
		switch {
		case n.kind == kindTombstone:
			if l.organisation, err = organisationOf(ctx, q, n.object); err != nil {
				return nil, 0, err
			}
			l.commitment = commit(l.salt, l.kind, l.object, nil)
		case !known || !there:
			l.kind, l.object = kindVanished, n.kind+"/"+n.object
			l.commitment = commit(l.salt, l.kind, l.object, nil)
			damaged++
		default:
			r, err := readRow(c.Content)
			if err != nil {
				return nil, 0, err
			}
			l.organisation, l.columns, l.subject = c.OrganisationID, k.columnsOf(r), r.subject()
			canonical, err := r.canonical(s.keep, k.table, n.object, l.columns)
			switch {
			case errors.Is(err, errUnreadable):
				damaged++
			case err != nil:
				return nil, 0, err
			}
			l.commitment = commit(l.salt, l.kind, l.object, canonical)
		}
		out = append(out, l)
	}
	return out, damaged, nil
}

// organisationOf is whose chain had the purged object.
func organisationOf(ctx context.Context, q *db.Queries, object string) (uuid.UUID, error) {
	kind, key, _ := strings.Cut(object, "/")
	entries, err := q.NewestEntries(ctx, db.NewestEntriesParams{Kind: kind, Objects: []string{key}})
	if err != nil || len(entries) == 0 {
		return uuid.Nil, err
	}
	return entries[0].OrganisationID, nil
}

// append gives the links their places.
func (s *Sequencer) append(ctx context.Context, q *db.Queries, links []link) error {
	var organisations []uuid.UUID
	for _, l := range links {
		if !slices.Contains(organisations, l.organisation) {
			organisations = append(organisations, l.organisation)
		}
	}
	slices.SortFunc(organisations, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) // the order of the locks
	shapes := map[string]int32{}
	var entries []db.AppendEntriesParams
	for _, o := range organisations {
		if err := q.BeginChain(ctx, db.BeginChainParams{OrganisationID: o, Node: s.node, Hash: genesis(o, s.node)}); err != nil {
			return fmt.Errorf("begin a chain: %w", err)
		}
		head, err := q.LockHead(ctx, db.LockHeadParams{OrganisationID: o, Node: s.node})
		if err != nil {
			return fmt.Errorf("head of a chain: %w", err)
		}
		seq, hash := head.Seq, head.Hash
		for _, l := range links {
			if l.organisation != o {
				continue
			}
			seq++
			hash = entryHash(hash, place{o, s.node, seq}, l.kind, l.object, l.columns, l.at, l.commitment)
			e := db.AppendEntriesParams{OrganisationID: o, Node: s.node, Seq: seq, Kind: l.kind, Object: l.object, At: l.at,
				Commitment: l.commitment, Salt: l.salt, Hash: hash, Subject: l.subject}
			if l.columns != nil {
				id, err := shape(ctx, q, shapes, l.kind, l.columns)
				if err != nil {
					return err
				}
				e.Shape = &id
			}
			entries = append(entries, e)
		}
		if err := q.MoveHead(ctx, db.MoveHeadParams{OrganisationID: o, Node: s.node, Seq: seq, Hash: hash}); err != nil {
			return fmt.Errorf("move a head: %w", err)
		}
	}
	if _, err := q.AppendEntries(ctx, entries); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

// shape is the number of a list of columns.
func shape(ctx context.Context, q *db.Queries, known map[string]int32, kind string, columns []string) (int32, error) {
	key := kind + "\x00" + strings.Join(columns, "\x00")
	if id, ok := known[key]; ok {
		return id, nil
	}
	p := db.ShapeOfParams{Kind: kind, Columns: columns}
	id, err := q.ShapeOf(ctx, p)
	if store.IsNone(err) {
		if err = q.AddShape(ctx, db.AddShapeParams(p)); err == nil {
			id, err = q.ShapeOf(ctx, p)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("columns of an entry: %w", err)
	}
	known[key] = id
	return id, nil
}

// lag measures how much waits for the chain.
func lag(st *store.Store, log *slog.Logger) prometheus.Collector {
	return &lagCollector{st: st, log: log,
		waiting: prometheus.NewDesc("lianzhen_chain_waiting", "Rows that wait for their place in a hash chain.", nil, nil),
		faults:  prometheus.NewDesc("lianzhen_verify_faults", "Faults that the last daily verification of the record found.", nil, nil),
		age:     prometheus.NewDesc("lianzhen_verify_age_seconds", "How long ago that verification was.", nil, nil),
		seconds: prometheus.NewDesc("lianzhen_chain_lag_seconds", "For how long the oldest of them has waited; at most one while a node runs.", nil, nil)}
}

type lagCollector struct {
	st               *store.Store
	log              *slog.Logger
	waiting, seconds *prometheus.Desc
	faults, age      *prometheus.Desc
}

func (c *lagCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.waiting
	out <- c.seconds
	out <- c.faults
	out <- c.age
}

func (c *lagCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	f, err := c.st.Q().PendingFigures(ctx)
	if err != nil {
		c.log.Warn("chain metrics", "error", err)
		return
	}
	out <- prometheus.MustNewConstMetric(c.waiting, prometheus.GaugeValue, float64(f.Waiting))
	out <- prometheus.MustNewConstMetric(c.seconds, prometheus.GaugeValue, f.OldestSeconds)
	last, err := c.st.Q().LastVerification(ctx)
	if err != nil {
		if !store.IsNone(err) {
			c.log.Warn("verification metrics", "error", err)
		}
		return
	}
	out <- prometheus.MustNewConstMetric(c.faults, prometheus.GaugeValue, float64(last.Faults))
	out <- prometheus.MustNewConstMetric(c.age, prometheus.GaugeValue, last.AgeSeconds)
}

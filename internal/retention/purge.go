package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Options of Purge.
type Options struct {
	DryRun bool
	// Now replaces the database's clock, for tests.
	Now time.Time
	// Batch is how many rows of a table one transaction deletes, 0 means 500; records go one by one. Most ends a run after so many
	// records, 0 means without end. Pause is between two transactions.
	Batch, Most int
	Pause       time.Duration
}

// Item is what went, or would go, of one sort.
type Item struct {
	What   string           `json:"what"` // record, or the name of a table
	Class  string           `json:"class"`
	Cutoff time.Time        `json:"cutoff"`
	Count  int64            `json:"count"` // records of residents, or rows
	Held   int64            `json:"held"`  // over their time and kept, since something is sealed
	Rows   map[string]int64 `json:"rows"`  // by table
}

// Result is what a run did, or would do.
type Result struct {
	DryRun bool      `json:"dryRun"`
	At     time.Time `json:"at"`
	Items  []Item    `json:"items"`
	Broken []string  `json:"broken"` // records that could not be deleted, with the reason; they stay as they were
}

// Purge deletes what is over its time, or says what it would delete.
func Purge(ctx context.Context, st *store.Store, keep *seal.Keeper, o Options) (Result, error) {
	if o.Batch <= 0 {
		o.Batch = 500
	}
	out := Result{DryRun: o.DryRun, At: o.Now, Items: []Item{}, Broken: []string{}}
	if out.At.IsZero() {
		now, err := st.Q().DatabaseNow(ctx)
		if err != nil {
			return out, fmt.Errorf("purge: %w", err)
		}
		out.At = now.UTC()
	}
	run := func() error {
		if err := records(ctx, st, keep, o, &out); err != nil {
			return err
		}
		return tables(ctx, st, keep, o, &out)
	}
	if o.DryRun {
		return out, run()
	}
	return out, st.Purging(ctx, run)
}

// tables purges rows that are kept for a time of their own.
func tables(ctx context.Context, st *store.Store, keep *seal.Keeper, o Options, out *Result) error {
	rules, err := st.Q().RetentionTables(ctx)
	if err != nil {
		return fmt.Errorf("what is kept for how long: %w", err)
	}
	for _, r := range rules {
		aged := store.Aged{Table: r.TableName, Column: r.TimeColumn}
		item := Item{What: r.TableName, Class: r.Class, Cutoff: out.At.AddDate(0, -int(r.Months), 0), Rows: map[string]int64{}}
		var over int64
		if over, item.Held, err = st.CountAged(ctx, aged, item.Cutoff); err != nil {
			return err
		}
		item.Count = over
		for deleted := int64(0); !o.DryRun && over > 0; {
			var ids []string
			err := st.PurgeTx(ctx, func(tx pgx.Tx, q *db.Queries) error {
				var err error
				if ids, err = store.DeleteAged(ctx, tx, aged, item.Cutoff, o.Batch); err != nil || len(ids) == 0 {
					return err
				}
				return audit.Bury(ctx, q, keep, audit.Manifest{At: out.At, What: r.TableName, Class: r.Class, Cutoff: item.Cutoff,
					Rows: map[string]int64{r.TableName: int64(len(ids))}}, map[string][]string{r.TableName: ids})
			})
			if err != nil {
				return err
			}
			deleted += int64(len(ids))
			item.Count = deleted
			if len(ids) < o.Batch {
				break
			}
			if err := pause(ctx, o.Pause); err != nil {
				return err
			}
		}
		if item.Count > 0 {
			item.Rows[r.TableName] = item.Count
		}
		out.Items = append(out.Items, item)
	}
	return nil
}

// records purges whole records of residents, one in a transaction.
func records(ctx context.Context, st *store.Store, keep *seal.Keeper, o Options, out *Result) error {
	classes, err := st.Q().RetentionClasses(ctx)
	if err != nil {
		return fmt.Errorf("what is kept for how long: %w", err)
	}
	items := map[string]*Item{} // records are of class A or B
	for _, c := range classes {
		if c.Code == "A" || c.Code == "B" {
			items[c.Code] = &Item{What: "record", Class: c.Code, Cutoff: out.At.AddDate(0, -int(c.Months), 0), Rows: map[string]int64{}}
		}
	}
	held, err := st.Q().HeldResidents(ctx, out.At)
	if err != nil {
		return fmt.Errorf("sealed records: %w", err)
	}
	for _, h := range held {
		items[h.Class].Held = h.Held
	}
	count := 0
	passed := []uuid.UUID{} // that stay: a dry run, or broken
	for o.Most == 0 || count < o.Most {
		due, err := st.Q().ResidentsOverTime(ctx, db.ResidentsOverTimeParams{Now: out.At, ExceptThese: passed, Batch: 1})
		if err != nil {
			return fmt.Errorf("records over their time: %w", err)
		}
		if len(due) == 0 {
			break
		}
		one, item := due[0].ID, items[due[0].Class]
		gone, err := record(ctx, st, keep, o, out.At, item, one)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			passed = append(passed, one)
			out.Broken = append(out.Broken, fmt.Sprintf("resident %s: %v", one, err))
			continue
		case o.DryRun || gone == nil:
			passed = append(passed, one)
		}
		if gone != nil {
			count++
			item.Count++
		}
		for table, n := range gone {
			item.Rows[table] += n
		}
		if err := pause(ctx, o.Pause); err != nil {
			return err
		}
	}
	out.Items = append(out.Items, *items["B"], *items["A"])
	return nil
}

// errStays ends the transaction of a record that is not over its time any more.
var errStays = errors.New("is not over its time any more")

// record deletes one resident's record, which is of the item's class, and gives the number of rows by table; nil when it may not go after all.
func record(ctx context.Context, st *store.Store, keep *seal.Keeper, o Options, now time.Time, of *Item, resident uuid.UUID) (gone map[string]int64, err error) {
	err = st.PurgeTx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		if _, err := q.LockResident(ctx, resident); err != nil {
			return err
		}
		lineage, err := store.LineageOf(ctx, tx, resident.String())
		if err != nil {
			return err
		}
		lineage.Leave("access_log") // who read it has a time of its own
		gone = map[string]int64{}
		keys := map[string][]string{}
		for _, t := range lineage.Tables {
			gone[t.Name], keys[t.Name] = int64(len(t.Rows)), t.Keys
		}
		if o.DryRun {
			return nil
		}
		// Asked again under the lock: somebody may have sealed it, or taken the resident in again.
		due, err := q.ResidentsOverTime(ctx, db.ResidentsOverTimeParams{Now: now, ExceptThese: []uuid.UUID{}, One: &resident, Batch: 1})
		if err != nil {
			return err
		}
		if len(due) == 0 || due[0].Class != of.Class {
			return errStays
		}
		if err := audit.Bury(ctx, q, keep, audit.Manifest{At: now, What: of.What, Class: of.Class, Cutoff: of.Cutoff, Rows: gone}, keys); err != nil {
			return err
		}
		return lineage.Remove(ctx, tx)
	})
	if errors.Is(err, errStays) {
		return nil, nil
	}
	return gone, err
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

package demo

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// TestLoadIsWhole: a loaded year breaks no rule that was left out while it was written, has every index back, and its opinions are
// sealed as those that a doctor signs.
func TestLoadIsWhole(t *testing.T) {
	w := newWorld(t)
	if _, err := Seed(t.Context(), w.st, w.keep, now()); err != nil {
		t.Fatal(err)
	}
	texts := func(sql string) []string {
		rows, err := w.st.Pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	const indexes = `SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = current_schema()::regnamespace ORDER BY 1`
	before := texts(indexes)
	const n = 600
	var steps int
	if err := Load(t.Context(), w.st, w.keep, now(), n, func(Step) { steps++ }); err != nil {
		t.Fatal(err)
	}
	if after := texts(indexes); fmt.Sprint(before) != fmt.Sprint(after) || steps == 0 {
		t.Errorf("indexes before %v, after %v", before, after)
	}
	// Every foreign key of a table that was written.
	keys := texts(`SELECT format('SELECT count(*) FROM %s c WHERE c.%I IS NOT NULL AND NOT EXISTS (SELECT FROM %s p WHERE p.%I = c.%I)', k.conrelid::regclass, a.attname, k.confrelid::regclass, b.attname, a.attname)
		FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
		WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.conrelid::regclass::text IN ('organisations', 'departments', 'professional_licences', 'agreements', 'residents', 'consents', 'consultations', 'reports',
		'adoptions', 'consultation_events', 'countability_evaluations', 'countability_failures')`)
	if len(keys) < 20 {
		t.Fatalf("%d foreign keys", len(keys))
	}
	count := func(sql string) (n int) {
		if err := w.st.Pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(sql, err)
		}
		return n
	}
	for _, sql := range keys {
		if n := count(sql); n != 0 {
			t.Errorf("%d rows: %s", n, sql)
		}
	}
	if got := count(`SELECT count(*) FROM consultations WHERE serial LIKE '%-L%' AND judged AND submitted_at < '` + now().Format(time.RFC3339) + `'`); got != n {
		t.Errorf("%d consultations in the past", got)
	}
	if got := count(`SELECT count(*) FROM countability_evaluations e WHERE e.cause = 'loaded' AND bit_count(e.bitmap::bit(32)) <> (SELECT count(*) FROM countability_failures f WHERE f.evaluation_id = e.id)`); got != 0 {
		t.Errorf("%d judgements have other failed rules than rows", got)
	}
	if differ, err := w.st.Q().AnswersDiffer(t.Context(), 10); err != nil || len(differ) != 0 {
		t.Errorf("%d consultations keep another answer than that of their judgement: %v", len(differ), err)
	}
	if got := count(`SELECT count(*) FROM consultations WHERE serial LIKE '%-L%' AND failed_rules <> 0`); got == 0 {
		t.Error("every consultation of the year counts")
	}
	var id uuid.UUID
	var sealed, digest, mark []byte
	var kid string
	if err := w.st.Pool.QueryRow(t.Context(), `SELECT p.id, p.content_enc, p.digest, p.seal, p.seal_kid FROM reports p JOIN consultations c ON c.id = p.consultation_id WHERE c.serial LIKE '%-L%' LIMIT 1`).
		Scan(&id, &sealed, &digest, &mark, &kid); err != nil {
		t.Fatal(err)
	}
	if _, err := w.keep.Open("reports", "content_enc", id, sealed); err != nil {
		t.Error(err)
	}
	if err := w.keep.VerifySeal(kid, digest, mark); err != nil {
		t.Error(err)
	}
	if err := Load(t.Context(), w.st, w.keep, now(), n, nil); err == nil {
		t.Error("the same year was loaded twice")
	}
	if after := texts(indexes); fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("a refused load left other indexes: %v", after)
	}
}

func TestLoadRefusesWhatIsNoDemo(t *testing.T) {
	w := newWorld(t)
	if err := Load(t.Context(), w.st, w.keep, now(), 10, nil); !errors.Is(err, ErrNotMarked) {
		t.Errorf("loaded into a database that is no demo: %v", err)
	}
}

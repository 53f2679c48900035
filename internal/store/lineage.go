package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Lineage is every row that belongs to a resident: the resident's own, and whatever points to it, to what points to it, and so on.
// It is read from the foreign keys, so that a table that a later version adds belongs to it without being listed anywhere. The
// exceptions are written in lineageEdges.
type Lineage struct {
	Tables []LineageTable // in the order in which they were reached
}

// LineageTable is the rows of one table.
type LineageTable struct {
	Name string
	Key  string   // the column of the primary key; "" where it is none or several
	Rows []string // JSON, by column; bytea as \x and hex
	Keys []string // of the rows, where Key is not ""
	ids  []string // where the rows lie, as ctid
}

// edge is a column of a table that points to a column of another.
type edge struct{ Child, ChildColumn, Parent, ParentColumn, ColumnType string }

// lineageEdges are the ways that are no foreign keys: accesses name the resident, files are named by attachments, and the rooms of
// calls are reached from the consultations that they were of.
func lineageEdges() []edge {
	return []edge{
		{"access_log", "resident_id", "residents", "id", "uuid"},
		{"blobs", "key", "attachments", "blob_key", "text"},
		{"blobs", "key", "attachments", "thumbnail_key", "text"},
		{"calls", "id", "call_consultations", "call_id", "uuid"},
	}
}

const edgesSQL = `
SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, b.attname::text, format_type(a.atttypid, NULL)
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.connamespace = 'public'::regnamespace AND c.conparentid = 0
ORDER BY 1, 2`

const keysSQL = `
SELECT i.indrelid::regclass::text, a.attname::text FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indisprimary AND i.indnkeyatts = 1 AND t.relnamespace = 'public'::regnamespace`

// LineageOf reads what belongs to some residents, in the transaction or outside of one.
func LineageOf(ctx context.Context, q Querier, residents ...string) (*Lineage, error) {
	edges, err := collect[edge](ctx, q, edgesSQL)
	if err != nil {
		return nil, err
	}
	edges = append(edges, lineageEdges()...)
	keys, err := collect[struct{ Table, Column string }](ctx, q, keysSQL)
	if err != nil {
		return nil, err
	}
	columns, err := collect[struct{ Table, Column string }](ctx, q, `SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'`)
	if err != nil {
		return nil, err
	}
	l := &Lineage{}
	reach := func(table, column, columnType string, values []string) ([]string, error) {
		t := l.table(table)
		if t == nil {
			l.Tables = append(l.Tables, LineageTable{Name: table})
			t = &l.Tables[len(l.Tables)-1]
			for _, k := range keys {
				if k.Table == table {
					t.Key = k.Column
				}
			}
		}
		key := "''"
		if t.Key != "" {
			key = quote(t.Key) + "::text"
		}
		args, alone := []any{values}, ""
		if table == "calls" { // one that others took part in is theirs as well
			args, alone = append(args, l.Table("consultations").Keys), " AND NOT EXISTS (SELECT 1 FROM call_consultations x WHERE x.call_id = t.id AND x.consultation_id <> ALL ($2::uuid[]))"
		}
		rows, err := collect[struct{ ID, Key, Row string }](ctx, q, fmt.Sprintf(`SELECT tableoid::regclass || ctid::text, %s, to_jsonb(t)::text FROM %s t WHERE %s = ANY ($1::%s[])%s ORDER BY 1`,
			key, quote(table), quote(column), columnType, alone), args...)
		if err != nil {
			return nil, err
		}
		var added []string
		for _, r := range rows {
			if slices.Contains(t.ids, r.ID) {
				continue
			}
			t.ids, t.Rows, t.Keys = append(t.ids, r.ID), append(t.Rows, r.Row), append(t.Keys, r.Key)
			added = append(added, r.ID)
		}
		return added, nil
	}
	type step struct {
		table string
		ids   []string
	}
	first, err := reach("residents", "id", "uuid", residents)
	if err != nil {
		return nil, fmt.Errorf("what belongs to a resident: %w", err)
	}
	for todo := []step{{"residents", first}}; len(todo) > 0; todo = todo[1:] {
		s := todo[0]
		if len(s.ids) == 0 {
			continue
		}
		for _, e := range edges {
			if e.Parent != s.table || e.Parent == "calls" && e.Child == "call_consultations" || !has(columns, e.Parent, e.ParentColumn) || !has(columns, e.Child, e.ChildColumn) {
				continue
			}
			values, err := l.table(s.table).values(e.ParentColumn, s.ids)
			if err != nil {
				return nil, err
			}
			if len(values) == 0 {
				continue
			}
			added, err := reach(e.Child, e.ChildColumn, e.ColumnType, values)
			if err != nil {
				return nil, fmt.Errorf("what belongs to a resident: %w", err)
			}
			todo = append(todo, step{e.Child, added})
		}
	}
	l.Tables = slices.DeleteFunc(l.Tables, func(t LineageTable) bool { return len(t.Rows) == 0 })
	return l, nil
}

func has(list []struct{ Table, Column string }, table, column string) bool {
	return slices.Contains(list, struct{ Table, Column string }{table, column})
}

// Table gives the rows of a table, an empty one when there are none.
func (l *Lineage) Table(name string) LineageTable {
	if t := l.table(name); t != nil {
		return *t
	}
	return LineageTable{Name: name}
}

func (l *Lineage) table(name string) *LineageTable {
	for i := range l.Tables {
		if l.Tables[i].Name == name {
			return &l.Tables[i]
		}
	}
	return nil
}

// values gives what some rows hold in a column, without nothing and the empty text.
func (t *LineageTable) values(column string, ids []string) ([]string, error) {
	var out []string
	for i, id := range t.ids {
		if !slices.Contains(ids, id) {
			continue
		}
		row, err := rowOf(t.Rows[i])
		if err != nil {
			return nil, err
		}
		if v, ok := row[column].(string); ok && v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, nil
}

// Remove deletes a lineage in a transaction. Rows that are still pointed to from elsewhere are an error; the transaction must be given up
// then.
func (l *Lineage) Remove(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SET LOCAL lianzhen.purge = 'on'"); err != nil {
		return fmt.Errorf("allow the purge: %w", err)
	}
	todo := slices.Clone(l.Tables)
	slices.Reverse(todo)
	for len(todo) > 0 {
		var later []LineageTable
		var why error
		for _, t := range todo {
			err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { return t.remove(ctx, tx) })
			var pe *pgconn.PgError
			switch {
			case errors.As(err, &pe) && pe.Code == "23503": // something of it is still pointed to: after the others
				later, why = append(later, t), err
			case err != nil:
				return fmt.Errorf("purge %s: %w", t.Name, err)
			}
		}
		if len(later) == len(todo) {
			return fmt.Errorf("purge %s: %w", later[0].Name, why)
		}
		todo = later
	}
	return nil
}

func (t LineageTable) remove(ctx context.Context, tx pgx.Tx) error {
	if t.Key != "" {
		_, err := tx.Exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE %s::text = ANY ($1::text[])`, quote(t.Name), quote(t.Key)), t.Keys)
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf(`DELETE FROM %s t WHERE tableoid::regclass || ctid::text = ANY ($1::text[])`, quote(t.Name)), t.ids)
	return err
}

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func collect[T any](ctx context.Context, q Querier, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

// IsSealed says that a column holds sealed values.
func IsSealed(column string) bool { return strings.HasSuffix(column, "_enc") }

// Leave takes a table out of the lineage.
func (l *Lineage) Leave(table string) {
	l.Tables = slices.DeleteFunc(l.Tables, func(t LineageTable) bool { return t.Name == table })
}

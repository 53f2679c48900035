package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// remembered are the reads that one transaction or one view asks again and again, with the tables that their answer comes from.
// The same question with the same arguments is asked of PostgreSQL once, until the transaction itself writes to one of those
// tables, or locks something: what was read before a lock is read again under it.
var remembered = map[string][]string{
	"AgreementByID":          {"agreements"},
	"AgreementsOfInviter":    {"agreements"},
	"AskedFirst":             {"audience"},
	"AttendingOnDuty":        {"duty_shifts", "users", "memberships"},
	"AudienceDepartments":    {"audience"},
	"CaseDepartment":         {"departments"},
	"CaseLicences":           {"licences"},
	"CaseOrganisation":       {"organisations"},
	"CasePeople":             {"users", "professional_licences"},
	"CaseResident":           {"residents"},
	"DepartmentsByID":        {"departments", "organisations"},
	"HospitalDepartments":    {"departments", "organisations"},
	"LatestConsent":          {"consents"},
	"ProfessionalLicencesOf": {"professional_licences"},
}

// reads remembers the answers to remembered reads. It serves one goroutine and one piece of work, and is thrown away with it.
type reads struct {
	db.DBTX
	types *pgtype.Map
	known map[string]*answer
}

// answer is what PostgreSQL sent.
type answer struct {
	name   string
	fields []pgconn.FieldDescription
	rows   [][][]byte
	tag    pgconn.CommandTag
}

// Look gives the queries for one view, outside of a transaction: what is the same throughout the view is read once. It serves
// one goroutine.
func (s *Store) Look() *db.Queries { return db.New(&reads{DBTX: s.Pool}) }

// Exec implements db.DBTX.
func (r *reads) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	r.forget(sql)
	return r.DBTX.Exec(ctx, sql, args...)
}

// QueryRow implements db.DBTX.
func (r *reads) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if _, ok := keyOf(sql, args); !ok {
		r.forget(sql)
		return r.DBTX.QueryRow(ctx, sql, args...)
	}
	rows, err := r.Query(ctx, sql, args...)
	return first{rows, err}
}

// Query implements db.DBTX.
func (r *reads) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	key, ok := keyOf(sql, args)
	if !ok {
		r.forget(sql)
		return r.DBTX.Query(ctx, sql, args...)
	}
	a := r.known[key]
	if a == nil {
		var err error
		if a, err = r.ask(ctx, sql, args); err != nil {
			return nil, err
		}
		if r.known == nil {
			r.known, r.types = map[string]*answer{}, pgtype.NewMap()
		}
		r.known[key] = a
	}
	return &replay{answer: a, types: r.types}, nil
}

func (r *reads) ask(ctx context.Context, sql string, args []any) (*answer, error) {
	rows, err := r.DBTX.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := &answer{name: nameOf(sql), fields: slices.Clone(rows.FieldDescriptions())}
	for rows.Next() {
		raw := rows.RawValues()
		row := make([][]byte, len(raw))
		for i, v := range raw {
			row[i] = slices.Clone(v) // nil, which is NULL, stays nil
		}
		a.rows = append(a.rows, row)
	}
	rows.Close()
	a.tag = rows.CommandTag()
	return a, rows.Err()
}

// forget drops what a statement may have changed: after a write what comes from its tables, after a lock everything.
func (r *reads) forget(sql string) {
	if len(r.known) == 0 {
		return
	}
	switch {
	case strings.Contains(sql, "FOR UPDATE"), strings.Contains(sql, "FOR SHARE"), strings.Contains(sql, "FOR NO KEY"), strings.Contains(sql, "_lock"):
		r.known = nil
	case !readsOnly(sql):
		for key, a := range r.known {
			if slices.ContainsFunc(remembered[a.name], func(table string) bool { return strings.Contains(sql, table) }) {
				delete(r.known, key)
			}
		}
	}
}

// readsOnly says that a statement begins with SELECT, after the comment lines that sqlc leaves.
func readsOnly(sql string) bool {
	for strings.HasPrefix(sql, "--") {
		_, sql, _ = strings.Cut(sql, "\n")
	}
	return strings.HasPrefix(sql, "SELECT")
}

func nameOf(sql string) string {
	rest, ok := strings.CutPrefix(sql, "-- name: ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// keyOf names a question that may be remembered; ok=false for any other.
func keyOf(sql string, args []any) (key string, ok bool) {
	name := nameOf(sql)
	if remembered[name] == nil {
		return "", false
	}
	for _, arg := range args {
		switch v := arg.(type) {
		case *uuid.UUID: // by its value
			if v == nil {
				return "", false
			}
			name += " " + v.String()
		case time.Time:
			name += " " + v.UTC().Format(time.RFC3339Nano)
		case uuid.UUID, []uuid.UUID, string:
			name += fmt.Sprintf(" %v", v)
		default:
			return "", false
		}
	}
	return name, true
}

// replay gives an answer once more; it implements pgx.Rows.
type replay struct {
	*answer
	types *pgtype.Map
	next  int
	err   error
}

func (p *replay) Close()                                       {}
func (p *replay) Err() error                                   { return p.err }
func (p *replay) CommandTag() pgconn.CommandTag                { return p.tag }
func (p *replay) FieldDescriptions() []pgconn.FieldDescription { return p.fields }
func (p *replay) TypeMap() *pgtype.Map                         { return p.types }
func (p *replay) Conn() *pgx.Conn                              { return nil }
func (p *replay) RawValues() [][]byte                          { return p.rows[p.next-1] }
func (p *replay) Values() ([]any, error) {
	return nil, fmt.Errorf("store: values of a remembered read")
}

func (p *replay) Next() bool {
	if p.err != nil || p.next == len(p.rows) {
		return false
	}
	p.next++
	return true
}

func (p *replay) Scan(dest ...any) error {
	p.err = pgx.ScanRow(p.types, p.fields, p.rows[p.next-1], dest...)
	return p.err
}

// first is the first row of a query for one; it implements pgx.Row.
type first struct {
	rows pgx.Rows
	err  error
}

func (f first) Scan(dest ...any) error {
	if f.err != nil {
		return f.err
	}
	if !f.rows.Next() {
		return pgx.ErrNoRows
	}
	return f.rows.Scan(dest...)
}

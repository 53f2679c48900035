package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// codesFresh is for how long the code tables are used without asking whether there are newer ones; so long another node may take to
	// follow.
	codesFresh = 5 * time.Second
	// codesPatience is how long one asks. Whoever waits goes on with what is known.
	codesPatience = 2 * time.Second
)

// codeTables are the replaceable code tables as this process last read them.
type codeTables struct {
	known   atomic.Pointer[knownCodes]
	reading sync.Mutex
}

type knownCodes struct {
	codes     *consult.Codes
	histories map[consult.CodeKind]consult.CodeHistory
	newest    map[string]int32 // the newest version of each kind
	until     time.Time        // when codes is to be made anew: the next version comes into force, or never
	asked     time.Time
}

// Codes are the replaceable code tables in force. While the database is out of reach they are those last read, and before the first time
// those that come with the program.
func (s *Store) Codes() *consult.Codes {
	now := time.Now()
	k := s.codes.known.Load()
	if k != nil && now.Sub(k.asked) < codesFresh && now.Before(k.until) {
		return k.codes
	}
	if !s.codes.reading.TryLock() {
		if k != nil {
			return k.codes
		}
		s.codes.reading.Lock() // the first time everybody waits for whoever reads
	}
	defer s.codes.reading.Unlock()
	if k = s.codes.known.Load(); k != nil && now.Sub(k.asked) < codesFresh && now.Before(k.until) {
		return k.codes
	}
	ctx, cancel := context.WithTimeout(context.Background(), codesPatience)
	defer cancel()
	next, err := s.readCodes(ctx, k, now)
	if err != nil {
		// Asked again after a while; a query that follows says what is wrong with the database.
		next = &knownCodes{asked: now, until: now.Add(codesFresh)}
		if k != nil {
			next = &knownCodes{codes: k.codes, histories: k.histories, newest: k.newest, asked: now, until: now.Add(codesFresh)}
		}
	}
	s.codes.known.Store(next)
	return next.codes
}

// ForgetCodes makes the next Codes read again: a version was added.
func (s *Store) ForgetCodes() { s.codes.known.Store(nil) }

// CodeHistories are all versions of the code tables, read now.
func CodeHistories(ctx context.Context, q *db.Queries) (map[consult.CodeKind]consult.CodeHistory, error) {
	versions, err := q.CodeVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("versions of code tables: %w", err)
	}
	rows, err := q.CodeRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("rows of code tables: %w", err)
	}
	out := map[consult.CodeKind]consult.CodeHistory{}
	for i := len(versions) - 1; i >= 0; i-- { // the newest comes first
		v := versions[i]
		h := out[consult.CodeKind(v.Kind)]
		h.Versions = append(h.Versions, consult.CodeVersion{Number: int(v.Version), ValidFrom: v.ValidFrom})
		out[consult.CodeKind(v.Kind)] = h
	}
	for _, r := range rows {
		span := consult.CodeSpan{CodeRow: consult.CodeRow{Code: r.Code, ZH: r.Zh, EN: r.En, Rank: int(r.Rank), More: map[string]string{}}, First: int(r.FirstVersion)}
		if r.LastVersion != nil {
			span.Last = int(*r.LastVersion)
		}
		if err := json.Unmarshal(r.More, &span.More); err != nil {
			return nil, fmt.Errorf("row %s %s: %w", r.Kind, r.Code, err)
		}
		h := out[consult.CodeKind(r.Kind)]
		h.Spans = append(h.Spans, span)
		out[consult.CodeKind(r.Kind)] = h
	}
	return out, nil
}

func (s *Store) readCodes(ctx context.Context, k *knownCodes, now time.Time) (*knownCodes, error) {
	q := s.Q()
	numbers, err := q.CodeVersionNumbers(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[string]int32{}
	for _, n := range numbers {
		newest[n.Kind] = n.Version
	}
	next := &knownCodes{newest: newest, asked: now}
	if k != nil && maps.Equal(k.newest, newest) {
		next.histories = k.histories
	} else if next.histories, err = CodeHistories(ctx, q); err != nil {
		return nil, err
	}
	next.until = now.Add(100 * 365 * 24 * time.Hour)
	for _, h := range next.histories {
		for _, v := range h.Versions {
			if v.ValidFrom.After(now) && v.ValidFrom.Before(next.until) {
				next.until = v.ValidFrom
			}
		}
	}
	if k != nil && maps.Equal(k.newest, newest) && now.Before(k.until) {
		next.codes = k.codes
	} else {
		next.codes = consult.NewCodes(next.histories, now)
	}
	return next, nil
}

// shipCodes enters the tables that come with the program as version 1, once: a later release may bring others, and what was recorded
// keeps its names.
func shipCodes(ctx context.Context, conn *sql.DB) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('code_tables'))"); err != nil {
		return err
	}
	for _, kind := range consult.CodeKinds() {
		var there bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM code_versions WHERE kind = $1)", kind).Scan(&there); err != nil || there {
			return err
		}
		rows := consult.ShippedCodes(kind)
		sum := sha256.New()
		for _, r := range rows {
			_, _ = fmt.Fprintln(sum, strings.Join(r.Fields(kind), ","))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO code_versions (kind, version, valid_from, file_name, sha256, rows, added, made_at)
			VALUES ($1, 1, '2000-01-01', $2, $3, $4, $4, now())`, kind, strings.ToLower(string(kind))+".csv", sum.Sum(nil), len(rows)); err != nil {
			return err
		}
		for _, r := range rows {
			more, err := json.Marshal(r.More)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO code_rows (kind, code, first_version, rank, zh, en, more) VALUES ($1, $2, 1, $3, $4, $5, $6)`,
				kind, r.Code, r.Rank, r.ZH, r.EN, more); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// NewCodeVersion enters the next version of a table: what it adds, says anew and retires. In a transaction that holds LockCodeTables.
func NewCodeVersion(ctx context.Context, q *db.Queries, v db.AddCodeVersionParams, rows []consult.CodeRow, d consult.CodeDifference) error {
	v.Rows, v.Added, v.Changed, v.Retired = int32(len(rows)), int32(len(d.Added)), int32(len(d.Changed)), int32(len(d.Retired))
	if err := q.AddCodeVersion(ctx, v); err != nil {
		return fmt.Errorf("enter a version: %w", err)
	}
	var gone []string
	fresh := d.Added
	for _, r := range d.Retired {
		gone = append(gone, r.Code)
	}
	for _, c := range d.Changed {
		gone, fresh = append(gone, c.Before.Code), append(fresh, c.After)
	}
	if err := q.RetireCodeRows(ctx, db.RetireCodeRowsParams{LastVersion: v.Version - 1, Kind: v.Kind, Codes: gone}); err != nil {
		return fmt.Errorf("retire codes: %w", err)
	}
	var add []db.AddCodeRowsParams
	for _, r := range fresh {
		more, err := json.Marshal(r.More)
		if err != nil {
			return err
		}
		add = append(add, db.AddCodeRowsParams{Kind: v.Kind, Code: r.Code, FirstVersion: v.Version, Rank: int32(r.Rank), Zh: r.ZH, En: r.EN, More: more})
	}
	if _, err := q.AddCodeRows(ctx, add); err != nil {
		return fmt.Errorf("enter codes: %w", err)
	}
	rank := db.RankCodeRowsParams{Kind: v.Kind, Codes: make([]string, len(rows)), Ranks: make([]int32, len(rows))}
	for i, r := range rows {
		rank.Codes[i], rank.Ranks[i] = r.Code, int32(r.Rank)
	}
	if err := q.RankCodeRows(ctx, rank); err != nil {
		return fmt.Errorf("order codes: %w", err)
	}
	return nil
}

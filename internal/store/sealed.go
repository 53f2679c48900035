package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SealedColumn is one column of sealed values: its name ends in _enc, or it is blobs.content.
type SealedColumn struct {
	Table, Column string
	Key, KeyType  string // the column that a value is bound to: id, or the one column of the primary key
}

// SealedColumns lists every sealed column of the database. A table whose key is not one column is an error, since nobody could say
// which row a value belongs to.
func (s *Store) SealedColumns(ctx context.Context) ([]SealedColumn, error) {
	rows, err := s.Pool.Query(ctx, `
SELECT c.table_name, c.column_name, coalesce(k.attname::text, ''), coalesce(format_type(k.atttypid, NULL), '')
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
LEFT JOIN LATERAL (
  SELECT a.attname, a.atttypid FROM pg_attribute a WHERE a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND NOT a.attisdropped
    AND (a.attname = 'id' OR EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum))
  ORDER BY a.attname = 'id' DESC LIMIT 1) k ON true
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'bytea'
  AND (c.column_name LIKE '%\_enc' OR (c.table_name = 'blobs' AND c.column_name = 'content'))
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = format('%I.%I', c.table_schema, c.table_name)::regclass)
ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("sealed columns: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SealedColumn])
	if err != nil {
		return nil, fmt.Errorf("sealed columns: %w", err)
	}
	for _, c := range list {
		if c.Key == "" {
			return nil, fmt.Errorf("sealed columns: %s.%s has no key of one column", c.Table, c.Column)
		}
	}
	return list, nil
}

// Sealed is one sealed value.
type Sealed struct {
	Key   string
	Value []byte
}

// SealedValues reads sealed values of a column in the order of their keys, after one ("" is the first).
func (s *Store) SealedValues(ctx context.Context, c SealedColumn, after string, limit int) ([]Sealed, error) {
	rows, err := s.Pool.Query(ctx, fmt.Sprintf(`SELECT %[1]s::text, %[2]s FROM %[3]s WHERE %[2]s IS NOT NULL AND ($1 = '' OR %[1]s > nullif($1, '')::%[4]s) ORDER BY %[1]s LIMIT $2`,
		quote(c.Key), quote(c.Column), quote(c.Table), c.KeyType), after, limit)
	if err != nil {
		return nil, fmt.Errorf("values of %s.%s: %w", c.Table, c.Column, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Sealed])
	if err != nil {
		return nil, fmt.Errorf("values of %s.%s: %w", c.Table, c.Column, err)
	}
	return list, nil
}

// SealedBy counts the values of a column that each data key has sealed.
func (s *Store) SealedBy(ctx context.Context, c SealedColumn) (map[uuid.UUID]int64, error) {
	rows, err := s.Pool.Query(ctx, fmt.Sprintf(`SELECT encode(substring(%[1]s FROM 3 FOR 16), 'hex')::uuid, count(*) FROM %[2]s
		WHERE octet_length(%[1]s) >= 18 GROUP BY 1`, quote(c.Column), quote(c.Table)))
	if err != nil {
		return nil, fmt.Errorf("values of %s.%s: %w", c.Table, c.Column, err)
	}
	out := map[uuid.UUID]int64{}
	var id uuid.UUID
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { out[id] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("values of %s.%s: %w", c.Table, c.Column, err)
	}
	return out, nil
}

// Resealing is one step through a column.
type Resealing struct {
	Last    string // the key up to which was looked; "" when the end was reached
	Changed int    // values
	Broken  error  // of values that f could not seal anew
}

// Reseal replaces up to limit values of a column that another key than sealing has sealed, after a key. Rows that somebody else
// works on are left for the next pass, so nobody waits for it and it waits for nobody; each value is replaced only while it is still
// the one that was read. f gives the same plain value under the present key; where it fails the value stays as it is.
func (s *Store) Reseal(ctx context.Context, c SealedColumn, sealing uuid.UUID, after string, limit int, f func(key string, value []byte) ([]byte, error)) (Resealing, error) {
	var out Resealing
	var broken []error
	err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lianzhen.reseal = 'on'"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT %[1]s::text, %[2]s FROM %[3]s
			WHERE %[2]s IS NOT NULL AND substring(%[2]s FROM 3 FOR 16) <> $3 AND ($1 = '' OR %[1]s > nullif($1, '')::%[4]s)
			ORDER BY %[1]s LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`, quote(c.Key), quote(c.Column), quote(c.Table), c.KeyType), after, limit, sealing[:])
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Sealed])
		if err != nil || len(found) == 0 {
			return err
		}
		var keys []string
		var before, next [][]byte
		for _, v := range found {
			sealed, err := f(v.Key, v.Value)
			if err != nil {
				broken = append(broken, fmt.Errorf("%s.%s of %s: %w", c.Table, c.Column, v.Key, err))
				continue
			}
			keys, before, next = append(keys, v.Key), append(before, v.Value), append(next, sealed)
		}
		if len(found) == limit {
			out.Last = found[len(found)-1].Key
		}
		tag, err := tx.Exec(ctx, fmt.Sprintf(`UPDATE %[3]s t SET %[2]s = v.next FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS v (key, before, next)
			WHERE t.%[1]s = v.key::%[4]s AND t.%[2]s = v.before`, quote(c.Key), quote(c.Column), quote(c.Table), c.KeyType), keys, before, next)
		out.Changed = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return Resealing{}, fmt.Errorf("seal %s.%s anew: %w", c.Table, c.Column, err)
	}
	out.Broken = errors.Join(broken...)
	return out, nil
}

// HashedColumn is a column of look-up hashes with the sealed column that they are made of.
type HashedColumn struct {
	Table, Column string
	Sealed        string // column
	With          string // a further column that the hash covers; "" for none
}

// HashedColumns lists every column whose name ends in _hmac.
func (s *Store) HashedColumns(ctx context.Context) ([]HashedColumn, error) {
	rows, err := s.Pool.Query(ctx, `SELECT table_name, column_name, '', '' FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name LIKE '%\_hmac' ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("look-up columns: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[HashedColumn])
}

// Hashed is one row of look-up hashes.
type Hashed struct {
	Key    string
	Hash   []byte
	Sealed []byte
	With   string
}

// HashedValues reads rows of a column of look-up hashes by their id, after one.
func (s *Store) HashedValues(ctx context.Context, c HashedColumn, after uuid.UUID, limit int) ([]Hashed, error) {
	with := "''"
	if c.With != "" {
		with = quote(c.With) + "::text"
	}
	rows, err := s.Pool.Query(ctx, fmt.Sprintf(`SELECT id::text, %[1]s, %[2]s, %[3]s FROM %[4]s WHERE %[1]s IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`,
		quote(c.Column), quote(c.Sealed), with, quote(c.Table)), after, limit)
	if err != nil {
		return nil, fmt.Errorf("values of %s.%s: %w", c.Table, c.Column, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hashed])
}

// Rehash replaces one look-up hash while it is still the one that was read, unless somebody works on the row; done says whether it
// did. A hash that another row has is an error that [Violates] a unique index.
func (s *Store) Rehash(ctx context.Context, c HashedColumn, key string, before, next []byte) (done bool, err error) {
	tag, err := s.Pool.Exec(ctx, fmt.Sprintf(`UPDATE %[2]s SET %[1]s = $3 WHERE id = (SELECT id FROM %[2]s WHERE id = $1::uuid AND %[1]s = $2 FOR NO KEY UPDATE SKIP LOCKED)`,
		quote(c.Column), quote(c.Table)), key, before, next)
	if err != nil {
		return false, fmt.Errorf("hash %s.%s anew: %w", c.Table, c.Column, err)
	}
	return tag.RowsAffected() == 1, nil
}

// IsDuplicate says that err is a violation of some unique index.
func IsDuplicate(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "23505"
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// rowOf reads a row that the database gave as JSON.
func rowOf(text string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var row map[string]any
	if err := d.Decode(&row); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	return row, nil
}

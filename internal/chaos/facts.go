package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

// heads reads how far each outbox stream is.
func (s *Site) heads(ctx context.Context) ([]int64, error) {
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return readHeads(ctx, conn)
}

func readHeads(ctx context.Context, conn *pgx.Conn) ([]int64, error) {
	rows, err := conn.Query(ctx, "SELECT last FROM outbox_shards ORDER BY shard")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// facts reads what the database holds since the outbox stood at from. Everything comes out of one snapshot.
func (s *Site) facts(ctx context.Context, from []int64, began time.Time) (f check.Facts, head []int64, err error) {
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		return f, nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	f = check.Facts{Cases: map[uuid.UUID]check.Case{}, Steps: map[uuid.UUID][]check.Step{}, Members: map[uuid.UUID][]check.Member{}, Targets: map[string]time.Duration{}}
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&f.Now); err != nil {
			return err
		}
		if head, err = readHeads(ctx, tx.Conn()); err != nil {
			return err
		}
		for _, read := range []func(context.Context, pgx.Tx, *check.Facts, time.Time) error{readCases, readSteps, readOffers, readMembers} {
			if err := read(ctx, tx, &f, began); err != nil {
				return err
			}
		}
		return readOutbox(ctx, tx, &f, from)
	})
	if err != nil {
		err = fmt.Errorf("read the facts: %w", err)
	}
	return f, head, err
}

func readCases(ctx context.Context, tx pgx.Tx, f *check.Facts, began time.Time) error {
	rows, err := tx.Query(ctx, `SELECT c.id, c.state, c.epoch, coalesce(c.doctor_id, '00000000-0000-0000-0000-000000000000'),
		(SELECT count(*) FROM audience a WHERE a.consultation_id = c.id AND a.until IS NULL)
		FROM consultations c WHERE c.created_at >= $1`, began)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var c check.Case
	_, err = pgx.ForEachRow(rows, []any{&id, &c.State, &c.Epoch, &c.Doctor, &c.Asked}, func() error {
		f.Cases[id] = c
		return nil
	})
	return err
}

func readSteps(ctx context.Context, tx pgx.Tx, f *check.Facts, began time.Time) error {
	rows, err := tx.Query(ctx, `SELECT e.consultation_id, e.seq, e.type, e.from_state, e.to_state, e.epoch,
		coalesce(e.actor_id, '00000000-0000-0000-0000-000000000000'), coalesce(e.data->>'doctor', '00000000-0000-0000-0000-000000000000')::uuid, e.at
		FROM consultation_events e JOIN consultations c ON c.id = e.consultation_id WHERE c.created_at >= $1 ORDER BY e.consultation_id, e.seq`, began)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var s check.Step
	_, err = pgx.ForEachRow(rows, []any{&id, &s.Seq, &s.Type, &s.From, &s.To, &s.Epoch, &s.Actor, &s.Doctor, &s.At}, func() error {
		f.Steps[id] = append(f.Steps[id], s)
		return nil
	})
	return err
}

func readOffers(ctx context.Context, tx pgx.Tx, f *check.Facts, began time.Time) error {
	rows, err := tx.Query(ctx, `SELECT o.consultation_id, o.epoch, o.doctor_id, o.offered_at, o.expires_at, o.resolved_at, o.result
		FROM offers o JOIN consultations c ON c.id = o.consultation_id WHERE c.created_at >= $1`, began)
	if err != nil {
		return err
	}
	var o check.Offer
	var resolved *time.Time
	_, err = pgx.ForEachRow(rows, []any{&o.Case, &o.Epoch, &o.Doctor, &o.Offered, &o.Expires, &resolved, &o.Result}, func() error {
		o.Resolved = time.Time{}
		if resolved != nil {
			o.Resolved = *resolved
		}
		f.Offers = append(f.Offers, o)
		return nil
	})
	return err
}

func readMembers(ctx context.Context, tx pgx.Tx, f *check.Facts, _ time.Time) error {
	rows, err := tx.Query(ctx, `SELECT user_id, organisation_id, coalesce(department_id, '00000000-0000-0000-0000-000000000000'), role
		FROM memberships WHERE valid_from <= now() AND (valid_to IS NULL OR valid_to > now())`)
	if err != nil {
		return err
	}
	var user uuid.UUID
	var m check.Member
	_, err = pgx.ForEachRow(rows, []any{&user, &m.Organisation, &m.Department, &m.Role}, func() error {
		f.Members[user] = append(f.Members[user], m)
		return nil
	})
	return err
}

func readOutbox(ctx context.Context, tx pgx.Tx, f *check.Facts, from []int64) error {
	for stream, after := range from {
		rows, err := tx.Query(ctx, "SELECT seq, topic, key, payload, created_at FROM outbox WHERE shard = $1 AND seq > $2 ORDER BY seq", stream, after)
		if err != nil {
			return err
		}
		var payload []byte
		p := check.Published{Stream: stream}
		_, err = pgx.ForEachRow(rows, []any{&p.Seq, &p.Name, &p.Case, &payload, &p.At}, func() error {
			var e struct {
				To struct {
					Users, Departments, Organisations, AuthSessions []uuid.UUID
				} `json:"to"`
			}
			if err := json.Unmarshal(payload, &e); err != nil {
				return fmt.Errorf("outbox %d/%d: %w", stream, p.Seq, err)
			}
			p.Users, p.Departments, p.Organisations, p.Sessions = e.To.Users, e.To.Departments, e.To.Organisations, e.To.AuthSessions
			f.Outbox = append(f.Outbox, p)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

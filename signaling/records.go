package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Records is what signaling needs of the database: Announcer, Outbox and Sessions.
type Records struct {
	st   *store.Store
	node string
}

// NewRecords works on behalf of a node, whose name no other living node has.
func NewRecords(st *store.Store, node string) *Records { return &Records{st: st, node: node} }

// PresenceChanged implements Announcer.
func (r *Records) PresenceChanged(ctx context.Context, user uuid.UUID, state string, backAt *time.Time) error {
	return r.st.Tx(ctx, func(q *db.Queries) error {
		institutions, err := q.InstitutionsThatMayCall(ctx, user)
		if err != nil {
			return fmt.Errorf("institutions of a doctor: %w", err)
		}
		events := []store.Envelope{{
			Event: "presence.changed", To: store.Audience{Users: []uuid.UUID{user}}, Data: presenceNow{State: state, BackAt: backAt},
		}}
		if len(institutions) > 0 {
			events = append(events, store.Envelope{
				Event: "duty.changed", To: store.Audience{Organisations: institutions}, Data: struct{}{},
			})
		}
		return store.Append(ctx, q, user, events...)
	})
}

// Heads implements Outbox.
func (r *Records) Heads(ctx context.Context) (map[int16]int64, error) {
	rows, err := r.st.Q().OutboxHeads(ctx)
	if err != nil {
		return nil, err
	}
	heads := make(map[int16]int64, len(rows))
	for _, row := range rows {
		heads[row.Shard] = row.Last
	}
	return heads, nil
}

// Read implements Outbox.
func (r *Records) Read(ctx context.Context, shard int16, after int64, limit int) ([]Published, error) {
	rows, err := r.st.Q().ReadOutbox(ctx, db.ReadOutboxParams{Shard: shard, After: after, Batch: int32(limit)})
	if err != nil {
		return nil, err
	}
	list := make([]Published, len(rows))
	for i, row := range rows {
		var e struct {
			Event string          `json:"event"`
			To    store.Audience  `json:"to"`
			Data  json.RawMessage `json:"data"`
		}
		list[i] = Published{Shard: row.Shard, Seq: row.Seq, At: row.CreatedAt, Err: json.Unmarshal(row.Payload, &e)}
		list[i].Envelope = store.Envelope{Event: e.Event, To: e.To, Data: e.Data}
	}
	return list, nil
}

// A listening connection is asked for a sign of life this often, and must give it in a quarter of that.
const listenCheck = 20 * time.Second

// Listen implements Outbox on a connection of its own, since one of the pool would be missing there for good.
func (r *Records) Listen(ctx context.Context, wake func()) error {
	conn, err := pgx.ConnectConfig(ctx, r.st.Pool.Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("connect to listen: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "LISTEN outbox"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		wake()
		if err := await(ctx, conn); err != nil {
			return err
		}
	}
}

// await returns nil when a notification has come.
func await(ctx context.Context, conn *pgx.Conn) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, listenCheck)
		_, err := conn.WaitForNotification(quiet)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case conn.IsClosed():
			return fmt.Errorf("listening: %w", err)
		}
		check, cancel := context.WithTimeout(ctx, listenCheck/4)
		err = conn.Ping(check)
		cancel()
		if err != nil {
			return fmt.Errorf("listening: %w", err)
		}
	}
}

// Opened implements Sessions.
func (r *Records) Opened(ctx context.Context, s Session, resume [32]byte) error {
	return r.st.Q().OpenSignalingSession(ctx, db.OpenSignalingSessionParams{ID: s.ID, AuthSessionID: s.SignIn, UserID: s.User, Node: r.node,
		ResumeHash: resume[:], TokenExpiresAt: s.Expires, Locale: s.Locale})
}

// Resumed implements Sessions.
func (r *Records) Resumed(ctx context.Context, session, socket uuid.UUID, given, next [32]byte, locale string) (Session, Older, error) {
	row, err := r.st.Q().ResumeSignalingSession(ctx, db.ResumeSignalingSessionParams{ID: session, Node: r.node, NextSocket: socket,
		NextHash: next[:], GivenHash: given[:], Locale: locale, Seconds: resumeWindow.Seconds()})
	switch {
	case store.IsNone(err):
		known, err := r.st.Q().KnowsResumeToken(ctx, db.KnowsResumeTokenParams{ID: session, GivenHash: given[:]})
		switch {
		case err != nil:
			return Session{}, Older{}, fmt.Errorf("look for the session: %w", err)
		case known:
			return Session{}, Older{}, ErrSessionExpired
		default:
			return Session{}, Older{}, ErrSessionUnknown
		}
	case err != nil:
		return Session{}, Older{}, fmt.Errorf("take the session up: %w", err)
	}
	s := Session{ID: session, SignIn: row.AuthSessionID, User: row.UserID, Locale: row.Locale}
	if row.TokenExpiresAt != nil {
		s.Expires = *row.TokenExpiresAt
	}
	if !row.Elsewhere || row.Older == nil {
		return s, Older{}, nil
	}
	return s, Older{SignIn: row.AuthSessionID, Socket: *row.Older}, nil
}

// Taken implements Sessions.
func (r *Records) Taken(ctx context.Context, list []Older) error {
	return r.st.Tx(ctx, func(q *db.Queries) error {
		return store.Append(ctx, q, list[0].Socket, store.Envelope{Event: eventTaken, Data: taken{Sockets: list}})
	})
}

// Renewed implements Sessions.
func (r *Records) Renewed(ctx context.Context, session uuid.UUID, expires time.Time) error {
	return r.st.Q().RenewSignalingSession(ctx, db.RenewSignalingSessionParams{ID: session, TokenExpiresAt: expires})
}

// Closed implements Sessions.
func (r *Records) Closed(ctx context.Context, session, socket uuid.UUID, code int) error {
	return r.st.Q().CloseSignalingSession(ctx, db.CloseSignalingSessionParams{ID: session, Socket: socket, CloseCode: int32(code)})
}

// Seen implements Sessions. It also ends the sessions of nodes that died.
func (r *Records) Seen(ctx context.Context) error {
	if err := r.st.Q().SeeSignalingSessions(ctx, r.node); err != nil {
		return err
	}
	_, err := r.st.Q().CloseLostSignalingSessions(ctx)
	return err
}

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Audience names who is told of an event. The sets add up.
type Audience struct {
	Users         []uuid.UUID `json:"users,omitempty"`
	Departments   []uuid.UUID `json:"departments,omitempty"`   // doctors with a membership there
	Organisations []uuid.UUID `json:"organisations,omitempty"` // nurses and attendings of a care institution
	AuthSessions  []uuid.UUID `json:"authSessions,omitempty"`
}

// Envelope is one event on its way to sockets. Data holds ids, codes and numbers, never names of residents or free text.
type Envelope struct {
	Event string   `json:"event"`
	To    Audience `json:"to"`
	Data  any      `json:"data"`
}

// Shards is the number of outbox shards that migration 1 makes.
const Shards = 8

// Append writes events to the outbox shard of key, in order. It locks the shard until the transaction ends, therefore it
// is the last statement of a transaction.
func Append(ctx context.Context, q *db.Queries, key uuid.UUID, events ...Envelope) error {
	shard := int16(key[15]) % Shards
	for _, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if err := q.AppendOutbox(ctx, db.AppendOutboxParams{Shard: shard, Topic: e.Event, Key: key, Payload: payload}); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	if len(events) == 0 {
		return nil
	}
	return q.WakeOutbox(ctx)
}

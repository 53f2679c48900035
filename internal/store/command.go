package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// Command is what somebody asks for under an id of their own, so that it is done once however often it is sent.
type Command struct {
	User, ID  uuid.UUID
	Operation string
	Request   any // compared as JSON
}

// Once carries the command out in a transaction that tx opens ([Store.Tx], or what stands on it): do returns the id of what it made or
// changed. A repetition with the same request gets that id back and does nothing; with another one it is refused (409 command_reused). One that
// comes while the first is being carried out may be refused by what the first has just made: it is a repetition as well, and answered as one.
func (c Command) Once(ctx context.Context, tx func(context.Context, func(q *db.Queries) error) error, do func(q *db.Queries) (uuid.UUID, error)) (uuid.UUID, error) {
	raw, err := json.Marshal(c.Request)
	if err != nil {
		return uuid.Nil, fmt.Errorf("hash the request: %w", err)
	}
	hash := sha256.Sum256(raw)
	var object uuid.UUID
	var done bool
	look := func(q *db.Queries) error {
		done, object = false, uuid.Nil
		known, err := q.CommandResult(ctx, db.CommandResultParams{UserID: c.User, CommandID: c.ID})
		switch {
		case IsNone(err):
			return nil
		case err != nil:
			return fmt.Errorf("look for the command: %w", err)
		case known.Operation != c.Operation || !bytes.Equal(known.RequestHash, hash[:]):
			return problem.New(http.StatusConflict, "command_reused", nil)
		}
		if done = true; known.ObjectID != nil {
			object = *known.ObjectID
		}
		telemetry.Repeated(ctx)
		return nil
	}
	for try := 0; ; try++ {
		began := false
		err = tx(ctx, func(q *db.Queries) error {
			if err := look(q); err != nil || done {
				return err
			}
			began = true
			if object, err = do(q); err != nil {
				return err
			}
			return q.AnswerCommand(ctx, db.AnswerCommandParams{UserID: c.User, CommandID: c.ID, Operation: c.Operation, RequestHash: hash[:], ObjectID: &object})
		})
		if try < 2 && Violates(err, "command_results_pkey") {
			continue // the same command was being carried out; asked again it is a repetition
		}
		if err != nil && began && problem.Of(err).Status < http.StatusInternalServerError {
			if twin := tx(ctx, look); twin == nil && done {
				return object, nil
			}
			return uuid.Nil, err
		}
		return object, err
	}
}

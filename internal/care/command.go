package care

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// once says whether a command was carried out before: the same id for the same operation with the same request is a
// repetition (the object it touched is returned), with another one it is refused with command_reused. It is asked under the
// lock that the command takes, or before an insert that the primary key guards; answered registers the command.
func (s *Service) once(ctx context.Context, q *db.Queries, a identity.Actor, cmd uuid.UUID, operation string, request any) (done bool, object *uuid.UUID, err error) {
	hash, err := requestHash(request)
	if err != nil {
		return false, nil, err
	}
	row, err := q.CommandResult(ctx, db.CommandResultParams{UserID: a.UserID, CommandID: cmd})
	switch {
	case store.IsNone(err):
		return false, nil, nil
	case err != nil:
		return false, nil, fmt.Errorf("look for the command: %w", err)
	case row.Operation != operation || !bytes.Equal(row.RequestHash, hash):
		return false, nil, problem.New(http.StatusConflict, "command_reused", nil)
	}
	return true, row.ObjectID, nil
}

// answered registers the command with the object it touched, in the transaction of the change. A command id that another
// transaction registered meanwhile violates command_results_pkey; asTwin tells so.
func (s *Service) answered(ctx context.Context, q *db.Queries, a identity.Actor, cmd uuid.UUID, operation string, request any, object uuid.UUID) error {
	hash, err := requestHash(request)
	if err != nil {
		return err
	}
	if err := q.AnswerCommand(ctx, db.AnswerCommandParams{UserID: a.UserID, CommandID: cmd, Operation: operation,
		RequestHash: hash, ObjectID: &object}); err != nil {
		return fmt.Errorf("register the command: %w", err)
	}
	return nil
}

// isTwin says that the same command was being carried out by another request at the same time and won; asked again it is
// a repetition.
func isTwin(err error) bool { return store.Violates(err, "command_results_pkey") }

func requestHash(request any) ([]byte, error) {
	raw, ok := request.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(request); err != nil {
			return nil, fmt.Errorf("hash the request: %w", err)
		}
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

package care

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
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
	telemetry.Repeated(ctx)
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

// onConsultation carries out one command on one consultation: lock, authorise, look for a repetition, do, register, tell.
// may says who of those who see the consultation may give this command at all. A command id of nil is one that is not
// repeated by id (sections guarded by a revision).
func (s *Service) onConsultation(ctx context.Context, a identity.Actor, cmd *uuid.UUID, operation string, id uuid.UUID, request any,
	may func(sight) bool, do func(ch *change) error) error {
	return s.onLocked(ctx, (*db.Queries).LockConsultation, a, cmd, operation, id, request, may, do)
}

// rowLock takes a consultation's row for the transaction: LockConsultation waits for it, unlessAtWork does not.
type rowLock func(q *db.Queries, ctx context.Context, id uuid.UUID) (db.Consultation, error)

func (s *Service) onLocked(ctx context.Context, lock rowLock, a identity.Actor, cmd *uuid.UUID, operation string, id uuid.UUID, request any,
	may func(sight) bool, do func(ch *change) error) error {
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{id, request}
	err := errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			c, v, now, err := s.lockConsultation(ctx, q, lock, a, id)
			if err != nil {
				return err
			}
			if !may(v) {
				return problem.Forbidden()
			}
			if c.State == string(consult.StateSealed) && operation != "unsealRecord" {
				return s.change(q, c, v, now, a).conflict(ctx, "record_sealed", nil) // 封存: nothing of it changes
			}
			if cmd != nil {
				done, _, err := s.once(ctx, q, a, *cmd, operation, keyed)
				if err != nil || done {
					return err
				}
			}
			ch := s.change(q, c, v, now, a)
			if err := do(ch); err != nil {
				return err
			}
			if cmd != nil {
				if err := s.answered(ctx, q, a, *cmd, operation, keyed, id); err != nil {
					if isTwin(err) {
						return errTwin
					}
					return err
				}
			}
			return ch.commit(ctx)
		})
	}
	return err
}

// errTwin: the same command is being carried out by another request.
var errTwin = errors.New("care: the same command was carried out meanwhile")

// Who of those who see a consultation may give a command.
func bedside(v sight) bool    { return v.care() }
func attendings(v sight) bool { return v.attending }
func hospital(v sight) bool   { return v.consultant }
func desk(v sight) bool       { return v.desk }

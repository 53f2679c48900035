package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// entry is a row of the access log. It holds ids and codes: a name that was typed may well be a password.
type entry struct {
	user   *uuid.UUID // who did it; nil when nobody is known
	action string
	object string
	id     *uuid.UUID
	result string // "" means OK
}

func (s *Service) log(ctx context.Context, q *db.Queries, e entry) error {
	if e.result == "" {
		e.result = "OK"
	}
	if err := q.LogSignIn(ctx, db.LogSignInParams{
		ID: uuid.Must(uuid.NewV7()), At: s.now(), UserID: e.user, Action: e.action, ObjectType: e.object, ObjectID: e.id,
		Result: e.result,
	}); err != nil {
		return fmt.Errorf("write the access log: %w", err)
	}
	return nil
}

package care

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What a second factor is asked for.
const (
	purposeReception = "RECEPTION" // taking an online follow-up (G-IH-06)
	purposeSignature = "SIGNATURE"
)

// factorLife is how long a check of the second factor may wait for its act.
const factorLife = 5 * time.Minute

// useFactor uses up the check of the second factor for an act and gives what is stored with it. An account without one, in an
// organisation that does not require it, is not asked. Error: 422 second_factor_required, and second_factor_not_enrolled
// where the organisation requires one and the account has none.
func (s *Service) useFactor(ctx context.Context, ch *change, a identity.Actor, purpose, act string) (factorUsed, error) {
	demanded, err := ch.q.FactorDemanded(ctx, db.FactorDemandedParams{UserID: a.UserID, Organisations: a.Organisations(RoleConsultant, RoleAttending)})
	if err != nil {
		return factorUsed{}, fmt.Errorf("second factor: %w", err)
	}
	switch {
	case !demanded.Enrolled && !demanded.Required:
		return factorUsed{}, nil
	case !demanded.Enrolled:
		return factorUsed{}, problem.New(http.StatusUnprocessableEntity, "second_factor_not_enrolled", nil)
	}
	row, err := ch.q.UseFactorCheck(ctx, db.UseFactorCheckParams{UserID: a.UserID, SessionID: a.SessionID, ConsultationID: ch.c.ID, Purpose: purpose,
		Act: act, Now: &ch.now, Since: ch.now.Add(-factorLife)})
	if store.IsNone(err) {
		return factorUsed{}, problem.New(http.StatusUnprocessableEntity, "second_factor_required", nil)
	}
	if err != nil {
		return factorUsed{}, fmt.Errorf("second factor: %w", err)
	}
	return factorUsed{method: row.Method, at: &row.CheckedAt}, nil
}

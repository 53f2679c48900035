package care

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
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

// CheckSecondFactor confirms with the second factor for one act of the caller on a consultation that he sees.
func (s *Service) CheckSecondFactor(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.FactorCheckRequest) error {
	if err := require(a, RoleConsultant, RoleAttending); err != nil {
		return err
	}
	q := s.st.Q()
	now, err := s.instant(ctx)
	if err != nil {
		return err
	}
	_, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return err
	}
	if !v.consultant && !v.attending {
		return problem.Forbidden()
	}
	if err := s.id.VerifyFactor(ctx, a, string(in.Method), in.Code); err != nil {
		return err
	}
	if err := q.AddFactorCheck(ctx, db.AddFactorCheckParams{ID: newID(), UserID: a.UserID, SessionID: a.SessionID, ConsultationID: id,
		Purpose: string(in.Purpose), Method: string(in.Method), Now: now}); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	return nil
}

// RequireSecondFactor says whether an organisation requires a second factor of its doctors.
func (s *Service) RequireSecondFactor(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.RequireFactorRequest) error {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return err
	}
	if !a.Has(RoleSysAdmin) && !a.In(id, RoleInstAdmin) {
		return problem.NotFound()
	}
	role := RoleInstAdmin
	if a.Has(RoleSysAdmin) {
		role = RoleSysAdmin
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		n, err := q.RequireFactor(ctx, db.RequireFactorParams{ID: id, Required: in.Required})
		if err != nil {
			return fmt.Errorf("second factor: %w", err)
		}
		if n == 0 {
			return problem.NotFound()
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, role, "requireSecondFactor", "organisation", &id, strconv.FormatBool(in.Required))
	})
}

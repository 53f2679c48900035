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
	"github.com/lianzhen-health/lianzhen/internal/notify"
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
	if asked, err := asksFactor(ctx, ch.q, a, ch.now); err != nil || !asked {
		return factorUsed{}, err
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

// asksFactor says whether an act of somebody asks for the second factor. Error: 422 second_factor_not_enrolled.
func asksFactor(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time) (bool, error) {
	demanded, err := q.FactorDemanded(ctx, db.FactorDemandedParams{UserID: a.UserID, Organisations: a.Organisations(RoleConsultant, RoleAttending, RoleFamilyDoctor), Now: now})
	if err != nil {
		return false, fmt.Errorf("second factor: %w", err)
	}
	if !demanded.Enrolled && demanded.AtActs {
		return false, problem.New(http.StatusUnprocessableEntity, "second_factor_not_enrolled", nil)
	}
	return demanded.Enrolled, nil
}

// FactorUse is how the second factor was used for the signature of a visit's record; the zero value is that nobody asked whether it is needed.
type FactorUse struct {
	asked bool
	used  factorUsed
}

// Asked says that the second factor was used or is not asked of the person.
func (u FactorUse) Asked() bool { return u.asked }

// VisitFactor checks the second factor for the signature of a visit's record, which is no consultation yet to check it for beforehand. Whom
// it is asked of is decided as for the other signatures. Errors: 422 second_factor_required, second_factor_not_enrolled, and those of
// [identity.Service.VerifyFactor].
func (s *Service) VisitFactor(ctx context.Context, a identity.Actor, proof *contract.FactorProof) (FactorUse, error) {
	now, err := s.instant(ctx)
	if err != nil {
		return FactorUse{}, err
	}
	asked, err := asksFactor(ctx, s.st.Q(), a, now)
	switch {
	case err != nil:
		return FactorUse{}, err
	case !asked:
		return FactorUse{asked: true}, nil
	case proof == nil:
		return FactorUse{}, problem.New(http.StatusUnprocessableEntity, "second_factor_required", nil)
	}
	if err := s.id.VerifyFactor(ctx, a, *proof); err != nil {
		return FactorUse{}, err
	}
	return FactorUse{asked: true, used: factorUsed{method: string(proof.Method), at: &now}}, nil
}

// CheckSecondFactor confirms with the second factor for one act of the caller on a consultation that he sees.
func (s *Service) CheckSecondFactor(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.FactorCheckRequest) error {
	if err := require(a, RoleConsultant, RoleAttending, RoleFamilyDoctor); err != nil {
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
	if err := s.id.VerifyFactor(ctx, a, contract.FactorProof{Method: in.Method, Code: in.Code, Key: in.Key}); err != nil {
		return err
	}
	if err := q.AddFactorCheck(ctx, db.AddFactorCheckParams{ID: newID(), UserID: a.UserID, SessionID: a.SessionID, ConsultationID: id,
		Purpose: string(in.Purpose), Method: string(in.Method), Now: now}); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	return nil
}

// SetFactorRules says of which roles an organisation asks a second factor, and when; roles that are not named keep their rule. At acts
// concerns doctors alone. A rule for the sign-in concerns those that begin from now on: nobody is thrown out of a consultation. Errors:
// 404, 422 on the role.
func (s *Service) SetFactorRules(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.FactorRules) ([]contract.FactorRule, error) {
	if err := require(a, RoleInstAdmin, RoleSecAdmin); err != nil {
		return nil, err
	}
	role := RoleSecAdmin
	switch {
	case a.In(id, RoleInstAdmin):
		role = RoleInstAdmin
	case !a.Has(RoleSecAdmin):
		return nil, problem.NotFound()
	}
	var out []contract.FactorRule
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		org, err := q.OrganisationByID(ctx, id)
		if err := one(err, "the organisation"); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		var f form
		for i, r := range in.Rules {
			at := "rules/" + strconv.Itoa(i) + "/"
			if !fits(string(r.Role), org.Kind) {
				f.add(at+"role", "role_not_here")
			}
			if r.AtActs && !signs(string(r.Role)) {
				f.add(at+"atActs", "factor_acts_of_doctors")
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		for _, r := range in.Rules {
			if err := q.SetFactorRule(ctx, db.SetFactorRuleParams{OrganisationID: id, Role: string(r.Role), AtActs: r.AtActs, AtSignIn: r.AtSignIn, Now: now}); err != nil {
				return fmt.Errorf("second factor: %w", err)
			}
			result := fmt.Sprintf("%s acts=%t signIn=%t", r.Role, r.AtActs, r.AtSignIn)
			if err := s.audit(ctx, q, a, now, role, "setFactorRules", "organisation", &id, result); err != nil {
				return err
			}
		}
		rules, err := factorRules(ctx, q, []uuid.UUID{id})
		out = rules[id]
		return err
	})
	return out, err
}

// signs: the roles whose acts a second factor can be asked for.
func signs(role string) bool {
	return role == RoleConsultant || role == RoleAttending || role == RoleFamilyDoctor
}

// factorRules gives the rules of each of these organisations.
func factorRules(ctx context.Context, q *db.Queries, organisations []uuid.UUID) (map[uuid.UUID][]contract.FactorRule, error) {
	rows, err := q.FactorRulesOf(ctx, organisations)
	if err != nil {
		return nil, fmt.Errorf("second factor: %w", err)
	}
	out := make(map[uuid.UUID][]contract.FactorRule, len(organisations))
	for _, id := range organisations {
		out[id] = []contract.FactorRule{}
	}
	for _, r := range rows {
		out[r.OrganisationID] = append(out[r.OrganisationID], contract.FactorRule{Role: contract.Role(r.Role), AtActs: r.AtActs, AtSignIn: r.SignInSince != nil})
	}
	return out, nil
}

// ResetSecondFactor takes everything away that somebody has set up as a second factor and has lost, and tells the person. The own one is
// not reset. Errors: 404, 403 account_elsewhere, 422 own_account.
func (s *Service) ResetSecondFactor(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.UserAccount, error) {
	if err := require(a, RoleInstAdmin, RoleSecAdmin); err != nil {
		return contract.UserAccount{}, err
	}
	if a.UserID == id {
		return contract.UserAccount{}, problem.New(http.StatusUnprocessableEntity, "own_account", nil)
	}
	err := s.onAccount(ctx, a, id, func(q *db.Queries) error {
		had, err := s.id.ResetFactors(ctx, q, a, id)
		if err != nil || !had {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		// A second reset after a new set-up is a new fact.
		return notify.Enqueue(ctx, q, notify.Fact{Event: notify.FactorReset, Users: []uuid.UUID{id}, Subject: newID(), At: now})
	})
	if err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, id)
}

package care

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// WithdrawConsent writes down that a consent is taken back, and with it every other consent of the resident that still stands: what
// is withdrawn is the consent to the service, not one sheet. From now on a request that waits is not connected without a new
// consent, and a call that is on ends; CRITICAL requests go on, whose approver may follow. What was done before stays lawful and
// stays in the record (personal information law art. 15).
func (s *Service) WithdrawConsent(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ConsentWithdrawal) (contract.Consent, error) {
	const operation = "withdrawConsent"
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consent{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.ConsentWithdrawal
	}{id, in}
	var out contract.Consent
	err := errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			row, err := q.LockConsent(ctx, id)
			if err := one(err, "the consent"); err != nil {
				return err
			}
			resident, err := q.CaseResident(ctx, row.ResidentID)
			if err != nil {
				return fmt.Errorf("resident: %w", err)
			}
			role, err := s.withdrawer(ctx, q, a, row, resident)
			if err != nil {
				return err
			}
			done, _, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil {
				return err
			}
			var waiting []*change
			if !done {
				if waiting, err = s.withdrawConsents(ctx, q, a, role, row, resident, in); err != nil {
					return err
				}
				if err := s.answered(ctx, q, a, cmd, operation, request, id); err != nil {
					if isTwin(err) {
						return errTwin
					}
					return err
				}
			}
			if out, err = s.consentByID(ctx, q, id); err != nil {
				return err
			}
			for _, ch := range waiting {
				if err := ch.commit(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return out, err
}

// withdrawer is the role in which somebody writes down that a consent is taken back: at the bedside of the institution where the resident
// lives, or of that to which the consent was given. Everybody else gets 404.
func (s *Service) withdrawer(ctx context.Context, q *db.Queries, a identity.Actor, row db.Consent, resident db.Resident) (string, error) {
	if role := roleIn(a, resident.OrganisationID, []string{RoleAttending, RoleNurse}); role != "" {
		return role, nil
	}
	if row.ConsultationID == nil {
		return "", problem.NotFound()
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return "", err
	}
	_, v, err := s.readConsultation(ctx, q, a, *row.ConsultationID, now)
	if err == nil && !v.care() {
		err = problem.NotFound()
	}
	return v.role(), err
}

func (s *Service) consentByID(ctx context.Context, q *db.Queries, id uuid.UUID) (contract.Consent, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Consent{}, err
	}
	row, err := q.ConsentByID(ctx, id)
	if err != nil {
		return contract.Consent{}, fmt.Errorf("consent: %w", err)
	}
	people := map[uuid.UUID]db.CasePeopleRow{}
	if err := loadPeople(ctx, q, people, consentPeople(row), now); err != nil {
		return contract.Consent{}, err
	}
	return s.consentView(row, people, true, value(row.ConsultationID), now)
}

// withdrawConsents asks the domain, withdraws what stands and gives the changes of the consultations that it touches, in the order
// in which their outbox rows may be written.
func (s *Service) withdrawConsents(ctx context.Context, q *db.Queries, a identity.Actor, role string, asked db.Consent, resident db.Resident, in contract.ConsentWithdrawal) ([]*change, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	if asked.WithdrawnAt != nil || !now.Before(asked.ValidUntil) && asked.SignerKind != string(consult.SignerEmergency) {
		return nil, problem.New(http.StatusConflict, "consent_over", nil)
	}
	name := strings.TrimSpace(value(in.Name))
	var f form
	switch {
	case consult.SignerKind(in.By) == consult.SignerSelf:
		if name, err = s.openText("residents", "name_enc", resident.ID, resident.NameEnc); err != nil {
			return nil, err
		}
	case name == "":
		f.add("name", "required")
	}
	all, err := q.ConsentsOf(ctx, resident.ID)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	standing := []db.Consent{asked}
	for _, c := range all {
		if c.ID != asked.ID && c.WithdrawnAt == nil && now.Before(c.ValidUntil) && c.SignerKind != string(consult.SignerEmergency) {
			standing = append(standing, c)
		}
	}
	for _, c := range standing {
		err := consult.CheckWithdrawal(consult.Withdrawal{Given: consult.Consent{Signer: consult.SignerKind(c.SignerKind), Relation: consult.Relation(c.Relation)},
			Capacity: consult.Capacity(resident.Capacity), By: consult.SignerKind(in.By), Relation: consult.Relation(value(in.Relation)), ByStaff: name == a.Name})
		for _, r := range consult.Refusals(err) {
			field := consentField(r.Code)
			switch field {
			case "signerKind":
				field = "by"
			case "signerName":
				field = "name"
			}
			f.add(field, r.Code, flat(r.Args)...)
		}
		if len(f.fields) > 0 {
			break
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	for _, c := range standing {
		if _, err := q.WithdrawConsent(ctx, db.WithdrawConsentParams{ID: c.ID, Now: &now, WithdrawnBy: string(in.By), RecordedBy: &a.UserID,
			WithdrawnNameEnc:    s.sealText("consents", "withdrawn_name_enc", c.ID, name),
			WithdrawalReasonEnc: s.sealText("consents", "withdrawal_reason_enc", c.ID, value(in.Reason))}); err != nil {
			return nil, fmt.Errorf("withdraw: %w", err)
		}
	}
	if err := s.audit(ctx, q, a, now, role, "withdrawConsent", "consent", &asked.ID, ""); err != nil {
		return nil, err
	}
	return s.tellWithdrawal(ctx, q, a, role, asked.ID, resident.ID)
}

// flat writes arguments as name, value, name, value.
func flat(args map[string]string) []string {
	var out []string
	for k, v := range args {
		out = append(out, k, v)
	}
	return out
}

// tellWithdrawal writes the withdrawal into each open consultation of the resident and ends a call that is on.
func (s *Service) tellWithdrawal(ctx context.Context, q *db.Queries, a identity.Actor, role string, consent, resident uuid.UUID) ([]*change, error) {
	open, err := q.OpenConsultationsOfResident(ctx, resident)
	if err != nil {
		return nil, fmt.Errorf("open consultations: %w", err)
	}
	var changes []*change
	for _, id := range open {
		ch, err := s.asideOf(ctx, q, a, id, role)
		if err != nil {
			return nil, err
		}
		c := ch.c
		ch.touch("consent")
		if c.State == string(consult.StateOffered) {
			ch.inQueue("updated")
		}
		if err := ch.record(ctx, eventConsentOver, map[string]any{"consentId": consent}); err != nil {
			return nil, err
		}
		if c.Urgency != string(consult.Critical) {
			ended, err := s.endOpenCall(ctx, ch, endNoConsent)
			if err != nil {
				return nil, err
			}
			if ended {
				if err := s.followMedia(ctx, ch); err != nil {
					return nil, err
				}
			}
		}
		changes = append(changes, ch)
	}
	slices.SortFunc(changes, func(x, y *change) int { return cmp.Compare(x.c.ID[15]%store.Shards, y.c.ID[15]%store.Shards) })
	return changes, nil
}

// notWithdrawn refuses to connect a consultation whose consent was taken back and not given anew. CRITICAL is never blocked.
func (s *Service) notWithdrawn(ctx context.Context, ch *change) error {
	if ch.c.ConsentID == nil || ch.c.Urgency == string(consult.Critical) {
		return nil
	}
	row, err := ch.q.ConsentByID(ctx, *ch.c.ConsentID)
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	if row.WithdrawnAt == nil {
		return nil
	}
	standing, err := s.standingConsent(ctx, ch.q, ch.c, ch.now)
	if err != nil || standing != nil {
		return err
	}
	return problem.New(http.StatusUnprocessableEntity, "consent_required", nil)
}

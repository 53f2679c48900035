package care

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// A role for somebody who belongs to another organisation waits for that person. An invitation is no membership: whoever asks for the roles,
// the roster or the doctors of an organisation does not find it. What the person holds elsewhere is judged when the person accepts, so that
// whoever invites learns nothing of it, not even whether there is such an account.

const (
	invitationDays  = 30
	mostInvitations = 200 // of an organisation that wait
)

const (
	invitationAccepted  = "ACCEPTED"
	invitationDeclined  = "DECLINED"
	invitationWithdrawn = "WITHDRAWN"
)

// invite offers a role, which was judged against the organisation (roleFits).
func (s *Service) invite(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, p person, in contract.MembershipInput, now time.Time) error {
	if err := q.ExpireInvitations(ctx, db.ExpireInvitationsParams{OrganisationID: in.OrganisationId, Now: now}); err != nil {
		return fmt.Errorf("end old invitations: %w", err)
	}
	open, err := q.OpenInvitations(ctx, db.OpenInvitationsParams{OrganisationID: in.OrganisationId, Username: p.username, Role: string(in.Role), DepartmentID: in.DepartmentId})
	switch {
	case err != nil:
		return fmt.Errorf("open invitations: %w", err)
	case open.Same:
		return problem.New(http.StatusConflict, "invitation_open", nil)
	case open.Waiting >= mostInvitations:
		return problem.New(http.StatusUnprocessableEntity, "invitations_many", problem.Args{"most": fmt.Sprint(mostInvitations)})
	}
	row := db.InsertInvitationParams{ID: id, Username: p.username, OrganisationID: in.OrganisationId, DepartmentID: in.DepartmentId, Role: string(in.Role),
		InvitedBy: a.UserID, Now: now, ExpiresAt: now.AddDate(0, 0, invitationDays)}
	if p.id != uuid.Nil && !p.disabled {
		row.UserID = &p.id
	}
	if in.Licence != nil {
		raw, err := json.Marshal(in.Licence)
		if err != nil {
			return fmt.Errorf("licence of an invitation: %w", err)
		}
		row.LicenceEnc = s.keep.Seal("membership_invitations", "licence_enc", id, raw)
	}
	if err := q.InsertInvitation(ctx, row); err != nil {
		if store.Violates(err, "membership_invitations_one") {
			return problem.New(http.StatusConflict, "invitation_open", nil)
		}
		return fmt.Errorf("invite: %w", err)
	}
	return s.audit(ctx, q, a, now, adminRole(a), "inviteMember", "membership_invitation", &id, string(in.Role))
}

// ListMembershipInvitations gives what the caller's organisations offered, open or not; to SYS_ADMIN of all.
func (s *Service) ListMembershipInvitations(ctx context.Context, a identity.Actor) ([]contract.MembershipInvitation, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return nil, err
	}
	var of []uuid.UUID
	if !a.Has(RoleSysAdmin) {
		of = a.Organisations(RoleInstAdmin)
	}
	return s.invitations(ctx, db.InvitationsParams{Organisations: of})
}

// ListMyInvitations gives what the caller may accept or decline.
func (s *Service) ListMyInvitations(ctx context.Context, a identity.Actor) ([]contract.MembershipInvitation, error) {
	return s.invitations(ctx, db.InvitationsParams{Person: &a.UserID})
}

// WithdrawMembershipInvitation takes an offer back that was not answered. 409 invitation_closed.
func (s *Service) WithdrawMembershipInvitation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.MembershipInvitation, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.MembershipInvitation{}, err
	}
	_, _, err := s.create(ctx, a, cmd, "withdrawMembershipInvitation", id, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		row, err := q.LockInvitation(ctx, id)
		if err := one(err, "the invitation"); err != nil {
			return err
		}
		if !a.Has(RoleSysAdmin) && !a.In(row.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		if err := closeInvitation(ctx, q, db.CloseInvitationParams{ID: id, State: invitationWithdrawn, Now: now}); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, adminRole(a), "withdrawMembershipInvitation", "membership_invitation", &id, row.Role)
	})
	if err != nil {
		return contract.MembershipInvitation{}, err
	}
	return s.invitation(ctx, id)
}

// AnswerInvitation accepts or declines what was offered to the caller; from the acceptance on the role is held. What the role asks of the person
// is judged now. Errors: 404; 409 invitation_closed, invitation_void, membership_held; 422 invitation_licence, roles_apart, too_many.
func (s *Service) AnswerInvitation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, accept bool) (contract.MembershipInvitation, error) {
	request := struct {
		ID     uuid.UUID
		Accept bool
	}{id, accept}
	_, _, err := s.create(ctx, a, cmd, "answerInvitation", request, func(q *db.Queries, membership uuid.UUID, now time.Time) error {
		row, err := q.LockInvitation(ctx, id)
		if err := one(err, "the invitation"); err != nil {
			return err
		}
		if value(row.UserID) != a.UserID {
			return problem.NotFound()
		}
		answer := db.CloseInvitationParams{ID: id, State: invitationDeclined, Now: now}
		action := "declineInvitation"
		if accept {
			answer.State, answer.MembershipID, action = invitationAccepted, &membership, "acceptInvitation"
			if row.State == "OPEN" && now.Before(row.ExpiresAt) { // otherwise the answer itself is refused
				if err := s.accept(ctx, q, a, membership, row, now); err != nil {
					return err
				}
			}
		}
		if err := closeInvitation(ctx, q, answer); err != nil {
			return err
		}
		if err := q.AuditInvitation(ctx, db.AuditInvitationParams{ID: newID(), At: now, UserID: &a.UserID, Action: action, ObjectID: &id, Result: row.Role,
			OrganisationID: &row.OrganisationID}); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		return nil
	})
	if err != nil {
		return contract.MembershipInvitation{}, err
	}
	return s.invitation(ctx, id)
}

// accept gives the person what was offered, if the organisation, the role and the person still fit.
func (s *Service) accept(ctx context.Context, q *db.Queries, a identity.Actor, membership uuid.UUID, row db.MembershipInvitation, now time.Time) error {
	org, err := q.OrganisationByID(ctx, row.OrganisationID)
	if err != nil {
		return fmt.Errorf("load the organisation: %w", err)
	}
	void := !org.Active || !fits(row.Role, org.Kind)
	if row.DepartmentID != nil {
		d, err := q.DepartmentByID(ctx, *row.DepartmentID)
		if err != nil {
			return fmt.Errorf("load the department: %w", err)
		}
		void = void || !d.Active
	}
	if void {
		return problem.New(http.StatusConflict, "invitation_void", nil)
	}
	in := contract.MembershipInput{OrganisationId: row.OrganisationID, DepartmentId: row.DepartmentID, Role: contract.Role(row.Role)}
	if in.Licence, err = s.invitedLicence(row.ID, row.LicenceEnc); err != nil {
		return err
	}
	if l := in.Licence; l != nil && l.ValidTo != nil && dateOf(*l.ValidTo).Before(consult.DateOf(now)) {
		return problem.New(http.StatusUnprocessableEntity, "invitation_licence", nil) // it has ended since
	}
	p, err := findPerson(ctx, q, a.Username, now)
	if err != nil {
		return err
	}
	if err := personMay(ctx, q, in, p, now); err != nil {
		if problem.Of(err).Code == "invalid_request" {
			return problem.New(http.StatusUnprocessableEntity, "invitation_licence", nil)
		}
		return err
	}
	return giveRole(ctx, q, membership, a.UserID, in, now)
}

func closeInvitation(ctx context.Context, q *db.Queries, p db.CloseInvitationParams) error {
	n, err := q.CloseInvitation(ctx, p)
	if err != nil {
		return fmt.Errorf("close the invitation: %w", err)
	}
	if n == 0 {
		return problem.New(http.StatusConflict, "invitation_closed", nil)
	}
	return nil
}

func (s *Service) invitedLicence(id uuid.UUID, sealed []byte) (*contract.ProfessionalLicenceInput, error) {
	if sealed == nil {
		return nil, nil
	}
	raw, err := s.keep.Open("membership_invitations", "licence_enc", id, sealed)
	if err != nil {
		return nil, fmt.Errorf("licence of an invitation: %w", err)
	}
	var l contract.ProfessionalLicenceInput
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, fmt.Errorf("licence of an invitation: %w", err)
	}
	return &l, nil
}

func (s *Service) invitation(ctx context.Context, id uuid.UUID) (contract.MembershipInvitation, error) {
	list, err := s.invitations(ctx, db.InvitationsParams{ID: &id})
	if err != nil {
		return contract.MembershipInvitation{}, err
	}
	if len(list) == 0 {
		return contract.MembershipInvitation{}, problem.NotFound()
	}
	return list[0], nil
}

func (s *Service) invitations(ctx context.Context, p db.InvitationsParams) ([]contract.MembershipInvitation, error) {
	q := s.st.Q()
	var err error
	if p.Now, err = s.clock(ctx, q); err != nil {
		return nil, err
	}
	rows, err := q.Invitations(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	out := make([]contract.MembershipInvitation, len(rows))
	for i, r := range rows {
		v := contract.MembershipInvitation{Id: r.ID, Username: r.Username, Role: contract.Role(r.Role), OrganisationId: r.OrganisationID, OrganisationName: r.OrganisationName,
			OrganisationAddress: some(r.OrganisationAddress), DepartmentId: r.DepartmentID, DepartmentName: some(r.DepartmentName), InvitedBy: r.InvitedByName,
			InvitedAt: r.InvitedAt, ExpiresAt: r.ExpiresAt, State: contract.MembershipInvitationState(r.State), ClosedAt: r.ClosedAt}
		if r.State == "OPEN" && !p.Now.Before(r.ExpiresAt) {
			v.State, v.ClosedAt = "EXPIRED", &r.ExpiresAt
		}
		l, err := s.invitedLicence(r.ID, r.LicenceEnc)
		if err != nil {
			return nil, err
		}
		if l != nil {
			v.LicenceKind, v.LicenceMasked = some(string(l.Kind)), some(consult.MaskIdentityNumber(l.Number))
		}
		out[i] = v
	}
	return out, nil
}

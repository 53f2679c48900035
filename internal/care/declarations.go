package care

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// DeclareDuty enters that an institution keeps a duty which no machine can see, with the document that proves it, for a year at most (G-RM-11,
// G-RM-12, G-IH-08, G-IH-11, G-IH-12, G-IH-14, G-IH-15). It is the word of the institution: only its administrator gives it. What is
// declared anew follows; nothing is changed. 404 for another institution.
func (s *Service) DeclareDuty(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.DeclarationInput) (contract.Organisation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Organisation{}, err
	}
	if !a.In(id, RoleInstAdmin) {
		return contract.Organisation{}, problem.NotFound()
	}
	request := struct {
		ID   uuid.UUID
		Body contract.DeclarationInput
	}{id, in}
	_, _, err := s.create(ctx, a, cmd, "declareDuty", request, func(q *db.Queries, row uuid.UUID, now time.Time) error {
		o, err := q.LockOrganisation(ctx, id)
		if err := one(err, "the organisation"); err != nil {
			return err
		}
		var f form
		document := f.text("document", in.Document, 2, 120)
		if !declares(o.Kind, in.Code) {
			f.add("code", "wrong_value")
		}
		f.refuse("validTo", consult.CheckDeclaration(dateOf(in.DatedOn), dateOf(in.ValidTo), consult.DateOf(now)))
		if err := f.err(); err != nil {
			return err
		}
		if err := q.AddDeclaration(ctx, db.AddDeclarationParams{ID: row, OrganisationID: id, Code: in.Code, Document: document, DatedOn: dateOf(in.DatedOn).Time(),
			ValidTo: dateOf(in.ValidTo).Time(), DeclaredBy: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("declare: %w", err)
		}
		return s.audit(ctx, q, a, now, RoleInstAdmin, "declareDuty", "organisation", &id, in.Code+" "+dateOf(in.ValidTo).String())
	})
	if err != nil {
		return contract.Organisation{}, err
	}
	q := s.st.Q()
	o, err := q.OrganisationByID(ctx, id)
	if err := one(err, "the organisation"); err != nil {
		return contract.Organisation{}, err
	}
	views, err := s.organisationViews(ctx, q, a, []db.Organisation{o})
	if err != nil {
		return contract.Organisation{}, err
	}
	return views[0], nil
}

func declares(kind, code string) bool {
	for _, d := range duties(kind) {
		if d.Code == code {
			return true
		}
	}
	return false
}

// duties are what an organisation of a kind declares.
func duties(kind string) []consult.DeclarationInfo {
	if kind == kindAuthority {
		return nil
	}
	return consult.DeclarationsOf(kind == kindMedical)
}

// declarationViews gives each duty of an organisation with what was declared last.
func declarationViews(a identity.Actor, o db.Organisation, rows []db.DeclarationsOfRow, today consult.Date) []contract.Declaration {
	out := []contract.Declaration{}
	for _, d := range duties(o.Kind) {
		v := contract.Declaration{Code: d.Code, Rule: d.Rule, Label: d.Label(lang(a)), Hint: d.Hint.Label(lang(a))}
		for _, r := range rows {
			if r.OrganisationID != o.ID || r.Code != d.Code {
				continue
			}
			dated, last := dayOf(r.DatedOn), dayOf(r.ValidTo)
			v.Document, v.DatedOn, v.ValidTo, v.By, v.At = some(r.Document), &dated, &last, some(r.DisplayName), utc(&r.DeclaredAt)
			v.InForce = today.Within(consult.DateFromTime(r.DatedOn), consult.DateFromTime(r.ValidTo))
		}
		out = append(out, v)
	}
	return out
}

// processSituation adds what the record says of how it went, what both institutions have declared, and whether the doctor acts for the invited one.
func (s *Service) processSituation(ctx context.Context, q *db.Queries, c db.Consultation, side inviter, at time.Time, out *consult.Situation) error {
	facts, err := q.GateFacts(ctx, db.GateFactsParams{ConsultationID: c.ID, InvitedOrgID: c.InvitedOrgID, DoctorID: c.DoctorID, At: at})
	if err != nil {
		return fmt.Errorf("how it went: %w", err)
	}
	out.IndividualInvited = facts.ForeignDoctor
	out.Process = &consult.ProcessFacts{Declines: int(facts.Declines), Reasoned: int(facts.Reasoned), AnswerDue: value(c.AcceptDueAt), AnsweredAt: value(c.AcceptedAt),
		Over: c.EndedAt != nil, Signed: facts.Signed, Adopted: c.AdoptedAt != nil, RecordMonths: int(facts.RecordMonths), ProcessMonths: int(facts.ProcessMonths), Leaks: int(facts.Leaks)}
	if out.Process.TraceBroken, err = recordBroken(ctx, q, c.ID); err != nil {
		return err
	}
	inviting, all := []uuid.UUID{c.InvitingOrgID}, []uuid.UUID{c.InvitingOrgID}
	if side.site != nil {
		inviting, all = append(inviting, *side.site), append(all, *side.site)
	}
	if c.InvitedOrgID != nil {
		all = append(all, *c.InvitedOrgID)
		out.Invitee.Declared = consult.Declarations{}
	}
	rows, err := q.DeclarationsOn(ctx, db.DeclarationsOnParams{Organisations: all, Day: out.Day.Time()})
	if err != nil {
		return fmt.Errorf("declarations: %w", err)
	}
	out.InviterDeclared = consult.Declarations{}
	for _, r := range rows {
		from, to := consult.DateFromTime(r.DatedOn), consult.DateFromTime(r.ValidTo)
		for _, org := range inviting {
			if r.OrganisationID == org {
				out.InviterDeclared.Add(r.Code, from, to)
			}
		}
		if c.InvitedOrgID != nil && r.OrganisationID == *c.InvitedOrgID {
			out.Invitee.Declared.Add(r.Code, from, to)
		}
	}
	return nil
}

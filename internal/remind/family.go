package remind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// OpenFamilyPage gives what the page behind a link shows: of a message about an appointment, or given by a nurse to ask for visits. It changes nothing, so that
// the robots that look into messages may look. An unknown, revoked or expired link is 404 link_over, whatever it was of; of one that was once good it names
// the house with its telephone (args institution, phone).
func (s *Service) OpenFamilyPage(ctx context.Context, in contract.FamilyToken) (contract.FamilyPage, error) {
	page, err := s.page(ctx, in.Token, langOf(in.Locale))
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == "link_over" {
		return page, s.over(ctx, in.Token, p)
	}
	return page, err
}

// over adds to the refusal of a link that was once good whom the family can call: what everybody may know of the house, and nothing else.
func (s *Service) over(ctx context.Context, token string, p *problem.Problem) error {
	house, err := s.st.Q().HouseOfLink(ctx, notify.TokenHash(token))
	switch {
	case store.IsNone(err) || err == nil && house.Phone == "":
		return p
	case err != nil:
		return fmt.Errorf("house of the link: %w", err)
	}
	return problem.New(p.Status, p.Code, problem.Args{"institution": house.Name, "phone": house.Phone})
}

func langOf(locale *contract.FamilyLocale) consult.Lang {
	if locale != nil && *locale == contract.FamilyLocaleEn {
		return consult.EN
	}
	return consult.ZH
}

func (s *Service) page(ctx context.Context, token string, lang consult.Lang) (contract.FamilyPage, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	c, err := linked(ctx, q, token, now)
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == "link_over" {
		return s.visits.FamilyLinkPage(ctx, token, lang)
	}
	if err != nil {
		return contract.FamilyPage{}, err
	}
	r, err := q.FamilyAppointment(ctx, c.ID)
	if err != nil {
		return contract.FamilyPage{}, fmt.Errorf("appointment of the family: %w", err)
	}
	name, err := s.keep.OpenText("residents", "name_enc", c.ResidentID, r.NameEnc)
	if err != nil {
		return contract.FamilyPage{}, fmt.Errorf("name: %w", err)
	}
	said, err := q.AnswersOf(ctx, []uuid.UUID{c.ID})
	if err != nil {
		return contract.FamilyPage{}, fmt.Errorf("answers: %w", err)
	}
	ap := contract.FamilyAppointment{Who: consult.StaffCourtesy(r.LeadName, r.LeadRole == roleNurse, lang), StartsAt: c.StartsAt.UTC(), EndsAt: c.EndsAt.UTC(),
		Place: contract.AppointmentPlace(c.Place), Status: contract.AppointmentStatus(c.Status), Revision: int(c.Revision), May: []contract.AppointmentAnswerKind{}}
	for _, w := range said {
		if w.Side != toFamily {
			continue
		}
		at := w.At.UTC()
		switch contract.AppointmentAnswerKind(w.Answer) {
		case contract.AppointmentAnswerKindCONFIRMED:
			ap.ConfirmedAt = &at
		case contract.AppointmentAnswerKindCANCELLED:
			ap.CancelledAt = &at
		case contract.AppointmentAnswerKindCALLBACK:
			if w.DoneAt == nil {
				ap.CallBackAt = &at
			}
		}
	}
	if c.Status == "BOOKED" && now.Before(c.StartsAt) {
		if ap.ConfirmedAt == nil {
			ap.May = append(ap.May, contract.AppointmentAnswerKindCONFIRMED)
		}
		ap.May = append(ap.May, contract.AppointmentAnswerKindCANCELLED)
		if ap.CallBackAt == nil {
			ap.May = append(ap.May, contract.AppointmentAnswerKindCALLBACK)
		}
	}
	out := contract.FamilyPage{Name: consult.ResidentCourtesy(name, r.Sex, r.EthnicCode, lang), Institution: r.HomeName, Appointment: &ap}
	if r.HomePhone != "" {
		out.Phone = &r.HomePhone
	}
	return out, nil
}

// linked is the one appointment of a link that is not over.
func linked(ctx context.Context, q *db.Queries, token string, now time.Time) (db.Appointment, error) {
	c, err := q.AppointmentOfLink(ctx, db.AppointmentOfLinkParams{TokenHash: notify.TokenHash(token), Now: now})
	if store.IsNone(err) {
		return c, problem.New(http.StatusNotFound, "link_over", nil)
	}
	if err != nil {
		return c, fmt.Errorf("link: %w", err)
	}
	return c, nil
}

// AnswerFamilyPage is what a family says about the appointment of its link. Said again it changes nothing, however often. Errors: 404 link_over; 409
// appointment_changed where the page showed an earlier time, appointment_state once it has begun or is over, appointment_under_way; 422 for a cancellation without a reason.
func (s *Service) AnswerFamilyPage(ctx context.Context, in contract.FamilyAnswer) (contract.FamilyPage, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	c, err := linked(ctx, q, in.Token, now)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	var reason contract.AppointmentCancelReason
	switch {
	case in.Answer == contract.AppointmentAnswerKindCANCELLED && in.Reason == nil:
		return contract.FamilyPage{}, problem.Invalid(problem.Field{Path: "reason", Code: "required"})
	case in.Answer == contract.AppointmentAnswerKindCANCELLED:
		reason = contract.AppointmentCancelReason(*in.Reason)
	}
	if c.Status == "BOOKED" && !now.Before(c.StartsAt) {
		return contract.FamilyPage{}, problem.New(http.StatusConflict, "appointment_state", nil)
	}
	if err := s.book.FamilyAnswers(ctx, c.ID, in.Revision, in.Answer, reason); err != nil {
		return contract.FamilyPage{}, err
	}
	return s.page(ctx, in.Token, langOf(in.Locale))
}

// RequestFamilyVisit asks for a visit of the resident of a link; see visits.RequestByFamily.
func (s *Service) RequestFamilyVisit(ctx context.Context, in contract.FamilyVisitRequest) (contract.FamilyPage, error) {
	if err := s.visits.RequestByFamily(ctx, in); err != nil {
		return contract.FamilyPage{}, err
	}
	return s.visits.FamilyLinkPage(ctx, in.Token, langOf(in.Locale))
}

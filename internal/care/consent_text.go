package care

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetConsentText gives the consent text in force, with the names of the caller's institution and of its partner hospitals in
// it. Its hash is that of the very words that are shown; giveConsent takes no other.
func (s *Service) GetConsentText(ctx context.Context, a identity.Actor, in contract.GetConsentTextParams) (contract.ConsentText, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.ConsentText{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.ConsentText{}, err
	}
	text, err := s.consentText(ctx, q, a, in.Locale, now)
	if err != nil {
		return contract.ConsentText{}, err
	}
	title, paragraphs, ticks := splitConsent(text.Body)
	out := contract.ConsentText{Version: text.Version, Locale: in.Locale, Hash: text.Hash, Title: title, Paragraphs: paragraphs,
		Ticks: []contract.ConsentTick{}, ValidDays: int(s.cfg.ConsentValidity / (24 * time.Hour))}
	codes := []contract.ConsentTickCode{"medical", "sensitive", "provision", "recording", "teaching"}
	for i, code := range codes {
		if i < len(ticks) {
			out.Ticks = append(out.Ticks, contract.ConsentTick{Code: code, Text: ticks[i], Required: i < len(consult.RequiredTicks())})
		}
	}
	return out, nil
}

// consentText renders the text for the actor: the same actor gets the same words as long as the agreements stay.
func (s *Service) consentText(ctx context.Context, q *db.Queries, a identity.Actor, locale contract.Locale, now time.Time) (consult.ConsentText, error) {
	var homes, hospitals, phones []string
	for _, id := range a.Organisations(bedsideRoles()...) {
		o, err := q.CaseOrganisation(ctx, id)
		if err != nil {
			return consult.ConsentText{}, fmt.Errorf("institution: %w", err)
		}
		homes = appendNew(homes, o.Name)
		phones = appendNew(phones, o.Phone)
		agreements, err := q.AgreementsOfInviter(ctx, id)
		if err != nil {
			return consult.ConsentText{}, fmt.Errorf("agreements: %w", err)
		}
		for _, g := range agreements {
			if !inForce(g, now) {
				continue
			}
			h, err := q.CaseOrganisation(ctx, g.InvitedOrgID)
			if err != nil {
				return consult.ConsentText{}, fmt.Errorf("partner hospital: %w", err)
			}
			hospitals = appendNew(hospitals, h.Name)
		}
	}
	l, and, none, fees := consult.ZH, "、", "合作医院", consentFeesZH
	if strings.HasPrefix(string(locale), "en") {
		l, and, none, fees = consult.EN, ", ", "the partner hospital", consentFeesEN
	}
	if len(hospitals) == 0 {
		hospitals = []string{none}
	}
	phones = appendNew(phones, s.cfg.ConsultPhone)
	text, err := consult.RenderConsent(consult.ConsentVersion, l, consult.ConsentParties{CareInstitution: strings.Join(homes, and),
		PartnerHospital: strings.Join(hospitals, and), Fees: fees, Contact: strings.Join(append(homes, phones...), and)})
	if err != nil {
		return text, fmt.Errorf("consent text: %w", err)
	}
	return text, nil
}

// What the text says about fees: prices are public, the program adds none.
const (
	consentFeesZH = "按照公布的医疗服务价格收取，收费前会告诉您；使用本系统不另收费。"
	consentFeesEN = "Charged by the published prices of medical services; you are told before anything is charged. Using this system costs nothing extra."
)

// splitConsent takes the rendered text apart for the page: its title, its paragraphs, and the texts of the five boxes, which
// are the list in which the required ones are marked.
func splitConsent(body string) (title string, paragraphs, ticks []string) {
	for block := range strings.SplitSeq(body, "\n\n") {
		block = strings.TrimSpace(block)
		if t, ok := strings.CutPrefix(block, "# "); ok {
			title = t
			continue
		}
		if block == "" {
			continue
		}
		lines := strings.Split(block, "\n")
		if boxes := tickTexts(lines); boxes != nil {
			ticks = boxes
			continue
		}
		paragraphs = append(paragraphs, strings.TrimLeft(block, "# "))
	}
	return title, paragraphs, ticks
}

func tickTexts(lines []string) []string {
	if len(lines) != 5 {
		return nil
	}
	out := make([]string, 0, len(lines))
	for i, line := range lines {
		text, ok := strings.CutPrefix(line, fmt.Sprintf("%d. ", i+1))
		if !ok {
			return nil
		}
		out = append(out, text)
	}
	return out
}

func appendNew(list []string, s string) []string {
	if s == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// inForce says whether an agreement is in force on a day.
func inForce(g db.Agreement, at time.Time) bool {
	return !ended(g, at) && consult.DateOf(at).Within(consult.DateFromTime(g.ValidFrom), consult.DateFromTime(g.ValidTo))
}

// ended: an agreement that was ended at once was in force until then, also when an earlier session is judged again.
func ended(g db.Agreement, at time.Time) bool {
	return g.TerminatedAt != nil && !at.Before(*g.TerminatedAt)
}

// consentValid judges a stored consent at an instant, for one consultation.
func consentValid(c db.Consent, consultation uuid.UUID, at time.Time) bool {
	if c.WithdrawnAt != nil && !at.Before(*c.WithdrawnAt) || at.Before(c.SignedAt) || !at.Before(c.ValidUntil) {
		return false
	}
	if c.SignerKind == string(consult.SignerEmergency) {
		return c.ConsultationID != nil && *c.ConsultationID == consultation
	}
	return c.TickMedical && c.TickSensitive && c.TickProvision
}

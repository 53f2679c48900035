package care

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// consentPeople are the accounts that consents name.
func consentPeople(rows ...db.Consent) []uuid.UUID {
	var out []uuid.UUID
	for _, c := range rows {
		out = append(out, c.WitnessID)
		for _, id := range []*uuid.UUID{c.SecondWitnessID, c.WithdrawalRecordedBy} {
			if id != nil {
				out = append(out, *id)
			}
		}
	}
	return out
}

func loadPeople(ctx context.Context, q *db.Queries, people map[uuid.UUID]db.CasePeopleRow, ids []uuid.UUID, now time.Time) error {
	rows, err := q.CasePeople(ctx, db.CasePeopleParams{Ids: ids, Day: consult.DateOf(now).Time()})
	if err != nil {
		return fmt.Errorf("people: %w", err)
	}
	for _, r := range rows {
		people[r.ID] = r
	}
	return nil
}

// consentView shows a consent for a consultation (uuid.Nil: for none). Who takes no part in the case sees no names.
func (s *Service) consentView(c db.Consent, people map[uuid.UUID]db.CasePeopleRow, named bool, consultation uuid.UUID, now time.Time) (contract.Consent, error) {
	ticks := []string{}
	for _, t := range []struct {
		code string
		set  bool
	}{{"medical", c.TickMedical}, {"sensitive", c.TickSensitive}, {"provision", c.TickProvision}, {"recording", c.TickRecording}, {"teaching", c.TickTeaching}} {
		if t.set {
			ticks = append(ticks, t.code)
		}
	}
	emergency := c.SignerKind == string(consult.SignerEmergency)
	out := contract.Consent{Id: c.ID, SignerKind: c.SignerKind, Relation: some(c.Relation), Method: c.Method, TextVersion: c.TextVersion,
		TextHash: hex.EncodeToString(c.TextHash), Ticks: ticks, Witness: some(people[c.WitnessID].DisplayName), SignedAt: c.SignedAt.UTC(),
		ValidUntil: c.ValidUntil.UTC(), WithdrawnAt: utc(c.WithdrawnAt), Valid: consentValid(c, consultation, now), WithdrawnBy: some(c.WithdrawnBy),
		FollowedById: c.FollowedByID, Withdrawable: some(!emergency && c.WithdrawnAt == nil && now.Before(c.ValidUntil))}
	if c.SecondWitnessID != nil {
		out.SecondWitness = some(people[*c.SecondWitnessID].DisplayName)
	}
	if c.WithdrawalRecordedBy != nil {
		out.WithdrawalRecordedBy = some(people[*c.WithdrawalRecordedBy].DisplayName)
	}
	if emergency && c.FollowedByID == nil {
		due := c.SignedAt.Add(consult.FollowUpConsentWithin).UTC()
		out.FollowUpDueAt = &due
	}
	if !named {
		return out, nil
	}
	out.SignatureId, out.EvidenceId = c.SignatureAttachmentID, c.EvidenceAttachmentID
	var phone string
	for _, f := range []struct {
		column string
		sealed []byte
		to     func(string)
	}{
		{"signer_name_enc", c.SignerNameEnc, func(v string) { out.SignerName = some(v) }},
		{"reason_enc", c.ReasonEnc, func(v string) { out.Reason = some(v) }},
		{"withdrawn_name_enc", c.WithdrawnNameEnc, func(v string) { out.WithdrawnByName = some(v) }},
		{"withdrawal_reason_enc", c.WithdrawalReasonEnc, func(v string) { out.WithdrawalReason = some(v) }},
		{"phone_enc", c.PhoneEnc, func(v string) { phone = v }},
	} {
		text, err := s.openText("consents", f.column, c.ID, f.sealed)
		if err != nil {
			return out, err
		}
		f.to(text)
	}
	if phone != "" {
		out.PhoneMasked = some(consult.MaskPhone(phone))
	}
	return out, nil
}

// consentTasksSince is how long an overdue consent stays on the worklist.
const consentTasksSince = 30 * 24 * time.Hour

// consentTasks lists the consents that are to follow an emergency: of CRITICAL requests that went with an emergency approval or
// with nothing, due 24 h after it.
func (s *Service) consentTasks(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time) ([]contract.ConsentTask, error) {
	out := []contract.ConsentTask{}
	if !a.Has(bedsideRoles()...) {
		return out, nil
	}
	rows, err := q.ConsentsToFollow(ctx, db.ConsentsToFollowParams{Organisations: a.Organisations(RoleNurse, RoleAttending), UserID: a.UserID, Works: a.Organisations(bedsideRoles()...), Since: now.Add(-consentTasksSince)})
	if err != nil {
		return nil, fmt.Errorf("consents to follow: %w", err)
	}
	for _, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return nil, err
		}
		out = append(out, contract.ConsentTask{ConsultationId: r.ID, Serial: r.Serial, ResidentId: r.ResidentID, ResidentName: name, Bed: r.Bed,
			Since: r.Since.UTC(), DueAt: r.Since.Add(consult.FollowUpConsentWithin).UTC()})
	}
	return out, nil
}

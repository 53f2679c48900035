package care

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GiveConsent stores who consented to which words (G-RM-07), or the emergency approval of a CRITICAL request (G-RM-13). The
// caller is the witness, never the signer. It is drawn on the tablet, confirmed by a code that was sent to a telephone on file,
// scanned from paper, or spoken before a second witness with a recording. An emergency approval given by a nurse waits for its
// approver: an attending doctor gives it again within 24 h; the consent of a person that comes after an emergency approval stands
// beside it and is no reason to forget it. A request that was taken and only lacked the consent goes on to waiting.
func (s *Service) GiveConsent(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ConsentInput) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	proof, err := s.proofOf(ctx, a, cmd, id, in)
	if err != nil {
		return contract.Consultation{}, err
	}
	err = s.onConsultation(ctx, a, &cmd, "giveConsent", id, withoutSecrets(in), bedside, func(ch *change) error {
		if !consentTakableOf(ch.c) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		resident, err := ch.q.CaseResident(ctx, ch.c.ResidentID)
		if err != nil {
			return fmt.Errorf("resident: %w", err)
		}
		row, err := s.checkedConsent(ctx, ch, a, in, resident, proof)
		if err != nil {
			return err
		}
		if proof.ink != nil && row.Method == string(consult.MethodHandwritten) {
			attachment, err := s.storePicture(ctx, ch, a, "SIGNATURE", *proof.ink)
			if err != nil {
				return err
			}
			row.SignatureAttachmentID = &attachment.ID
		}
		if err := ch.q.AddConsent(ctx, row); err != nil {
			return fmt.Errorf("store the consent: %w", err)
		}
		if err := s.linkConsent(ctx, ch, row); err != nil {
			return err
		}
		ch.touch("consent")
		if ch.c.State == string(consult.StateOffered) {
			ch.inQueue("updated")
		}
		if err := ch.record(ctx, eventConsentGiven, map[string]any{"consentId": row.ID, "signerKind": row.SignerKind, "method": row.Method,
			"approved": row.ApproverID != nil, "textVersion": row.TextVersion}); err != nil {
			return err
		}
		return s.readyIfConsented(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// linkConsent makes the consent that of the consultation. One that follows an emergency approval does not take its place: the
// approval is what covered the call.
func (s *Service) linkConsent(ctx context.Context, ch *change, row db.AddConsentParams) error {
	if row.SignerKind != string(consult.SignerEmergency) {
		followed, err := ch.q.FollowEmergency(ctx, db.FollowEmergencyParams{ConsultationID: &ch.c.ID, FollowedByID: &row.ID})
		if err != nil {
			return fmt.Errorf("follow the emergency approval: %w", err)
		}
		if len(followed) > 0 && ch.c.ConsentID != nil && ch.c.StartedAt != nil {
			return nil
		}
	}
	if err := ch.q.SetConsent(ctx, db.SetConsentParams{ID: ch.c.ID, ConsentID: &row.ID, Now: ch.now}); err != nil {
		return fmt.Errorf("link the consent: %w", err)
	}
	ch.c.ConsentID = &row.ID
	return nil
}

// consentTakable: until the record is closed; an emergency's approval may come after the report.
func consentTakable(st consult.State) bool {
	return editable(st) || st == consult.StateReported || st == consult.StateAdopted || st == consult.StateFollowUp
}

// consentTakableOf is consentTakable, and for a CRITICAL request also after the record was closed: its consent may still be due.
func consentTakableOf(c db.Consultation) bool {
	return consentTakable(consult.State(c.State)) || c.Urgency == string(consult.Critical) && c.State == string(consult.StateArchived)
}

// checkedConsent asks the domain and makes the row.
func (s *Service) checkedConsent(ctx context.Context, ch *change, a identity.Actor, in contract.ConsentInput, resident db.Resident, proof consentProof) (db.AddConsentParams, error) {
	row := db.AddConsentParams{ID: newID(), ResidentID: resident.ID, ConsultationID: &ch.c.ID, SignerKind: string(in.SignerKind),
		Relation: value(in.Relation), Capacity: resident.Capacity, Method: methodOf(in), TextVersion: in.TextVersion, TextLocale: string(in.Locale),
		WitnessID: a.UserID, SignedAt: ch.now, ValidUntil: ch.now.Add(s.cfg.ConsentValidity)}
	var fields []problem.Field
	text, err := s.consentText(ctx, ch.q, a, in.Locale, ch.now)
	if err != nil {
		return row, err
	}
	if in.TextVersion != text.Version || in.TextHash != text.Hash {
		return row, problem.New(http.StatusConflict, "consent_text_changed", nil)
	}
	if row.TextHash, err = hex.DecodeString(in.TextHash); err != nil {
		return row, problem.Invalid(problem.Field{Path: "textHash", Code: "wrong_type"})
	}
	asked := consult.Consent{Signer: consult.SignerKind(in.SignerKind), Capacity: consult.Capacity(resident.Capacity), Relation: consult.Relation(value(in.Relation)),
		Method: consult.ConsentMethod(row.Method), Witnessed: true, TextVersion: in.TextVersion, TextHash: in.TextHash, SignedAt: ch.now,
		NotToldReason: value(in.Reason), EmergencyReason: value(in.Reason)}
	for _, t := range in.Ticks {
		asked.Ticks = append(asked.Ticks, consult.ConsentTick(strings.ToUpper(string(t))))
		switch t {
		case "medical":
			row.TickMedical = true
		case "sensitive":
			row.TickSensitive = true
		case "provision":
			row.TickProvision = true
		case "recording":
			row.TickRecording = true
		case "teaching":
			row.TickTeaching = true
		}
	}
	signer := strings.TrimSpace(value(in.SignerName))
	switch asked.Signer {
	case consult.SignerEmergency:
		row.Method, asked.Method = "EMERGENCY_APPROVAL", consult.MethodEmergency
		row.ValidUntil = ch.now.Add(consult.EmergencyApprovalWithin)
		signer = a.Name
		if ch.sight.attending {
			asked.ApproverRole, asked.ApprovedAt = consult.RoleAttending, ch.now
			row.ApproverID = &a.UserID
		}
	case consult.SignerSelf:
		if signer, err = s.openText("residents", "name_enc", resident.ID, resident.NameEnc); err != nil {
			return row, err
		}
	default:
		if signer == "" {
			fields = append(fields, problem.Field{Path: "signerName", Code: "required"})
		}
		asked.SignerIsStaff = signer == a.Name || proof.witness != nil && signer == proof.witnessName
		if err := s.guardianOrder(ctx, ch, resident.ID, &asked, value(in.Reason)); err != nil {
			return row, err
		}
	}
	if asked.Signer != consult.SignerEmergency {
		wrong, err := s.applyProof(ctx, ch, in, signer, proof, &asked, &row)
		if err != nil {
			return row, err
		}
		fields = append(fields, wrong...)
	}
	err = consult.CheckConsent(asked, consult.Urgency(ch.c.Urgency), ch.now)
	for _, r := range consult.Refusals(err) {
		fields = append(fields, problem.Field{Path: consentField(r.Code), Code: r.Code, Args: r.Args})
	}
	if len(fields) > 0 {
		return row, problem.Invalid(fields...)
	}
	row.SignerNameEnc = s.sealText("consents", "signer_name_enc", row.ID, signer)
	row.ReasonEnc = s.sealText("consents", "reason_enc", row.ID, value(in.Reason))
	return row, nil
}

// guardianOrder looks at the register for guardians who come before the signer (Civil Code art. 28). That they are dead,
// unable or not to be found, or that the committee agreed, is said in the reason.
func (s *Service) guardianOrder(ctx context.Context, ch *change, resident uuid.UUID, asked *consult.Consent, why string) error {
	known, err := ch.q.CaseGuardians(ctx, resident)
	if err != nil {
		return fmt.Errorf("guardians: %w", err)
	}
	closer := false
	rank := consult.GuardianRank(asked.Relation)
	for _, g := range known {
		if r := consult.GuardianRank(consult.Relation(g.Relation)); g.IsGuardian && r >= 0 && r < rank {
			closer = true
		}
	}
	asked.NoCloserGuardian = !closer || !blank(why)
	asked.Endorsed = !blank(why)
	return nil
}

// consentField is the field of the request to which a refusal belongs.
func consentField(code string) string {
	switch code {
	case consult.CodeConsentTicks:
		return "ticks"
	case consult.CodeConsentRelation, consult.CodeConsentOrder:
		return "relation"
	case consult.CodeConsentStaff:
		return "signerName"
	case consult.CodeConsentWhyNotTold, consult.CodeConsentEndorsement, consult.CodeReasonRequired:
		return "reason"
	case consult.CodeConsentText:
		return "textHash"
	case consult.CodeConsentMethod:
		return "method"
	case consult.CodeConsentCode:
		return "code"
	case consult.CodeConsentEvidence:
		return "evidenceId"
	case consult.CodeConsentSecondWitness:
		return "secondWitness"
	}
	return "signerKind"
}

// standingConsent is the consent that covers a consultation at an instant, nil when there is none.
func (s *Service) standingConsent(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time) (*db.Consent, error) {
	row, err := q.LatestConsent(ctx, db.LatestConsentParams{ResidentID: c.ResidentID, ConsultationID: &c.ID, InvitingOrgID: some(c.InvitingOrgID), Now: at})
	if store.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	if !consentValid(row, c.ID, at) {
		return nil, nil
	}
	return &row, nil
}

// consented says whether the call may begin: with a consent, or CRITICAL, whose approver may follow.
func (s *Service) consented(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time) (bool, error) {
	if c.Urgency == string(consult.Critical) {
		return true, nil
	}
	consent, err := s.standingConsent(ctx, q, c, at)
	return consent != nil, err
}

// readyIfConsented moves an accepted request on to waiting as soon as nothing is in the way of the call.
func (s *Service) readyIfConsented(ctx context.Context, ch *change) error {
	if ch.c.State != string(consult.StateAccepted) || written(ch.c) {
		return nil
	}
	ok, err := s.consented(ctx, ch.q, ch.c, ch.now)
	if err != nil || !ok {
		return err
	}
	return ch.step(ctx, consult.ActReady, consult.RoleSystem, "", nil)
}

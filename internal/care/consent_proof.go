package care

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Codes for a consent.
const (
	consentCodeMinutes = 10
	consentCodeTries   = 5
	consentCodeEvery   = time.Minute
	consentCodesAnHour = 5
	lookupConsentCode  = "consent_code"
)

// consentProof is how a consent was given, as far as it was looked at before the lock: a picture is decoded, a second witness's
// password compared and a code tried only once, whatever becomes of the transaction.
type consentProof struct {
	ink         *picture
	witness     *uuid.UUID // the second one
	witnessName string
	code        *db.ConsentCode // repeated rightly
}

// methodOf is the way of a consent; a drawn signature when none is named.
func methodOf(in contract.ConsentInput) string {
	if in.Method == nil {
		return string(consult.MethodHandwritten)
	}
	return string(*in.Method)
}

// withoutSecrets is the request as it is remembered: passwords and codes are hashed with nothing that would keep them.
func withoutSecrets(in contract.ConsentInput) contract.ConsentInput {
	in.Code = nil
	if in.SecondWitness != nil {
		in.SecondWitness = &contract.SecondWitness{Username: in.SecondWitness.Username}
	}
	return in
}

// proofOf looks at what was brought to prove a consent. A command that was carried out before brings nothing anew.
func (s *Service) proofOf(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ConsentInput) (consentProof, error) {
	var proof consentProof
	q := s.st.Q()
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{id, withoutSecrets(in)}
	now, err := s.clock(ctx, q)
	if err != nil {
		return proof, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return proof, err
	}
	if !bedside(v) {
		return proof, problem.Forbidden()
	}
	if done, _, err := s.once(ctx, q, a, cmd, "giveConsent", keyed); err != nil || done {
		return proof, err
	}
	method := consult.ConsentMethod(methodOf(in))
	if method == consult.MethodHandwritten && in.SignaturePng != nil && len(*in.SignaturePng) > 0 {
		p, err := s.inPlace(ctx, *in.SignaturePng, decodeSignature)
		if err != nil {
			return proof, err
		}
		proof.ink = &p
	}
	if method == consult.MethodVoiceVideo && in.SecondWitness != nil {
		if err := s.secondWitness(ctx, a, c.InvitingOrgID, *in.SecondWitness, &proof); err != nil {
			return proof, err
		}
	}
	if method == consult.MethodSMS && in.CodeId != nil && !blank(value(in.Code)) {
		return proof, s.tryCode(ctx, q, id, *in.CodeId, *in.Code, now, &proof)
	}
	return proof, nil
}

// secondWitness checks that somebody else who works in the institution stands there too.
func (s *Service) secondWitness(ctx context.Context, a identity.Actor, org uuid.UUID, in contract.SecondWitness, proof *consentProof) error {
	witness, name, err := s.id.VerifyColleague(ctx, in.Username, in.Password)
	if err != nil {
		return err
	}
	held, err := s.id.MembershipsOf(ctx, []uuid.UUID{witness})
	if err != nil {
		return fmt.Errorf("second witness: %w", err)
	}
	here := false
	for _, m := range held[witness] {
		here = here || m.OrganisationID == org
	}
	if witness == a.UserID || !here {
		return problem.Invalid(problem.Field{Path: "secondWitness/username", Code: "witness_other"})
	}
	proof.witness, proof.witnessName = &witness, name
	return nil
}

// tryCode compares a code. Each try counts, also one that is rolled back otherwise.
func (s *Service) tryCode(ctx context.Context, q *db.Queries, consultation, id uuid.UUID, code string, now time.Time, proof *consentProof) error {
	row, err := q.TryConsentCode(ctx, db.TryConsentCodeParams{ID: id, ConsultationID: consultation, Now: now, Most: consentCodeTries})
	if store.IsNone(err) {
		return problem.Invalid(problem.Field{Path: "code", Code: "consent_code_over"})
	}
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	fits := false
	for _, h := range s.keep.Lookups(lookupConsentCode, id.String()+strings.TrimSpace(code)) {
		fits = hmac.Equal(row.CodeHmac, h) || fits
	}
	if !fits {
		left := consentCodeTries - int(row.Attempts)
		return problem.Invalid(problem.Field{Path: "code", Code: "consent_code_wrong", Args: problem.Args{"left": fmt.Sprint(left)}})
	}
	proof.code = &row
	return nil
}

// applyProof writes what proves the consent into the row, and tells the domain of it. What it gives back is wrong.
func (s *Service) applyProof(ctx context.Context, ch *change, in contract.ConsentInput, signer string, proof consentProof, asked *consult.Consent, row *db.AddConsentParams) ([]problem.Field, error) {
	switch asked.Method {
	case consult.MethodHandwritten:
		if proof.ink == nil {
			return []problem.Field{{Path: "signaturePng", Code: "signature_needed"}}, nil
		}
	case consult.MethodSMS:
		if proof.code == nil {
			return nil, nil // the domain says what is missing
		}
		sentTo, err := s.openText("consent_codes", "signer_name_enc", proof.code.ID, proof.code.SignerNameEnc)
		if err != nil {
			return nil, err
		}
		if sentTo != signer || proof.code.SignerKind != row.SignerKind {
			return []problem.Field{{Path: "code", Code: "consent_code_other"}}, nil
		}
		used, err := ch.q.UseConsentCode(ctx, db.UseConsentCodeParams{ID: proof.code.ID, Now: &ch.now})
		if err != nil {
			return nil, fmt.Errorf("use the code: %w", err)
		}
		if used != 1 {
			return []problem.Field{{Path: "code", Code: "consent_code_over"}}, nil
		}
		phone, err := s.openText("consent_codes", "phone_enc", proof.code.ID, proof.code.PhoneEnc)
		if err != nil {
			return nil, err
		}
		asked.CodeConfirmed = true
		row.PhoneEnc = s.sealText("consents", "phone_enc", row.ID, phone)
	case consult.MethodPaper, consult.MethodVoiceVideo:
		asked.SecondWitness, row.SecondWitnessID = proof.witness != nil, proof.witness
		if in.EvidenceId == nil {
			return nil, nil
		}
		kind := "CONSENT_SCAN"
		if asked.Method == consult.MethodVoiceVideo {
			kind = "CONSENT_RECORDING"
		}
		stored, err := ch.q.AttachmentByID(ctx, *in.EvidenceId)
		if err != nil && !store.IsNone(err) {
			return nil, fmt.Errorf("evidence: %w", err)
		}
		if err != nil || stored.Kind != kind || value(stored.ConsultationID) != ch.c.ID {
			return []problem.Field{{Path: "evidenceId", Code: "consent_evidence_other"}}, nil
		}
		asked.Evidence, row.EvidenceAttachmentID = true, in.EvidenceId
	}
	return nil, nil
}

// SendConsentCode sends a code to the telephone on file of who is to sign: the resident's own, or that of the guardian or relative
// of this name. What nobody has on file is not a telephone of theirs. Errors: 422 consent_phone_missing, sms_not_set_up, 429
// too_many_requests, 502 sms_failed.
func (s *Service) SendConsentCode(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ConsentCodeRequest) (contract.ConsentCode, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.ConsentCode{}, err
	}
	code, err := sixDigits()
	if err != nil {
		return contract.ConsentCode{}, err
	}
	var out contract.ConsentCode
	var channel notify.Channel
	var phone string
	err = s.onConsultation(ctx, a, &cmd, "sendConsentCode", id, in, bedside, func(ch *change) error {
		if !consentTakableOf(ch.c) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		sent, err := ch.q.ConsentCodesSince(ctx, db.ConsentCodesSinceParams{ResidentID: ch.c.ResidentID, Since: ch.now.Add(-time.Hour)})
		if err != nil {
			return fmt.Errorf("codes: %w", err)
		}
		if wait := consentCodeEvery - ch.now.Sub(sent.Last); wait > 0 || sent.Sent >= consentCodesAnHour {
			return codeTooSoon(max(wait, time.Second))
		}
		var signer string
		if signer, phone, err = s.phoneOfSigner(ctx, ch, in); err != nil {
			return err
		}
		if channel, err = s.smsChannel(ctx, ch.q, ch.c.InvitingOrgID); err != nil {
			return err
		}
		out = contract.ConsentCode{Id: newID(), PhoneMasked: consult.MaskPhone(phone), ExpiresAt: ch.now.Add(consentCodeMinutes * time.Minute).UTC()}
		if err := ch.q.AddConsentCode(ctx, db.AddConsentCodeParams{ID: out.Id, ConsultationID: id, SignerKind: string(in.SignerKind),
			SignerNameEnc: s.sealText("consent_codes", "signer_name_enc", out.Id, signer), PhoneEnc: s.sealText("consent_codes", "phone_enc", out.Id, phone),
			CodeHmac: s.keep.Lookup(lookupConsentCode, out.Id.String()+code), RequestedBy: a.UserID, Now: ch.now, ExpiresAt: out.ExpiresAt}); err != nil {
			return fmt.Errorf("code: %w", err)
		}
		return nil
	})
	if err != nil {
		return contract.ConsentCode{}, err
	}
	if out.Id == uuid.Nil { // the command was carried out and its answer lost: the next code is another one
		return contract.ConsentCode{}, codeTooSoon(consentCodeEvery)
	}
	o, err := s.notify.SendCode(ctx, channel, phone, code, consentCodeMinutes)
	if err != nil {
		return contract.ConsentCode{}, fmt.Errorf("send the code: %w", err)
	}
	if !o.OK {
		if err := s.st.Q().DropConsentCode(context.WithoutCancel(ctx), out.Id); err != nil {
			return contract.ConsentCode{}, fmt.Errorf("drop the code: %w", err)
		}
		return contract.ConsentCode{}, problem.New(http.StatusBadGateway, "sms_failed", nil)
	}
	return out, nil
}

// phoneOfSigner finds the mobile number on file of who is to sign.
func (s *Service) phoneOfSigner(ctx context.Context, ch *change, in contract.ConsentCodeRequest) (signer, phone string, err error) {
	resident, err := ch.q.CaseResident(ctx, ch.c.ResidentID)
	if err != nil {
		return "", "", fmt.Errorf("resident: %w", err)
	}
	if consult.SignerKind(in.SignerKind) == consult.SignerSelf {
		if signer, err = s.openText("residents", "name_enc", resident.ID, resident.NameEnc); err != nil {
			return "", "", err
		}
		if phone, err = s.openText("residents", "phone_enc", resident.ID, resident.PhoneEnc); err != nil {
			return "", "", err
		}
	} else {
		known, err := ch.q.CaseGuardians(ctx, resident.ID)
		if err != nil {
			return "", "", fmt.Errorf("guardians: %w", err)
		}
		signer = strings.TrimSpace(value(in.SignerName))
		for _, g := range known {
			name, err := s.openText("guardians", "name_enc", g.ID, g.NameEnc)
			if err != nil {
				return "", "", err
			}
			if name != signer || phone != "" {
				continue
			}
			if phone, err = s.openText("guardians", "phone_enc", g.ID, g.PhoneEnc); err != nil {
				return "", "", err
			}
		}
	}
	mobile, err := consult.ParseMobile(phone)
	if err != nil {
		return "", "", problem.New(http.StatusUnprocessableEntity, "consent_phone_missing", nil)
	}
	return signer, mobile.Normal(), nil
}

// smsChannel opens the institution's SMS gateway.
func (s *Service) smsChannel(ctx context.Context, q *db.Queries, org uuid.UUID) (notify.Channel, error) {
	row, err := q.SMSChannelOf(ctx, org)
	if store.IsNone(err) {
		return notify.Channel{}, problem.New(http.StatusUnprocessableEntity, "sms_not_set_up", nil)
	}
	if err != nil {
		return notify.Channel{}, fmt.Errorf("SMS gateway: %w", err)
	}
	out := notify.Channel{Kind: row.Kind, Locale: row.Locale}
	if out.URL, err = s.keep.OpenText("notification_channels", "url_enc", row.ID, row.UrlEnc); err != nil {
		return out, fmt.Errorf("open the gateway: %w", err)
	}
	if out.Secret, err = s.keep.OpenText("notification_channels", "secret_enc", row.ID, row.SecretEnc); err != nil {
		return out, fmt.Errorf("open the gateway: %w", err)
	}
	return out, nil
}

// codeTooSoon asks to wait before another code is sent.
func codeTooSoon(wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	p := problem.New(http.StatusTooManyRequests, "too_many_requests", problem.Args{"seconds": strconv.Itoa(seconds)})
	p.RetryAfterSeconds = seconds
	return p
}

func sixDigits() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return fmt.Sprintf("%06d", n.Int64()), nil
}

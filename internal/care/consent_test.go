package care_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestConsentText(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	for _, locale := range []contract.Locale{"zh-CN", "en"} {
		text := must(w.Care.GetConsentText(t.Context(), w.Nurse, contract.GetConsentTextParams{Locale: locale}))(t)
		all := strings.Join(text.Paragraphs, "\n")
		if !strings.Contains(all, "阳光颐养院") || !strings.Contains(all, "青城医院") || strings.ContainsAny(all, "{}#") || text.Title == "" {
			t.Errorf("%s: title %q, text\n%s", locale, text.Title, all)
		}
		is(t, "boxes", len(text.Ticks), 5)
		is(t, "days", text.ValidDays, 180)
		for i, tick := range text.Ticks {
			is(t, "required", tick.Required, i < 3)
			if strings.Contains(tick.Text, "{") || tick.Text == "" {
				t.Errorf("box %d: %q", i, tick.Text)
			}
		}
	}
}

func TestWhoMaySign(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	blank := func() *[]byte {
		var out bytes.Buffer
		if err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 100, 50))); err != nil {
			t.Fatal(err)
		}
		b := out.Bytes()
		return &b
	}()
	garbage := []byte("not a picture")
	full, none := w.Draft(w.Nurse, w.Resident), w.Draft(w.Nurse, w.Dement)
	for name, try := range map[string]struct {
		id    uuid.UUID
		edit  func(in *contract.ConsentInput)
		field string
		code  string
	}{
		"box missing":             {full.Id, func(in *contract.ConsentInput) { in.Ticks = in.Ticks[:2] }, "ticks", "consent_ticks_missing"},
		"no signature":            {full.Id, func(in *contract.ConsentInput) { in.SignaturePng = nil }, "signaturePng", "signature_needed"},
		"empty signature":         {full.Id, func(in *contract.ConsentInput) { in.SignaturePng = blank }, "signaturePng", "signature_empty"},
		"no picture":              {full.Id, func(in *contract.ConsentInput) { in.SignaturePng = &garbage }, "signaturePng", "picture_broken"},
		"guardian not needed":     {full.Id, guardian("王建国", "CHILD", ""), "signerKind", "consent_guardian_not_needed"},
		"without capacity":        {none.Id, func(*contract.ConsentInput) {}, "signerKind", "consent_capacity"},
		"the nurse herself":       {none.Id, guardian("李护士", "SPOUSE", ""), "signerName", "consent_staff_cannot_sign"},
		"child before the spouse": {none.Id, guardian("王建国", "CHILD", ""), "relation", "consent_guardian_order"},
		"nobody":                  {none.Id, guardian("", "SPOUSE", ""), "signerName", "required"},
		"no relation":             {none.Id, guardian("王建国", "", ""), "relation", "consent_relation"},
		"relative without reason": {full.Id, func(in *contract.ConsentInput) {
			guardian("王建国", "CHILD", "")(in)
			in.SignerKind = "NEAR_RELATIVE"
		}, "reason", "consent_not_told_reason"},
		"emergency of a ROUTINE": {full.Id, func(in *contract.ConsentInput) {
			in.SignerKind = "INSTITUTION_EMERGENCY"
			in.Reason = text("联系不上家属")
		}, "signerKind", "consent_emergency_only_critical"},
	} {
		in := w.ConsentInput(w.Nurse)
		try.edit(&in)
		_, err := w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), try.id, in)
		p := problem.Of(err)
		if err == nil || len(p.Fields) == 0 || p.Fields[0].Path != try.field || p.Fields[0].Code != try.code {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
	}
	in := w.ConsentInput(w.Nurse)
	in.TextHash = strings.Repeat("0", 64)
	_, err := w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), full.Id, in)
	refused(t, err, "consent_text_changed")
	is(t, "stored", w.Count(`SELECT count(*) FROM consents`), 0)
	is(t, "pictures stored", w.Count(`SELECT count(*) FROM blobs`), 0)

	for _, who := range []struct{ name, relation, why string }{{"刘桂兰", "SPOUSE", ""}, {"王建国", "CHILD", "配偶卧病不能到场"}} {
		in := w.ConsentInput(w.Nurse)
		guardian(who.name, who.relation, who.why)(&in)
		c := must(w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), none.Id, in))(t)
		is(t, "signer", *c.Consent.SignerName, who.name)
		is(t, "witness", *c.Consent.Witness, "李护士")
		content := must2(w.Care.GetAttachment(ctx, w.Nurse, *c.Consent.SignatureId))(t)
		if _, err := png.Decode(bytes.NewReader(content)); err != nil {
			t.Error(err)
		}
	}
}

func guardian(name, relation, why string) func(in *contract.ConsentInput) {
	return func(in *contract.ConsentInput) {
		in.SignerKind, in.SignerName, in.Relation, in.Reason = "LEGAL_GUARDIAN", &name, &relation, &why
	}
}

func must2(_ string, content []byte, err error) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}

// A consent serves later requests until it expires; an emergency approval serves its own only, and waits for its approver.
func TestHowFarAConsentReaches(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	first := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, first.Id)
	second := w.Draft(w.Nurse, w.Resident)
	is(t, "needed again", second.ConsentNeeded, false)
	w.Clock.Pass(180 * 24 * time.Hour)
	is(t, "needed after a year", must(w.Care.GetConsultation(ctx, w.Nurse, second.Id))(t).ConsentNeeded, true)

	grave := w.Draft(w.Nurse, w.Dement)
	critical := contract.Urgency("CRITICAL")
	grave = must(w.Care.UpdateRequest(ctx, w.Nurse, grave.Id, contract.RequestUpdate{Revision: 1, Reasons: []string{"OTHER"}, RedFlags: []string{"CONSCIOUSNESS"}, Urgency: &critical}))(t)
	in := w.ConsentInput(w.Nurse)
	in.SignerKind, in.SignaturePng, in.Ticks = "INSTITUTION_EMERGENCY", nil, nil
	_, err := w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), grave.Id, in)
	is(t, "field", refused(t, err, "invalid_request").Fields[0].Path, "reason")
	in.Reason = text("意识不清，联系不上家属")
	grave = must(w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), grave.Id, in))(t)
	is(t, "approved by a nurse", w.Count(`SELECT count(*) FROM consents WHERE approver_id IS NOT NULL`), 0)
	w.Clock.Pass(time.Hour)
	grave = must(w.Care.GiveConsent(ctx, w.Attending, uuid.New(), grave.Id, in))(t)
	is(t, "approved", w.Count(`SELECT count(*) FROM consents WHERE approver_id = $1`, w.Attending.UserID), 1)
	is(t, "needed", grave.ConsentNeeded, false)
	other := w.Draft(w.Nurse, w.Dement)
	is(t, "needed for another", other.ConsentNeeded, true)
}

// A signature is opened for the bedside only: to everybody else the consultation is not there, whatever they send.
func TestStrangersSignatureIsNotOpened(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident)
	in := w.ConsentInput(w.PureNurse)
	broken := []byte("no picture")
	in.SignaturePng = &broken
	_, err := w.Care.GiveConsent(t.Context(), w.PureNurse, uuid.New(), c.Id, in)
	refused(t, err, "not_found")
}

// A request that lost its consent on the way waits for it before the call.
func TestConsentBeforeTheCall(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	w.Exec(`UPDATE consents SET withdrawn_at = $1`, w.Clock.Now())
	w.Clock.Pass(time.Second)
	c = w.Claim(w.Wang, c)
	is(t, "state", c.State, "ACCEPTED")
	_, err := w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, "consent_required")
	c = w.Consent(w.Nurse, c.Id)
	is(t, "state", c.State, "WAITING")
	must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
}

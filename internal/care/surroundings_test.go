package care_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"context"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// gateway is an institution's SMS gateway that keeps what it was given.
type gateway struct {
	mu   sync.Mutex
	sent []notify.SMSBody
	down bool
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var body notify.SMSBody
	if json.NewDecoder(r.Body).Decode(&body) != nil || g.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	g.sent = append(g.sent, body)
}

func (g *gateway) last() notify.SMSBody {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sent[len(g.sent)-1]
}

func openGateway(t *testing.T, w *caretest.World, org uuid.UUID) *gateway {
	t.Helper()
	g := &gateway{}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	key, id := "a-gateway's-key-of-its-own", uuid.New()
	w.Exec(`INSERT INTO notification_channels (id, organisation_id, kind, name, host, url_enc, secret_enc, created_by, created_at, updated_at)
		VALUES ($1, $2, 'SMS_WEBHOOK', '短信', 'localhost', $3, $4, $5, now(), now())`, id, org,
		w.Keeper.SealText("notification_channels", "url_enc", id, srv.URL), w.Keeper.SealText("notification_channels", "secret_enc", id, key), w.HomeAdmin.UserID)
	return g
}

func fieldOf(t *testing.T, err error) (path, code string) {
	t.Helper()
	p := problem.Of(err)
	if err == nil || len(p.Fields) == 0 {
		t.Fatalf("no field refused: %v", err)
	}
	return p.Fields[0].Path, p.Fields[0].Code
}

func TestConsentByCode(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Dement)
	spouse := contract.ConsentCodeRequest{SignerKind: "LEGAL_GUARDIAN", SignerName: text("刘桂兰")}
	_, err := w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse)
	refused(t, err, "consent_phone_missing")
	w.Exec(`UPDATE guardians SET phone_enc = NULL`)
	var guardian uuid.UUID
	if err := w.Store.Pool.QueryRow(ctx, `SELECT id FROM guardians WHERE resident_id = $1`, w.Dement).Scan(&guardian); err != nil {
		t.Fatal(err)
	}
	w.Exec(`UPDATE guardians SET phone_enc = $2 WHERE id = $1`, guardian, w.Keeper.SealText("guardians", "phone_enc", guardian, "13800138000"))
	_, err = w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse)
	refused(t, err, "sms_not_set_up")
	g := openGateway(t, w, w.Home)
	g.down = true
	_, err = w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse)
	refused(t, err, "sms_failed")
	is(t, "codes kept of what was not sent", w.Count(`SELECT count(*) FROM consent_codes`), 0)
	g.down = false
	_, err = w.Care.SendConsentCode(ctx, w.PureNurse, uuid.New(), c.Id, spouse)
	refused(t, err, "not_found")

	sent := must(w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse))(t)
	is(t, "shown", sent.PhoneMasked, "138****8000")
	message := g.last()
	is(t, "to", message.To, "13800138000")
	code := regexp.MustCompile(`\d{6}`).FindString(message.Text)
	if code == "" || strings.Contains(message.Text, "王德福") || strings.Contains(message.Text, "阳光") {
		t.Errorf("the message: %q", message.Text)
	}
	_, err = w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse)
	refused(t, err, "too_many_requests")
	other := w.Draft(w.Nurse, w.Dement)
	is(t, "another draft", other.Id != c.Id, true)
	_, err = w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), other.Id, spouse)
	refused(t, err, "too_many_requests")

	in := w.ConsentInput(w.Nurse)
	method := contract.ConsentInputMethod("SMS_CODE")
	in.Method, in.SignaturePng, in.CodeId = &method, nil, &sent.Id
	in.SignerKind, in.SignerName, in.Relation = "LEGAL_GUARDIAN", text("刘桂兰"), text("SPOUSE")
	give := func(cmd uuid.UUID, edit func(in *contract.ConsentInput)) (contract.Consultation, error) {
		in := in
		edit(&in)
		return w.Care.GiveConsent(ctx, w.Nurse, cmd, c.Id, in)
	}
	for name, try := range map[string]struct {
		edit       func(in *contract.ConsentInput)
		path, code string
	}{
		"no code":      {func(*contract.ConsentInput) {}, "code", "consent_code_needed"},
		"a wrong code": {func(in *contract.ConsentInput) { in.Code = text("abcdef") }, "code", "consent_code_wrong"},
		"another's": {func(in *contract.ConsentInput) {
			in.Code, in.SignerName, in.Reason = &code, text("王建国"), text("授权")
		}, "code", "consent_code_other"},
		"unknown codes": {func(in *contract.ConsentInput) { in.Code, in.CodeId = &code, new(uuid.New()) }, "code", "consent_code_over"},
	} {
		_, err := give(uuid.New(), try.edit)
		if path, got := fieldOf(t, err); path != try.path || got != try.code {
			t.Errorf("%s: %s %s", name, path, got)
		}
	}
	cmd := uuid.New()
	right := func(in *contract.ConsentInput) { in.Code = &code }
	c = must(give(cmd, right))(t)
	is(t, "method", c.Consent.Method, "SMS_CODE")
	is(t, "phone", *c.Consent.PhoneMasked, "138****8000")
	is(t, "valid", c.Consent.Valid, true)
	must(give(cmd, right))(t) // the same command again
	is(t, "consents", w.Count(`SELECT count(*) FROM consents`), 1)
	_, err = give(uuid.New(), right)
	if _, got := fieldOf(t, err); got != "consent_code_over" {
		t.Errorf("a code twice: %s", got)
	}
	var hash []byte
	if err := w.Store.Pool.QueryRow(ctx, `SELECT code_hmac FROM consent_codes`).Scan(&hash); err != nil || bytes.Contains(hash, []byte(code)) {
		t.Errorf("the code lies open: %v", err)
	}

	// Five wrong tries end a code.
	w.Clock.Pass(2 * time.Minute)
	sent = must(w.Care.SendConsentCode(ctx, w.Nurse, uuid.New(), c.Id, spouse))(t)
	code = regexp.MustCompile(`\d{6}`).FindString(g.last().Text)
	in.CodeId = &sent.Id
	for range 5 {
		_, err = give(uuid.New(), func(in *contract.ConsentInput) { in.Code = text("not it") })
		if _, got := fieldOf(t, err); got != "consent_code_wrong" {
			t.Errorf("%s", got)
		}
	}
	_, err = give(uuid.New(), right)
	if _, got := fieldOf(t, err); got != "consent_code_over" {
		t.Errorf("after five tries: %s", got)
	}
}

func TestConsentOnPaperAndByVoice(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	other := w.Draft(w.Nurse, w.Second)
	add := func(who identity.Actor, consultation uuid.UUID, kind contract.AddDocumentParamsKind, content []byte) (contract.Document, error) {
		return w.Care.AddDocument(ctx, who, uuid.New(), consultation, contract.AddDocumentParams{Kind: kind}, bytes.NewReader(content))
	}
	scan := must(add(w.Nurse, c.Id, "CONSENT_SCAN", aPDF("")))(t)
	elsewhere := must(add(w.Nurse, other.Id, "CONSENT_SCAN", aPDF("")))(t)
	recording := must(add(w.Nurse, c.Id, "CONSENT_RECORDING", []byte("\x1a\x45\xdf\xa3 and sound")))(t)
	_, err := add(w.Nurse, c.Id, "CONSENT_RECORDING", aPDF(""))
	refused(t, err, "recording_format")

	in := w.ConsentInput(w.Nurse)
	in.SignaturePng = nil
	try := func(method contract.ConsentInputMethod, edit func(in *contract.ConsentInput)) (contract.Consultation, error) {
		in := in
		in.Method = &method
		edit(&in)
		return w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), c.Id, in)
	}
	chen := &contract.SecondWitness{Username: "dr.chen", Password: caretest.Password}
	for name, bad := range map[string]struct {
		method     contract.ConsentInputMethod
		edit       func(in *contract.ConsentInput)
		path, code string
	}{
		"paper without a scan":        {"PAPER_SCAN", func(*contract.ConsentInput) {}, "evidenceId", "consent_evidence"},
		"the scan of another case":    {"PAPER_SCAN", func(in *contract.ConsentInput) { in.EvidenceId = &elsewhere.Id }, "evidenceId", "consent_evidence_other"},
		"a recording as a scan":       {"PAPER_SCAN", func(in *contract.ConsentInput) { in.EvidenceId = &recording.Id }, "evidenceId", "consent_evidence_other"},
		"voice without a witness":     {"VOICE_VIDEO", func(in *contract.ConsentInput) { in.EvidenceId = &recording.Id }, "secondWitness", "consent_second_witness"},
		"voice without its recording": {"VOICE_VIDEO", func(in *contract.ConsentInput) { in.SecondWitness = chen }, "evidenceId", "consent_evidence"},
		"the nurse twice": {"VOICE_VIDEO", func(in *contract.ConsentInput) {
			in.EvidenceId, in.SecondWitness = &recording.Id, &contract.SecondWitness{Username: "nurse.li", Password: caretest.Password}
		}, "secondWitness/username", "witness_other"},
		"a witness of elsewhere": {"VOICE_VIDEO", func(in *contract.ConsentInput) {
			in.EvidenceId, in.SecondWitness = &recording.Id, &contract.SecondWitness{Username: "nurse.wu", Password: caretest.Password}
		}, "secondWitness/username", "witness_other"},
		"a wrong password": {"VOICE_VIDEO", func(in *contract.ConsentInput) {
			in.EvidenceId, in.SecondWitness = &recording.Id, &contract.SecondWitness{Username: "dr.chen", Password: "guessed"}
		}, "secondWitness/password", "witness_credentials"},
	} {
		_, err := try(bad.method, bad.edit)
		if path, code := fieldOf(t, err); path != bad.path || code != bad.code {
			t.Errorf("%s: %s %s", name, path, code)
		}
	}
	is(t, "stored", w.Count(`SELECT count(*) FROM consents`), 0)
	c = must(try("PAPER_SCAN", func(in *contract.ConsentInput) { in.EvidenceId = &scan.Id }))(t)
	is(t, "method", c.Consent.Method, "PAPER_SCAN")
	is(t, "evidence", *c.Consent.EvidenceId, scan.Id)
	c = must(try("VOICE_VIDEO", func(in *contract.ConsentInput) { in.EvidenceId, in.SecondWitness = &recording.Id, chen }))(t)
	is(t, "second witness", *c.Consent.SecondWitness, "陈医生")
	is(t, "valid", c.Consent.Valid, true)
	is(t, "passwords in the command's memory", w.Count(`SELECT count(*) FROM command_results WHERE operation = 'giveConsent'`), 2)
}

// A withdrawal ends what was agreed: everywhere it is seen, nothing is connected, and a call that is on ends.
func TestWithdrawal(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	consent := c.Consent.Id
	in := contract.ConsentWithdrawal{By: "LEGAL_GUARDIAN", Name: text("王建国"), Relation: text("CHILD")}
	_, err := w.Care.WithdrawConsent(ctx, w.Nurse, uuid.New(), consent, in)
	if path, code := fieldOf(t, err); path != "by" || code != "consent_guardian_not_needed" {
		t.Errorf("%s %s", path, code)
	}
	_, err = w.Care.WithdrawConsent(ctx, w.PureNurse, uuid.New(), consent, contract.ConsentWithdrawal{By: "SELF"})
	refused(t, err, "not_found")
	cmd := uuid.New()
	self := contract.ConsentWithdrawal{By: "SELF", Reason: text("不想再视频")}
	out := must(w.Care.WithdrawConsent(ctx, w.Nurse, cmd, consent, self))(t)
	is(t, "valid", out.Valid, false)
	is(t, "by", *out.WithdrawnBy, "SELF")
	is(t, "recorded by", *out.WithdrawalRecordedBy, "李护士")
	must(w.Care.WithdrawConsent(ctx, w.Nurse, cmd, consent, self))(t)
	_, err = w.Care.WithdrawConsent(ctx, w.Nurse, uuid.New(), consent, self)
	refused(t, err, "consent_over")
	seen := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	is(t, "the doctor's consent", seen.Consent.Valid, false)
	is(t, "needed", seen.ConsentNeeded, true)
	for who, a := range map[string]identity.Actor{"nurse": w.Nurse, "doctor": w.Wang} {
		if now := must(w.Care.GetConsultation(ctx, a, seen.Id))(t); slices.Contains(now.Actions, "getTicket") {
			t.Errorf("the %s is offered to call again", who)
		}
	}
	if seen.Consent.WithdrawnAt == nil || event(seen, "CONSENT_WITHDRAWN") == nil || seen.CallId != nil {
		t.Errorf("consent %+v, call %v", seen.Consent, seen.CallId)
	}
	_, err = w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &c.Epoch})
	refused(t, err, "consent_required")
	w.Consent(w.Nurse, c.Id)
	must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
}

// After an emergency the consent of a person is due within a day, and does not take the place of the approval.
func TestConsentAfterAnEmergency(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	critical := contract.Urgency("CRITICAL")
	c := w.Draft(w.Nurse, w.Dement)
	c = must(w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: 1, Reasons: []string{"OTHER"}, RedFlags: []string{"CONSCIOUSNESS"}, Urgency: &critical}))(t)
	approval := w.ConsentInput(w.Nurse)
	approval.SignerKind, approval.SignaturePng, approval.Ticks, approval.Reason = "INSTITUTION_EMERGENCY", nil, nil, text("联系不上家属")
	c = must(w.Care.GiveConsent(ctx, w.Attending, uuid.New(), c.Id, approval))(t)
	first := c.Consent.Id
	c = w.Claim(w.Wang, w.Submit(w.Nurse, c.Id, "CRITICAL"))
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	tasks := must(w.Care.GetWorklist(ctx, w.Nurse))(t).ConsentTasks
	is(t, "tasks", len(tasks), 1)
	is(t, "due", tasks[0].DueAt.Sub(tasks[0].Since), 24*time.Hour)
	is(t, "elsewhere", len(must(w.Care.GetWorklist(ctx, w.PureNurse))(t).ConsentTasks), 0)
	_, err := w.Care.WithdrawConsent(ctx, w.Nurse, uuid.New(), first, contract.ConsentWithdrawal{By: "LEGAL_GUARDIAN", Name: text("刘桂兰"), Relation: text("SPOUSE")})
	if path, code := fieldOf(t, err); path != "by" || code != "consent_no_withdrawal" {
		t.Errorf("%s %s", path, code)
	}
	in := w.ConsentInput(w.Nurse)
	guardian("刘桂兰", "SPOUSE", "")(&in)
	must(w.Care.GiveConsent(ctx, w.Nurse, uuid.New(), c.Id, in))(t)
	is(t, "tasks", len(must(w.Care.GetWorklist(ctx, w.Nurse))(t).ConsentTasks), 0)
	is(t, "what covered the call", w.Count(`SELECT count(*) FROM consultations WHERE consent_id = $1`, first), 1)
	is(t, "followed", w.Count(`SELECT count(*) FROM consents WHERE id = $1 AND followed_by_id IS NOT NULL`, first), 1)
}

func TestMedicines(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	day := func(days int) openapi_types.Date { return openapi_types.Date{Time: w.Clock.Now().AddDate(0, 0, days)} }
	medicine := func(name string) contract.MedicationInput {
		return contract.MedicationInput{Source: "BROUGHT", Name: name, Dose: "0.5 g", Frequency: "TID", Route: "ORAL", StartedOn: day(-3)}
	}
	add := func(in contract.MedicationInput) (contract.CareFile, error) {
		return w.Care.AddMedication(ctx, w.Nurse, uuid.New(), w.Resident, in)
	}
	// The register says 青霉素 in words.
	in := medicine("阿莫西林胶囊")
	_, err := add(in)
	if path, code := fieldOf(t, err); path != "allergyReason" || code != "medicine_allergy" {
		t.Errorf("%s %s", path, code)
	}
	in.AllergyReason = text("皮试阴性，医师确认可用")
	expired := day(-1)
	in.ExpiresOn = &expired
	file := must(add(in))(t)
	codes := []string{}
	for _, warning := range file.Medications[0].Warnings {
		codes = append(codes, warning.Code)
	}
	is(t, "warnings", strings.Join(codes, " "), "allergy_class medicine_expired medicine_unverified")
	must(w.Care.AddAllergy(ctx, w.Nurse, uuid.New(), w.Resident, contract.AllergyInput{Kind: "DRUG", Substance: "磺胺", Severity: "SEVERE", Reaction: text("皮疹")}))(t)
	_, err = w.Care.AddAllergy(ctx, w.Nurse, uuid.New(), w.Resident, contract.AllergyInput{Kind: "DRUG", Substance: "磺胺", Severity: "MILD"})
	if path, code := fieldOf(t, err); path != "substance" || code != "chosen_twice" {
		t.Errorf("%s %s", path, code)
	}
	_, err = add(medicine("复方新诺明片"))
	refused(t, err, "invalid_request")
	rx := medicine("氨氯地平片")
	for weeks, want := range map[int]string{6: "rx_supply_assessment", 13: "rx_supply_too_long"} {
		rx.Prescription = &contract.PrescriptionRef{Number: "RX-1", Institution: "青城医院", Pharmacist: new("赵药师"), ReviewedAt: new(w.Clock.Now()), SupplyWeeks: &weeks}
		_, err = add(rx)
		if _, code := fieldOf(t, err); code != want {
			t.Errorf("%d weeks: %s", weeks, code)
		}
	}
	rx.Prescription.SupplyWeeks, rx.Prescription.Assessed = new(6), new(true)
	file = must(add(rx))(t)
	id := file.Medications[0].Id
	is(t, "verifiable by who entered it", file.Medications[0].CanVerify, false)
	_, err = w.Care.ChangeMedication(ctx, w.Nurse, uuid.New(), id, contract.MedicationChange{Act: "VERIFY"})
	refused(t, err, "verify_by_another")
	file = must(w.Care.ChangeMedication(ctx, w.Attending, uuid.New(), id, contract.MedicationChange{Act: "VERIFY"}))(t)
	is(t, "verified by", *file.Medications[0].VerifiedBy, "陈医生")
	is(t, "long supply", file.Medications[0].Warnings[0].Code, "rx_supply_long")
	_, err = w.Care.ChangeMedication(ctx, w.Nurse, uuid.New(), id, contract.MedicationChange{Act: "STOP"})
	if path, code := fieldOf(t, err); path != "reason" || code != "required" {
		t.Errorf("%s %s", path, code)
	}
	must(w.Care.ChangeMedication(ctx, w.Nurse, uuid.New(), id, contract.MedicationChange{Act: "STOP", Reason: text("医嘱停药")}))(t)

	// The doctor who answers sees it, and nobody else's doctor.
	must(w.Care.AddAssessment(ctx, w.Nurse, uuid.New(), w.Resident, contract.AssessmentInput{Scale: "MORSE", Score: new(50), AssessedOn: day(-400)}))(t)
	c := w.Offered(w.Nurse, w.Resident)
	seen := must(w.Care.GetCaseCareFile(ctx, w.Wang, c.Id))(t)
	is(t, "medicines", len(seen.Medications), 2)
	is(t, "allergies", seen.Allergies[0].Substance, "磺胺")
	is(t, "the warning reaches the doctor", seen.Medications[0].Warnings[0].Severe, true)
	is(t, "may the doctor enter", seen.CanEdit, false)
	is(t, "level", seen.Assessments[0].Level, "HIGH")
	is(t, "old", seen.Assessments[0].Old && seen.AssessmentMissing, true)
	_, err = w.Care.GetCaseCareFile(ctx, w.Gao, c.Id)
	refused(t, err, "not_found")
	_, err = w.Care.GetCareFile(ctx, w.PureNurse, w.Resident)
	refused(t, err, "not_found")
	var plain int
	if err := w.Store.Pool.QueryRow(ctx, `SELECT count(*) FROM medications WHERE position('阿莫西林'::bytea IN name_enc) > 0`).Scan(&plain); err != nil || plain != 0 {
		t.Errorf("a name lies open: %d %v", plain, err)
	}
}

func aPDF(extra string) []byte {
	return []byte("%PDF-1.4\n1 0 obj << /Type /Catalog " + extra + " >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
}

// found finds a virus in whatever names one, and is not there for what says so.
type found struct{}

func (found) Scan(_ context.Context, content []byte) (bool, error) {
	if bytes.Contains(content, []byte("ABSENT")) {
		return false, errors.New("no scanner")
	}
	return bytes.Contains(content, []byte("VIRUS")), nil
}

// drawing draws the same page of every PDF but of one that cannot be drawn, where it gives what is no picture.
type drawing struct{ page []byte }

func (d drawing) FirstPage(_ context.Context, pdf []byte) ([]byte, error) {
	switch {
	case bytes.Contains(pdf, []byte("LOCKED")):
		return nil, errors.New("locked")
	case bytes.Contains(pdf, []byte("ODD")):
		return []byte("<svg onload=alert(1)>"), nil
	}
	return d.page, nil
}

// The first page of a PDF is its thumbnail, encoded anew and small. One that cannot be drawn is stored without.
func TestFirstPageOfAPDF(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	var page bytes.Buffer
	if err := jpeg.Encode(&page, image.NewRGBA(image.Rect(0, 0, 452, 640)), nil); err != nil {
		t.Fatal(err)
	}
	s := must(care.New(care.Deps{Store: w.Store, Keeper: w.Keeper, Identity: w.Identity, Now: w.Clock.Now, Pages: drawing{page.Bytes()}}))(t)
	for extra, drawn := range map[string]bool{"": true, "/Title (LOCKED)": false, "/Title (ODD)": false} {
		d, err := s.AddDocument(ctx, w.Nurse, uuid.New(), c.Id, contract.AddDocumentParams{Kind: "DOCUMENT", Category: ptr("LAB")}, bytes.NewReader(aPDF(extra)))
		if err != nil {
			t.Fatalf("%q: %v", extra, err)
		}
		if has := d.HasThumbnail != nil && *d.HasThumbnail; has != drawn || len(d.Sha256) != 64 {
			t.Errorf("%q: thumbnail %v, hash %q", extra, has, d.Sha256)
		}
		if !drawn {
			continue
		}
		kind, small, err := s.GetThumbnail(ctx, w.Nurse, d.Id)
		if err != nil || kind != "image/jpeg" {
			t.Fatalf("thumbnail: %s %v", kind, err)
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(small))
		if err != nil || size.Width > 320 || size.Height > 320 || bytes.Equal(small, page.Bytes()) {
			t.Errorf("thumbnail %dx%d %v", size.Width, size.Height, err)
		}
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	lab := "LAB"
	add := func(s *care.Service, content []byte) (contract.Document, error) {
		return s.AddDocument(ctx, w.Nurse, uuid.New(), c.Id, contract.AddDocumentParams{Kind: "DOCUMENT", Category: &lab}, bytes.NewReader(content))
	}
	var big bytes.Buffer
	if err := jpeg.Encode(&big, image.NewRGBA(image.Rect(0, 0, 1200, 600)), nil); err != nil {
		t.Fatal(err)
	}
	scanning, err := care.New(care.Deps{Store: w.Store, Keeper: w.Keeper, Identity: w.Identity, Now: w.Clock.Now, Scanner: found{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		service *care.Service
		content []byte
		code    string
	}{
		"a program":           {w.Care, []byte("MZ\x90\x00 this is a program"), "document_format"},
		"a page":              {w.Care, []byte("<html><script>alert(1)</script>"), "document_format"},
		"half a PDF":          {w.Care, []byte("%PDF-1.4\n1 0 obj"), "picture_broken"},
		"a PDF with a script": {w.Care, aPDF("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "document_active"},
		"a script in escapes": {w.Care, aPDF("/OpenAction << /S /J#61va#53cript /J#53 (app.alert(1)) >>"), "document_active"},
		"a virus":             {scanning, aPDF("VIRUS"), "document_infected"},
		"no scanner":          {scanning, aPDF("ABSENT"), "scan_unavailable"},
	} {
		if _, err := add(try.service, try.content); problem.Of(err).Code != try.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	is(t, "stored", w.Count(`SELECT count(*) FROM attachments`)+w.Count(`SELECT count(*) FROM blobs`), 0)
	pdf := must(add(w.Care, aPDF("/JSON 1")))(t)
	is(t, "type", pdf.ContentType, "application/pdf")
	is(t, "scanned", pdf.ScanState, "OFF")
	picture := must(add(scanning, big.Bytes()))(t)
	is(t, "scanned", picture.ScanState, "CLEAN")
	kind, small, err := w.Care.GetThumbnail(ctx, w.Nurse, picture.Id)
	if err != nil || kind != "image/jpeg" {
		t.Fatal(kind, err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(small))
	if err != nil || size.Width != 320 {
		t.Errorf("%+v %v", size, err)
	}
	_, _, err = w.Care.GetThumbnail(ctx, w.Nurse, pdf.Id)
	refused(t, err, "not_found")
	_, _, err = w.Care.GetAttachment(ctx, w.PureNurse, pdf.Id)
	refused(t, err, "not_found")
	is(t, "listed", len(must(w.Care.GetCareFile(ctx, w.Nurse, w.Resident))(t).Documents), 2)
}

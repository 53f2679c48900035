package care_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// The attending doctor checks in by PIN or by the code of his own screen; what counts is the time in which that tablet was
// carried; guessing locks, the code works once, and both sides see it.
func TestAttendingChecksIn(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	refused(t, w.Care.SetCheckInPin(ctx, w.Attending, contract.PinRequest{Pin: "123456", Password: caretest.Password}), "invalid_request")
	refused(t, w.Care.SetCheckInPin(ctx, w.Attending, contract.PinRequest{Pin: "190286", Password: "wrong"}), "wrong_password")
	done(t, w.Care.SetCheckInPin(ctx, w.Attending, contract.PinRequest{Pin: "190286", Password: caretest.Password}))

	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	try := func(method, code string) (contract.Consultation, error) {
		return w.Care.CheckIn(ctx, w.Nurse, uuid.New(), c.Id, contract.CheckInRequest{UserId: w.Attending.UserID, Method: contract.CheckInRequestMethod(method), Code: code})
	}
	_, err := w.Care.CheckIn(ctx, w.Nurse, uuid.New(), c.Id, contract.CheckInRequest{UserId: w.Wang.UserID, Method: "PIN", Code: "190286"})
	refused(t, err, "invalid_request") // no attending doctor of the institution
	_, err = try("PIN", "190287")
	refused(t, err, "invalid_request")
	got := must(try("PIN", "190286"))(t)
	if got.CheckIns == nil || len(*got.CheckIns) != 1 || (*got.CheckIns)[0].Until != nil {
		t.Fatalf("%+v", got.CheckIns)
	}
	talk.Talk(2 * time.Minute)
	talk.Lose(talk.Nurse)
	w.Clock.Pass(time.Minute)
	talk.Return(talk.Nurse)
	talk.Talk(time.Minute)
	// Both sides see the time that counts: 3 of the 4 minutes.
	for _, a := range []identity.Actor{w.Nurse, w.Wang} {
		seen := must(w.Care.GetConsultation(ctx, a, c.Id))(t)
		if in := (*seen.CheckIns)[0]; in.Name != w.Attending.Name || in.PresentSeconds != 180 {
			t.Errorf("%s: %+v", a.Name, in)
		}
	}
	must(w.Care.CheckOut(ctx, w.Nurse, uuid.New(), c.Id, contract.CheckOutRequest{CheckInId: (*got.CheckIns)[0].Id}))(t)
	talk.Talk(time.Minute)
	if list := must(w.Care.ListCheckIns(ctx, w.Nurse, c.Id))(t); list.CheckIns[0].PresentSeconds != 180 || len(list.Attendings) == 0 || !list.Attendings[0].HasPin {
		t.Errorf("%+v", list)
	}

	// The code of the screen: once, and for a minute.
	code := must(w.Care.GetCheckInCode(ctx, w.Attending))(t)
	w.Clock.Pass(61 * time.Second)
	_, err = try("QR", code.Code)
	refused(t, err, "invalid_request")
	code = must(w.Care.GetCheckInCode(ctx, w.Attending))(t)
	cmd, in := uuid.New(), contract.CheckInRequest{UserId: w.Attending.UserID, Method: "QR", Code: code.Code}
	must(w.Care.CheckIn(ctx, w.Nurse, cmd, c.Id, in))(t)
	got = must(w.Care.CheckIn(ctx, w.Nurse, cmd, c.Id, in))(t) // the answer was lost: no guess, although the code is used up
	if n := w.Count(`SELECT failed FROM attending_pins WHERE user_id = $1`, w.Attending.UserID); n != 0 {
		t.Errorf("a repetition counts as %d wrong guesses", n)
	}
	if last := (*got.CheckIns)[1]; last.Method != "QR" {
		t.Errorf("%+v", last)
	}
	_, err = try("QR", code.Code)
	refused(t, err, "invalid_request")

	// Finishing ends the presence.
	must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	if n := w.Count(`SELECT count(*) FROM attending_checkins WHERE until IS NULL`); n != 0 {
		t.Errorf("%d still there", n)
	}

	// Guessing locks the doctor's check-in, also for the right PIN.
	second := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	guess := func(code string) error {
		_, err := w.Care.CheckIn(ctx, w.Nurse, uuid.New(), second.Id, contract.CheckInRequest{UserId: w.Attending.UserID, Method: "PIN", Code: code})
		return err
	}
	for i := range 3 {
		refused(t, guess(fmt.Sprintf("77770%d", i)), "invalid_request")
	}
	refused(t, guess("777703"), "check_in_locked")
	refused(t, guess("190286"), "check_in_locked")
	w.Clock.Pass(61 * time.Second)
	done(t, guess("190286"))
	if n := w.Count(`SELECT count(*) FROM attending_pins WHERE pin_hash LIKE '%190286%'`); n != 0 {
		t.Error("the PIN is readable")
	}
}

// Without anybody on the roster, a doctor who checks in at the bedside before the call makes the remote consultation possible and answers
// for the request; a check-in over a draft of yesterday does not.
func TestAttendingChecksInBeforeTheCall(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	w.Exec(`DELETE FROM duty_shifts WHERE role = 'ATTENDING'`)
	checkIn := func(id uuid.UUID) {
		t.Helper()
		code := must(w.Care.GetCheckInCode(ctx, w.Attending))(t)
		must(w.Care.CheckIn(ctx, w.Nurse, uuid.New(), id, contract.CheckInRequest{UserId: w.Attending.UserID, Method: "QR", Code: code.Code}))(t)
	}
	remote := func(id uuid.UUID) contract.ServiceOption {
		t.Helper()
		all := must(w.Care.GetServices(ctx, w.Nurse, id, contract.GetServicesParams{}))(t).Services
		return all[slices.IndexFunc(all, func(o contract.ServiceOption) bool { return o.Service == "REMOTE_CONSULT" })]
	}
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	before := remote(c.Id)
	if before.Possible != "NO" || before.Reasons[0].Code != consult.CodeServiceNoAttending || *before.Reasons[0].Mend != "ATTENDING_CHECK_IN" {
		t.Fatalf("%+v", before)
	}
	if seen := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t); !slices.Contains(seen.Actions, "checkIn") {
		t.Fatalf("%v", seen.Actions)
	}
	checkIn(c.Id)
	for _, r := range remote(c.Id).Reasons {
		if r.Mend != nil && *r.Mend == "ATTENDING_CHECK_IN" {
			t.Errorf("still asked for: %+v", r)
		}
	}
	submitted := w.Submit(w.Nurse, c.Id, "ROUTINE")
	is(t, "the service", string(submitted.ServiceType), "REMOTE_CONSULT")
	if n := w.Count(`SELECT count(*) FROM consultations WHERE id = $1 AND submitter_id = $2`, c.Id, w.Attending.UserID); n != 1 {
		t.Error("the doctor at the bedside does not answer for the request")
	}

	old := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, old.Id)
	checkIn(old.Id)
	w.Clock.Pass(25 * time.Hour)
	is(t, "the service of the next day", string(w.Submit(w.Nurse, old.Id, "ROUTINE").ServiceType), "REHAB_CARE_GUIDE")
	if n := w.Count(`SELECT count(*) FROM attending_checkins WHERE consultation_id = $1 AND until IS NULL`, old.Id); n != 0 {
		t.Error("still checked in")
	}
}

// An online follow-up does not start before the doctor has judged evidence as good, and its doctor confirms with the second
// factor at reception; what is old is said to be.
func TestOnlineFollowUpNeedsEvidence(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	w.Exec(`UPDATE agreements SET service_types = service_types || 'ONLINE_REVISIT'::text`)
	w.Licence(w.Hospital, "INTERNET_HOSPITAL", "02")
	w.Identify(w.Resident)
	c := w.Offered(w.Nurse, w.Resident)
	w.Exec(`UPDATE consultations SET service_type = 'ONLINE_REVISIT' WHERE id = $1`, c.Id)
	evidence := contract.EvidenceInput{Type: "DISCHARGE_SUMMARY", IssuingInstitution: "市第一医院", Dated: openapi_types.Date{Time: w.Clock.Now().AddDate(-2, 0, 0)}, DiagnosisCode: "I10"}
	bad := evidence
	bad.DiagnosisCode = "X"
	_, err := w.Care.AddEvidence(ctx, w.Nurse, uuid.New(), c.Id, bad)
	refused(t, err, "invalid_request")
	must(w.Care.AddEvidence(ctx, w.Nurse, uuid.New(), c.Id, evidence))(t)

	secret := enrol(t, w, w.Wang)
	_, err = w.Care.ClaimConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "second_factor_required")
	w.Clock.Pass(31 * time.Second)
	done(t, w.Care.CheckSecondFactor(ctx, w.Wang, c.Id, contract.FactorCheckRequest{Purpose: "RECEPTION", Method: "TOTP", Code: code(t, secret, w.Clock.Now())}))
	held := w.Claim(w.Wang, c)
	if e := event(held, "CLAIM"); e == nil || (*e.Data)["factor"] != "TOTP" {
		t.Errorf("%+v", e)
	}
	w.Exec(`UPDATE consultations SET service_type = 'ONLINE_REVISIT' WHERE id = $1`, c.Id)

	_, err = w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, consult.CodeNotQualified)
	seen := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	piece := (*seen.Evidence)[0]
	if !piece.Old || piece.Decision != nil || !slices.Contains(seen.Actions, "judgeEvidence") {
		t.Fatalf("%+v %v", piece, seen.Actions)
	}
	judge := func(decision string) error {
		_, err := w.Care.JudgeEvidence(ctx, w.Wang, uuid.New(), c.Id, contract.EvidenceJudgement{Epoch: held.Epoch, EvidenceId: piece.Id, Decision: contract.EvidenceJudgementDecision(decision)})
		return err
	}
	done(t, judge("NOT_QUALIFIED"))
	_, err = w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, consult.CodeNotQualified)
	_, err = w.Care.JudgeEvidence(ctx, w.Wang, uuid.New(), c.Id, contract.EvidenceJudgement{Epoch: held.Epoch, EvidenceId: uuid.New(), Decision: "QUALIFIED"})
	refused(t, err, "not_found")
	done(t, judge("QUALIFIED"))
	w.Connect(w.Nurse, w.Wang, held).Talk(time.Minute)
	if got := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t); got.State != "IN_PROGRESS" {
		t.Errorf("%s", got.State)
	}
	refused(t, judge("NOT_QUALIFIED"), consult.CodeBegun)
}

func enrol(t *testing.T, w *caretest.World, a identity.Actor) string {
	t.Helper()
	secret, _, err := w.Identity.BeginTOTP(t.Context(), a, contract.FactorChange{Password: caretest.Password})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Identity.ConfirmTOTP(t.Context(), a, code(t, secret, w.Clock.Now())); err != nil {
		t.Fatal(err)
	}
	return secret
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// With a second factor a signature asks for it: the act uses a check up and keeps method and time; a code works once, a recovery
// code once, wrong ones lock the sign-in, and an organisation may require one.
func TestSecondFactorAtSigning(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)

	secret, _, err := w.Identity.BeginTOTP(ctx, w.Wang, contract.FactorChange{Password: caretest.Password})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Identity.ConfirmTOTP(ctx, w.Wang, "000000")
	refused(t, err, "wrong_code")
	first := code(t, secret, w.Clock.Now())
	codes, err := w.Identity.ConfirmTOTP(ctx, w.Wang, first)
	if err != nil || len(codes) != 10 {
		t.Fatal(len(codes), err)
	}
	if n := w.Count(`SELECT count(*) FROM second_factors WHERE encode(secret_enc, 'escape') LIKE '%' || $1 || '%'`, secret); n != 0 {
		t.Error("the secret is readable")
	}
	_, _, err = w.Identity.BeginTOTP(ctx, w.Wang, contract.FactorChange{Password: caretest.Password})
	refused(t, err, "second_factor_required") // what is set up changes only by proving it
	_, _, err = w.Identity.BeginTOTP(ctx, w.Wang, contract.FactorChange{Password: caretest.Password, Proof: &contract.FactorProof{Method: "RECOVERY", Code: codes[9]}})
	refused(t, err, "second_factor_exists")

	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: w.Content()}))(t)
	sign := func() (contract.Consultation, error) {
		return w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Password: caretest.Password})
	}
	check := func(method, code string) error {
		return w.Care.CheckSecondFactor(ctx, w.Wang, c.Id, contract.FactorCheckRequest{Purpose: "SIGNATURE", Method: contract.FactorMethod(method), Code: code})
	}
	_, err = sign()
	refused(t, err, "second_factor_required")
	refused(t, check("TOTP", first), "wrong_code") // used at enrolment
	w.Clock.Pass(30 * time.Second)
	done(t, check("TOTP", code(t, secret, w.Clock.Now())))
	w.Clock.Pass(5*time.Minute + time.Second)
	_, err = sign()
	refused(t, err, "second_factor_required") // a check waits for its act five minutes
	done(t, check("RECOVERY", codes[3]))
	refused(t, check("RECOVERY", codes[3]), "wrong_code")
	got := must(sign())(t)
	if r := got.Reports[0]; r.Factor == nil || *r.Factor != "RECOVERY" || r.FactorAt == nil {
		t.Errorf("%+v", r)
	}
	if n := w.Count(`SELECT count(*) FROM second_factor_checks WHERE consultation_id = $1 AND act = 'SIGN_REPORT' AND used_at IS NOT NULL`, c.Id); n != 1 {
		t.Errorf("%d checks used", n)
	}
	for range 3 { // with the recovery code that was used twice: the password of the signature does not clear it
		refused(t, check("TOTP", "000000"), "wrong_code")
	}
	refused(t, check("TOTP", "000000"), "account_locked")

	// Required by the institution: who has none is told to set one up.
	rule := contract.FactorRules{Rules: []contract.FactorRule{{Role: "ATTENDING", AtActs: true}}}
	if got := must(w.Care.SetFactorRules(ctx, w.HomeAdmin, w.Home, rule))(t); !slices.Equal(got, rule.Rules) {
		t.Errorf("%+v", got)
	}
	_, err = w.Care.SetFactorRules(ctx, w.HomeAdmin, w.Stranger, rule)
	refused(t, err, "not_found")
	for _, bad := range []contract.FactorRule{{Role: "CONSULTANT", AtActs: true}, {Role: "NURSE", AtActs: true}} { // of a hospital; signs nothing
		_, err = w.Care.SetFactorRules(ctx, w.HomeAdmin, w.Home, contract.FactorRules{Rules: []contract.FactorRule{bad}})
		refused(t, err, "invalid_request")
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'setFactorRules' AND user_id = $1`, w.HomeAdmin.UserID); n != 1 {
		t.Errorf("%d lines of audit", n)
	}
	_, err = w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, caretest.AdoptAll(got))
	refused(t, err, "second_factor_not_enrolled")
}

// An administrator takes away what somebody has lost: audited, said to the person by message and on every page until something is set up
// again, and never of oneself, of a stranger or of somebody who works elsewhere, too.
func TestFactorReset(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	enrol(t, w, w.Attending)
	_, err := w.Care.ResetSecondFactor(ctx, w.Nurse, w.Attending.UserID)
	refused(t, err, "forbidden")
	_, err = w.Care.ResetSecondFactor(ctx, w.HomeAdmin, w.Wang.UserID)
	refused(t, err, "not_found")
	_, err = w.Care.ResetSecondFactor(ctx, w.HomeAdmin, w.HomeAdmin.UserID)
	refused(t, err, "own_account")
	before := must(w.Care.ListUsers(ctx, w.HomeAdmin))(t)
	if i := slices.IndexFunc(before, func(u contract.UserAccount) bool { return u.Id == w.Attending.UserID }); i < 0 || !before[i].SecondFactor {
		t.Fatalf("%+v", before)
	}
	if got := must(w.Care.ResetSecondFactor(ctx, w.HomeAdmin, w.Attending.UserID))(t); got.SecondFactor {
		t.Error("still set up")
	}
	told := func() int {
		return w.Count(`SELECT count(*) FROM notifications WHERE event = 'FACTOR_RESET' AND users = ARRAY[$1::uuid]`, w.Attending.UserID)
	}
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
	must(w.Care.ResetSecondFactor(ctx, w.HomeAdmin, w.Attending.UserID))(t) // there is nothing any more
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'SECOND_FACTOR_RESET' AND user_id = $1 AND object_id = $2`, w.HomeAdmin.UserID, w.Attending.UserID); n != 2 {
		t.Errorf("%d lines of audit", n)
	}
	grant, err := w.Identity.Login(ctx, w.Attending.Username, caretest.Password, "")
	if err != nil || grant.Actor.FactorResetAt == nil {
		t.Fatalf("not told at the next sign-in: %v", err)
	}
	enrol(t, w, w.Attending)
	grant, err = w.Identity.Login(ctx, w.Attending.Username, caretest.Password, "")
	if err != nil || grant.Actor.FactorResetAt != nil {
		t.Errorf("told although something is set up again: %v", err)
	}
}

func bedsideCalls(ctx context.Context, w *caretest.World, c contract.Consultation) map[string]call {
	return map[string]call{
		"checkIn": func(a identity.Actor) error {
			code, err := w.Care.GetCheckInCode(ctx, w.Attending)
			if err != nil {
				return err
			}
			_, err = w.Care.CheckIn(ctx, a, uuid.New(), c.Id, contract.CheckInRequest{UserId: w.Attending.UserID, Method: "QR", Code: code.Code})
			return err
		},
		"addEvidence": func(a identity.Actor) error {
			_, err := w.Care.AddEvidence(ctx, a, uuid.New(), c.Id, contract.EvidenceInput{Type: "OUTPATIENT_RECORD", IssuingInstitution: "市医院",
				Dated: openapi_types.Date{Time: w.Clock.Now().AddDate(0, -1, 0)}, DiagnosisCode: "I10"})
			return err
		},
		"judgeEvidence": func(a identity.Actor) error {
			id := uuid.New()
			if c.Evidence != nil {
				id = (*c.Evidence)[0].Id
			}
			_, err := w.Care.JudgeEvidence(ctx, a, uuid.New(), c.Id, contract.EvidenceJudgement{Epoch: c.Epoch, EvidenceId: id, Decision: "QUALIFIED"})
			return err
		},
	}
}

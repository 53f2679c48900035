package remind_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// tokenOf is the secret part of the link in a message.
func tokenOf(t *testing.T, text string) string {
	t.Helper()
	_, token, found := strings.Cut(text, "https://lianzhen.example.cn/f#")
	if !found || len(token) != 43 {
		t.Fatalf("no link: %s", text)
	}
	return token
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Code
}

func (h *house) says(token string, answer contract.AppointmentAnswerKind, revision int, reason ...contract.FamilyReason) (contract.FamilyPage, error) {
	in := contract.FamilyAnswer{Token: token, Answer: answer, Revision: revision}
	if len(reason) > 0 {
		in.Reason = &reason[0]
	}
	return h.remind.AnswerFamilyPage(h.T.Context(), in)
}

// The page of a family opens with the link of its message alone, speaks of one appointment until that is over, tells nothing of the resident but a family name, and does each thing once.
func TestAFamilyAnswersThroughItsLink(t *testing.T) {
	h := newHouse(t)
	h.gateway()
	h.relative(h.Resident, "13800138001")
	h.relative(h.Second, "13800138002")
	mine, other := h.booked(h.Wang, h.Resident, at(1, 10, 0)), h.booked(h.Zhao, h.Second, at(1, 10, 0))
	waiting := caretest.Must[contract.WaitingEntry](h.World)(h.book.JoinWaitingList(t.Context(), h.Nurse, uuid.New(), contract.WaitingInput{KindId: h.kind, PractitionerId: &h.Wang.UserID,
		ResidentId: h.Dement, Earliest: at(1, 10, 0), Latest: at(1, 10, 30)}))
	if waiting.Status != "WAITING" {
		t.Fatalf("%+v", waiting)
	}
	h.until(at(0, 10, 0))
	h.until(at(1, 8, 0))
	tokens := map[string]string{}
	for _, m := range h.messages(2) {
		tokens[m.To] = tokenOf(t, m.Text)
	}
	token := tokens["13800138001"]
	open := func(token string) (contract.FamilyPage, error) {
		return h.remind.OpenFamilyPage(t.Context(), contract.FamilyToken{Token: token})
	}
	page, err := open(token)
	if err != nil || page.Name != "张女士" || page.Appointment.Who != "王医生" || !page.Appointment.StartsAt.Equal(at(1, 10, 0)) || len(page.Appointment.May) != 3 {
		t.Fatalf("%+v %v", page, err)
	}
	raw, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"秀英", "压疮", h.Resident.String(), mine.Id.String(), "13800138001"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the page tells %s: %s", secret, raw)
		}
	}
	if n := h.Count(`SELECT count(*) FROM appointment_answers`); n != 0 {
		t.Error("looking has changed something")
	}
	for _, wrong := range []string{strings.Repeat("a", 43), token[:42] + "!", tokens["13800138002"][:20] + token[20:]} {
		if _, err := open(wrong); code(err) != "link_over" || len(problem.Of(err).Args) != 0 {
			t.Errorf("%s: %v", wrong, err)
		}
		if _, err := h.says(wrong, "CONFIRMED", 1); code(err) != "link_over" {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for range 3 {
		if page, err = h.says(token, "CONFIRMED", 1); err != nil || page.Appointment.ConfirmedAt == nil || slices.Contains(page.Appointment.May, "CONFIRMED") {
			t.Errorf("%+v %v", page, err)
		}
		if page, err = h.says(token, "CALL_BACK", 1); err != nil || page.Appointment.CallBackAt == nil {
			t.Errorf("%+v %v", page, err)
		}
	}
	if n := h.Count(`SELECT count(*) FROM appointment_answers`); n != 2 {
		t.Errorf("%d answers", n)
	}
	seen := caretest.Must[contract.Appointment](h.World)(h.book.GetAppointment(t.Context(), h.Wang, mine.Id))
	if seen.Answers == nil || len(*seen.Answers) != 2 || (*seen.Answers)[0].Side != "FAMILY" || (*seen.Answers)[0].Answer != "CONFIRMED" || seen.Revision != 1 {
		t.Errorf("the doctor sees %+v", seen.Answers)
	}
	// The nurse has the number to call, once.
	calls := caretest.Must[[]contract.CallBack](h.World)(h.remind.ListCallBacks(t.Context(), h.Nurse))
	if len(calls) != 1 || *calls[0].Phone != "13800138001" || calls[0].ResidentName != "张**" {
		t.Fatalf("%+v", calls)
	}
	if err := h.remind.CloseCallBack(t.Context(), h.StrangerNurse, uuid.New(), calls[0].Id); code(err) != "not_found" {
		t.Errorf("a stranger closes it: %v", err)
	}
	if err := h.remind.CloseCallBack(t.Context(), h.Nurse, uuid.New(), calls[0].Id); err != nil {
		t.Error(err)
	}
	if calls = caretest.Must[[]contract.CallBack](h.World)(h.remind.ListCallBacks(t.Context(), h.Nurse)); len(calls) != 0 {
		t.Errorf("%+v", calls)
	}
	// Who confirms in the house does so for the house.
	seen = caretest.Must[contract.Appointment](h.World)(h.book.AcknowledgeAppointment(t.Context(), h.Nurse, uuid.New(), mine.Id, contract.Revision{Revision: 1}))
	if len(*seen.Answers) != 3 {
		t.Errorf("%+v", *seen.Answers)
	}
	if _, err := h.says(token, "CANCELLED", 1); code(err) != "invalid_request" {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := h.says(token, "CANCELLED", 7, "UNWELL"); code(err) != "appointment_changed" {
		t.Errorf("of a time that it never had: %v", err)
	}
	for range 2 {
		if page, err = h.says(token, "CANCELLED", 1, "FAMILY_UNABLE"); err != nil || page.Appointment.Status != "CANCELLED" || page.Appointment.CancelledAt == nil || len(page.Appointment.May) != 0 {
			t.Errorf("%+v %v", page.Appointment, err)
		}
	}
	if _, err := h.says(token, "CONFIRMED", 2); code(err) != "appointment_state" {
		t.Errorf("confirmed after all: %v", err)
	}
	if n := h.Count(`SELECT count(*) FROM appointments WHERE id = $1 AND cancel_reason = 'FAMILY_UNABLE'`, mine.Id); n != 1 {
		t.Error("not cancelled")
	}
	if n := h.Count(`SELECT count(*) FROM waiting_list WHERE id = $1 AND status = 'OFFERED'`, waiting.Id); n != 1 {
		t.Error("the freed time is not offered to who waits")
	}
	if n := h.Count(`SELECT count(*) FROM notifications WHERE event = 'FAMILY_ANSWER' AND $1 = ANY (users) AND $2 = ANY (users)`, h.Nurse.UserID, h.Wang.UserID); n != 2 {
		t.Errorf("%d facts for nurse and doctor: to be called, cancelled", n)
	}
	if n := h.Count(`SELECT count(*) FROM appointments WHERE id = $1 AND status = 'BOOKED' AND NOT EXISTS (SELECT 1 FROM appointment_answers w WHERE w.appointment_id = $1)`, other.Id); n != 1 {
		t.Error("the other appointment was touched")
	}
	// After its end a link opens nothing.
	h.Clock.Pass(at(1, 10, 0).Sub(h.Clock.Now()))
	if _, err := h.says(tokens["13800138002"], "CONFIRMED", 1); code(err) != "appointment_state" {
		t.Errorf("after it began: %v", err)
	}
	h.Clock.Pass(30 * time.Minute)
	h.Exec(`UPDATE organisations SET phone = '0471-6940000' WHERE id = $1`, h.Home)
	_, err = open(tokens["13800138002"])
	if p := problem.Of(err); p.Code != "link_over" || p.Args["phone"] != "0471-6940000" || p.Args["institution"] == "" || len(p.Args) != 2 {
		t.Errorf("after its end: %v %v", err, p.Args)
	}
}

// A link that a nurse gave asks for visits of one resident, at most three times a day, until it is revoked or over.
func TestAFamilyAsksForAVisit(t *testing.T) {
	h := newHouse(t)
	link := caretest.Must[contract.FamilyLink](h.World)(h.visits.CreateFamilyLink(t.Context(), h.Nurse, h.Resident, contract.FamilyLinkInput{Days: 30, OrganisationId: &h.Home}))
	_, err := h.visits.CreateFamilyLink(t.Context(), h.StrangerNurse, h.Resident, contract.FamilyLinkInput{Days: 30})
	if code(err) != "not_found" {
		t.Errorf("a stranger makes a link: %v", err)
	}
	day := func(days int) openapi_types.Date {
		return openapi_types.Date{Time: caretest.Start().AddDate(0, 0, days)}
	}
	ask := func(token string) (contract.FamilyPage, error) {
		return h.remind.RequestFamilyVisit(t.Context(), contract.FamilyVisitRequest{Token: token, Reason: "最近走路不稳", WantedFrom: day(1), WantedTo: day(5)})
	}
	token := *link.Token
	for n := range 3 {
		page, err := ask(token)
		if err != nil || page.Visit == nil || page.Visit.State != "ASKED" || page.Name != "张女士" || page.MayRequest != nil {
			t.Fatalf("%d: %+v %v", n, page, err)
		}
		if _, err := ask(token); n < 2 && code(err) != "visit_open" {
			t.Errorf("asked twice: %v", err)
		}
		if n == 0 {
			if n := h.Count(`SELECT count(*) FROM home_visits v JOIN home_events e ON e.object_id = v.id WHERE v.source = 'FAMILY' AND v.family_link_id = $1 AND e.actor_id IS NULL AND e.actor_role = 'GUARDIAN'`, link.Id); n != 1 {
				t.Errorf("%d requests of the family", n)
			}
		}
		h.Exec(`UPDATE home_visits SET state = 'CANCELLED' WHERE family_link_id = $1`, link.Id)
	}
	if _, err := ask(token); code(err) != "family_requests_enough" {
		t.Errorf("a flood: %v", err)
	}
	list := caretest.Must[[]contract.FamilyLink](h.World)(h.visits.ListFamilyLinks(t.Context(), h.Attending, h.Resident))
	if len(list) != 1 || list[0].Token != nil || list[0].LastUsedAt == nil {
		t.Errorf("%+v", list)
	}
	_, err = h.visits.RevokeFamilyLink(t.Context(), h.StrangerNurse, uuid.New(), link.Id)
	if code(err) != "not_found" {
		t.Errorf("a stranger revokes it: %v", err)
	}
	caretest.Must[contract.FamilyLink](h.World)(h.visits.RevokeFamilyLink(t.Context(), h.Nurse, uuid.New(), link.Id))
	h.Clock.Pass(25 * time.Hour)
	if _, err := ask(token); code(err) != "link_over" {
		t.Errorf("revoked: %v", err)
	}
	short := caretest.Must[contract.FamilyLink](h.World)(h.visits.CreateFamilyLink(t.Context(), h.Nurse, h.Resident, contract.FamilyLinkInput{Days: 1}))
	h.Clock.Pass(25 * time.Hour)
	if _, err := h.remind.OpenFamilyPage(t.Context(), contract.FamilyToken{Token: *short.Token}); code(err) != "link_over" {
		t.Errorf("over: %v", err)
	}
	if n := h.Count(`SELECT count(*) FROM access_log WHERE object_type = 'family_link'`); n != 3 {
		t.Errorf("%d acts in the log", n)
	}
}

// Whom no message reaches is on the list of letters, once printed as printed, and again when the time has changed.
func TestLettersAndSettings(t *testing.T) {
	h := newHouse(t)
	h.gateway()
	h.relative(h.Second, "13800138002")
	h.relative(h.Dement, "0471-6946427") // no mobile
	a := h.booked(h.Wang, h.Resident, at(5, 10, 0))
	h.booked(h.Zhao, h.Second, at(5, 10, 0))
	h.booked(h.Wang, h.Dement, at(6, 10, 0))
	day := func(days int) openapi_types.Date {
		return openapi_types.Date{Time: caretest.Start().AddDate(0, 0, days)}
	}
	letters := func() []contract.ReminderLetter {
		t.Helper()
		return caretest.Must[[]contract.ReminderLetter](h.World)(h.remind.ListReminderLetters(t.Context(), h.Nurse, contract.ListReminderLettersParams{From: day(0), To: day(30)}))
	}
	list := letters()
	if len(list) != 2 || list[0].ResidentName != "张秀英" || list[0].Why != "NO_PHONE" || list[0].PrintedAt != nil {
		t.Fatalf("%+v", list)
	}
	print := contract.PrintedLetters{Appointments: []uuid.UUID{a.Id}}
	if err := h.remind.MarkLettersPrinted(t.Context(), h.StrangerNurse, uuid.New(), print); code(err) != "not_found" {
		t.Errorf("a stranger prints: %v", err)
	}
	for range 2 {
		if err := h.remind.MarkLettersPrinted(t.Context(), h.Nurse, uuid.New(), print); err != nil {
			t.Fatal(err)
		}
	}
	if list = letters(); list[0].PrintedAt == nil {
		t.Errorf("%+v", list[0])
	}
	h.wants(a.Id, "LETTER 1 TOLD")
	caretest.Must[contract.Appointment](h.World)(h.book.RescheduleAppointment(t.Context(), h.Nurse, uuid.New(), a.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(5, 11, 0)}))
	if list = letters(); list[0].PrintedAt != nil {
		t.Errorf("the letter says an earlier time: %+v", list[0])
	}
	// The list that is read again was opened once; whose letter was printed is noted by name.
	if n := h.Count(`SELECT count(*) FROM access_log WHERE action = 'listReminderLetters' AND object_type = 'organisation' AND object_id = $1`, h.Home); n != 1 {
		t.Errorf("%d openings in the log", n)
	}
	if n := h.Count(`SELECT count(*) FROM access_log WHERE action = 'markLettersPrinted' AND resident_id = $1`, h.Resident); n != 1 {
		t.Errorf("%d printed letters in the log", n)
	}

	set := caretest.Must[[]contract.ReminderSettings](h.World)(h.remind.GetReminderSettings(t.Context(), h.Desk))
	if len(set) != 1 || len(set[0].Rule.Leads) != 3 || set[0].Quiet.From != "21:00" || set[0].Revision != 0 || !strings.Contains(set[0].Previews[0].Zh, "上门") {
		t.Fatalf("%+v", set)
	}
	in := contract.ReminderSettingsInput{OrganisationId: h.Hospital, Rule: set[0].Rule, Quiet: set[0].Quiet,
		Kinds: []contract.ReminderKindInput{{KindId: h.kind, Rule: contract.ReminderRule{Leads: []contract.ReminderLead{"D1"}, Audiences: []contract.ReminderAudience{"DOCTOR"}}}}}
	saved := caretest.Must[contract.ReminderSettings](h.World)(h.remind.SaveReminderSettings(t.Context(), h.Desk, in))
	if saved.Revision != 1 || saved.Kinds[0].Rule == nil || len(saved.Kinds[0].Rule.Leads) != 1 {
		t.Errorf("%+v", saved)
	}
	if _, err := h.remind.SaveReminderSettings(t.Context(), h.Desk, in); code(err) != "revision_stale" {
		t.Errorf("saved twice: %v", err)
	}
	in.OrganisationId = h.OtherHospital
	if _, err := h.remind.SaveReminderSettings(t.Context(), h.Desk, in); code(err) != "not_found" {
		t.Errorf("another organisation's: %v", err)
	}
	h.until(at(2, 11, 0))
	h.until(at(4, 11, 0))
	h.wants(a.Id, "LETTER 1 TOLD, D3 2 SKIPPED OFF, D1 2 TOLD")
	if n := h.Count(`SELECT count(*) FROM notifications WHERE event = 'APPOINTMENT_REMINDER' AND subject_id = $1 AND users = ARRAY[$2::uuid] AND resident_id IS NULL`, a.Id, h.Wang.UserID); n != 1 {
		t.Errorf("%d facts for the doctor alone", n)
	}
}

// TestTheFamilyOfWhoHasLeftIsLeftInPeace: no reminder and no message that it is cancelled goes to the family of a resident who moved out or died, and
// the link that it had opens nothing.
func TestTheFamilyOfWhoHasLeftIsLeftInPeace(t *testing.T) {
	h := newHouse(t)
	h.gateway()
	h.relative(h.Resident, "13800138001")
	h.booked(h.Wang, h.Resident, at(2, 10, 0))
	h.until(at(1, 10, 30))
	told := h.messages(1)
	token := tokenOf(t, told[0].Text)
	if _, err := h.remind.OpenFamilyPage(t.Context(), contract.FamilyToken{Token: token}); err != nil {
		t.Fatal(err)
	}
	h.Exec(`UPDATE residents SET left_on = $2 WHERE id = $1`, h.Resident, h.Clock.Now())
	if _, err := h.remind.OpenFamilyPage(t.Context(), contract.FamilyToken{Token: token}); code(err) != "link_over" {
		t.Errorf("the link opens %v", err)
	}
	if _, err := h.book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.until(at(2, 9, 0))
	if got := h.messages(1); len(got) != 1 {
		t.Errorf("the family is told as well: %s", got[1].Text)
	}
}

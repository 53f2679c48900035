package caretest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// Must takes the answer of a step that has to work.
func Must[T any](w *World) func(v T, err error) T {
	return func(v T, err error) T {
		w.T.Helper()
		if err != nil {
			w.T.Fatal(err)
		}
		return v
	}
}

// Signature is a drawn signature.
func Signature() []byte {
	img := image.NewGray(image.Rect(0, 0, 80, 30))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	for x := 10; x < 70; x++ {
		img.SetGray(x, 5+x/4, color.Gray{})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Draft begins a request for a resident with the chip OTHER, which is ROUTINE and goes to general practice.
func (w *World) Draft(nurse identity.Actor, resident uuid.UUID, reasons ...string) contract.Consultation {
	w.T.Helper()
	if len(reasons) == 0 {
		reasons = []string{"OTHER"}
	}
	complaint := "今天说不舒服"
	return Must[contract.Consultation](w)(w.Care.CreateConsultation(w.T.Context(), nurse, newID(), contract.ConsultationInput{
		Id: newID(), ResidentId: resident, Reasons: reasons, RedFlags: []string{}, Complaint: &complaint}))
}

// ConsentInput is the consent of a capable resident to the present text.
func (w *World) ConsentInput(nurse identity.Actor) contract.ConsentInput {
	w.T.Helper()
	text := Must[contract.ConsentText](w)(w.Care.GetConsentText(w.T.Context(), nurse, contract.GetConsentTextParams{Locale: "zh-CN"}))
	ink := Signature()
	return contract.ConsentInput{Locale: "zh-CN", SignerKind: "SELF", TextVersion: text.Version, TextHash: text.Hash,
		Ticks: []contract.ConsentInputTicks{"medical", "sensitive", "provision"}, SignaturePng: &ink}
}

// Consent takes the resident's consent.
func (w *World) Consent(nurse identity.Actor, id uuid.UUID) contract.Consultation {
	w.T.Helper()
	return Must[contract.Consultation](w)(w.Care.GiveConsent(w.T.Context(), nurse, newID(), id, w.ConsentInput(nurse)))
}

// Submit calls the doctor.
func (w *World) Submit(nurse identity.Actor, id uuid.UUID, urgency contract.Urgency) contract.Consultation {
	w.T.Helper()
	return Must[contract.Consultation](w)(w.Care.SubmitConsultation(w.T.Context(), nurse, newID(), id, contract.SubmitRequest{Urgency: urgency}))
}

// Offered is a request with a consent, submitted as ROUTINE.
func (w *World) Offered(nurse identity.Actor, resident uuid.UUID) contract.Consultation {
	w.T.Helper()
	c := w.Draft(nurse, resident)
	w.Consent(nurse, c.Id)
	return w.Submit(nurse, c.Id, "ROUTINE")
}

// Claim answers a request.
func (w *World) Claim(doctor identity.Actor, c contract.Consultation) contract.Consultation {
	w.T.Helper()
	return Must[contract.Consultation](w)(w.Care.ClaimConsultation(w.T.Context(), doctor, newID(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))
}

// Socket opens a socket of somebody at the present instant, as signaling records it.
func (w *World) Socket(a identity.Actor) uuid.UUID {
	w.T.Helper()
	signIn, session, now := newID(), newID(), w.Clock.Now()
	w.Exec(`INSERT INTO auth_sessions (id, user_id, expires_at) VALUES ($1, $2, $3)`, signIn, a.UserID, now.AddDate(0, 0, 7))
	w.Exec(`INSERT INTO signaling_sessions (id, auth_session_id, user_id, node, opened_at, last_seen_at) VALUES ($1, $2, $3, 'test', $4, $4)`, session, signIn, a.UserID, now)
	return session
}

// Talk is a call of two people with their open intervals.
type Talk struct {
	w              *World
	Call           uuid.UUID
	Nurse, Doctor  uuid.UUID // participants
	open           []care.MediaInterval
	nurseConn      uuid.UUID
	doctorConn     uuid.UUID
	Started, Until time.Time
}

// Connect opens the call and connects both sides; media begins to flow.
func (w *World) Connect(nurse, doctor identity.Actor, c contract.Consultation) *Talk {
	w.T.Helper()
	hers := Must[contract.Ticket](w)(w.Care.GetTicket(w.T.Context(), nurse, c.Id, contract.TicketRequest{}))
	his := Must[contract.Ticket](w)(w.Care.GetTicket(w.T.Context(), doctor, c.Id, contract.TicketRequest{Epoch: &c.Epoch}))
	t := &Talk{w: w, Call: hers.CallId, Nurse: hers.ParticipantId, Doctor: his.ParticipantId, nurseConn: newID(), doctorConn: newID(), Started: w.Clock.Now()}
	for participant, connection := range map[uuid.UUID]uuid.UUID{t.Nurse: t.nurseConn, t.Doctor: t.doctorConn} {
		if err := w.Care.MediaJoined(w.T.Context(), care.Origin{}, t.Call, participant, connection); err != nil {
			w.T.Fatal(err)
		}
		for _, kind := range []string{"connected", "media"} {
			t.open = append(t.open, care.MediaInterval{ID: newID(), Call: t.Call, Participant: participant, Kind: kind, Start: t.Started, LastSeen: t.Started})
		}
	}
	t.report()
	return t
}

// Join connects one more person of the inviting side, who is carried from then on.
func (t *Talk) Join(who identity.Actor, c contract.Consultation) uuid.UUID {
	t.w.T.Helper()
	ticket := Must[contract.Ticket](t.w)(t.w.Care.GetTicket(t.w.T.Context(), who, c.Id, contract.TicketRequest{}))
	if err := t.w.Care.MediaJoined(t.w.T.Context(), care.Origin{}, t.Call, ticket.ParticipantId, newID()); err != nil {
		t.w.T.Fatal(err)
	}
	for _, kind := range []string{"connected", "media"} {
		t.open = append(t.open, care.MediaInterval{ID: newID(), Call: t.Call, Participant: ticket.ParticipantId, Kind: kind, Start: t.w.Clock.Now(), LastSeen: t.w.Clock.Now()})
	}
	t.report()
	return ticket.ParticipantId
}

func (t *Talk) report() {
	t.w.T.Helper()
	if err := t.w.Care.MediaPresence(t.w.T.Context(), t.open); err != nil {
		t.w.T.Fatal(err)
	}
}

// Talk lets both sides talk for a while; the relay reports at its end.
func (t *Talk) Talk(d time.Duration) {
	t.w.T.Helper()
	t.w.Clock.Pass(d)
	for i := range t.open {
		if !t.open[i].Closed {
			t.open[i].LastSeen = t.w.Clock.Now()
			t.open[i].AudioBytes += uint64(d.Seconds()) * 4000
			t.open[i].VideoBytes += uint64(d.Seconds()) * 60000
		}
	}
	t.report()
}

// Lose cuts one participant off, Nurse or Doctor.
func (t *Talk) Lose(participant uuid.UUID) {
	t.w.T.Helper()
	for i := range t.open {
		if t.open[i].Participant == participant {
			t.open[i].Closed = true
		}
	}
	t.report()
	connection := t.nurseConn
	if participant == t.Doctor {
		connection = t.doctorConn
	}
	if err := t.w.Care.MediaLeft(t.w.T.Context(), care.Origin{}, t.Call, participant, connection, "lost"); err != nil {
		t.w.T.Fatal(err)
	}
}

// Return connects a participant anew.
func (t *Talk) Return(participant uuid.UUID) {
	t.w.T.Helper()
	for _, kind := range []string{"connected", "media"} {
		t.open = append(t.open, care.MediaInterval{ID: newID(), Call: t.Call, Participant: participant, Kind: kind, Start: t.w.Clock.Now(), LastSeen: t.w.Clock.Now()})
	}
	t.report()
}

// Content is a complete opinion with two items of advice and a follow-up in a week.
func (w *World) Content() contract.ReportContent {
	assessment, outcome, limits, code := "血压控制不佳，无心力衰竭体征", "ADJUST", "未能听诊", "I10"
	examined := []string{"HISTORY", "INSPECTION"}
	confirmed := contract.DiagnosisCertainty("CONFIRMED")
	return contract.ReportContent{Examined: &examined, Assessment: &assessment, Outcome: &outcome, Limits: &limits,
		Diagnoses:  &[]contract.Diagnosis{{Code: &code, Text: "原发性高血压", Certainty: &confirmed}},
		Advice:     &[]contract.AdviceInput{{Kind: "DRUG", Text: "氨氯地平改为每日一次5mg"}, {Kind: "NURSING", Text: "每日两次测血压"}},
		FollowUpOn: &openapi_types.Date{Time: w.Clock.Now().AddDate(0, 0, 7)}}
}

// Sign saves the content as the draft and signs it.
func (w *World) Sign(doctor identity.Actor, c contract.Consultation, content contract.ReportContent) contract.Consultation {
	w.T.Helper()
	draft := Must[contract.ReportDraft](w)(w.Care.SaveReportDraft(w.T.Context(), doctor, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: content}))
	return Must[contract.Consultation](w)(w.Care.SignReport(w.T.Context(), doctor, newID(), c.Id, contract.SignReportRequest{
		Epoch: c.Epoch, Revision: draft.Revision, Password: Password}))
}

// Adopt adopts every item of the newest report.
func (w *World) Adopt(attending identity.Actor, c contract.Consultation) contract.Consultation {
	w.T.Helper()
	return Must[contract.Consultation](w)(w.Care.AdoptReport(w.T.Context(), attending, newID(), c.Id, AdoptAll(c)))
}

// AdoptAll is the decision to adopt every item of a consultation's newest report.
func AdoptAll(c contract.Consultation) contract.AdoptionInput {
	plan := "按会诊意见执行"
	in := contract.AdoptionInput{ReportId: c.Reports[len(c.Reports)-1].Id, Password: Password, FinalPlan: &plan}
	var newest []contract.AdviceItem
	for _, item := range c.Advice {
		if !item.Superseded {
			newest = append(newest, item)
		}
	}
	in.Items = ofLength(in.Items, len(newest))
	for i, item := range newest {
		in.Items[i].AdviceId, in.Items[i].Decision = item.Id, "ADOPTED"
	}
	return in
}

// ofLength makes a slice of a type that has no name.
func ofLength[S ~[]E, E any](_ S, n int) S { return make(S, n) }

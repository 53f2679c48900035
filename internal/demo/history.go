package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// historyKey in the table meta says that all stories have been told.
const historyKey = "demo.history"

// everybodyThere is the presence of the past.
type everybodyThere struct{}

func (everybodyThere) Of(_ context.Context, users []uuid.UUID) (map[uuid.UUID]care.PresenceState, error) {
	out := make(map[uuid.UUID]care.PresenceState, len(users))
	for _, u := range users {
		out[u] = care.PresenceState{State: care.PresenceAvailable, Connected: true}
	}
	return out, nil
}

// teller tells stories through the use-cases, with a clock that it sets.
type teller struct {
	care   *care.Service
	now    time.Time
	actors map[string]identity.Actor
	ink    []byte
}

// seedHistory tells the stories that have not been told, under the demo's lock. A story that was interrupted by a crash is not
// told on.
func seedHistory(ctx context.Context, st *store.Store, keeper *seal.Keeper, id *identity.Service, now time.Time) error {
	return st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockDemo(ctx); err != nil {
			return err
		}
		if _, err := q.MetaValue(ctx, historyKey); !store.IsNone(err) {
			return err
		}
		quick, err := quickStore(ctx, st)
		if err != nil {
			return err
		}
		defer quick.Close()
		t := &teller{actors: actors()}
		if err := signedIn(ctx, quick.Q(), t.actors, now); err != nil {
			return err
		}
		if t.ink, err = signature(); err != nil {
			return err
		}
		t.care, err = care.New(care.Deps{Store: quick, Keeper: keeper, Identity: id, Presence: everybodyThere{}, Now: func() time.Time { return t.now }})
		if err != nil {
			return err
		}
		for _, s := range stories() {
			cid := idOf("consultation", s.key)
			if _, err := st.Q().GetConsultation(ctx, cid); !store.IsNone(err) {
				if err != nil {
					return err
				}
				continue
			}
			if err := t.tell(ctx, s, cid, now); err != nil {
				return fmt.Errorf("%s: %w", s.key, err)
			}
		}
		return q.SetMeta(ctx, db.SetMetaParams{Key: historyKey, Value: consult.DateOf(now).String()})
	})
}

// signedIn gives each actor the sign-in that a signature is asked under. It has expired, so that it opens nothing.
func signedIn(ctx context.Context, q *db.Queries, actors map[string]identity.Actor, now time.Time) error {
	for name, a := range actors {
		a.SessionID = idOf("sign-in", name)
		actors[name] = a
		_, err := q.AuthSession(ctx, a.SessionID)
		if store.IsNone(err) {
			err = q.InsertAuthSession(ctx, db.InsertAuthSessionParams{ID: a.SessionID, UserID: a.UserID, At: now, ExpiresAt: now})
		}
		if err != nil {
			return fmt.Errorf("sign-in of %s: %w", name, err)
		}
	}
	return nil
}

// quickStore is a pool of its own whose commits do not wait for the disk: hundreds of small ones would take a minute. The
// mark that ends the history is committed as usual, and everything before it with it.
func quickStore(ctx context.Context, st *store.Store) (*store.Store, error) {
	cfg := st.Pool.Config()
	cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	cfg.MinConns, cfg.MaxConns = 0, 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return &store.Store{Pool: pool}, nil
}

// actors are the demo's people as they are when signed in.
func actors() map[string]identity.Actor {
	places := map[string]organisation{}
	for _, o := range organisations() {
		places[o.key] = o
	}
	out := map[string]identity.Actor{}
	for _, a := range accounts() {
		actor := identity.Actor{UserID: idOf("user", a.username), Username: a.username, Name: a.name, Locale: "zh-CN"}
		for _, p := range a.posts {
			o := places[p.organisation]
			m := identity.Membership{Role: p.role, OrganisationID: idOf("organisation", o.key), OrganisationName: o.name, OrganisationKind: o.kind,
				OrganisationAddress: o.address, DepartmentID: departmentOf(p)}
			if d, ok := consult.DepartmentByCode(p.department); ok {
				m.DepartmentName = d.ZH
			}
			actor.Memberships = append(actor.Memberships, m)
		}
		out[a.username] = actor
	}
	return out
}

// began is when the story begins.
func (s story) began(now time.Time) time.Time {
	if s.ago > 0 {
		return now.Add(-s.ago)
	}
	return consult.DateOf(now).AddDays(-s.days).Start().Add(s.at)
}

func (t *teller) tell(ctx context.Context, s story, id uuid.UUID, now time.Time) error {
	t.now = s.began(now).UTC()
	nurse := t.actors[s.nurse]
	if err := t.request(ctx, s, nurse, id); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	t.now = t.now.Add(s.wait)
	if s.until == untilCancelled {
		_, err := t.care.CancelConsultation(ctx, nurse, uuid.New(), id, contract.ReasonRequest{Reason: s.cancel})
		return err
	}
	doctor := t.actors[s.doctor]
	c, err := t.care.ClaimConsultation(ctx, doctor, uuid.New(), id, contract.EpochRequest{Epoch: 0})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if err := t.call(ctx, s, nurse, doctor, id, c.Epoch); err != nil {
		return fmt.Errorf("call: %w", err)
	}
	draft, err := t.care.SaveReportDraft(ctx, doctor, id, contract.ReportDraftInput{Epoch: c.Epoch, Content: s.content(t.now)})
	if err != nil || s.until == untilPending {
		return err
	}
	t.now = t.now.Add(4 * time.Minute)
	c, err = t.care.SignReport(ctx, doctor, uuid.New(), id, contract.SignReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Password: Password})
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if s.until == untilReported {
		return nil
	}
	if err := t.carryOut(ctx, s, nurse, id, c, now); err != nil {
		return fmt.Errorf("after the report: %w", err)
	}
	return nil
}

// request is the nurse's part, up to the call for a doctor.
func (t *teller) request(ctx context.Context, s story, nurse identity.Actor, id uuid.UUID) error {
	c, err := t.care.CreateConsultation(ctx, nurse, uuid.New(), contract.ConsultationInput{Id: id, ResidentId: idOf("resident", s.resident),
		Reasons: s.reasons, RedFlags: list(s.flags), Complaint: &s.complaint})
	if err != nil {
		return err
	}
	if len(s.readings) > 0 {
		t.now = t.now.Add(40 * time.Second)
		var in contract.VitalsInput
		for _, r := range s.readings {
			value := float32(r.value)
			in.Readings = append(in.Readings, contract.VitalInput{Code: r.code, Value: &value})
		}
		if _, err := t.care.AddVitals(ctx, nurse, uuid.New(), id, in); err != nil {
			return err
		}
	}
	if c.ConsentNeeded { // an earlier one may still hold
		t.now = t.now.Add(30 * time.Second)
		if err := t.consent(ctx, s, nurse, id); err != nil {
			return fmt.Errorf("consent: %w", err)
		}
	}
	t.now = t.now.Add(20 * time.Second)
	c, err = t.care.GetConsultation(ctx, nurse, id)
	if err != nil {
		return err
	}
	submit := contract.SubmitRequest{Urgency: c.UrgencyProposed}
	if s.department != "" {
		department := idOf("department", qingcheng, s.department)
		submit.DepartmentId = &department
	}
	_, err = t.care.SubmitConsultation(ctx, nurse, uuid.New(), id, submit)
	return err
}

func (t *teller) consent(ctx context.Context, s story, nurse identity.Actor, id uuid.UUID) error {
	text, err := t.care.GetConsentText(ctx, nurse, contract.GetConsentTextParams{Locale: "zh-CN"})
	if err != nil {
		return err
	}
	in := contract.ConsentInput{Locale: "zh-CN", SignerKind: contract.ConsentInputSignerKind(or(s.signer, "SELF")), TextVersion: text.Version, TextHash: text.Hash,
		Ticks: []contract.ConsentInputTicks{"medical", "sensitive", "provision"}, SignaturePng: &t.ink}
	if s.signer != "" {
		in.SignerName, in.Relation = &s.signerName, &s.relation
	}
	_, err = t.care.GiveConsent(ctx, nurse, uuid.New(), id, in)
	return err
}

// accompany is the attending doctor of the home coming to the bedside, with the code of the own screen.
func (t *teller) accompany(ctx context.Context, nurse, attending identity.Actor, id uuid.UUID) error {
	code, err := t.care.GetCheckInCode(ctx, attending)
	if err != nil {
		return err
	}
	_, err = t.care.CheckIn(ctx, nurse, uuid.New(), id, contract.CheckInRequest{UserId: attending.UserID, Method: "QR", Code: code.Code})
	return err
}

// call is what the relay would have reported of both sides.
func (t *teller) call(ctx context.Context, s story, nurse, doctor identity.Actor, id uuid.UUID, epoch int64) error {
	t.now = t.now.Add(10 * time.Second)
	if !s.alone && s.nurse == "nurse.li" {
		if err := t.accompany(ctx, nurse, t.actors["dr.chen"], id); err != nil {
			return fmt.Errorf("accompany: %w", err)
		}
	}
	t.now = t.now.Add(10 * time.Second)
	mine, err := t.care.GetTicket(ctx, doctor, id, contract.TicketRequest{Epoch: &epoch})
	if err != nil {
		return err
	}
	hers, err := t.care.GetTicket(ctx, nurse, id, contract.TicketRequest{})
	if err != nil {
		return err
	}
	begin := t.now
	var seen []care.MediaInterval
	for i, participant := range []uuid.UUID{mine.ParticipantId, hers.ParticipantId} {
		if err := t.care.MediaJoined(ctx, care.Origin{}, mine.CallId, participant, uuid.New()); err != nil {
			return err
		}
		for j, kind := range []string{"connected", "media"} {
			lag := time.Duration(i*3+j) * time.Second
			seen = append(seen, care.MediaInterval{ID: uuid.Must(uuid.NewV7()), Call: mine.CallId, Participant: participant, Kind: kind, Start: begin.Add(lag), LastSeen: begin.Add(lag)})
		}
	}
	if err := t.care.MediaPresence(ctx, seen); err != nil { // both are there: it begins
		return err
	}
	for i, text := range s.messages {
		t.now = begin.Add(time.Duration(i+2) * time.Minute)
		if _, err := t.care.SendMessage(ctx, []identity.Actor{nurse, doctor}[i%2], uuid.New(), id, contract.MessageInput{Id: uuid.Must(uuid.NewV7()), Body: text}); err != nil {
			return err
		}
	}
	t.now = begin.Add(s.talk)
	for i := range seen {
		seen[i].LastSeen = t.now.Add(-time.Duration(i) * time.Second)
		seconds := uint64(s.talk / time.Second)
		seen[i].AudioBytes, seen[i].VideoBytes = seconds*5_000, seconds*110_000
	}
	if err := t.care.MediaPresence(ctx, seen); err != nil {
		return err
	}
	if _, err := t.care.FinishConsultation(ctx, doctor, uuid.New(), id, contract.EpochRequest{Epoch: epoch}); err != nil {
		return err
	}
	for i := range seen {
		seen[i].Closed = true
	}
	return t.care.MediaPresence(ctx, seen)
}

func (s story) content(at time.Time) contract.ReportContent {
	examined := []string{"HISTORY", "INSPECTION", "VITALS"}
	out := contract.ReportContent{Examined: &examined, Assessment: &s.assessment}
	if s.diagnosis != "" {
		certainty := contract.DiagnosisCertainty("CONFIRMED")
		c, _ := consult.ConditionByCode(s.diagnosis)
		out.Diagnoses = &[]contract.Diagnosis{{Code: &s.diagnosis, Text: c.ZH, Certainty: &certainty}}
	}
	if len(s.advice) > 0 {
		out.Advice = &s.advice
	}
	if s.outcome != "" {
		out.Outcome = &s.outcome
	}
	if s.limits != "" {
		out.Limits = &s.limits
	}
	if s.followUpDays > 0 {
		out.FollowUpOn = &openapi_types.Date{Time: consult.DateOf(at).AddDays(s.followUpDays).Time()}
	}
	return out
}

// carryOut is what the care institution did with the opinion.
func (t *teller) carryOut(ctx context.Context, s story, nurse identity.Actor, id uuid.UUID, c contract.Consultation, now time.Time) error {
	if info, _ := consult.ServiceType(c.ServiceType).Info(); info.NeedsAdoption {
		t.now = t.now.Add(25 * time.Minute)
		plan := "按会诊意见执行，由值班护士记录。"
		in := contract.AdoptionInput{ReportId: c.Reports[len(c.Reports)-1].Id, FinalPlan: &plan, Password: Password}
		in.Items = slices.Grow(in.Items, len(c.Advice))[:len(c.Advice)]
		for i, a := range c.Advice {
			in.Items[i].AdviceId, in.Items[i].Decision = a.Id, "ADOPTED"
			if i == len(c.Advice)-1 && s.partly != "" {
				in.Items[i].Decision, in.Items[i].Reason = "PARTLY", &s.partly
			}
		}
		if _, err := t.care.AdoptReport(ctx, t.actors["dr.chen"], uuid.New(), id, in); err != nil {
			return err
		}
	}
	if s.until == untilAdopted {
		return nil
	}
	for _, a := range c.Advice {
		t.now = t.now.Add(50 * time.Minute)
		var err error
		if c, err = t.care.CompleteAdvice(ctx, nurse, uuid.New(), a.Id, contract.NoteRequest{}); err != nil {
			return err
		}
	}
	if s.until == untilFollowUp || c.FollowUps == nil {
		return nil
	}
	for _, f := range *c.FollowUps {
		t.now = consult.DateFromTime(f.DueOn.Time).Start().Add(9 * time.Hour).UTC()
		if t.now.After(now) {
			return fmt.Errorf("a follow-up of %s cannot be done yet", f.DueOn)
		}
		note := "已随访，情况平稳。"
		if _, err := t.care.CompleteFollowUp(ctx, nurse, uuid.New(), f.Id, contract.NoteRequest{Note: &note}); err != nil {
			return err
		}
	}
	return nil
}

// signature draws a few strokes, as a finger leaves them on the tablet.
func signature() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 480, 160))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	for step := range 4000 {
		x := float64(step) / 4000
		px, py := int(40+400*x), int(80+40*math.Sin(17*x)*math.Cos(5*x))
		for dx := range 4 {
			for dy := range 4 {
				img.Set(px+dx, py+dy, color.RGBA{20, 30, 60, 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("draw a signature: %w", err)
	}
	return out.Bytes(), nil
}

package care

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetConsultation gives the case card with everything that the caller may see, and notes the access. The resident's name is
// masked until the doctor has claimed, and always for a dispatcher and an administrator, who see codes, numbers and times but
// no free text.
func (s *Service) GetConsultation(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Consultation, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleDispatcher, RoleInstAdmin, RoleQC); err != nil {
		return contract.Consultation{}, err
	}
	b, err := s.caseFor(ctx, a, id, nil)
	if err != nil {
		return contract.Consultation{}, err
	}
	return b.out, s.logSight(ctx, b.q, a, b.v, "getConsultation", b.c)
}

// view is the card as the answer to a command that was carried out. Who meanwhile no longer sees the consultation, since
// somebody else ended it, is told so: 409 no_longer_waiting with the present state, not that it never was.
func (s *Service) view(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Consultation, error) {
	return s.viewWith(ctx, a, id, nil)
}

// viewWith is view with the doctors that the command has just asked for; nil: none.
func (s *Service) viewWith(ctx context.Context, a identity.Actor, id uuid.UUID, doctors *roster) (contract.Consultation, error) {
	b, err := s.caseFor(ctx, a, id, doctors)
	if err != nil {
		q := s.st.Q()
		if problem.Of(err).Status == http.StatusNotFound {
			if c, found := q.GetConsultation(ctx, id); found == nil {
				err = problem.Conflict("no_longer_waiting", s.current(ctx, q, c))
			}
		}
		return contract.Consultation{}, err
	}
	return b.out, nil
}

// caseView builds one card; its methods fill in one section each.
type caseView struct {
	s      *Service
	q      *db.Queries
	a      identity.Actor
	c      db.Consultation
	v      sight
	now    time.Time
	file   db.CaseFileRow
	people map[uuid.UUID]db.CasePeopleRow
	steps  []db.AudienceStepsRow              // of a request that waits: who is asked now
	asked  []uuid.UUID                        // their departments; nil: not yet known
	plan   map[consult.LadderStep][]uuid.UUID // whom the ladder would still ask; nil: not yet known
	roster roster
	facts  facts
	// versions of the signed reports
	versions map[uuid.UUID]int
	out      contract.Consultation
}

// full says that the caller reads free text.
func (b *caseView) full() bool { return b.v.clinical() }

// named says that the caller reads the resident's name: the own institution, that in which the resident lives, and the doctor who holds the case.
func (b *caseView) named() bool { return b.v.care() || b.v.reader != "" || b.v.holder }

func (s *Service) caseFor(ctx context.Context, a identity.Actor, id uuid.UUID, doctors *roster) (*caseView, error) {
	q := s.st.Q()
	file, err := q.CaseFile(ctx, id)
	now := s.clockAt(file.DatabaseNow)
	c, v, err := s.seen(ctx, q, a, file.Consultation, now, err)
	if err != nil {
		return nil, err
	}
	b := &caseView{s: s, q: q, a: a, c: c, v: v, now: now, file: file}
	if doctors != nil {
		b.roster = *doctors
	}
	for _, section := range []func(context.Context) error{b.head, b.organisations, b.resident, b.form, b.consent, b.call, b.report, b.events, b.readBacks, b.life, b.ratings, b.waiting, b.actions} {
		if err := section(ctx); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *caseView) head(context.Context) error {
	c := b.c
	b.out = contract.Consultation{Id: c.ID, Serial: c.Serial, State: contract.State(c.State), Epoch: c.Epoch, Mine: b.v.holder,
		Urgency: contract.Urgency(c.Urgency), UrgencyProposed: contract.Urgency(c.UrgencyProposed), ServiceType: c.ServiceType,
		Mode: contract.Mode(c.Mode), MergedInto: c.MergedInto, Drill: c.Drill,
		Reasons: c.Reasons, RedFlags: c.RedFlags, RequestRevision: int(c.RequestRevision), EffectiveSeconds: int(c.EffectiveSeconds),
		EndCode: some(c.EndCode), CreatedAt: c.CreatedAt.UTC(), SubmittedAt: utc(c.SubmittedAt), AskedAt: utc(c.AskedAt), OfferedAt: utc(c.OfferedAt),
		AcceptedAt: utc(c.AcceptedAt), StartedAt: utc(c.StartedAt), EndedAt: utc(c.EndedAt), ReportDueAt: utc(c.ReportDueAt),
		ReportedAt: utc(c.ReportedAt), PausedSince: utc(c.MediaLostAt), ServerTime: b.now, Slot: slotView(c)}
	if !b.full() {
		return nil
	}
	for _, text := range []struct {
		column string
		sealed []byte
		to     **string
	}{{"complaint_enc", c.ComplaintEnc, &b.out.Complaint}, {"urgency_reason_enc", c.UrgencyReasonEnc, &b.out.UrgencyReason}, {"end_note_enc", c.EndNoteEnc, &b.out.EndNote}} {
		open, err := b.s.openText("consultations", text.column, c.ID, text.sealed)
		if err != nil {
			return err
		}
		*text.to = some(open)
	}
	if b.out.Complaint != nil {
		*b.out.Complaint = complaintIn(*b.out.Complaint, lang(b.a))
	}
	return nil
}

// load fetches the names of people that are not yet known.
func (b *caseView) load(ctx context.Context, ids []uuid.UUID) error {
	ids = slices.DeleteFunc(ids, func(id uuid.UUID) bool { _, known := b.people[id]; return known })
	if len(ids) == 0 {
		return nil
	}
	rows, err := b.q.CasePeople(ctx, db.CasePeopleParams{Ids: ids, Day: consult.DateOf(dayOfCase(b.c)).Time()})
	if err != nil {
		return fmt.Errorf("people: %w", err)
	}
	for _, r := range rows {
		b.people[r.ID] = r
	}
	return nil
}

// person is somebody of the consultation; the organisation is the side's.
func (b *caseView) person(id uuid.UUID, role string) contract.Person {
	p := b.people[id]
	out := contract.Person{Id: id, Name: p.DisplayName, Role: role, TitleCode: some(p.TitleCode), Title: titleOf(b.a, p.TitleCode)}
	if role == RoleConsultant {
		if b.out.InvitedOrg != nil {
			out.Organisation = &b.out.InvitedOrg.Name
		}
		if b.out.Department != nil {
			out.Department = &b.out.Department.Name
		}
		return out
	}
	out.Organisation = &b.out.InvitingOrg.Name
	return out
}

func (b *caseView) organisations(context.Context) error {
	f := b.file
	b.people = map[uuid.UUID]db.CasePeopleRow{b.c.CreatedBy: {ID: b.c.CreatedBy, DisplayName: f.CreatorName, TitleCode: f.CreatorTitle}}
	if id := b.c.SubmitterID; id != nil {
		b.people[*id] = db.CasePeopleRow{ID: *id, DisplayName: f.SubmitterName, TitleCode: f.SubmitterTitle}
	}
	if id := b.c.DoctorID; id != nil {
		b.people[*id] = db.CasePeopleRow{ID: *id, DisplayName: f.DoctorName, TitleCode: f.DoctorTitle}
	}
	b.out.InvitingOrg = contract.OrgRef{Id: b.c.InvitingOrgID, Name: f.HomeName, Address: some(f.HomeAddress), Phone: some(f.HomePhone)}
	if id := b.c.InvitedOrgID; id != nil {
		b.out.InvitedOrg = &contract.OrgRef{Id: *id, Name: f.HospitalName, Address: some(f.HospitalAddress), Phone: some(f.HospitalPhone)}
	}
	if id := b.c.DepartmentID; id != nil {
		b.out.Department = &contract.Department{Id: *id, Code: f.DepartmentCode, Name: f.DepartmentName, Phone: some(f.DepartmentPhone)}
	}
	asker := RoleNurse
	if b.c.Visitors != nil && value(b.c.SubmitterID) == b.c.CreatedBy {
		asker = RoleFamilyDoctor // who visits asks alone
	}
	nurse := b.person(b.c.CreatedBy, asker)
	b.out.Nurse = &nurse
	if b.c.SubmitterID != nil {
		p := b.person(*b.c.SubmitterID, RoleAttending)
		b.out.Submitter = &p
	}
	if b.c.DoctorID != nil {
		p := b.person(*b.c.DoctorID, RoleConsultant)
		b.out.Doctor = &p
	}
	if b.c.AssignedBy != nil {
		b.out.AssignedBy = some(f.AssignerName)
	}
	return nil
}

func (b *caseView) resident(ctx context.Context) error {
	home, err := b.home(ctx)
	if err != nil {
		return err
	}
	r := b.file.Resident
	name, err := b.s.openText("residents", "name_enc", r.ID, r.NameEnc)
	if err != nil {
		return err
	}
	out := contract.CaseResident{Id: r.ID, Name: name, Masked: !b.named(), Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), b.now), Ward: r.Ward, Bed: r.Bed, Capacity: contract.Capacity(r.Capacity),
		Risks: r.Risks, Conditions: []contract.Term{}, HearingImpaired: r.HearingImpaired, SightImpaired: r.SightImpaired, PreferredLanguage: r.PreferredLanguage}
	if out.Masked {
		out.Name = consult.MaskName(name)
	}
	if r.AbilityLevel != nil {
		level := int(*r.AbilityLevel)
		out.AbilityLevel = &level
	}
	for _, code := range r.ConditionCodes {
		term := contract.Term{Code: code, Zh: code, En: code}
		if known, ok := b.s.codes().Condition(code); ok {
			term.Zh, term.En = known.ZH, known.EN
		}
		out.Conditions = append(out.Conditions, term)
	}
	if b.v.care() {
		out.HomeAddress = some(home)
	}
	b.out.Resident = out
	if !b.full() {
		return nil
	}
	allergies, err := b.s.openText("residents", "allergies_enc", r.ID, r.AllergiesEnc)
	if err != nil {
		return err
	}
	b.out.Resident.Allergies = some(allergies)
	if !b.named() {
		return nil
	}
	return b.family(ctx)
}

// family is what the own institution and the doctor who holds the case see of the resident beside the card.
func (b *caseView) family(ctx context.Context) (err error) {
	guardians, rows := []contract.Guardian{}, []contract.LogRow{}
	if b.file.HasGuardians {
		if guardians, err = b.s.guardianViews(ctx, b.q, b.c.ResidentID); err != nil {
			return err
		}
	}
	b.out.Resident.Guardians = &guardians
	if b.file.HasPortrait {
		portrait, err := b.q.CasePortrait(ctx, &b.c.ResidentID)
		switch {
		case err == nil:
			b.out.Resident.PortraitId = &portrait
		case !store.IsNone(err):
			return fmt.Errorf("portrait: %w", err)
		}
	}
	if b.file.HasEarlier {
		recent, err := b.q.RecentConsultationsOf(ctx, db.RecentConsultationsOfParams{ResidentID: b.c.ResidentID, PageSize: recentShown + 1})
		if err != nil {
			return fmt.Errorf("earlier consultations: %w", err)
		}
		recent = slices.DeleteFunc(recent, func(id uuid.UUID) bool { return id == b.c.ID })
		if rows, err = b.s.logRows(ctx, b.q, recent[:min(len(recent), recentShown)], false, b.now); err != nil {
			return err
		}
	}
	b.out.Resident.RecentConsultations = &rows
	return nil
}

// form is what the nurse entered: readings and photos.
func (b *caseView) form(ctx context.Context) (err error) {
	var rows []db.CaseVitalsRow
	if b.file.HasVitals {
		if rows, err = b.q.CaseVitals(ctx, &b.c.ID); err != nil {
			return fmt.Errorf("vitals: %w", err)
		}
	}
	b.out.Vitals, b.out.MissingVitals, b.out.Photos = []contract.Vital{}, []string{}, []contract.Attachment{}
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Code] = true
		v := contract.Vital{Id: r.ID, Code: r.Code, Unit: r.Unit, Flag: r.Flag, Confirmed: r.Confirmed, Position: some(r.Position), Device: some(r.Device),
			Source: r.Source, TakenAt: r.TakenAt.UTC(), TakenBy: some(r.TakenBy)}
		if r.HasValue {
			v.Value = narrow(&r.Value)
		} else {
			q := contract.VitalQualifier(r.Qualifier)
			v.Qualifier = &q
		}
		b.out.Vitals = append(b.out.Vitals, v)
	}
	for _, code := range wantedVitals() {
		if !have[string(code)] {
			b.out.MissingVitals = append(b.out.MissingVitals, string(code))
		}
	}
	if !b.file.HasPhotos {
		return nil
	}
	photos, err := b.q.CasePhotos(ctx, &b.c.ID)
	if err != nil {
		return fmt.Errorf("photos: %w", err)
	}
	for _, p := range photos {
		b.out.Photos = append(b.out.Photos, attachmentView(p))
	}
	return nil
}

// consent shows the one that covers the consultation now, else the one under which it went.
func (b *caseView) consent(ctx context.Context) error {
	standing, err := b.s.standingConsent(ctx, b.q, b.c, b.now)
	if err != nil {
		return err
	}
	b.facts.consented = standing != nil || b.c.Urgency == string(consult.Critical)
	shown := standing
	if b.c.ConsentID != nil && (shown == nil || shown.ID != *b.c.ConsentID) && (shown == nil || consult.Terminal(consult.State(b.c.State)) || !editable(consult.State(b.c.State))) {
		row, err := b.q.ConsentByID(ctx, *b.c.ConsentID)
		if err != nil {
			return fmt.Errorf("consent: %w", err)
		}
		shown = &row
		b.facts.withdrawn = !b.facts.consented && row.WithdrawnAt != nil
	}
	b.out.ConsentNeeded = standing == nil && consentTakableOf(b.c)
	b.out.Completeness = dots(len(b.c.Reasons) > 0, b.c.ComplaintEnc != nil, len(b.out.Vitals) > 0, shown != nil)
	if shown == nil {
		return nil
	}
	if err := b.load(ctx, consentPeople(*shown)); err != nil {
		return err
	}
	out, err := b.s.consentView(*shown, b.people, b.named(), b.c.ID, b.now)
	if err != nil {
		return err
	}
	b.out.Consent = &out
	return nil
}

func (b *caseView) call(ctx context.Context) error {
	b.out.Participants = []contract.Participant{}
	if !b.file.HasCalls {
		return nil
	}
	open, err := b.q.OpenCallOf(ctx, b.c.ID)
	switch {
	case err == nil:
		started := open.StartedAt.UTC()
		b.out.CallId, b.out.CallStartedAt, b.facts.callOpen = &open.ID, &started, true
	case !store.IsNone(err):
		return fmt.Errorf("open call: %w", err)
	}
	rows, err := b.q.CaseParticipants(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("participants: %w", err)
	}
	intervals, err := b.q.CaseIntervals(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("media intervals: %w", err)
	}
	connected := map[uuid.UUID][]consult.Interval{}
	for _, i := range intervals {
		if i.Kind == "connected" {
			connected[i.ParticipantID] = append(connected[i.ParticipantID], consult.Interval{From: i.StartedAt, To: i.LastSeenAt})
		}
	}
	for _, r := range rows {
		seconds := int(consult.Total(connected[r.ID]) / time.Second)
		b.out.Participants = append(b.out.Participants, contract.Participant{Id: r.ID, UserId: r.UserID, Name: r.DisplayName, Role: r.Role,
			Side: contract.ParticipantSide(r.Side), Connected: &r.Connected, FirstJoinedAt: utc(r.FirstJoinedAt), ConnectedSeconds: &seconds,
			AudioBytes: &r.AudioBytes, VideoBytes: &r.VideoBytes})
	}
	return nil
}

func (b *caseView) events(ctx context.Context) error {
	rows, err := b.q.CaseEvents(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	b.out.Timeline = make([]contract.Event, len(rows))
	names := timelineNames{}
	for i, r := range rows {
		e := contract.Event{Seq: int(r.Seq), Type: r.Type, FromState: some(r.FromState), ToState: some(r.ToState), At: r.At.UTC(), Epoch: r.Epoch,
			Actor: some(r.ActorName), ActorRole: some(r.ActorRole)}
		var data map[string]any
		if err := json.Unmarshal(r.Data, &data); err != nil {
			return fmt.Errorf("event %d: %w", r.Seq, err)
		}
		if err := b.openMeasure(data); err != nil {
			return err
		}
		b.emergency(e.At, data)
		names.note(data)
		if len(data) > 0 {
			e.Data = &data
		}
		b.out.Timeline[i] = e
	}
	return names.fill(ctx, b.q)
}

// emergency collects the times of the emergency sheet: the device's, which is when it happened, before the server's.
func (b *caseView) emergency(at time.Time, data map[string]any) {
	step, _ := data["step"].(string)
	var to **time.Time
	if b.out.Emergency == nil {
		b.out.Emergency = &contract.Emergency{}
		defer func() {
			if *b.out.Emergency == (contract.Emergency{}) {
				b.out.Emergency = nil
			}
		}()
	}
	switch out := b.out.Emergency; step {
	case "CALLED_120":
		to = &out.CalledAt
	case "AMBULANCE_ARRIVED":
		to = &out.ArrivedAt
	case "TO_EMERGENCY":
		to = &out.HandedOverAt
		if who, ok := data["measure"].(string); ok {
			out.HandedTo = some(who)
		}
	default:
		return
	}
	if text, ok := data["deviceAt"].(string); ok {
		if device, err := time.Parse(time.RFC3339Nano, text); err == nil {
			at = device
		}
	}
	if *to == nil {
		*to = &at
	}
}

// openMeasure opens the free text of an emergency step, the only one that an event has.
func (b *caseView) openMeasure(data map[string]any) error {
	sealed, ok := data["measure"].(string)
	if !ok {
		return nil
	}
	delete(data, "measure")
	if !b.full() {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	text, err := b.s.openText("consultation_events", "measure", b.c.ID, raw)
	if err != nil {
		return err
	}
	data["measure"] = text
	return nil
}

func (b *caseView) waiting(ctx context.Context) (err error) {
	if b.c.State != string(consult.StateOffered) || b.c.DepartmentID == nil || b.c.OfferedAt == nil {
		return nil
	}
	steps, err := b.q.AudienceSteps(ctx, db.AudienceStepsParams{ConsultationID: b.c.ID, Now: b.now})
	if err != nil {
		return fmt.Errorf("audience: %w", err)
	}
	b.steps, b.asked = steps, make([]uuid.UUID, len(steps))
	for i, r := range steps {
		b.asked[i] = r.DepartmentID
	}
	b.out.Waiting, err = b.waitingView(ctx)
	return err
}

func (b *caseView) actions(ctx context.Context) (err error) {
	if b.asked != nil {
		b.facts.inAudience = overlap(consultantDepartments(b.a), b.asked)
	} else if b.facts.inAudience, err = b.s.inAudience(ctx, b.q, b.a, b.c, b.now); err != nil {
		return err
	}
	b.facts.slotOpen = slotOpen(b.c, b.now)
	if b.c.State == string(consult.StateAbortedTech) || b.facts.slotOpen {
		if b.facts.busy, err = b.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: b.c.DoctorID, ExceptID: b.c.ID}); err != nil {
			return fmt.Errorf("busy: %w", err)
		}
	}
	if b.facts.inAudience {
		mine, err := b.q.OfferTo(ctx, db.OfferToParams{ConsultationID: b.c.ID, Epoch: b.c.Epoch, DoctorID: b.a.UserID})
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("offer: %w", err)
		}
		b.facts.declined = err == nil && mine.Result == "DECLINED"
	}
	if b.v.desk && b.c.State == string(consult.StateOffered) {
		if b.plan == nil {
			if b.plan, err = b.s.planOf(ctx, b.q, b.c, b.steps, b.now); err != nil {
				return err
			}
		}
		for step := range b.plan {
			b.facts.wider = b.facts.wider || step > consult.LadderStep(b.c.LadderStep)
		}
	}
	b.out.Actions = openActions(b.c, b.v, b.facts)
	return nil
}

func (s *Service) followUpView(row db.FollowUp, resident db.Resident, masked bool) (contract.FollowUp, error) {
	name, err := s.openText("residents", "name_enc", resident.ID, resident.NameEnc)
	if err != nil {
		return contract.FollowUp{}, err
	}
	note, err := s.openText("follow_ups", "note_enc", row.ID, row.NoteEnc)
	if err != nil {
		return contract.FollowUp{}, err
	}
	if masked {
		name, note = consult.MaskName(name), ""
	}
	return contract.FollowUp{Id: row.ID, ConsultationId: row.ConsultationID, ResidentId: row.ResidentID, ResidentName: name, Bed: some(resident.Bed),
		DueOn: openapi_types.Date{Time: row.DueOn}, State: contract.FollowUpState(row.State), Note: some(note), DoneAt: utc(row.DoneAt)}, nil
}

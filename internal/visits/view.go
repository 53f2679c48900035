package visits

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const pageSize = 50

// ListVisits gives visits, those without a time first, then by time.
func (s *Service) ListVisits(ctx context.Context, a identity.Actor, in contract.ListVisitsParams) (contract.VisitPage, error) {
	out := contract.VisitPage{Visits: []contract.Visit{}}
	if err := require(a, roleNurse, roleAttending, roleConsultant, roleFamily, roleDispatcher, roleAdmin); err != nil {
		return out, err
	}
	p := s.visible(a)
	p.States, p.ResidentID, p.HomeBedID, p.Goes = value(in.States), in.ResidentId, in.BedId, in.UserId
	if p.States == nil {
		p.States = []string{}
	}
	if in.From != nil {
		since := dayStart(in.From.Time)
		p.Since = &since
	}
	if in.To != nil {
		before := dayStart(in.To.Time).AddDate(0, 0, 1)
		p.Before = &before
	}
	p.Most, p.Skip = pageSize+1, int32(max(value(in.Page)-1, 0)*pageSize)
	rows, err := s.st.Q().Visits(ctx, p)
	if err != nil {
		return out, fmt.Errorf("visits: %w", err)
	}
	out.More = len(rows) > pageSize
	for _, r := range rows[:min(len(rows), pageSize)] {
		v, err := s.view(ctx, s.st.Q(), a, r, false)
		if err != nil {
			return out, err
		}
		out.Visits = append(out.Visits, v)
	}
	return out, logListed(ctx, s, a, "listVisits", rows[:len(out.Visits)], func(r db.VisitsRow) (uuid.UUID, uuid.UUID) { return r.HomeVisit.ResidentID, r.HomeVisit.ResidentOrgID })
}

// visible narrows a question to what somebody may see.
func (s *Service) visible(a identity.Actor) db.VisitsParams {
	return db.VisitsParams{Visiting: a.Organisations(teamSide()...), Homes: a.Organisations(homeSide()...), Works: a.Organisations(), Me: a.UserID, States: []string{}, Most: 1}
}

// dayStart is midnight in Asia/Shanghai of a calendar day.
func dayStart(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, consult.Shanghai())
}

// GetVisit gives one visit whole.
func (s *Service) GetVisit(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Visit, error) {
	if err := require(a, roleNurse, roleAttending, roleConsultant, roleFamily, roleDispatcher, roleAdmin); err != nil {
		return contract.Visit{}, err
	}
	q := s.st.Q()
	p := s.visible(a)
	p.ID = &id
	rows, err := q.Visits(ctx, p)
	if err != nil {
		return contract.Visit{}, fmt.Errorf("visit: %w", err)
	}
	if len(rows) == 0 && a.Has(roleConsultant) { // it may have come of an own consultation
		v, err := q.VisitByID(ctx, id)
		if err := one(err, "the visit"); err != nil {
			return contract.Visit{}, err
		}
		sees, err := s.see(ctx, q, a, v)
		if err != nil {
			return contract.Visit{}, err
		}
		if sees.any() {
			p.Visiting = []uuid.UUID{v.OrganisationID}
			if rows, err = q.Visits(ctx, p); err != nil {
				return contract.Visit{}, fmt.Errorf("visit: %w", err)
			}
		}
	}
	if len(rows) != 1 {
		return contract.Visit{}, problem.NotFound()
	}
	return s.view(ctx, q, a, rows[0], true)
}

// view shows a visit to somebody; whole adds record, photos, events, gates, and what a visitor has to know.
func (s *Service) view(ctx context.Context, q *db.Queries, a identity.Actor, r db.VisitsRow, whole bool) (contract.Visit, error) {
	v := r.HomeVisit
	sees, err := s.see(ctx, q, a, v)
	if err != nil {
		return contract.Visit{}, err
	}
	if !sees.any() {
		return contract.Visit{}, problem.NotFound()
	}
	name, err := s.openText("residents", "name_enc", v.ResidentID, r.NameEnc)
	if err != nil {
		return contract.Visit{}, err
	}
	if !sees.clinical() {
		name = consult.MaskName(name)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Visit{}, err
	}
	out := contract.Visit{Id: v.ID, Number: v.Number, Kind: contract.VisitKind(v.Kind), State: v.State, ResidentId: v.ResidentID, ResidentName: name, Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Ward: r.Ward, Bed: r.Bed, Home: r.ResidentOrgName, Organisation: r.OrganisationName,
		OrganisationId: v.OrganisationID, Source: v.Source, SourceConsultationId: v.SourceConsultationID, HomeBedId: v.HomeBedID, Plans: v.Plans,
		WantedFrom: openapi_types.Date{Time: v.WantedFrom}, WantedTo: openapi_types.Date{Time: v.WantedTo}, Minutes: int(v.Minutes), Priority: int(v.Priority),
		Eligibility: v.Eligibility, Two: v.Two, TwoWhy: v.TwoWhy, AppointmentId: v.AppointmentID, LeadId: v.LeadID, Lead: some(r.LeadName), Second: some(r.SecondName),
		StartsAt: utc(v.StartsAt), EndsAt: utc(v.EndsAt), FamilyConfirmedAt: utc(r.FamilyConfirmedAt), DepartedAt: utc(v.DepartedAt), ArrivedAt: utc(v.ArrivedAt), ArrivedHeardAt: utc(v.ArrivedHeardAt), LeftAt: utc(v.LeftAt),
		LeftHeardAt: utc(v.LeftHeardAt), EndCode: some(v.EndCode), InsuranceNo: some(v.InsuranceNo), ConsultationId: v.ConsultationID, Revision: int(v.Revision),
		RecordRevision: int(v.RecordRevision), Alarm: r.Alarm, Alone: r.Alone, Actions: []string{}, Gates: []contract.VisitGate{}, Photos: []contract.Attachment{}, Events: []contract.VisitEvent{}}
	if v.BackAt == nil {
		out.ExpectedBackAt = utc(v.ExpectedBackAt)
	}
	if v.NextOn != nil {
		out.NextOn = &openapi_types.Date{Time: *v.NextOn}
	}
	if v.SignerKind != "" {
		kind := contract.VisitSignedFor(v.SignerKind)
		out.SignedFor = &kind
	}
	for _, act := range consult.VisitActions(consult.VisitState(v.State), sees.side()) {
		out.Actions = append(out.Actions, string(act))
	}
	if sees.goes && watched(v) {
		out.Actions = append(out.Actions, string(consult.VisitBack))
	}
	if sees.clinical() {
		if err := s.clinical(&out, r); err != nil {
			return out, err
		}
	}
	if !whole {
		return out, nil
	}
	return out, s.whole(ctx, q, a, sees, r, &out, now)
}

// clinical adds the words and where to go.
func (s *Service) clinical(out *contract.Visit, r db.VisitsRow) error {
	v := r.HomeVisit
	for _, f := range []struct {
		table, column string
		id            uuid.UUID
		sealed        []byte
		to            **string
	}{{"home_visits", "reason_enc", v.ID, v.ReasonEnc, &out.Reason}, {"home_visits", "exception_enc", v.ID, v.ExceptionEnc, &out.Exception},
		{"home_visits", "assessment_enc", v.ID, v.AssessmentEnc, &out.Assessment}, {"home_visits", "end_note_enc", v.ID, v.EndNoteEnc, &out.EndNote},
		{"home_visits", "signer_name_enc", v.ID, v.SignerNameEnc, &out.SignedForName}, {"resident_homes", "address_enc", v.ResidentID, r.AddressEnc, &out.Address},
		{"resident_homes", "note_enc", v.ResidentID, r.NoteEnc, &out.AddressNote}} {
		text, err := s.openText(f.table, f.column, f.id, f.sealed)
		if err != nil {
			return err
		}
		*f.to = some(text)
	}
	if out.Address == nil {
		out.Address = some(strings.TrimSpace(r.OrgAddress))
	}
	var err error
	out.ArrivalPlace, err = s.openPlace("home_visits", "arrival_enc", v.ID, v.ArrivalEnc, v.ArrivalMetres)
	return err
}

func (s *Service) whole(ctx context.Context, q *db.Queries, a identity.Actor, sees sight, r db.VisitsRow, out *contract.Visit, now time.Time) error {
	v := r.HomeVisit
	if slices.Contains(out.Actions, string(consult.VisitAssess)) {
		open, err := openPlans(ctx, q, v)
		if err != nil {
			return err
		}
		out.OpenPlans = &open
	}
	events, err := q.HomeEvents(ctx, v.ID)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	calls, err := q.CallsOfVisit(ctx, v.ID)
	if err != nil {
		return fmt.Errorf("calls from the visit: %w", err)
	}
	if len(calls) > 0 {
		list := make([]contract.VisitCall, len(calls))
		for i, c := range calls {
			list[i] = contract.VisitCall{ConsultationId: c.ID, Serial: c.Serial, State: contract.State(c.State), EffectiveSeconds: int(c.EffectiveSeconds)}
		}
		out.Calls = &list
	}
	for _, e := range events {
		out.Events = append(out.Events, contract.VisitEvent{Type: e.Type, At: e.At.UTC(), DeviceAt: utc(e.DeviceAt), Actor: e.ActorName, ToState: some(e.ToState)})
	}
	if v.LeftAt != nil && v.SignatureID == nil {
		settings, err := s.care.RuleSettingsOf(ctx, q, v.ResidentOrgID)
		if err != nil {
			return err
		}
		until := v.LeftAt.AddDate(0, 0, int(settings.Int("visit_proof_days"))).UTC()
		out.ProofUntil = &until
	}
	if !consult.VisitOver(consult.VisitState(v.State)) {
		if out.Gates, err = s.gates(ctx, q, a, v, now); err != nil {
			return err
		}
	}
	if !sees.clinical() {
		return nil
	}
	if out.Record, err = s.openRecord(v); err != nil {
		return err
	}
	photos, err := q.VisitPhotos(ctx, v.ID)
	if err != nil {
		return fmt.Errorf("photos: %w", err)
	}
	for _, p := range photos {
		out.Photos = append(out.Photos, attachmentView(p))
	}
	resident, err := q.ResidentForVisit(ctx, v.ResidentID)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	conditions := make([]string, len(resident.ConditionCodes))
	for i, code := range resident.ConditionCodes {
		conditions[i] = s.st.Codes().Label(consult.VocabCondition, code, lang(a))
	}
	out.Conditions = &conditions
	phone, err := s.openText("residents", "phone_enc", v.ResidentID, resident.PhoneEnc)
	if err != nil {
		return err
	}
	allergies, err := s.openText("residents", "allergies_enc", v.ResidentID, resident.AllergiesEnc)
	if err != nil {
		return err
	}
	out.Phone, out.Allergies = some(phone), some(allergies)
	if err := s.summary(ctx, q, v.ResidentID, out, now); err != nil {
		return err
	}
	return s.logOpening(ctx, q, a, sees, v, now)
}

// logOpening notes that a resident's record was opened, which the institution can see.
func (s *Service) logOpening(ctx context.Context, q *db.Queries, a identity.Actor, sees sight, v db.HomeVisit, now time.Time) error {
	if err := q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: sees.role(), Action: "getVisit", ObjectType: "resident", ObjectID: &v.ResidentID, Detail: "OK"}); err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

// logListed notes whom a list named in full; not those who live in a house of the reader's own.
func logListed[T any](ctx context.Context, s *Service, a identity.Actor, action string, rows []T, whose func(T) (resident, house uuid.UUID)) error {
	var residents []uuid.UUID
	for _, r := range rows {
		if resident, house := whose(r); roleIn(a, house, homeSide()...) == "" && !slices.Contains(residents, resident) {
			residents = append(residents, resident)
		}
	}
	if len(residents) == 0 {
		return nil
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	role := ""
	if len(a.Memberships) > 0 {
		role = a.Memberships[0].Role
	}
	if err := q.LogListed(ctx, db.LogListedParams{Now: now, UserID: a.UserID, Role: role, Action: action, Residents: residents}); err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

func attachmentView(r db.Attachment) contract.Attachment {
	sum := hex.EncodeToString(r.Sha256)
	return contract.Attachment{Id: r.ID, Kind: contract.AttachmentKind(r.Kind), ContentType: r.ContentType, Size: int(r.Size), Width: int(r.Width), Height: int(r.Height),
		Sha256: &sum, CreatedAt: r.CreatedAt.UTC()}
}

func (s *Service) openRecord(v db.HomeVisit) (*contract.VisitRecordContent, error) {
	if len(v.RecordEnc) == 0 {
		return nil, nil
	}
	raw, err := s.keep.Open("home_visits", "record_enc", v.ID, v.RecordEnc)
	if err != nil {
		return nil, fmt.Errorf("open the record: %w", err)
	}
	var content contract.VisitRecordContent
	if err := json.Unmarshal(raw, &content); err != nil {
		return nil, fmt.Errorf("open the record: %w", err)
	}
	return &content, nil
}

// sealPlace and openPlace keep a position as "lon,lat".
func (s *Service) sealPlace(table, column string, row uuid.UUID, p *contract.GeoPoint) ([]byte, *int32) {
	if p == nil {
		return nil, nil
	}
	text := strconv.FormatFloat(p.Lon, 'f', 6, 64) + "," + strconv.FormatFloat(p.Lat, 'f', 6, 64)
	var metres *int32
	if p.Metres != nil {
		m := int32(*p.Metres)
		metres = &m
	}
	return s.keep.SealText(table, column, row, text), metres
}

func (s *Service) openPlace(table, column string, row uuid.UUID, sealed []byte, metres *int32) (*contract.GeoPoint, error) {
	text, err := s.openText(table, column, row, sealed)
	if err != nil || text == "" {
		return nil, err
	}
	lon, lat, ok := strings.Cut(text, ",")
	x, err1 := strconv.ParseFloat(lon, 64)
	y, err2 := strconv.ParseFloat(lat, 64)
	if !ok || err1 != nil || err2 != nil {
		return nil, fmt.Errorf("open %s.%s: no position", table, column)
	}
	out := &contract.GeoPoint{Lon: x, Lat: y}
	if metres != nil {
		m := int(*metres)
		out.Metres = &m
	}
	return out, nil
}

// reload is the visit as the caller of a command sees it then.
func (s *Service) reload(ctx context.Context, a identity.Actor, id uuid.UUID, err error) (contract.Visit, error) {
	if err != nil {
		return contract.Visit{}, s.lost(ctx, a, id, err)
	}
	return s.GetVisit(ctx, a, id)
}

// lost adds to a lost compare-and-set what the visit is now, so that a device that was away can show both.
func (s *Service) lost(ctx context.Context, a identity.Actor, id uuid.UUID, err error) error {
	p := problem.Of(err)
	if p.Status != http.StatusConflict || p.Current == nil {
		return err
	}
	now, failed := s.GetVisit(ctx, a, id)
	if failed != nil {
		return err
	}
	return p.Showing(now)
}

// checkCodes refuses codes that a list lacks, and repeated ones.
func checkCodes(path string, list consult.Vocabulary, codes []string) error {
	for i, c := range codes {
		if consult.CheckCode(list, c) != nil || slices.Contains(codes[:i], c) {
			return invalid(path, "wrong_value")
		}
	}
	return nil
}

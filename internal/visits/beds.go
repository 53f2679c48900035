package visits

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// endingWithin is how many days before its end a bed is to be looked at.
const endingWithin = 14

// ListHomeBeds gives home beds, open ones first.
func (s *Service) ListHomeBeds(ctx context.Context, a identity.Actor, in contract.ListHomeBedsParams) (contract.HomeBedPage, error) {
	out := contract.HomeBedPage{Beds: []contract.HomeBed{}}
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return out, err
	}
	p := db.BedsParams{Visiting: a.Organisations(teamSide()...), Homes: a.Organisations(homeSide()...), States: value(in.States), ResidentID: in.ResidentId,
		Most: pageSize + 1, Skip: int32(max(value(in.Page)-1, 0) * pageSize)}
	if p.States == nil {
		p.States = []string{}
	}
	rows, err := s.st.Q().Beds(ctx, p)
	if err != nil {
		return out, fmt.Errorf("home beds: %w", err)
	}
	out.More = len(rows) > pageSize
	for _, r := range rows[:min(len(rows), pageSize)] {
		b, err := s.bedView(ctx, a, r)
		if err != nil {
			return out, err
		}
		out.Beds = append(out.Beds, b)
	}
	return out, logListed(ctx, s, a, "listHomeBeds", rows[:len(out.Beds)], bedOf)
}

func bedOf(r db.BedsRow) (resident, house uuid.UUID) {
	return r.HomeBed.ResidentID, r.HomeBed.ResidentOrgID
}

// GetHomeBed gives one bed with its rounds.
func (s *Service) GetHomeBed(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.HomeBed, error) {
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return contract.HomeBed{}, err
	}
	q := s.st.Q()
	rows, err := q.Beds(ctx, db.BedsParams{Visiting: a.Organisations(teamSide()...), Homes: a.Organisations(homeSide()...), States: []string{}, ID: &id, Most: 1})
	if err != nil {
		return contract.HomeBed{}, fmt.Errorf("home bed: %w", err)
	}
	if len(rows) != 1 {
		return contract.HomeBed{}, problem.NotFound()
	}
	out, err := s.bedView(ctx, a, rows[0])
	if err != nil {
		return out, err
	}
	p := s.visible(a)
	p.HomeBedID, p.Most = &id, pageSize
	visits, err := q.Visits(ctx, p)
	if err != nil {
		return out, fmt.Errorf("rounds: %w", err)
	}
	for _, r := range visits {
		v, err := s.view(ctx, q, a, r, false)
		if err != nil {
			return out, err
		}
		out.Visits = append(out.Visits, v)
	}
	slices.Reverse(out.Visits)
	return out, logListed(ctx, s, a, "getHomeBed", rows, bedOf)
}

func (s *Service) bedView(ctx context.Context, a identity.Actor, r db.BedsRow) (contract.HomeBed, error) {
	b := r.HomeBed
	sees := seeBed(a, b)
	name, err := s.openText("residents", "name_enc", b.ResidentID, r.NameEnc)
	if err != nil {
		return contract.HomeBed{}, err
	}
	if !sees.clinical() {
		name = consult.MaskName(name)
	}
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return contract.HomeBed{}, err
	}
	today := consult.DateOf(now)
	out := contract.HomeBed{Id: b.ID, Number: b.Number, State: b.State, ResidentId: b.ResidentID, ResidentName: name, Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Ward: r.Ward, Bed: r.Bed, Home: r.ResidentOrgName, Organisation: r.OrganisationName,
		OrganisationId: b.OrganisationID, Doctor: some(r.DoctorName), DiagnosisCode: b.DiagnosisCode, Diagnosis: s.st.Codes().Label(consult.VocabCondition, b.DiagnosisCode, lang(a)), AppliedAt: b.AppliedAt.UTC(), RoundDays: int(b.RoundDays),
		Extensions: int(b.Extensions), CloseCode: some(b.CloseCode), Rounds: int(r.Rounds), Revision: int(b.Revision), Actions: []string{}, Visits: []contract.Visit{},
		OpenedOn: date(b.OpenedOn), UntilOn: date(b.UntilOn), ClosedOn: date(b.ClosedOn)}
	if r.OpenVisit != uuid.Nil {
		out.OpenVisitId = &r.OpenVisit
	}
	last := roundDay(r.LastRoundOn)
	if !last.IsZero() {
		out.LastRoundOn = &openapi_types.Date{Time: last.Time()}
	}
	if b.State == string(consult.BedOpen) {
		next := consult.NextRound(consult.DateFromTime(*b.OpenedOn), last, int(b.RoundDays))
		out.NextRoundOn = &openapi_types.Date{Time: next.Time()}
		out.Overdue = next.Before(today)
		out.Ending = consult.DateFromTime(*b.UntilOn).Before(today.AddDays(endingWithin))
	}
	if slices.Contains(doctors(), sees.team) {
		for _, act := range consult.BedActions(consult.BedState(b.State)) {
			out.Actions = append(out.Actions, string(act))
		}
	}
	if !sees.clinical() {
		return out, nil
	}
	for _, f := range []struct {
		column string
		sealed []byte
		to     **string
	}{{"reason_enc", b.ReasonEnc, &out.Reason}, {"assessment_enc", b.AssessmentEnc, &out.Assessment}, {"plan_enc", b.PlanEnc, &out.Plan},
		{"signer_name_enc", b.SignerNameEnc, &out.SignedBy}, {"summary_enc", b.SummaryEnc, &out.Summary}} {
		text, err := s.openText("home_beds", f.column, b.ID, f.sealed)
		if err != nil {
			return out, err
		}
		*f.to = some(text)
	}
	return out, nil
}

func date(t *time.Time) *openapi_types.Date {
	if t == nil {
		return nil
	}
	return &openapi_types.Date{Time: *t}
}

// ApplyForHomeBed asks for a home bed. Errors: 409 bed_open where the resident has one, 422 visit_not_served.
func (s *Service) ApplyForHomeBed(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.HomeBedApplication) (contract.HomeBed, error) {
	if err := require(a, goers()...); err != nil {
		return contract.HomeBed{}, err
	}
	if !s.st.Codes().Current(consult.VocabCondition, in.DiagnosisCode) {
		return contract.HomeBed{}, invalid("diagnosisCode", "wrong_value")
	}
	if strings.TrimSpace(in.Reason) == "" {
		return contract.HomeBed{}, invalid("reason", "required")
	}
	id, err := s.command(ctx, a, cmd, "applyForHomeBed", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		r, err := s.residentFor(ctx, q, a, in.ResidentId, now)
		if err != nil {
			return uuid.Nil, err
		}
		org, err := s.visitorsOf(ctx, q, a, r.ID, r.OrganisationID, in.OrganisationId, now)
		if err != nil {
			return uuid.Nil, err
		}
		row := db.AddBedParams{ID: newID(), ResidentID: r.ID, ResidentOrgID: r.OrganisationID, OrganisationID: org, DiagnosisCode: in.DiagnosisCode, AppliedBy: a.UserID, Now: now}
		row.ReasonEnc = s.sealText("home_beds", "reason_enc", row.ID, in.Reason)
		if row.Number, err = number(ctx, q, "JC", now); err != nil {
			return uuid.Nil, err
		}
		if err := q.AddBed(ctx, row); err != nil {
			return uuid.Nil, fmt.Errorf("apply for a bed: %w", err)
		}
		role := roleIn(a, r.OrganisationID, roleAttending, roleNurse, roleFamily)
		if role == "" {
			role = roleFamily
		}
		b := db.HomeBed{ID: row.ID, ResidentOrgID: r.OrganisationID, OrganisationID: org, State: string(consult.BedApplied), Revision: 1}
		return row.ID, noteBed(ctx, q, b, db.AddHomeEventParams{Type: "APPLY", ToState: b.State, ActorID: &a.UserID, ActorRole: role, Now: now}, nil)
	})
	if store.Violates(err, "home_beds_one") {
		err = problem.New(http.StatusConflict, "bed_open", nil)
	}
	if err != nil {
		return contract.HomeBed{}, err
	}
	return s.GetHomeBed(ctx, a, id)
}

// noteBed writes the event of a bed and tells both sides; the outbox comes last.
func noteBed(ctx context.Context, q *db.Queries, b db.HomeBed, e db.AddHomeEventParams, data map[string]any) error {
	e.ObjectID = b.ID
	if err := addEvent(ctx, q, e, data); err != nil {
		return err
	}
	return store.Append(ctx, q, b.ID, store.Envelope{Event: "bed.changed", To: store.Audience{Organisations: []uuid.UUID{b.ResidentOrgID, b.OrganisationID}},
		Data: struct {
			BedID uuid.UUID `json:"bedId"`
			State string    `json:"state"`
		}{b.ID, b.State}})
}

// StepHomeBed assesses, rejects, opens, extends or closes a bed (G-HV-03). Errors: 409 revision_stale, 422 bed_step, reason_required,
// and required with a field.
func (s *Service) StepHomeBed(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.HomeBedStep) (contract.HomeBed, error) {
	if err := require(a, doctors()...); err != nil {
		return contract.HomeBed{}, err
	}
	var ink *care.Picture
	if in.Signature != nil {
		p, err := s.care.DrawnSignature(ctx, in.Signature.Png)
		if err != nil {
			return contract.HomeBed{}, err
		}
		ink = &p
	}
	keyed := struct {
		ID   uuid.UUID
		Body contract.HomeBedStep
	}{id, in}
	_, err := s.command(ctx, a, cmd, "stepHomeBed", keyed, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		b, err := q.LockBed(ctx, id)
		if err := one(err, "the bed"); err != nil {
			return id, err
		}
		sees := seeBed(a, b)
		if !sees.any() {
			return id, problem.NotFound()
		}
		if !slices.Contains(doctors(), sees.team) {
			return id, problem.Forbidden()
		}
		if int(b.Revision) != in.Revision {
			revision := int(b.Revision)
			return id, problem.Conflict("revision_stale", contract.CurrentState{State: contract.State(b.State), Revision: &revision})
		}
		return id, s.stepBed(ctx, q, a, sees.team, b, in, ink, now)
	})
	if err != nil {
		return contract.HomeBed{}, err
	}
	return s.GetHomeBed(ctx, a, id)
}

func (s *Service) stepBed(ctx context.Context, q *db.Queries, a identity.Actor, role string, b db.HomeBed, in contract.HomeBedStep, ink *care.Picture, now time.Time) error {
	words, act := strings.TrimSpace(value(in.Words)), consult.BedAction(in.Action)
	to, err := consult.BedStep(consult.BedState(b.State), act, words)
	if err != nil {
		return err
	}
	settings, err := s.care.RuleSettingsOf(ctx, q, b.ResidentOrgID)
	if err != nil {
		return err
	}
	months := int(settings.Int("home_bed_months"))
	day := consult.DateOf(now)
	if in.On != nil {
		if day = consult.DateFromTime(in.On.Time); day.After(consult.DateOf(now)) || day.Before(consult.DateOf(now).AddDays(-7)) {
			return invalid("on", "visit_time")
		}
	}
	from := b.State
	b.State = string(to)
	data := map[string]any{}
	switch act {
	case consult.BedAssess:
		if words == "" {
			return invalid("words", "required")
		}
		if strings.TrimSpace(value(in.Plan)) == "" {
			return invalid("plan", "required")
		}
		b.DoctorID = &a.UserID
		b.AssessmentEnc = s.sealText("home_beds", "assessment_enc", b.ID, words)
		b.PlanEnc = s.sealText("home_beds", "plan_enc", b.ID, *in.Plan)
		b.RoundDays = int16(settings.Int("home_bed_round_days"))
		if in.RoundDays != nil {
			b.RoundDays = int16(*in.RoundDays)
		}
	case consult.BedReject:
		b.SummaryEnc = s.sealText("home_beds", "summary_enc", b.ID, words)
	case consult.BedOpens:
		if ink == nil || in.Signature.Kind == contract.VisitSignatureKindCARER {
			return invalid("signature", "required")
		}
		c := &change{s: s, q: q, now: now, v: db.HomeVisit{ResidentOrgID: b.ResidentOrgID, ResidentID: b.ResidentID}}
		picture, err := s.bedSignature(ctx, c, a, *ink)
		if err != nil {
			return err
		}
		opened, until := day.Time(), consult.BedUntil(day, months).Time()
		b.OpenedOn, b.UntilOn, b.SignatureID, b.SignerKind = &opened, &until, &picture, string(in.Signature.Kind)
		b.SignerNameEnc = s.sealText("home_beds", "signer_name_enc", b.ID, in.Signature.Name)
	case consult.BedExtend:
		until := consult.BedUntil(consult.DateFromTime(*b.UntilOn).AddDays(1), months).Time()
		b.UntilOn = &until
		b.Extensions++
		data["untilOn"] = consult.DateFromTime(until).String()
	case consult.BedCloses:
		if in.Code == nil || consult.CheckCode(consult.VocabBedClose, *in.Code) != nil {
			return invalid("code", "required")
		}
		closed := day.Time()
		b.ClosedOn, b.CloseCode, b.SummaryEnc = &closed, *in.Code, s.sealText("home_beds", "summary_enc", b.ID, words)
		data["code"] = *in.Code
	}
	rows, err := q.SaveBed(ctx, db.SaveBedParams{State: b.State, DoctorID: b.DoctorID, AssessmentEnc: b.AssessmentEnc, PlanEnc: b.PlanEnc, RoundDays: b.RoundDays, SignerKind: b.SignerKind,
		SignerNameEnc: b.SignerNameEnc, SignatureID: b.SignatureID, OpenedOn: b.OpenedOn, UntilOn: b.UntilOn, Extensions: b.Extensions, ClosedOn: b.ClosedOn, CloseCode: b.CloseCode,
		SummaryEnc: b.SummaryEnc, Now: now, ID: b.ID, Revision: b.Revision})
	if err != nil {
		return fmt.Errorf("save the bed: %w", err)
	}
	if rows != 1 {
		return problem.New(http.StatusConflict, "revision_stale", nil)
	}
	return noteBed(ctx, q, b, db.AddHomeEventParams{Type: string(act), FromState: from, ToState: b.State, ActorID: &a.UserID, ActorRole: role, Now: now}, data)
}

// bedSignature stores the drawn signature under agreement and consent.
func (s *Service) bedSignature(ctx context.Context, c *change, a identity.Actor, p care.Picture) (uuid.UUID, error) {
	id := newID()
	if err := c.q.PutBlob(ctx, db.PutBlobParams{Key: id.String(), Content: s.keep.Seal("blobs", "content", id, p.Content)}); err != nil {
		return id, fmt.Errorf("store the signature: %w", err)
	}
	if err := c.q.AddAttachment(ctx, db.AddAttachmentParams{ID: id, OrganisationID: c.v.ResidentOrgID, ResidentID: &c.v.ResidentID, Kind: "SIGNATURE", ContentType: p.ContentType,
		Size: int32(len(p.Content)), Width: int32(p.Width), Height: int32(p.Height), Sha256: p.SHA256[:], BlobKey: id.String(), CreatedBy: a.UserID, Now: c.now}); err != nil {
		return id, fmt.Errorf("store the signature: %w", err)
	}
	return id, nil
}

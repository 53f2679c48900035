package care

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ruleSettings are what the installation set, then the region, the league and the county of a division, the nearest last.
func (s *Service) ruleSettings(ctx context.Context, q *db.Queries, division string) (consult.Settings, error) {
	rows, err := q.RuleSettings(ctx)
	if err != nil {
		return nil, fmt.Errorf("settings of the rules: %w", err)
	}
	return settingsIn(s.codes(), rows, division), nil
}

func settingsIn(codes *consult.Codes, rows []db.RuleSetting, division string) consult.Settings {
	if len(rows) == 0 {
		return nil
	}
	areas := []string{""}
	for code := division; code != ""; {
		areas = slices.Insert(areas, 1, code)
		d, ok := codes.Division(code)
		if !ok {
			break
		}
		code = d.Parent
	}
	out := consult.Settings{}
	for _, area := range areas {
		for _, r := range rows {
			if r.Jurisdiction == area {
				out[r.Name] = r.Value
			}
		}
	}
	return out
}

// agreementsOf are the agreements of the institution and of the one that practises in it.
func (s *Service) agreementsOf(ctx context.Context, q *db.Queries, org uuid.UUID, side inviter) ([]db.Agreement, error) {
	rows, err := q.AgreementsOfInviter(ctx, org)
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	if side.site != nil {
		more, err := q.AgreementsOfInviter(ctx, *side.site)
		if err != nil {
			return nil, fmt.Errorf("agreements: %w", err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// situation is what the inviting side and the registry say of a department on a day. A nurse is there: the request is made by
// somebody of the institution's nursing or medical staff.
func (side inviter) situation(day consult.Date, urgency consult.Urgency, department string) consult.Situation {
	return consult.Situation{Codes: side.codes, Day: day, Urgency: urgency, Department: department, InviterLicence: side.licence, InviterPrimary: side.primary,
		InviterInternet: side.internet, NursePresent: true, Attending: side.attending, NewCondition: side.changed,
		Visit: side.visit, Settings: side.settings}
}

// inviteeOf is the invited hospital as the gates see it.
func inviteeOf(licences []db.Licence, day consult.Date) consult.Invitee {
	var out consult.Invitee
	out.Licence, out.Departments = medicalLicence(licences, day)
	for _, r := range licences {
		if r.Kind != "INTERNET_HOSPITAL" {
			continue
		}
		if l := licence(r.ValidFrom, r.ValidTo); !out.Internet.ValidOn(day) {
			out.Internet = l
		}
	}
	return out
}

// situationOf is everything that is known of a consultation at an instant.
func (s *Service) situationOf(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time) (consult.Situation, error) {
	side, err := s.inviterNow(ctx, q, c.InvitingOrgID, c.SubmitterID, at)
	if err != nil {
		return consult.Situation{}, err
	}
	if err := s.aboutResident(ctx, q, c, &side, at, wants(c)); err != nil {
		return consult.Situation{}, err
	}
	return s.situationWith(ctx, q, c, side, at)
}

func (s *Service) situationWith(ctx context.Context, q *db.Queries, c db.Consultation, side inviter, at time.Time) (consult.Situation, error) {
	day := consult.DateOf(at)
	out := side.situation(day, consult.Urgency(c.Urgency), "")
	out.Written = written(c)
	if c.DepartmentID != nil && c.InvitedOrgID != nil {
		department, err := q.CaseDepartment(ctx, *c.DepartmentID)
		if err != nil {
			return out, fmt.Errorf("department: %w", err)
		}
		out.Department = department.Code
		licences, err := q.CaseLicences(ctx, *c.InvitedOrgID)
		if err != nil {
			return out, fmt.Errorf("licences: %w", err)
		}
		out.Invitee = inviteeOf(licences, day)
		agreements, err := s.agreementsOf(ctx, q, c.InvitingOrgID, side)
		if err != nil {
			return out, err
		}
		out.Agreements = agreementsWith(agreements, *c.InvitedOrgID, at)
	}
	if c.DoctorID != nil && c.InvitedOrgID != nil {
		held, err := q.ProfessionalLicencesOf(ctx, *c.DoctorID)
		if err != nil {
			return out, fmt.Errorf("licence of the doctor: %w", err)
		}
		out.Doctor = invitedDoctor(held, day)
		for _, h := range held {
			out.Doctor.Registered = out.Doctor.Registered || h.Kind == "PHYSICIAN" && h.OrganisationID == *c.InvitedOrgID && licence(h.ValidFrom, h.ValidTo).ValidOn(day)
		}
		if c.ServiceType == string(consult.OnlineRevisit) {
			if out.Doctor.Authenticated, err = q.AuthenticatedForReception(ctx, db.AuthenticatedForReceptionParams{ConsultationID: c.ID, UserID: *c.DoctorID}); err != nil {
				return out, fmt.Errorf("second factor: %w", err)
			}
		}
	}
	if err := s.processSituation(ctx, q, c, side, at, &out); err != nil {
		return out, err
	}
	return out, s.residentSituation(ctx, q, c, at, &out)
}

// residentSituation adds the resident's side: consent, identity, what the request says, and for whom home visits are.
func (s *Service) residentSituation(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time, out *consult.Situation) error {
	consent, err := s.standingConsent(ctx, q, c, at)
	if err != nil {
		return err
	}
	out.ConsentValid = consent != nil
	resident, err := q.CaseResident(ctx, c.ResidentID)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	out.ResidentIdentified = identified(resident)
	out.Visit.Eligibility = eligibility(resident, at)
	if c.ComplaintEnc == nil && len(resident.ConditionCodes) == 0 {
		readings, err := q.CaseVitals(ctx, &c.ID)
		if err != nil {
			return fmt.Errorf("vitals: %w", err)
		}
		out.InvitationIncomplete = len(readings) == 0
	}
	if err := s.revisitSituation(ctx, q, c, out); err != nil {
		return err
	}
	if c.OutcomeCode != "" {
		reviewed, err := q.PrescriptionsSince(ctx, db.PrescriptionsSinceParams{ResidentID: c.ResidentID, Since: value(cmp.Or(c.StartedAt, c.AcceptedAt))})
		if err != nil {
			return fmt.Errorf("prescriptions: %w", err)
		}
		if consult.PrescriptionMissing(c.OutcomeCode, int(reviewed)) {
			out.UnreviewedPrescriptions = 1
		}
	}
	if out.Urgency == consult.Critical {
		if err := s.emergencySituation(ctx, q, c, out); err != nil {
			return err
		}
	}
	return s.presentAttending(ctx, q, c, at, out)
}

// revisitSituation adds the evidence of a follow-up, and how a session ended that was unsuitable for remote care.
func (s *Service) revisitSituation(ctx context.Context, q *db.Queries, c db.Consultation, out *consult.Situation) error {
	evidence, err := q.RevisitOf(ctx, c.ID)
	switch {
	case err == nil:
		decisions := map[string]consult.RevisitDecision{"QUALIFIED": consult.RevisitQualified, "NOT_QUALIFIED": consult.RevisitRefused}
		out.Revisit = &consult.Revisit{Decision: decisions[evidence.Decision], Date: consult.DateFromTime(evidence.Dated), Diagnosis: evidence.DiagnosisCode}
	case !store.IsNone(err):
		return fmt.Errorf("evidence of a follow-up: %w", err)
	}
	if c.State != string(consult.StateTerminatedUnsuitable) && c.EndedAt == nil {
		return nil
	}
	destination, err := q.TerminatedTo(ctx, c.ID)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("termination: %w", err)
	}
	out.EndedUnsuitable, out.DestinationNamed = err == nil, destination != ""
	return nil
}

// emergencySituation says what passed as an emergency, and when it was approved (G-RM-13): a gate that was overridden, or a call
// without consent.
func (s *Service) emergencySituation(ctx context.Context, q *db.Queries, c db.Consultation, out *consult.Situation) error {
	events, err := q.EventFacts(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	rows, err := q.ConsentsAround(ctx, db.ConsentsAroundParams{ResidentID: c.ResidentID, ConsultationID: &c.ID, InvitingOrgID: c.InvitingOrgID})
	if err != nil {
		return fmt.Errorf("consents: %w", err)
	}
	emergency, _ := approvalOf(rows, value(c.SubmittedAt))
	if emergency == nil && events.Overridden && c.SubmittedAt != nil {
		emergency = &consult.Emergency{PassedAt: *c.SubmittedAt}
	}
	out.Emergency = emergency
	return nil
}

// approvalOf is the emergency approval among the consents of a consultation, oldest first, nil when there is none. It passed when
// the request was made, if that was earlier.
func approvalOf(rows []db.Consent, submitted time.Time) (*consult.Emergency, bool) {
	var out *consult.Emergency
	for _, r := range rows {
		if r.SignerKind != string(consult.SignerEmergency) {
			continue
		}
		if out == nil {
			out = &consult.Emergency{PassedAt: r.SignedAt}
			if !submitted.IsZero() && submitted.Before(r.SignedAt) {
				out.PassedAt = submitted
			}
		}
		if r.ApproverID != nil && out.ApprovedAt.IsZero() {
			out.ApprovedAt = r.SignedAt
		}
	}
	return out, out != nil
}

// identified: the number of a real identity document is on file; it was checked when it was entered.
func identified(r db.Resident) bool { return len(r.IdentityNumberEnc) > 0 }

func eligibility(r db.Resident, at time.Time) []string {
	var ability *int
	if r.AbilityLevel != nil {
		level := int(*r.AbilityLevel)
		ability = &level
	}
	return consult.VisitEligibility(ability, len(r.ConditionCodes) > 0, consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), at))
}

// presentAttending says where the attending doctor is: checked in at the resident's side, or before a call from a home there by the visit; by a
// connection of the doctor's own from elsewhere; else not yet there.
func (s *Service) presentAttending(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time, out *consult.Situation) error {
	state := consult.State(c.State)
	if out.Attending == nil {
		return nil
	}
	present := *out.Attending
	out.Attending = &present
	checkIns, err := q.CheckInsOfConsultation(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("check-ins: %w", err)
	}
	for _, in := range checkIns {
		if !in.Since.After(at) && (in.Until == nil || in.Until.After(at)) {
			present.Presence = consult.InRoom
			return nil
		}
	}
	if consult.BeforeCall(state) && state != consult.StateWaiting && state != consult.StateAccepted {
		there, err := visitorThere(ctx, q, c, at)
		if err == nil && there {
			present.Presence = consult.InRoom
		}
		return err
	}
	rows, err := q.WhoTookPart(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("who takes part: %w", err)
	}
	for _, r := range rows {
		if r.Side == sideCare && r.Role == RoleAttending && !r.LastSeenAt.Before(at.Add(-relaySilence)) {
			present.Presence = consult.ByVideo
		}
	}
	return nil
}

// settingsJSON is how settings are kept beside what they decided.
func settingsJSON(cfg consult.Settings) []byte {
	if len(cfg) == 0 {
		return []byte("{}")
	}
	raw, _ := json.Marshal(cfg) // integers by name: cannot fail
	return raw
}

// gateRecord is what is kept of an evaluation: the verdict on the service that was asked for, and of the others what is possible.
type gateRecord struct {
	Verdict consult.Verdict                             `json:"verdict"`
	Others  map[consult.ServiceType]consult.Possibility `json:"others"`
}

// askGates evaluates the gates at a stage and keeps the answer with the consultation. Asked again at the start with the same answer it
// adds nothing.
func (ch *change) askGates(ctx context.Context, at consult.Stage) (consult.Verdict, error) {
	situation, err := ch.s.situationOf(ctx, ch.q, ch.c, ch.now)
	if err != nil {
		return consult.Verdict{}, err
	}
	return ch.keepGates(ctx, situation, at)
}

func (ch *change) keepGates(ctx context.Context, situation consult.Situation, at consult.Stage) (consult.Verdict, error) {
	e := consult.EvaluateGates(situation, at)
	return e.Of(consult.ServiceType(ch.c.ServiceType)), ch.storeGates(ctx, e, situation.Settings)
}

func (ch *change) storeGates(ctx context.Context, e consult.Evaluation, settings consult.Settings) error {
	record := gateRecord{Verdict: e.Of(consult.ServiceType(ch.c.ServiceType)), Others: map[consult.ServiceType]consult.Possibility{}}
	for _, v := range e.Verdicts {
		if v.Service != record.Verdict.Service {
			record.Others[v.Service] = v.Possible
		}
	}
	raw, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("gates: %w", err)
	}
	if e.Stage == consult.StageStart || e.Stage == consult.StageClose { // every checkpoint of the media asks the one again, every signature the other
		last, err := ch.q.LastGateEvaluation(ctx, ch.c.ID)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("gates: %w", err)
		}
		if err == nil && last.Stage == string(e.Stage) && last.Ruleset == e.Ruleset && sameJSON(last.Result, raw) {
			return nil
		}
	}
	if err := ch.q.AddGateEvaluation(ctx, db.AddGateEvaluationParams{ID: newID(), ConsultationID: ch.c.ID, Stage: string(e.Stage), Ruleset: e.Ruleset,
		Settings: settingsJSON(settings), ServiceType: ch.c.ServiceType, Possible: string(record.Verdict.Possible),
		Override: record.Verdict.Override, Result: raw, At: ch.now}); err != nil {
		return fmt.Errorf("gates: %w", err)
	}
	return nil
}

// sameJSON compares what the database gives back, whose spacing and order of keys are its own.
func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	ca, err := json.Marshal(x)
	if err != nil {
		return false
	}
	cb, err := json.Marshal(y)
	return err == nil && string(ca) == string(cb)
}

// mayStart asks the gates of the start. A refusal keeps its code and arguments, so that a person reads what is missing.
func (ch *change) mayStart(ctx context.Context) error {
	verdict, err := ch.askGates(ctx, consult.StageStart)
	if err != nil {
		return err
	}
	ch.cleared = verdict.Cleared()
	return verdict.Err(consult.StageStart)
}

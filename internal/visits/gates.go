package visits

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// facts are what the rules of visits look at (G-HV-01 to 07, 10).
func (s *Service) facts(ctx context.Context, q *db.Queries, v db.HomeVisit, day consult.Date) (consult.VisitFacts, error) {
	out := consult.VisitFacts{Eligibility: v.Eligibility, Insured: v.InsuranceNo != "", Tracked: v.ArrivedAt != nil, Assessed: v.AssessedAt != nil}
	var err error
	var exception bool
	if out.Contract, exception, err = s.contracts.ContractOn(ctx, q, v.ResidentID, day); err != nil {
		return out, fmt.Errorf("contract with a family doctor: %w", err)
	}
	out.ContractException = exception || len(v.ExceptionEnc) > 0
	if out.Coverage, err = s.coverage(ctx, q, v.ResidentOrgID, day); err != nil {
		return out, err
	}
	if v.HomeBedID != nil {
		bed, err := q.BedByID(ctx, *v.HomeBedID)
		if err != nil {
			return out, fmt.Errorf("home bed: %w", err)
		}
		last, err := q.LastRound(ctx, db.LastRoundParams{HomeBedID: bed.ID, But: &v.ID})
		if err != nil {
			return out, fmt.Errorf("last round: %w", err)
		}
		if bed.OpenedOn != nil {
			out.HomeBed = &consult.HomeBed{OpenedOn: consult.DateFromTime(*bed.OpenedOn), LastRound: roundDay(last)}
			if bed.UntilOn != nil {
				out.HomeBed.UntilOn = consult.DateFromTime(*bed.UntilOn)
			}
			if bed.ClosedOn != nil {
				out.HomeBed.ClosedOn = consult.DateFromTime(*bed.ClosedOn)
			}
		}
	}
	if v.LeadID == nil {
		return out, nil
	}
	return out, s.person(ctx, q, v, day, &out)
}

// person adds who leads the visit, where that is a nurse.
func (s *Service) person(ctx context.Context, q *db.Queries, v db.HomeVisit, day consult.Date, out *consult.VisitFacts) error {
	if v.Kind != string(contract.NETNURSING) {
		return nil
	}
	licences, err := q.ProfessionalLicencesOf(ctx, *v.LeadID)
	if err != nil {
		return fmt.Errorf("licence of the nurse: %w", err)
	}
	for _, l := range licences {
		if l.Kind != "NURSE" {
			continue
		}
		nurse := consult.VisitingNurse{Licence: care.LicenceOf(l.ValidFrom, l.ValidTo), Registered: l.OrganisationID == v.OrganisationID, TitleCode: l.TitleCode}
		if l.IndependentSince != nil {
			nurse.ClinicalSince = consult.DateFromTime(*l.IndependentSince)
		}
		if out.Nurse == nil || nurse.Licence.ValidOn(day) {
			out.Nurse = &nurse
		}
	}
	return nil
}

// coverage is how the residents of an institution are covered by contracts on a day and a year before (G-HV-08, G-HV-09).
func (s *Service) coverage(ctx context.Context, q *db.Queries, org uuid.UUID, day consult.Date) (*consult.Coverage, error) {
	special := []string{}
	for _, g := range consult.SpecialGroups() {
		special = append(special, string(g))
	}
	now, err := q.CoverageOn(ctx, db.CoverageOnParams{OrganisationID: org, Day: day.Time(), Special: special})
	if err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	before, err := q.CoverageOn(ctx, db.CoverageOnParams{OrganisationID: org, Day: day.AddYears(-1).Time(), Special: special})
	if err != nil {
		return nil, fmt.Errorf("coverage a year ago: %w", err)
	}
	return &consult.Coverage{Residents: int(now.Residents), Contracted: int(now.Contracted), ResidentsBefore: int(before.Residents), ContractedBefore: int(before.Contracted),
		Special: int(now.Special), SpecialContracted: int(now.SpecialContracted)}, nil
}

// roundDay is the day of a round; the epoch stands for none.
func roundDay(t time.Time) consult.Date {
	if t.Year() < 2000 {
		return consult.Date{}
	}
	return consult.DateFromTime(t)
}

// judge asks the gates of the visit's service at a stage. What they ask of remote parties is not about visits.
func (s *Service) judge(ctx context.Context, q *db.Queries, v db.HomeVisit, now time.Time, at consult.Stage) (consult.Verdict, error) {
	day := consult.DateOf(now)
	situation := consult.Situation{Day: day, Urgency: consult.Routine, NursePresent: true}
	var err error
	if situation.Visit, err = s.facts(ctx, q, v, day); err != nil {
		return consult.Verdict{}, err
	}
	if situation.Settings, err = s.care.RuleSettingsOf(ctx, q, v.ResidentOrgID); err != nil {
		return consult.Verdict{}, err
	}
	if v.LeadID != nil {
		if situation.Doctor, situation.Visit.RemoteArea, err = s.care.VisitingDoctor(ctx, q, *v.LeadID, v.OrganisationID, day); err != nil {
			return consult.Verdict{}, err
		}
	}
	if situation.ConsentValid, situation.ResidentIdentified, err = s.care.ResidentReady(ctx, q, v.ResidentID, now); err != nil {
		return consult.Verdict{}, err
	}
	return consult.EvaluateGates(situation, at).Of(consult.ServiceType(v.Kind)), nil
}

// gates are the reasons that stand against a visit or warn, in the caller's language.
func (s *Service) gates(ctx context.Context, q *db.Queries, a identity.Actor, v db.HomeVisit, now time.Time) ([]contract.VisitGate, error) {
	stage := consult.StageSubmit
	if consult.VisitState(v.State) != consult.VisitRequested && consult.VisitState(v.State) != consult.VisitAssessed {
		stage = consult.StageStart
	}
	verdict, err := s.judge(ctx, q, v, now, stage)
	if err != nil {
		return nil, err
	}
	out := []contract.VisitGate{}
	for _, r := range verdict.Reasons {
		if r.Effect == consult.EffectRecords && !a.In(v.OrganisationID, string(consult.RoleInstAdmin)) {
			continue // for those who answer for the institution
		}
		if r.Effect != consult.EffectBlocks && !r.Due.Reached(stage) {
			continue // nobody can mend it yet
		}
		if r.Rule == "G-HV-02" && v.AssessedAt == nil {
			continue // that is what the assessment is to say
		}
		out = append(out, contract.VisitGate{Rule: r.Rule, Code: r.Code, Message: r.Refusal().Sentence(lang(a)), Blocks: r.Effect == consult.EffectBlocks, Mend: some(r.Mend)})
	}
	if v.Two && v.SecondID == nil || len(v.TwoWhy) > 0 && v.SecondID == nil {
		out = append(out, contract.VisitGate{Rule: "", Code: "visit_two", Message: problem.Sentence(a.Locale, "visit_two", nil)})
	}
	return out, nil
}

// signedFor: the resident or the family has signed that the visit took place (NC22, I-21). A carer may sign as well, but proves nothing.
func signedFor(v db.HomeVisit) bool {
	return v.SignatureID != nil && (v.SignerKind == string(contract.VisitSignatureKindRESIDENT) || v.SignerKind == string(contract.VisitSignatureKindFAMILY))
}

// notBefore is the earliest that somebody can have arrived: the visit was assessed and booked then. Nil: neither is known.
func notBefore(v db.HomeVisit) *time.Time {
	if v.BookedAt != nil && (v.AssessedAt == nil || v.BookedAt.After(*v.AssessedAt)) {
		return v.BookedAt
	}
	return v.AssessedAt
}

// VisitOf implements care.Visits: what is known of the visit of a consultation.
func (s *Service) VisitOf(ctx context.Context, q *db.Queries, consultation uuid.UUID) (care.Visit, error) {
	v, err := q.VisitByConsultation(ctx, consultation)
	if store.IsNone(err) {
		return care.Visit{}, nil
	}
	if err != nil {
		return care.Visit{}, fmt.Errorf("visit: %w", err)
	}
	day := consult.DateOf(value(v.ArrivedAt))
	out := care.Visit{Proof: consult.HomeProof{CheckedIn: v.ArrivedAt != nil, CheckedOut: v.LeftAt != nil, Recorded: v.ConsultationID != nil, SignedFor: signedFor(v)}}
	if asked := notBefore(v); v.ArrivedAt != nil && asked != nil {
		out.Proof.Backdated = v.ArrivedAt.Before(*asked)
	}
	if out.Facts, err = s.facts(ctx, q, v, day); err != nil {
		return out, err
	}
	_, out.Facts.RemoteArea, err = s.care.VisitingDoctor(ctx, q, value(v.LeadID), v.OrganisationID, day)
	return out, err
}

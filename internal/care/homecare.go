package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Contracts knows with whom residents have a contract of a family doctor (G-HV-01).
type Contracts interface {
	// ContractOn is the contract of a resident that holds on a day - the zero Licence is none - and whether an assessed exception stands
	// for one.
	ContractOn(ctx context.Context, q *db.Queries, resident uuid.UUID, day consult.Date) (contract consult.Licence, exception bool, err error)
}

// Visits knows what was done at residents' homes.
type Visits interface {
	// VisitOf is what is known of the visit of a consultation of a service at home; the zero Visit before there is one.
	VisitOf(ctx context.Context, q *db.Queries, consultation uuid.UUID) (Visit, error)
}

// Visit is a visit as the rules look at it. The contract is looked up here; eligibility, where it is left out, is that of the record.
type Visit struct {
	Facts consult.VisitFacts
	Proof consult.HomeProof
}

// wants is the service by which a request stands or falls: the one that it has, else the one that was asked for by name.
func wants(c db.Consultation) consult.ServiceType {
	if c.ServiceWanted != "" && c.SubmittedAt == nil {
		return consult.ServiceType(c.ServiceWanted)
	}
	return consult.ServiceType(c.ServiceType)
}

// aboutResident adds to the inviting side what of the resident decides which services are possible. Contracts are looked up for the
// services that need one, and for who is visited at home (NC17).
func (s *Service) aboutResident(ctx context.Context, q *db.Queries, c db.Consultation, side *inviter, at time.Time, services ...consult.ServiceType) error {
	flags := make([]consult.RedFlag, len(c.RedFlags))
	for i, f := range c.RedFlags {
		flags[i] = consult.RedFlag(f)
	}
	side.changed = consult.ChangedCondition(flags)
	for _, service := range services {
		if !service.NeedsContract() && c.Visitors == nil || s.contracts == nil {
			continue
		}
		var err error
		if side.visit.Contract, side.visit.ContractException, err = s.contracts.ContractOn(ctx, q, c.ResidentID, consult.DateOf(at)); err != nil {
			return fmt.Errorf("contract with a family doctor: %w", err)
		}
		return nil
	}
	return nil
}

// UseContracts plugs in who knows of contracts; without, what needs a contract is not possible.
func (s *Service) UseContracts(c Contracts) { s.contracts = c }

// UseVisits plugs in who knows of visits, which is made of these use-cases and comes after them.
func (s *Service) UseVisits(v Visits) { s.visits = v }

// visitFacts is what NC16 and NC22 ask of a visit, and what the gates of the day said of it.
func (s *Service) visitFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	day, known := f.Then.Day, f.Then.Visit
	f.Resident.Contracted = known.Contract.ValidOn(day) || known.ContractException
	if c.Visitors != nil && !f.Resident.Contracted { // who is visited by an assessed exception is in scope as well (G-HV-01)
		from, err := q.VisitCalledFrom(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("visit: %w", err)
		}
		f.Resident.Contracted = len(from.ExceptionEnc) > 0
	}
	if !f.Service.AtHome() || s.visits == nil {
		return nil
	}
	v, err := s.visits.VisitOf(ctx, q, c.ID)
	if err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	f.Then.Visit, f.HomeProof = v.Facts, v.Proof
	if s.contracts != nil {
		f.Then.Visit.Contract = known.Contract
		f.Then.Visit.ContractException = known.ContractException || v.Facts.ContractException
	}
	if len(v.Facts.Eligibility) == 0 {
		f.Then.Visit.Eligibility = known.Eligibility
	}
	contracted := f.Then.Visit.Contract.ValidOn(day) || f.Then.Visit.ContractException
	f.HomeProof.Contract = contracted || f.Then.Visit.HomeBed.OpenOn(day)
	f.Resident.Contracted = contracted
	return nil
}

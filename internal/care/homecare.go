package care

import (
	"context"

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

// Visit is a visit as the rules look at it. Contract and eligibility come from elsewhere and need not be filled.
type Visit struct {
	Facts consult.VisitFacts
	Proof consult.HomeProof
}

// UseContracts and UseVisits plug in who knows of contracts and of visits.
func (s *Service) UseContracts(c Contracts) { s.contracts = c }

// UseVisits plugs in who knows of visits.
func (s *Service) UseVisits(v Visits) { s.visits = v }

package panel

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Standing is what the gates of services at home ask about a resident: whether a family-doctor contract is in force (G-HV-01), with
// whom, and for which reasons the resident may be visited (G-HV-02).
type Standing struct {
	Contract     uuid.UUID // zero: none in force
	Team         uuid.UUID
	Organisation uuid.UUID
	Groups       []consult.RiskGroup
}

// Facts are the facts for consult.CheckHomeVisit; exception says why a visit is made without a contract, empty for none.
func (s Standing) Facts(exception string) consult.HomeVisitFacts {
	return consult.HomeVisitFacts{Contract: s.Contract != uuid.Nil, Exception: exception, Groups: s.Groups}
}

// StandingOf reads how a resident stands on a day, in the caller's transaction. An unknown resident is an error that store.IsNone
// tells.
func StandingOf(ctx context.Context, q *db.Queries, resident uuid.UUID, on consult.Date) (Standing, error) {
	row, err := q.RiskFactsOf(ctx, db.RiskFactsOfParams{ID: resident, Day: on.Time()})
	if err != nil {
		return Standing{}, fmt.Errorf("resident: %w", err)
	}
	facts := consult.RiskFacts{Birth: consult.DateFromTime(row.BirthDate), Conditions: row.ConditionCodes}
	if row.AbilityLevel != nil {
		facts.Ability = new(int(*row.AbilityLevel))
	}
	for _, m := range row.Marks {
		facts.Marks = append(facts.Marks, consult.RiskGroup(m))
	}
	out := Standing{Groups: facts.Groups(on)}
	c, err := q.ContractInForce(ctx, db.ContractInForceParams{ResidentID: resident, Day: on.Time()})
	switch {
	case err == nil:
		out.Contract, out.Team, out.Organisation = c.ID, c.TeamID, c.OrganisationID
	case !store.IsNone(err):
		return out, fmt.Errorf("contract in force: %w", err)
	}
	return out, nil
}

// Contracts answers the gates and the rules of countability, which have a transaction of their own, what they ask about contracts. The
// zero value is ready.
type Contracts struct{}

// ContractOn implements care.Contracts: a contract that holds on the day, as a licence for that day.
func (Contracts) ContractOn(ctx context.Context, q *db.Queries, resident uuid.UUID, day consult.Date) (consult.Licence, bool, error) {
	_, err := q.ContractInForce(ctx, db.ContractInForceParams{ResidentID: resident, Day: day.Time()})
	switch {
	case store.IsNone(err):
		return consult.Licence{}, false, nil
	case err != nil:
		return consult.Licence{}, false, fmt.Errorf("contract in force: %w", err)
	}
	return consult.Licence{Held: true, From: day, To: day}, false, nil
}

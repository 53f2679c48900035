package panel

import (
	"context"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// special are the groups of I-20 as the database names them.
func special() []string {
	var out []string
	for _, g := range consult.SpecialGroups() {
		out = append(out, string(g))
	}
	return out
}

// GetCoverage says of each institution that the caller's institution serves, or is, how its residents are covered by contracts today.
// The figure that is filed counts the same at the end of a period (I-20, package goals).
func (s *Service) GetCoverage(ctx context.Context, a identity.Actor) ([]contract.FdCoverage, error) {
	if err := require(a, roleDoctor, roleAdmin); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.FamilyCoverage(ctx, db.FamilyCoverageParams{Day: consult.DateOf(now).Time(), Organisations: a.Organisations(roleDoctor, roleAdmin), Special: special()})
	if err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	out := make([]contract.FdCoverage, len(rows))
	for i, r := range rows {
		out[i] = contract.FdCoverage{OrganisationId: r.OrganisationID, Organisation: r.Organisation, Residents: int(r.Residents), Contracted: int(r.Contracted), Special: int(r.Special),
			Covered: int(r.Covered), Ending: int(r.Ending)}
	}
	return out, nil
}

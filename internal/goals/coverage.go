package goals

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// specialGroups are the groups of I-20 as the database names them.
func specialGroups() []string {
	var out []string
	for _, g := range consult.SpecialGroups() {
		out = append(out, string(g))
	}
	return out
}

// countContracts counts the elders of the special groups at the end of a period, and those of them with a family-doctor contract in
// force (I-20). They belong to the institution where they live, whoever the doctor is.
func countContracts(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	rows, err := q.ContractFigures(ctx, db.ContractFiguresParams{Members: sc.ids(), OnDay: p.Last().Time()})
	if err != nil {
		return fmt.Errorf("family-doctor contracts: %w", err)
	}
	for _, r := range rows {
		child := sc.groups[r.OrganisationID].Id
		f.add(child, "RESIDENTS_SPECIAL", float64(r.Special))
		f.add(child, "CONTRACTS_SPECIAL", float64(r.Covered))
	}
	f.know("RESIDENTS_SPECIAL", "CONTRACTS_SPECIAL")
	return nil
}

// ListCoverageRows gives the elders behind I-20, without persons; an institution sees its own beds.
func (s *Service) ListCoverageRows(ctx context.Context, a identity.Actor, in contract.ListCoverageRowsParams) (contract.CoverageRowPage, error) {
	out := contract.CoverageRowPage{Rows: []contract.CoverageRow{}, Note: Note}
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return out, err
	}
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return err
		}
		figures, err := q.ContractFigures(ctx, db.ContractFiguresParams{Members: sc.ids(), OnDay: p.Last().Time()})
		if err != nil {
			return fmt.Errorf("family-doctor contracts: %w", err)
		}
		out.Total, out.Covered = 0, 0
		for _, r := range figures {
			out.Total, out.Covered = out.Total+int(r.Special), out.Covered+int(r.Covered)
		}
		after, limit := uuid.Nil, 50
		if in.Cursor != nil {
			after = *in.Cursor
		}
		if in.Limit != nil {
			limit = *in.Limit
		}
		rows, err := q.CoverageRows(ctx, db.CoverageRowsParams{Members: sc.ids(), OnDay: p.Last().Time(), Special: specialGroups(), Covered: in.Covered, After: after, PageSize: int32(limit)})
		if err != nil {
			return fmt.Errorf("elders: %w", err)
		}
		out.Rows = out.Rows[:0]
		for _, r := range rows {
			v := contract.CoverageRow{Id: r.ID, Institution: r.Institution, RegionCode: r.RegionCode, Sex: contract.Sex(r.Sex), Age: consult.AgeAt(consult.DateFromTime(r.BirthDate), p.Last()),
				Groups: r.Groups, Covered: r.Covered, ContractNumber: some(r.Number), Medical: some(r.Medical)}
			if r.EndsOn != nil {
				v.EndsOn = &openapi_types.Date{Time: *r.EndsOn}
			}
			if a.In(r.OrganisationID, roleAdmin) {
				v.Bed = some(r.Bed)
			}
			out.Rows = append(out.Rows, v)
		}
		if len(rows) == limit {
			out.Next = &rows[limit-1].ID
		}
		return audit(ctx, q, a, sc.role(a), "LIST_COVERAGE", "organisation", sc.Id)
	})
	return out, err
}

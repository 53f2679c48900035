package goals

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// measures are what was counted, by mark.
type measures map[string]float64

// figures are the measures of a scope in a period, each in total and under the children of the scope.
type figures struct {
	codes    *consult.Codes
	kind     Kind // of the period
	total    measures
	children map[uuid.UUID]measures
	known    map[string]bool // marks that were counted here, with or without a result
	imported map[string]importedNumber
}

// importedNumber says where a number comes from that others own.
type importedNumber struct {
	file string
	at   time.Time
}

func newFigures(codes *consult.Codes, kind Kind) *figures {
	return &figures{codes: codes, kind: kind, total: measures{}, children: map[uuid.UUID]measures{}, known: map[string]bool{}, imported: map[string]importedNumber{}}
}

func (f *figures) add(child uuid.UUID, mark string, n float64) {
	f.total[mark] += n
	if f.children[child] == nil {
		f.children[child] = measures{}
	}
	f.children[child][mark] += n
}

func (f *figures) know(marks ...string) {
	for _, m := range marks {
		f.known[m] = true
	}
}

// count adds up everything that is counted of a scope in a period. q is a transaction: planned for any number of organisations, the statements
// compare each row with each of an area's thousands.
func (s *Service) count(ctx context.Context, q *db.Queries, sc scope, p Period, side string) (*figures, error) {
	if err := q.PlanForArguments(ctx); err != nil {
		return nil, err
	}
	f := newFigures(s.st.Codes(), p.Kind)
	groupOf := func(member uuid.UUID) uuid.UUID { return sc.groups[member].Id }
	members, parents := sc.ids(), make([]uuid.UUID, len(sc.members))
	for i, m := range sc.members {
		parents[i] = groupOf(m.Id)
	}
	rows, err := q.TalliesOfAll(ctx, db.TalliesOfAllParams{Kind: string(p.Kind), StartsOn: p.First.Time(), Side: side, Members: members, Parents: parents})
	if err != nil {
		return nil, fmt.Errorf("tallies: %w", err)
	}
	for _, r := range rows {
		f.add(r.OrganisationID, r.Mark, float64(r.N))
	}
	marks, err := q.LedgerMarks(ctx)
	if err != nil {
		return nil, fmt.Errorf("marks: %w", err)
	}
	for _, m := range marks {
		f.know(m.Code)
	}
	f.know("SUM_DECLINES", "SUM_DECLINES_REASONED", "SUM_START_SECONDS", "SUM_EFFECTIVE_SECONDS", "SUM_FIELDS_REQUIRED", "SUM_FIELDS_FILLED", "DISTINCT_SERVED", "DISTINCT_CHRONIC")
	if side == sideInviting {
		for _, more := range []func(context.Context, *db.Queries, scope, Period, *figures) error{countResidents, countContracts, countAgreements, countCounties, countFacts, countImported} {
			if err := more(ctx, q, sc, p, f); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// counted is count in a transaction of its own.
func (s *Service) counted(ctx context.Context, sc scope, p Period, side string) (f *figures, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		f, err = s.count(ctx, q, sc, p, side)
		return err
	})
	return f, err
}

func countResidents(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	rows, err := q.ResidentFigures(ctx, db.ResidentFiguresParams{Members: sc.ids(), Since: p.First.Time(), Until: p.Last().Time(), Chronic: consult.ChronicConditions()})
	if err != nil {
		return fmt.Errorf("residents: %w", err)
	}
	for _, r := range rows {
		child := sc.groups[r.OrganisationID].Id
		f.add(child, "RESIDENTS_PRESENT", float64(r.Present))
		f.add(child, "RESIDENTS_MEAN", r.Mean)
		f.add(child, "RESIDENTS_CHRONIC", float64(r.Chronic))
		f.add(child, "RESIDENTS_ASSESSED", float64(r.Assessed))
		f.add(child, "RESIDENTS_UNASSESSED", float64(r.Unassessed))
		f.add(child, "RESIDENTS_DISABLED", float64(r.Disabled))
	}
	f.know("RESIDENTS_PRESENT", "RESIDENTS_MEAN", "RESIDENTS_CHRONIC", "RESIDENTS_ASSESSED", "RESIDENTS_UNASSESSED", "RESIDENTS_DISABLED")
	return nil
}

func countAgreements(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	rows, err := q.AgreementFigures(ctx, db.AgreementFiguresParams{Members: sc.ids(), OnDay: p.Last().Time()})
	if err != nil {
		return fmt.Errorf("agreements: %w", err)
	}
	for _, r := range rows {
		child := sc.groups[r.OrganisationID].Id
		f.add(child, "CARE_ACTIVE", 1)
		if r.InForce {
			f.add(child, "CARE_WITH_AGREEMENT", 1)
		}
	}
	f.know("CARE_ACTIVE", "CARE_WITH_AGREEMENT")
	return nil
}

// countCounties counts the counties of an authority's area, and those in which an institution gave a countable service (I-30).
func countCounties(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	if sc.Level == levelInstitution {
		return nil
	}
	tiles, err := tilesOf(ctx, f.codes, q, sc, p)
	if err != nil {
		return err
	}
	f.know("COUNTIES", "COUNTIES_SERVED")
	for _, t := range tiles {
		f.total["COUNTIES"]++
		if t.countable > 0 {
			f.total["COUNTIES_SERVED"]++
		}
	}
	return nil
}

// tile is one county of an area.
type tile struct {
	division             consult.Division
	institutions         int
	submitted, countable int64
}

func tilesOf(ctx context.Context, codes *consult.Codes, q *db.Queries, sc scope, p Period) ([]tile, error) {
	out := []tile{}
	at := map[string]int{}
	for _, d := range counties(codes, sc.RegionCode) {
		at[d.Code] = len(out)
		out = append(out, tile{division: d})
	}
	division := map[uuid.UUID]string{}
	for _, m := range sc.members {
		if i, ok := at[m.RegionCode]; ok && *m.Kind != kindAuthority {
			division[m.Id] = m.RegionCode
			if *m.Kind == "CARE" {
				out[i].institutions++
			}
		}
	}
	rows, err := q.TalliesOfMembers(ctx, db.TalliesOfMembersParams{Kind: string(p.Kind), StartsOn: p.First.Time(), Side: sideInviting, Marks: []string{"SUBMITTED", "COUNTABLE"}})
	if err != nil {
		return nil, fmt.Errorf("tallies of counties: %w", err)
	}
	for _, r := range rows {
		code, ok := division[r.OrganisationID]
		if !ok {
			continue
		}
		if r.Mark == "COUNTABLE" {
			out[at[code]].countable += r.N
		} else {
			out[at[code]].submitted += r.N
		}
	}
	return out, nil
}

// countImported takes in imported numbers. A number of an organisation replaces what the system itself counted of it.
func countImported(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	rows, err := q.ImportedFigures(ctx, db.ImportedFiguresParams{Members: sc.ids(), Kind: string(p.Kind), StartsOn: p.First.Time()})
	if err != nil {
		return fmt.Errorf("imported numbers: %w", err)
	}
	for _, r := range rows {
		child := sc.groups[r.OrganisationID].Id
		if r.OrganisationID == child { // one organisation: its own count gives way
			f.total[r.Mark] -= f.children[child][r.Mark]
			if f.children[child] != nil {
				f.children[child][r.Mark] = 0
			}
		}
		f.add(child, r.Mark, r.Value)
		f.know(r.Mark)
		f.imported[r.Mark] = importedNumber{strings.TrimSpace(r.FileName), r.ImportedAt}
	}
	return nil
}

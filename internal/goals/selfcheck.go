package goals

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetSelfCheck gives the form of a year; beside an item that the system counts stands its figure of that year.
func (s *Service) GetSelfCheck(ctx context.Context, a identity.Actor, in contract.GetSelfCheckParams) (contract.SelfCheck, error) {
	var out contract.SelfCheck
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return err
		}
		out, err = s.selfCheck(ctx, q, sc, in.Year)
		return err
	})
	return out, err
}

func (s *Service) selfCheck(ctx context.Context, q *db.Queries, sc scope, year int) (contract.SelfCheck, error) {
	out := contract.SelfCheck{OrganisationId: sc.Id, Year: year, Items: []contract.SelfCheckItem{}}
	p := Period{Year, consult.Date{Year: year, Month: time.January, Day: 1}}
	defs, err := s.loadDefinitions(ctx, q, p.Last())
	if err != nil {
		return out, err
	}
	f, err := s.count(ctx, q, sc, p, sideInviting)
	if err != nil {
		return out, err
	}
	figures := defs.indicators(sc, f, nil, nil)
	rows, err := q.SelfChecks(ctx, db.SelfChecksParams{OrganisationID: sc.Id, Year: int32(year)})
	if err != nil {
		return out, fmt.Errorf("self-check: %w", err)
	}
	for _, r := range rows {
		v := contract.SelfCheckItem{Code: r.Code, Category: r.Category, ItemZh: r.ItemZh, ItemEn: r.ItemEn, Basis: r.Basis, Immediate: r.Immediate, Revision: int(r.Revision), CheckedBy: some(r.CheckedName), CheckedAt: r.CheckedAt}
		if r.Result != "" {
			result := contract.SelfCheckItemResult(r.Result)
			v.Result = &result
		}
		if r.ID != nil {
			problem, err := s.keep.OpenText("self_checks", "problem_enc", *r.ID, r.ProblemEnc)
			if err != nil {
				return out, fmt.Errorf("self-check: %w", err)
			}
			v.Problem = some(problem)
		}
		if i := slices.IndexFunc(figures, func(f contract.Indicator) bool { return f.Code == r.Indicator }); i >= 0 {
			v.Figure = checkFigure(figures[i])
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

func checkFigure(i contract.Indicator) *contract.SelfCheckFigure {
	v := &contract.SelfCheckFigure{Indicator: i.Code, NameZh: i.NameZh, NameEn: i.NameEn, Unit: contract.SelfCheckFigureUnit(i.Unit), State: contract.SelfCheckFigureState(i.State),
		Numerator: i.Numerator, Denominator: i.Denominator, Value: i.Value}
	if i.Target != nil {
		v.Target, v.Met = &i.Target.Value, i.Target.Met
	}
	return v
}

// SaveSelfCheckItem fills in one line of the form.
func (s *Service) SaveSelfCheckItem(ctx context.Context, a identity.Actor, in contract.SelfCheckItemInput) (contract.SelfCheck, error) {
	if err := require(a, roleAdmin); err != nil {
		return contract.SelfCheck{}, err
	}
	var sc scope
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		var err error
		if sc, err = s.look(ctx, q, a, in.OrganisationId); err != nil {
			return err
		}
		if err := ownScope(sc); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		key := db.SelfCheckForUpdateParams{OrganisationID: sc.Id, Year: int32(in.Year), Item: in.Code}
		id := newID()
		known, err := q.SelfCheckForUpdate(ctx, key)
		switch {
		case err == nil:
			id = known.ID
		case !store.IsNone(err):
			return fmt.Errorf("self-check: %w", err)
		}
		immediate := in.Immediate != nil && *in.Immediate
		n, err := q.SaveSelfCheck(ctx, db.SaveSelfCheckParams{OrganisationID: sc.Id, Year: int32(in.Year), Item: in.Code, Result: string(in.Result), ID: id, Immediate: immediate, CheckedBy: a.UserID,
			ProblemEnc: s.seal("self_checks", "problem_enc", id, in.Problem), Revision: int32(in.Revision), Now: now})
		switch {
		case store.Violates(err, "self_checks_item_fkey"):
			return problem.Invalid(problem.Field{Path: "code", Code: "wrong_value"})
		case err != nil:
			return fmt.Errorf("save the self-check: %w", err)
		case n != 1 || known.Revision != int32(in.Revision):
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		return audit(ctx, q, a, roleAdmin, "SELF_CHECK", "organisation", sc.Id)
	})
	if err != nil {
		return contract.SelfCheck{}, err
	}
	return s.selfCheck(ctx, s.st.Q(), sc, in.Year)
}

// seal seals a text; nothing for none.
func (s *Service) seal(table, column string, id uuid.UUID, text *string) []byte {
	if text == nil || strings.TrimSpace(*text) == "" {
		return nil
	}
	return s.keep.SealText(table, column, id, strings.TrimSpace(*text))
}

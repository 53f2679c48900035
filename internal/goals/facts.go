package goals

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What is counted beside consultations, and the rows behind it: what the view counted_facts has, residents, agreements of institutions,
// counties.

// fact is one kind of them, named by its denominator.
type fact struct {
	base string
	mark string // the numerator; empty: there is none
	// The vocabularies of the rows' code and state; empty: none, or what the page has words for.
	code, state consult.Vocabulary
}

func facts() []fact {
	return []fact{
		{"RATINGS", "RATINGS_GOOD", consult.VocabVisitSigner, ""},
		{"REFERRALS", "REFERRALS_CLOSED", consult.VocabDirection, consult.VocabReferralState},
		{"REFERRALS_DOWN", "REFERRALS_DOWN_TAKEN", consult.VocabDirection, consult.VocabReferralState},
		{"GREEN_ASKED", "GREEN_MET", consult.VocabGreenChannel, consult.VocabReferralState},
		{"EVENTS", "EVENTS_IN_TIME", consult.VocabAdverseType, ""},
		{"COMPLAINTS_DUE", "COMPLAINTS_IN_TIME", consult.VocabComplaint, ""},
		{"RECTIFY_DUE", "RECTIFY_IN_TIME", "", ""},
		{"VISITS_DUE", "VISITS_DONE", consult.VocabService, consult.VocabVisitState},
		{"CARE_ACTIVE", "CARE_WITH_AGREEMENT", "", ""},
		{"COUNTIES", "COUNTIES_SERVED", "", ""},
		{"RESIDENTS_ASSESSED", "RESIDENTS_DISABLED", "", ""},
		{"RESIDENTS_PRESENT", "", "", ""},
		{"RESIDENTS_MEAN", "", "", ""},
		{"RESIDENTS_CHRONIC", "", "", ""},
	}
}

func factOf(base string) (fact, bool) {
	i := slices.IndexFunc(facts(), func(f fact) bool { return f.base == base })
	if i < 0 {
		return fact{}, false
	}
	return facts()[i], true
}

// familyReasons are the ends of a visit that lay with the family; I-21 leaves them out.
func familyReasons() []string {
	out := []string{}
	for _, t := range consult.Terms(consult.VocabVisitEnd) {
		if consult.ByFamily(t.Code) {
			out = append(out, t.Code)
		}
	}
	return out
}

// countFacts counts ratings, referrals, adverse events, complaints, rectifications and visits at home.
func countFacts(ctx context.Context, q *db.Queries, sc scope, p Period, f *figures) error {
	now, err := q.DatabaseNow(ctx)
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	rows, err := q.FactFigures(ctx, db.FactFiguresParams{Members: sc.ids(), Since: p.First.Time(), Until: p.Last().Time(), ByFamily: familyReasons(), Now: now})
	if err != nil {
		return fmt.Errorf("what stands beside consultations: %w", err)
	}
	for _, r := range rows {
		child := sc.groups[r.OrganisationID].Id
		f.add(child, r.Base, float64(r.N))
		f.add(child, r.Mark, float64(r.Met))
	}
	f.know("RATINGS", "RATINGS_GOOD", "REFERRALS", "REFERRALS_CLOSED", "REFERRALS_DOWN", "REFERRALS_DOWN_TAKEN", "GREEN_ASKED", "GREEN_MET", "EVENTS", "EVENTS_IN_TIME",
		"COMPLAINTS_DUE", "COMPLAINTS_IN_TIME", "RECTIFY_DUE", "RECTIFY_IN_TIME", "VISITS_DUE", "VISITS_DONE")
	return nil
}

// ListGoalFacts gives the rows behind a figure that no consultation makes, without persons, and notes in the access log that they were
// opened. Beds and ages of residents are for their own institution.
func (s *Service) ListGoalFacts(ctx context.Context, a identity.Actor, in contract.ListGoalFactsParams) (contract.GoalFactPage, error) {
	out := contract.GoalFactPage{Base: in.Base}
	kind, ok := factOf(string(in.Base))
	if !ok {
		return out, problem.Invalid(problem.Field{Path: "base", Code: "wrong_value"})
	}
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return out, err
	}
	page := factPage{size: pageDefault}
	if kind.mark != "" {
		page.met = in.Met
	}
	if in.Limit != nil {
		page.size = min(max(*in.Limit, 1), pageMost)
	}
	if in.Cursor != nil {
		if page.after = *in.Cursor; !page.readable() {
			return out, problem.Invalid(problem.Field{Path: "cursor", Code: "wrong_value"})
		}
	}
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return err
		}
		x := factReader{s: s, q: q, a: a, scope: sc, period: p, kind: kind, page: page}
		if out.Rows, err = x.rows(ctx); err != nil {
			return err
		}
		out.Next = nil
		if len(out.Rows) > page.size {
			out.Rows = out.Rows[:page.size]
			out.Next = &out.Rows[page.size-1].Key
		}
		f, err := s.count(ctx, q, sc, p, sideInviting)
		if err != nil {
			return err
		}
		out.Total, out.Imported = f.total[kind.base], false
		if kind.mark != "" {
			out.Met = new(f.total[kind.mark])
		}
		for _, mark := range []string{kind.base, kind.mark} {
			if _, ok := f.imported[mark]; ok {
				out.Imported = true
			}
		}
		return audit(ctx, q, a, sc.role(a), "LIST_GOAL_ROWS", "organisation", sc.Id)
	})
	return out, err
}

// factPage says which rows are asked for: after the key of a row, at most size, with met those of the numerator or what it lacks.
type factPage struct {
	met   *bool
	after string
	size  int
}

// readable says that the cursor is the key of some row: a day with an id, an id, or a division.
func (p factPage) readable() bool {
	_, _, dated := readCursor(p.after)
	_, err := uuid.Parse(p.after)
	return dated || err == nil || len(p.after) == len("150100")
}

type factReader struct {
	s      *Service
	q      *db.Queries
	a      identity.Actor
	scope  scope
	period Period
	kind   fact
	page   factPage
}

// rows gives one row more than the page has when there are more.
func (x factReader) rows(ctx context.Context) ([]contract.GoalFact, error) {
	switch x.kind.base {
	case "CARE_ACTIVE":
		return x.agreements(ctx)
	case "COUNTIES":
		return x.counties(ctx)
	case "RESIDENTS_ASSESSED", "RESIDENTS_PRESENT", "RESIDENTS_MEAN", "RESIDENTS_CHRONIC":
		return x.residents(ctx)
	default:
		return x.facts(ctx)
	}
}

func (x factReader) facts(ctx context.Context) ([]contract.GoalFact, error) {
	now, err := x.q.DatabaseNow(ctx)
	if err != nil {
		return nil, fmt.Errorf("clock: %w", err)
	}
	ask := db.FactRowsParams{Base: x.kind.base, Members: x.scope.ids(), Since: x.period.First.Time(), Until: x.period.Last().Time(), ByFamily: familyReasons(), Now: now, Met: x.page.met, PageSize: int32(x.page.size) + 1}
	if on, id, ok := readCursor(x.page.after); ok {
		ask.AfterOn, ask.AfterID = &on, id
	}
	rows, err := x.q.FactRows(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("rows beside consultations: %w", err)
	}
	out := make([]contract.GoalFact, len(rows))
	lang := consult.ZH
	if strings.HasPrefix(x.a.Locale, "en") {
		lang = consult.EN
	}
	word := func(v consult.Vocabulary, code string) *string {
		if v != "" && code != "" {
			code = consult.Label(v, code, lang)
		}
		return some(code)
	}
	for i, r := range rows {
		own := x.a.In(r.OrganisationID, roleAdmin)
		v := contract.GoalFact{Key: r.OnDay.Format(time.DateOnly) + r.ID.String(), Id: &r.ID, Institution: some(r.Institution), Day: &openapi_types.Date{Time: r.OnDay}, Met: &r.Met, Number: some(r.Number),
			What: word(x.kind.code, r.Code), State: word(x.kind.state, r.State), At: &r.Since, DoneAt: r.DoneAt, Other: some(r.Other), Serial: some(r.Serial), Opens: own}
		if r.DueOn != nil {
			v.DueOn = &openapi_types.Date{Time: *r.DueOn}
		}
		if own {
			v.ConsultationId = r.ConsultationID
		}
		out[i] = v
	}
	return out, nil
}

// after leaves out what comes before and with the key of a page, and what has the wrong answer.
func (x factReader) after(all []contract.GoalFact) []contract.GoalFact {
	if x.page.after != "" {
		at := slices.IndexFunc(all, func(f contract.GoalFact) bool { return f.Key == x.page.after })
		all = all[at+1:]
	}
	out := []contract.GoalFact{}
	for _, f := range all {
		if x.page.met == nil || *f.Met == *x.page.met {
			out = append(out, f)
		}
		if len(out) > x.page.size {
			break
		}
	}
	return out
}

// agreements are the institutions of I-19, each with its agreement.
func (x factReader) agreements(ctx context.Context) ([]contract.GoalFact, error) {
	rows, err := x.q.AgreementFigures(ctx, db.AgreementFiguresParams{Members: x.scope.ids(), OnDay: x.period.Last().Time()})
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	all := make([]contract.GoalFact, len(rows))
	for i, r := range rows {
		all[i] = contract.GoalFact{Key: r.OrganisationID.String(), Id: &r.OrganisationID, Institution: some(r.Name), RegionCode: some(r.RegionCode), Met: &r.InForce, Number: some(r.Number), Other: some(r.Hospital),
			Opens: x.a.In(r.OrganisationID, roleAdmin)}
		if r.ValidTo != nil {
			all[i].DueOn = &openapi_types.Date{Time: *r.ValidTo}
		}
	}
	return x.after(all), nil
}

// counties are the counties of I-30, each with its countable services.
func (x factReader) counties(ctx context.Context) ([]contract.GoalFact, error) {
	if x.scope.Level == levelInstitution {
		return []contract.GoalFact{}, nil
	}
	tiles, err := tilesOf(ctx, x.s.st.Codes(), x.q, x.scope, x.period)
	if err != nil {
		return nil, err
	}
	all := make([]contract.GoalFact, len(tiles))
	for i, t := range tiles {
		all[i] = contract.GoalFact{Key: t.division.Code, RegionCode: some(t.division.Code), Met: new(t.countable > 0), Number: some(strconv.FormatInt(t.countable, 10))}
	}
	return x.after(all), nil
}

func (x factReader) residents(ctx context.Context) ([]contract.GoalFact, error) {
	after, _ := uuid.Parse(x.page.after)
	rows, err := x.q.ResidentRows(ctx, db.ResidentRowsParams{Members: x.scope.ids(), Since: x.period.First.Time(), Until: x.period.Last().Time(), Chronic: consult.ChronicConditions(),
		ChronicOnly: x.kind.base == "RESIDENTS_CHRONIC", AssessedOnly: x.kind.base == "RESIDENTS_ASSESSED", Disabled: x.page.met, After: after, PageSize: int32(x.page.size) + 1})
	if err != nil {
		return nil, fmt.Errorf("residents: %w", err)
	}
	out := make([]contract.GoalFact, len(rows))
	for i, r := range rows {
		own := x.a.In(r.OrganisationID, roleAdmin)
		v := contract.GoalFact{Key: r.ID.String(), Institution: some(r.Institution), RegionCode: some(r.RegionCode), Sex: new(contract.Sex(r.Sex)), Age: new(consult.AgeAt(consult.DateFromTime(r.BirthDate), x.period.Last())),
			AdmittedOn: &openapi_types.Date{Time: r.AdmittedOn}, Opens: own}
		if x.kind.mark != "" {
			v.Met = &r.Disabled
		}
		if r.LeftOn != nil {
			v.LeftOn = &openapi_types.Date{Time: *r.LeftOn}
		}
		if r.AbilityLevel != nil {
			v.AbilityLevel = new(int(*r.AbilityLevel))
		}
		if own {
			v.Id, v.Bed = &r.ID, some(r.Bed)
		}
		out[i] = v
	}
	return out, nil
}

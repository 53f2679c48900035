package goals

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
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
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Self-checks -----------------------------------------------------------------------------------------------------------

// GetSelfCheck gives the form of a year; beside an item that the system counts stands its figure of that year.
func (s *Service) GetSelfCheck(ctx context.Context, a identity.Actor, in contract.GetSelfCheckParams) (contract.SelfCheck, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return contract.SelfCheck{}, err
	}
	return s.selfCheck(ctx, q, sc, in.Year)
}

func (s *Service) selfCheck(ctx context.Context, q *db.Queries, sc scope, year int) (contract.SelfCheck, error) {
	out := contract.SelfCheck{OrganisationId: sc.Id, Year: year, Items: []contract.SelfCheckItem{}}
	p := Period{Year, consult.Date{Year: year, Month: time.January, Day: 1}}
	figures, _, err := s.freezable(ctx, q, sc, p)
	if err != nil {
		return out, err
	}
	rows, err := q.SelfChecks(ctx, db.SelfChecksParams{OrganisationID: sc.Id, Year: int32(year)})
	if err != nil {
		return out, fmt.Errorf("self-check: %w", err)
	}
	for _, r := range rows {
		v := contract.SelfCheckItem{Code: r.Code, Category: r.Category, ItemZh: r.ItemZh, ItemEn: r.ItemEn, Basis: r.Basis, Indicator: some(r.Indicator), Immediate: r.Immediate, Revision: int(r.Revision)}
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
		if i := slices.IndexFunc(figures, func(f contract.SnapshotFigure) bool { return f.Code == r.Indicator }); i >= 0 {
			v.Value = figures[i].Value
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
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

// Rectification -----------------------------------------------------------------------------------------------------------

const rectifications = "rectifications"

func (s *Service) rectificationView(r db.RectificationsOfRow, now time.Time) (contract.Rectification, error) {
	open := func(column string, sealed []byte) (string, error) {
		if sealed == nil {
			return "", nil
		}
		text, err := s.keep.OpenText(rectifications, column, r.ID, sealed)
		if err != nil {
			return "", fmt.Errorf("rectification %s: %w", r.ID, err)
		}
		return text, nil
	}
	v := contract.Rectification{Id: r.ID, Number: r.Number, OrganisationId: r.OrganisationID, Organisation: r.Organisation, FoundByLevel: contract.RectificationFoundByLevel(r.FoundByLevel),
		FoundOn: openapi_types.Date{Time: r.FoundOn}, Item: r.Item, Category: r.Category, Severity: contract.RectificationSeverity(r.Severity), DueOn: openapi_types.Date{Time: r.DueOn}, Progress: int(r.Progress),
		State: contract.RectificationState(r.State), Revision: int(r.Revision), VerifiedBy: some(r.VerifiedName),
		Overdue: (r.State == "OPEN" || r.State == "WORKING") && consult.DateFromTime(r.DueOn).Before(consult.DateOf(now))}
	for _, f := range []struct {
		column string
		sealed []byte
		set    func(string)
	}{{"finding_enc", r.FindingEnc, func(t string) { v.Finding = t }}, {"owner_enc", r.OwnerEnc, func(t string) { v.Owner = t }}, {"measure_enc", r.MeasureEnc, func(t string) { v.Measure = some(t) }},
		{"evidence_enc", r.EvidenceEnc, func(t string) { v.Evidence = some(t) }}, {"verdict_enc", r.VerdictEnc, func(t string) { v.Verdict = some(t) }}} {
		text, err := open(f.column, f.sealed)
		if err != nil {
			return v, err
		}
		f.set(text)
	}
	if r.DoneOn != nil {
		v.DoneOn = &openapi_types.Date{Time: *r.DoneOn}
	}
	if r.VerifiedOn != nil {
		v.VerifiedOn = &openapi_types.Date{Time: *r.VerifiedOn}
	}
	return v, nil
}

// ListRectifications gives the ledger of findings of a scope, open ones first.
func (s *Service) ListRectifications(ctx context.Context, a identity.Actor, in contract.ListRectificationsParams) ([]contract.Rectification, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.RectificationsOf(ctx, sc.ids())
	if err != nil {
		return nil, fmt.Errorf("rectifications: %w", err)
	}
	out := []contract.Rectification{}
	for _, r := range rows {
		v, err := s.rectificationView(r, now)
		if err != nil {
			return nil, err
		}
		v.Verifiable = mayVerify(r, sc.authority)
		out = append(out, v)
	}
	return out, nil
}

// mayVerify: what is done is confirmed from above when it was found from above, otherwise by the institution as well.
func mayVerify(r db.RectificationsOfRow, authority bool) bool {
	return r.State == "DONE" && (authority || r.FoundByLevel == "SELF")
}

// CreateRectification enters a finding: of the institution itself, or of an authority in what reports to it.
func (s *Service) CreateRectification(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.RectificationInput) (contract.Rectification, error) {
	id, err := s.command(ctx, a, cmd, "createRectification", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return uuid.Nil, err
		}
		if sc.Level != levelInstitution {
			return uuid.Nil, problem.Invalid(problem.Field{Path: "organisationId", Code: "wrong_value"})
		}
		level := "SELF"
		if sc.authority {
			level = strings.TrimPrefix(sc.role(a), "REG_")
		}
		today := consult.DateOf(now)
		if consult.DateFromTime(in.DueOn.Time).Before(today) {
			return uuid.Nil, problem.Invalid(problem.Field{Path: "dueOn", Code: "in_past"})
		}
		n, err := q.NextRectification(ctx)
		if err != nil {
			return uuid.Nil, fmt.Errorf("number of a rectification: %w", err)
		}
		id := newID()
		err = q.AddRectification(ctx, db.AddRectificationParams{ID: id, Number: fmt.Sprintf("ZG%d-%04d", today.Year, n), OrganisationID: sc.Id, FoundByLevel: level, FoundOn: today.Time(), Item: in.Item,
			Category: string(in.Category), Severity: string(in.Severity), FindingEnc: s.seal(rectifications, "finding_enc", id, &in.Finding), MeasureEnc: s.seal(rectifications, "measure_enc", id, in.Measure),
			OwnerEnc: s.seal(rectifications, "owner_enc", id, &in.Owner), DueOn: in.DueOn.Time, CreatedBy: a.UserID, Now: now})
		switch {
		case store.Violates(err, "rectifications_item_fkey"):
			return uuid.Nil, problem.Invalid(problem.Field{Path: "item", Code: "wrong_value"})
		case err != nil:
			return uuid.Nil, fmt.Errorf("enter a rectification: %w", err)
		}
		return id, audit(ctx, q, a, sc.role(a), "RECTIFICATION_ENTERED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// rectification is one as the caller sees it; a foreign one is 404.
func (s *Service) rectification(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Rectification, error) {
	var out contract.Rectification
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, sc, now, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return err
		}
		out, err = s.rectificationView(row, now)
		out.Verifiable = mayVerify(row, sc.authority)
		return err
	})
	return out, err
}

func (s *Service) seeRectification(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.RectificationsOfRow, scope, time.Time, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return db.RectificationsOfRow{}, scope{}, now, err
	}
	row, err := q.RectificationByID(ctx, id)
	if store.IsNone(err) {
		return db.RectificationsOfRow{}, scope{}, now, problem.NotFound()
	}
	if err != nil {
		return db.RectificationsOfRow{}, scope{}, now, fmt.Errorf("rectification: %w", err)
	}
	sc, err := s.look(ctx, q, a, &row.OrganisationID)
	return db.RectificationsOfRow(row), sc, now, err
}

// UpdateRectification notes measure, progress and evidence; 100 % is done.
func (s *Service) UpdateRectification(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.RectificationUpdate) (contract.Rectification, error) {
	if err := require(a, roleAdmin); err != nil {
		return contract.Rectification{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, sc, now, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return err
		}
		if err := ownScope(sc); err != nil {
			return err
		}
		p := db.UpdateRectificationParams{ID: id, Revision: int32(in.Revision), Progress: int16(in.Progress), State: "WORKING", MeasureEnc: row.MeasureEnc, OwnerEnc: row.OwnerEnc, EvidenceEnc: row.EvidenceEnc}
		if in.Measure != nil {
			p.MeasureEnc = s.seal(rectifications, "measure_enc", id, in.Measure)
		}
		if in.Owner != nil && strings.TrimSpace(*in.Owner) != "" {
			p.OwnerEnc = s.seal(rectifications, "owner_enc", id, in.Owner)
		}
		if in.Evidence != nil {
			p.EvidenceEnc = s.seal(rectifications, "evidence_enc", id, in.Evidence)
		}
		switch {
		case in.Progress == 0:
			p.State = "OPEN"
		case in.Progress == 100:
			if p.EvidenceEnc == nil {
				return problem.Invalid(problem.Field{Path: "evidence", Code: "required"})
			}
			today := consult.DateOf(now).Time()
			p.State, p.DoneOn = "DONE", &today
		}
		n, err := q.UpdateRectification(ctx, p)
		if err != nil {
			return fmt.Errorf("change a rectification: %w", err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		return audit(ctx, q, a, roleAdmin, "RECTIFICATION_CHANGED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// VerifyRectification confirms what is done, or sends it back to work.
func (s *Service) VerifyRectification(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RectificationVerdict) (contract.Rectification, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, "verifyRectification", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		row, sc, _, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if row.State != "DONE" {
			return id, problem.New(http.StatusConflict, "rectification_not_done", nil)
		}
		if !mayVerify(row, sc.authority) {
			return id, refuse("rectification_verifier", nil)
		}
		p := db.VerifyRectificationParams{ID: id, State: "WORKING", Progress: 90, VerdictEnc: s.seal(rectifications, "verdict_enc", id, &in.Verdict)}
		if in.Accepted {
			today := consult.DateOf(now).Time()
			p.State, p.Progress, p.DoneOn, p.VerifiedBy, p.VerifiedOn = "VERIFIED", 100, row.DoneOn, &a.UserID, &today
		}
		n, err := q.VerifyRectification(ctx, p)
		if err != nil {
			return id, fmt.Errorf("verify a rectification: %w", err)
		}
		if n != 1 {
			return id, problem.New(http.StatusConflict, "rectification_not_done", nil)
		}
		return id, audit(ctx, q, a, sc.role(a), "RECTIFICATION_VERIFIED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// Samples -------------------------------------------------------------------------------------------------------------------

// draw picks size positions of a population of n with a seed: the same seed and population give the same list, by anybody who
// shuffles with PCG(seed, 0x6c7a) as Go's math/rand/v2 does.
func draw(seed uint64, n, size int) []int {
	order := mathrand.New(mathrand.NewPCG(seed, 0x6c7a)).Perm(n) //nolint:gosec // reproducible on purpose
	return order[:min(size, n)]
}

// DrawSample draws completed consultations of what reports to an authority and freezes the list with seed and population.
func (s *Service) DrawSample(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.SampleInput) (contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return contract.Sample{}, err
	}
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return contract.Sample{}, err
	}
	id, err := s.command(ctx, a, cmd, "drawSample", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		own, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return uuid.Nil, err
		}
		if err := ownScope(own); err != nil {
			return uuid.Nil, err
		}
		subject, err := s.look(ctx, q, a, &in.SubjectId)
		if err != nil {
			return uuid.Nil, err
		}
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // never fails
		seed := binary.BigEndian.Uint64(raw[:]) >> 1
		if in.Seed != nil {
			if seed, err = strconv.ParseUint(*in.Seed, 10, 63); err != nil {
				return uuid.Nil, problem.Invalid(problem.Field{Path: "seed", Code: "wrong_value"})
			}
		}
		population, err := q.SamplePopulation(ctx, db.SamplePopulationParams{Members: subject.ids(), Since: p.First.Time(), Before: p.Before().Time()})
		if err != nil {
			return uuid.Nil, fmt.Errorf("population of a sample: %w", err)
		}
		if len(population) == 0 {
			return uuid.Nil, refuse("sample_empty", problem.Args{"period": p.String()})
		}
		sum := sha256.New()
		for _, c := range population {
			sum.Write(c[:])
		}
		id := newID()
		if err := q.AddSample(ctx, db.AddSampleParams{ID: id, OrganisationID: own.Id, SubjectID: subject.Id, Kind: string(p.Kind), StartsOn: p.First.Time(), Seed: int64(seed), Size: int32(in.Size),
			Population: int32(len(population)), PopulationHash: sum.Sum(nil), Purpose: strings.TrimSpace(in.Purpose), DrawnBy: a.UserID, Now: now}); err != nil {
			return uuid.Nil, fmt.Errorf("enter a sample: %w", err)
		}
		for i, at := range draw(seed, len(population), in.Size) {
			if err := q.AddSampleRow(ctx, db.AddSampleRowParams{SampleID: id, Position: int32(i + 1), ConsultationID: population[at], ID: newID()}); err != nil {
				return uuid.Nil, fmt.Errorf("enter a row of a sample: %w", err)
			}
		}
		return id, audit(ctx, q, a, own.role(a), "SAMPLE_DRAWN", "sample", id)
	})
	if err != nil {
		return contract.Sample{}, err
	}
	return s.GetSample(ctx, a, id)
}

// ListSamples gives the samples that an authority drew, newest first, without rows.
func (s *Service) ListSamples(ctx context.Context, a identity.Actor, in contract.ListSamplesParams) ([]contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return nil, err
	}
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	rows, err := q.SamplesOf(ctx, sc.Id)
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	out := []contract.Sample{}
	for _, r := range rows {
		p, _ := PeriodOf(Kind(r.Kind), consult.DateFromTime(r.StartsOn))
		out = append(out, contract.Sample{Id: r.ID, SubjectId: r.SubjectID, Subject: r.Subject, Kind: contract.GoalKind(r.Kind), First: day(p.First), Label: p.String(), Seed: fmt.Sprint(r.Seed), Size: int(r.Size),
			Population: int(r.Population), PopulationHash: hex.EncodeToString(r.PopulationHash), Purpose: r.Purpose, DrawnBy: r.DrawnName, DrawnAt: r.DrawnAt, Scored: int(r.Scored), Rows: []contract.SampleRow{}})
	}
	return out, nil
}

// GetSample gives a sample with its rows, without persons, and notes that they were opened.
func (s *Service) GetSample(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return contract.Sample{}, err
	}
	q := s.st.Q()
	organisation, err := q.SampleOrganisation(ctx, id)
	if store.IsNone(err) {
		return contract.Sample{}, problem.NotFound()
	}
	if err != nil {
		return contract.Sample{}, fmt.Errorf("sample: %w", err)
	}
	list, err := s.ListSamples(ctx, a, contract.ListSamplesParams{OrganisationId: &organisation})
	if err != nil {
		return contract.Sample{}, err
	}
	i := slices.IndexFunc(list, func(v contract.Sample) bool { return v.Id == id })
	if i < 0 {
		return contract.Sample{}, problem.NotFound()
	}
	v := list[i]
	rows, err := q.SampleRows(ctx, id)
	if err != nil {
		return v, fmt.Errorf("rows of a sample: %w", err)
	}
	for _, r := range rows {
		reasons := reasonsOf(r.Reasons)
		row := contract.SampleRow{Position: int(r.Position), Serial: r.Serial, Institution: r.Institution, ServiceType: r.ServiceType, State: contract.State(r.State), Countable: r.Countable, Reasons: &reasons,
			Inspector: some(r.Inspector)}
		if r.Score != nil {
			score := int(*r.Score)
			row.Score = &score
		}
		if r.NoteEnc != nil {
			note, err := s.keep.OpenText("sample_rows", "note_enc", r.ID, r.NoteEnc)
			if err != nil {
				return v, fmt.Errorf("note of a sample: %w", err)
			}
			row.Note = some(note)
		}
		v.Rows = append(v.Rows, row)
	}
	return v, audit(ctx, q, a, "", "SAMPLE_OPENED", "sample", id)
}

// ScoreSample enters what an inspector found of one row.
func (s *Service) ScoreSample(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.SampleScore) (contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return contract.Sample{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		organisation, err := q.SampleOrganisation(ctx, id)
		if store.IsNone(err) {
			return problem.NotFound()
		}
		if err != nil {
			return fmt.Errorf("sample: %w", err)
		}
		sc, err := s.look(ctx, q, a, &organisation)
		if err != nil {
			return err
		}
		if err := ownScope(sc); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := q.SampleRowID(ctx, db.SampleRowIDParams{SampleID: id, Position: int32(in.Position)})
		if store.IsNone(err) {
			return problem.Invalid(problem.Field{Path: "position", Code: "wrong_value"})
		}
		if err != nil {
			return fmt.Errorf("row of a sample: %w", err)
		}
		if _, err := q.ScoreSampleRow(ctx, db.ScoreSampleRowParams{SampleID: id, Position: int32(in.Position), Score: int16(in.Score), NoteEnc: s.seal("sample_rows", "note_enc", row, in.Note), ScoredBy: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("score a row: %w", err)
		}
		return audit(ctx, q, a, sc.role(a), "SAMPLE_SCORED", "sample", id)
	})
	if err != nil {
		return contract.Sample{}, err
	}
	return s.GetSample(ctx, a, id)
}

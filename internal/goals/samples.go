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
	"strconv"
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
	return s.samples(ctx, q, sc.Id, nil)
}

func (s *Service) samples(ctx context.Context, q *db.Queries, organisation uuid.UUID, id *uuid.UUID) ([]contract.Sample, error) {
	rows, err := q.SamplesOf(ctx, db.SamplesOfParams{OrganisationID: organisation, ID: id})
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	out := make([]contract.Sample, 0, len(rows))
	for _, r := range rows {
		p, _ := PeriodOf(Kind(r.Kind), consult.DateFromTime(r.StartsOn))
		v := contract.Sample{Id: r.ID, SubjectId: r.SubjectID, Subject: r.Subject, Kind: contract.GoalKind(r.Kind), First: day(p.First), Label: p.String(), Seed: fmt.Sprint(r.Seed), Size: int(r.Size),
			Population: int(r.Population), PopulationHash: hex.EncodeToString(r.PopulationHash), Purpose: r.Purpose, DrawnBy: r.DrawnName, DrawnAt: r.DrawnAt, Scored: int(r.Scored), Drawn: int(r.Drawn),
			ConcludedBy: some(r.ConcludedName), ConcludedAt: r.ConcludedAt, Rows: []contract.SampleRow{}}
		if r.Scored > 0 {
			mean := float64(r.Total) / float64(r.Scored)
			v.Mean = &mean
		}
		if r.ConclusionEnc != nil {
			text, err := s.keep.OpenText("samples", "conclusion_enc", r.ID, r.ConclusionEnc)
			if err != nil {
				return nil, fmt.Errorf("conclusion of a sample: %w", err)
			}
			v.Conclusion = some(text)
		}
		out = append(out, v)
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
	if _, err := s.look(ctx, q, a, &organisation); err != nil {
		return contract.Sample{}, err
	}
	list, err := s.samples(ctx, q, organisation, &id)
	if err != nil {
		return contract.Sample{}, err
	}
	if len(list) != 1 {
		return contract.Sample{}, problem.NotFound()
	}
	v := list[0]
	rows, err := q.SampleRows(ctx, id)
	if err != nil {
		return v, fmt.Errorf("rows of a sample: %w", err)
	}
	for _, r := range rows {
		reasons := reasonsOf(r.Reasons)
		row := contract.SampleRow{Position: int(r.Position), Serial: r.Serial, OrganisationId: r.OrganisationID, Institution: r.Institution, ServiceType: r.ServiceType, State: contract.State(r.State),
			Countable: r.Countable, Reasons: &reasons, Inspector: some(r.Inspector)}
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

// ownSample locks a sample of an authority for which the caller acts; a foreign one is 404, a concluded one does not change.
func (s *Service) ownSample(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (scope, db.SampleForUpdateRow, error) {
	row, err := q.SampleForUpdate(ctx, id)
	if store.IsNone(err) {
		return scope{}, row, problem.NotFound()
	}
	if err != nil {
		return scope{}, row, fmt.Errorf("sample: %w", err)
	}
	sc, err := s.look(ctx, q, a, &row.OrganisationID)
	if err != nil {
		return sc, row, err
	}
	if err := ownScope(sc); err != nil {
		return sc, row, err
	}
	if row.ConcludedAt != nil {
		return sc, row, problem.New(http.StatusConflict, "sample_concluded", nil)
	}
	return sc, row, nil
}

// ScoreSample enters what an inspector found of one row.
func (s *Service) ScoreSample(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.SampleScore) (contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return contract.Sample{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		sc, _, err := s.ownSample(ctx, q, a, id)
		if err != nil {
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

// ConcludeSample says what the inspection came to. Every row has its score by then, and none changes after it.
func (s *Service) ConcludeSample(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SampleConclusion) (contract.Sample, error) {
	if err := require(a, authorities()...); err != nil {
		return contract.Sample{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, "concludeSample", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, row, err := s.ownSample(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if row.Unscored > 0 {
			return id, refuse("sample_unscored", problem.Args{"n": fmt.Sprint(row.Unscored)})
		}
		n, err := q.ConcludeSample(ctx, db.ConcludeSampleParams{ID: id, ConclusionEnc: s.seal("samples", "conclusion_enc", id, &in.Conclusion), ConcludedBy: a.UserID, Now: now})
		if err != nil {
			return id, fmt.Errorf("conclude a sample: %w", err)
		}
		if n != 1 {
			return id, problem.New(http.StatusConflict, "sample_concluded", nil)
		}
		return id, audit(ctx, q, a, sc.role(a), "SAMPLE_CONCLUDED", "sample", id)
	})
	if err != nil {
		return contract.Sample{}, err
	}
	return s.GetSample(ctx, a, id)
}

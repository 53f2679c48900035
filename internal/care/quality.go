package care

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListQualityReviews gives the reports that were drawn, those to be looked at first. The report itself is for QC only, without
// the resident's name.
func (s *Service) ListQualityReviews(ctx context.Context, a identity.Actor) ([]contract.QualityReview, error) {
	if err := require(a, reviewRoles()...); err != nil {
		return nil, err
	}
	return s.qualityReviews(ctx, a, a.Organisations(reviewRoles()...), nil)
}

func (s *Service) qualityReviews(ctx context.Context, a identity.Actor, orgs []uuid.UUID, id *uuid.UUID) ([]contract.QualityReview, error) {
	rows, err := s.st.Q().QualityReviews(ctx, db.QualityReviewsParams{Organisations: orgs, ID: id})
	if err != nil {
		return nil, fmt.Errorf("quality reviews: %w", err)
	}
	out := make([]contract.QualityReview, len(rows))
	for i, r := range rows {
		v := contract.QualityReview{Id: r.ID, Serial: r.Serial, Author: r.AuthorName, Version: int(r.Version), SignedAt: r.SignedAt.UTC(),
			State: contract.QualityReviewState(r.State), Sheet: r.Sheet, Seed: r.Seed, SampledAt: r.SampledAt.UTC(), Passed: r.Passed, FalseService: some(r.FalseService),
			Reviewer: some(r.ReviewerName), ReviewedAt: utc(r.ReviewedAt)}
		if r.Total != nil {
			total := int(*r.Total)
			v.Total = &total
		}
		scores := map[string]int{}
		if err := json.Unmarshal(r.Scores, &scores); err != nil {
			return nil, fmt.Errorf("scores: %w", err)
		}
		if len(scores) > 0 {
			v.Scores = &scores
		}
		words, err := s.openText("quality_reviews", "comment_enc", r.ID, r.CommentEnc)
		if err != nil {
			return nil, err
		}
		v.Comment = some(words)
		if a.In(r.OrganisationID, RoleQC) {
			content, err := s.reportOfReview(r.ReportID, r.ContentEnc)
			if err != nil {
				return nil, err
			}
			v.Content = &content
		}
		out[i] = v
	}
	return out, nil
}

// reportOfReview opens a report for who marks it.
func (s *Service) reportOfReview(id uuid.UUID, sealed []byte) (contract.ReportContent, error) {
	canonical, err := s.keep.Open("reports", "content_enc", id, sealed)
	if err != nil {
		return contract.ReportContent{}, fmt.Errorf("open report %s: %w", id, err)
	}
	var r consult.Report
	if err := json.Unmarshal(canonical, &r); err != nil {
		return contract.ReportContent{}, fmt.Errorf("open report %s: %w", id, err)
	}
	return contentOf(r), nil
}

// SampleReports draws reports of the hospital that were signed in a period at random, and not twice. The seed is kept: whoever has it
// draws the same reports from the same list.
func (s *Service) SampleReports(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ReportSampleInput) ([]contract.QualityReview, error) {
	if err := require(a, reviewRoles()...); err != nil {
		return nil, err
	}
	org, err := ownOrganisation(a, in.OrganisationId, reviewRoles()...)
	if err != nil {
		return nil, err
	}
	var f form
	f.period("to", dateOf(in.From), &in.To)
	if err := f.err(); err != nil {
		return nil, err
	}
	_, _, err = s.create(ctx, a, cmd, "sampleReports", in, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		list, err := q.ReportsToSample(ctx, db.ReportsToSampleParams{OrganisationID: &org, First: dateOf(in.From).Start(), Last: dateOf(in.To).AddDays(1).Start()})
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		if len(list) == 0 {
			return problem.New(http.StatusUnprocessableEntity, "nothing_to_sample", nil)
		}
		seed := rand.Int64N(1 << 53)
		if in.Seed != nil {
			seed = *in.Seed
		}
		for _, i := range sample(len(list), in.Count, seed) {
			if err := q.AddQualityReview(ctx, db.AddQualityReviewParams{ID: newID(), OrganisationID: org, ConsultationID: list[i].ConsultationID, ReportID: list[i].ID,
				Seed: seed, SampledBy: a.UserID, Now: now, Sheet: consult.QualitySheet}); err != nil {
				return fmt.Errorf("sample: %w", err)
			}
		}
		return s.audit(ctx, q, a, now, roleIn(a, org, reviewRoles()), "sampleReports", "organisation", &org, fmt.Sprintf("seed %d", seed))
	})
	if err != nil {
		return nil, err
	}
	return s.qualityReviews(ctx, a, []uuid.UUID{org}, nil)
}

// sample draws k of n places without repetition, the same ones for a seed.
func sample(n, k int, seed int64) []int {
	places := rand.New(rand.NewPCG(uint64(seed), 0)).Perm(n)
	places = places[:min(n, k)]
	slices.SortFunc(places, cmp.Compare)
	return places
}

// MarkReport fills the score sheet in, once. Nobody marks an own report. That the service was false or unlawful, with a comment that says
// why, keeps the consultation from counting for good (NC20).
func (s *Service) MarkReport(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.QualityMarks) (contract.QualityReview, error) {
	var org, about uuid.UUID
	err := s.onRow(ctx, a, cmd, id, "markReport", "quality_review", in, []string{RoleQC}, func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockQualityReview(ctx, id)
		org, about = row.OrganisationID, row.ConsultationID
		return org, err
	}, func(q *db.Queries, now time.Time) (int64, error) {
		shown, err := q.QualityReviews(ctx, db.QualityReviewsParams{Organisations: []uuid.UUID{org}, ID: &id})
		if err != nil || len(shown) != 1 {
			return 0, fmt.Errorf("quality review: %w", err)
		}
		author, err := q.ReportAuthor(ctx, shown[0].ReportID)
		if err != nil {
			return 0, fmt.Errorf("author: %w", err)
		}
		if author == a.UserID {
			return 0, problem.New(http.StatusUnprocessableEntity, "own_report", nil)
		}
		total, passed, err := consult.Mark(in.Scores)
		var f form
		f.refuse("scores", err)
		words := f.text("comment", value(in.Comment), 0, 1000)
		if value(in.FalseService) && blank(words) {
			f.add("comment", "required")
		}
		if err := f.err(); err != nil {
			return 0, err
		}
		if value(in.FalseService) {
			if err := q.JudgeAgain(ctx, []uuid.UUID{about}); err != nil {
				return 0, fmt.Errorf("judge again: %w", err)
			}
		}
		raw, err := json.Marshal(in.Scores)
		if err != nil {
			return 0, fmt.Errorf("scores: %w", err)
		}
		n := int16(total)
		return q.MarkReport(ctx, db.MarkReportParams{ID: id, Scores: raw, Total: &n, Passed: &passed, FalseService: value(in.FalseService), CommentEnc: s.sealText("quality_reviews", "comment_enc", id, words),
			ReviewerID: &a.UserID, Now: &now})
	})
	if err != nil {
		return contract.QualityReview{}, err
	}
	list, err := s.qualityReviews(ctx, a, []uuid.UUID{org}, &id)
	if err != nil {
		return contract.QualityReview{}, err
	}
	if len(list) != 1 {
		return contract.QualityReview{}, problem.NotFound()
	}
	return list[0], nil
}

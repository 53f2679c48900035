package care

import (
	"context"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What followed a consultation, as evidence.

func (p *recordPaper) referralRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	rows, err := p.b.q.ReferralsOfCase(ctx, p.b.c.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out = append(out, row("referrals", r.ID, r.FromName+" → "+r.ToDisplay, nil, p.fact("evidence_direction", p.label(consult.VocabDirection, r.Direction)),
			p.fact("print_state", p.label(consult.VocabReferralState, r.State)), p.fact("print_urgency", p.label(consult.VocabUrgency, r.Urgency)),
			p.fact("evidence_green", p.label(consult.VocabGreenChannel, r.GreenChannel)), p.fact("print_submitted", p.at(r.CreatedAt)), p.fact("print_accepted", p.when(r.AcceptedAt)),
			p.fact("evidence_arrived", p.when(r.ArrivedAt)), p.fact("evidence_returned", p.when(r.ReturnedAt)), p.fact("evidence_closed", p.when(r.ClosedAt))))
	}
	return out, nil
}

func (p *recordPaper) ratingRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	rows, err := p.b.q.RatingsOf(ctx, p.b.c.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		comment := ""
		if p.b.named() {
			if comment, err = p.b.s.openText("satisfaction_ratings", "comment_enc", r.ID, r.CommentEnc); err != nil {
				return nil, err
			}
		}
		who := "evidence_by_resident"
		if r.Rater == "FAMILY" {
			who = "evidence_by_family"
		}
		out = append(out, row("satisfaction_ratings", r.ID, p.say(who, nil), nil, p.fact("evidence_score", p.say("evidence_of_five", problem.Args{"n": strconv.Itoa(int(r.Score))})),
			p.fact("print_time", p.at(r.CreatedAt)), p.fact("evidence_comment", comment)))
	}
	return out, nil
}

// complaintRows are those of the caller's own organisation, where the caller answers for them: what was found, not what was written.
func (p *recordPaper) complaintRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	rows, err := p.b.q.ComplaintsOfCase(ctx, db.ComplaintsOfCaseParams{ConsultationID: &p.b.c.ID, Organisations: p.b.a.Organisations(complaintRoles()...)})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out = append(out, row("complaints", r.ID, p.joined(r.OrganisationName, p.label(consult.VocabComplaint, r.Category)), nil, p.fact("evidence_received", p.at(r.ReceivedAt)),
			p.fact("evidence_due", r.DueOn.Format(time.DateOnly)), p.fact("evidence_closed", p.when(r.ClosedAt)), p.fact("evidence_finding", p.label(consult.VocabFinding, r.Finding))))
	}
	return out, nil
}

// reviewRows are the marks of the caller's own quality control.
func (p *recordPaper) reviewRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	rows, err := p.b.q.ReviewsOfCase(ctx, db.ReviewsOfCaseParams{ConsultationID: p.b.c.ID, Organisations: p.b.a.Organisations(RoleInstAdmin, RoleQC)})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		total := ""
		if r.Total != nil {
			total = strconv.Itoa(int(*r.Total))
		}
		out = append(out, row("quality_reviews", r.ID, p.joined(r.OrganisationName, p.say("print_of_version", problem.Args{"version": strconv.Itoa(int(r.Version))})), r.Passed,
			p.fact("evidence_sampled", p.at(r.SampledAt)), p.fact("evidence_points", total), p.fact("evidence_reviewed", p.joined(r.ReviewerName, p.when(r.ReviewedAt)))))
	}
	return out, nil
}

// printRows are the prints that were made, so that a paper in circulation is known.
func (p *recordPaper) printRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	rows, err := p.b.q.PrintsOfRecord(ctx, p.b.c.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		what := "evidence_print_record"
		if r.PagesOf == printCodes {
			what = "evidence_print_codes"
		}
		current := int(r.ReportVersion) == len(p.b.out.Reports)
		out = append(out, row("record_prints", r.ID, p.say(what, nil), &current, p.fact("print_time", p.at(r.At)),
			p.fact("print_person", p.joined(r.Printer, p.label(consult.VocabRole, r.Role))), p.fact("print_digest", hex.EncodeToString(r.Digest))))
	}
	return out, nil
}

// evidenceSheets sets the evidence for paper: a table for each section.
func (p *recordPaper) evidenceSheets(sections []contract.EvidenceSection) {
	for _, s := range sections {
		p.heading("evidence_" + s.Code)
		p.setRows(s.Rows)
	}
}

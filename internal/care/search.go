package care

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Bounds of a search in sealed text: what is looked at is opened row by row.
const (
	searchMost  = 20_000 // consultations that a search may look at
	searchBatch = 500    // that are opened at a time
)

// SearchConsultations finds words in the log of a period: in names of residents, complaints, opinions and final plans. What is sealed cannot
// be found by an index, so the consultations that the caller sees in the period are opened one by one; more than 20,000 of them are refused (422
// search_too_wide). Everybody finds by what they may read: who reads no free text finds names of the own institution's residents, by
// initials too, and diagnoses. The words stand in no address, log or event; that somebody searched is noted.
func (s *Service) SearchConsultations(ctx context.Context, a identity.Actor, in contract.LogSearch) (contract.LogFound, error) {
	roles := []string{RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC}
	if err := require(a, roles...); err != nil {
		return contract.LogFound{}, err
	}
	words := strings.Fields(folded(in.Text))
	if len(words) == 0 {
		return contract.LogFound{}, problem.Invalid(problem.Field{Path: "text", Code: "required"})
	}
	out := contract.LogFound{Rows: []contract.LogRow{}}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		p, err := logFilter(a, contract.ListConsultationsParams{From: &in.From, To: &in.To, State: in.State, ServiceType: in.ServiceType, Limit: in.Limit}, now)
		if err != nil {
			return err
		}
		if err := q.PlanForArguments(ctx); err != nil {
			return err
		}
		limit := int(p.PageSize)
		ids, shown, err := searched(ctx, q, a, p)
		if err != nil {
			return err
		}
		var found []uuid.UUID
		for batch := range slices.Chunk(ids, searchBatch) {
			hits, err := s.hits(ctx, q, a, batch, shown, words)
			if err != nil {
				return err
			}
			out.Searched += len(batch)
			if found = append(found, hits...); len(found) > limit {
				found, out.More = found[:limit], true
				break
			}
		}
		if out.Rows, err = s.logRows(ctx, q, found, true, now); err != nil {
			return err
		}
		role := ""
		for _, r := range roles {
			if role == "" && a.Has(r) {
				role = r
			}
		}
		return s.audit(ctx, q, a, now, role, "searchConsultations", "consultation", nil, strconv.Itoa(len(found))+"/"+strconv.Itoa(out.Searched))
	})
	return out, err
}

// searched are the consultations of the log that the filter leaves, newest first, and those of them that the caller is shown as a hospital
// doctor, or asked for from a home: a role elsewhere opens nothing of what somebody sees in another one.
func searched(ctx context.Context, q *db.Queries, a identity.Actor, p db.LogPageParams) (ids []uuid.UUID, shown map[uuid.UUID]bool, err error) {
	p.PageSize = searchMost + 1
	shown, known := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	var rows []db.LogPageRow
	for _, part := range logParts(a, p) {
		f := p
		f.Part, f.OrganisationID = part.name, part.organisation
		doctors := part.organisation == uuid.Nil
		if doctors { // also what stands in another part
			f.Inviting, f.Invited = []uuid.UUID{}, []uuid.UUID{}
		}
		more, err := q.LogPage(ctx, f)
		if err != nil {
			return nil, nil, fmt.Errorf("log: %w", err)
		}
		for _, r := range more {
			shown[r.ID] = shown[r.ID] || doctors
			if !known[r.ID] {
				known[r.ID], rows = true, append(rows, r)
			}
		}
		if len(rows) > searchMost {
			return nil, nil, problem.New(http.StatusUnprocessableEntity, "search_too_wide", problem.Args{"most": strconv.Itoa(searchMost)})
		}
	}
	slices.SortFunc(rows, func(x, y db.LogPageRow) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), bytes.Compare(y.ID[:], x.ID[:]))
	})
	ids = make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, shown, nil
}

// hits are those of a batch in which every word stands, in its order.
func (s *Service) hits(ctx context.Context, q *db.Queries, a identity.Actor, batch []uuid.UUID, shown map[uuid.UUID]bool, words []string) ([]uuid.UUID, error) {
	rows, err := q.SearchTexts(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	hit := map[uuid.UUID]bool{}
	for _, r := range rows {
		text, err := s.searchable(a, r, shown[r.ID])
		if err != nil {
			return nil, err
		}
		text = folded(text)
		hit[r.ID] = !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	}
	return slices.DeleteFunc(slices.Clone(batch), func(id uuid.UUID) bool { return !hit[id] }), nil
}

// searchable is what the caller, who may be shown it as a hospital doctor, may find a consultation by, one text a line.
func (s *Service) searchable(a identity.Actor, r db.SearchTextsRow, shown bool) (string, error) {
	var parts []string
	bedside := r.Visitors == nil && a.In(r.InvitingOrgID, RoleNurse, RoleAttending) || slices.Contains(r.Visitors, a.UserID) && a.In(r.InvitingOrgID, bedsideRoles()...)
	holder := a.Has(RoleConsultant) && value(r.DoctorID) == a.UserID
	if bedside || holder || a.In(r.InvitingOrgID, RoleInstAdmin, RoleQC) {
		name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return "", err
		}
		parts = append(parts, name, initials(name))
	}
	clinical := bedside || shown
	var report []byte
	if r.ReportID != nil {
		var err error
		if report, err = s.keep.Open("reports", "content_enc", *r.ReportID, r.ReportEnc); err != nil {
			return "", fmt.Errorf("open report %s: %w", *r.ReportID, err)
		}
		parts = append(parts, firstDiagnosis(s.codes(), report, !clinical, r.CreatedAt))
	}
	if !clinical {
		return strings.Join(parts, "\n"), nil
	}
	complaint, err := s.openText("consultations", "complaint_enc", r.ID, r.ComplaintEnc)
	if err != nil {
		return "", err
	}
	parts = append(parts, complaint)
	if report != nil {
		var said consult.Report
		if err := json.Unmarshal(report, &said); err != nil {
			return "", fmt.Errorf("report %s: %w", *r.ReportID, err)
		}
		parts = append(parts, said.Examination, said.Assessment, said.Limits)
		for _, d := range said.Diagnoses {
			parts = append(parts, d.Code, d.Text)
		}
		for _, item := range said.Advice {
			parts = append(parts, item.Text)
		}
	}
	if r.AdoptionID != nil {
		record, err := s.openAdoption(db.Adoption{ID: *r.AdoptionID, ContentEnc: r.AdoptionEnc})
		if err != nil {
			return "", err
		}
		parts = append(parts, record.FinalPlan)
	}
	return strings.Join(parts, "\n"), nil
}

// folded is a text in the form in which it is compared.
func folded(text string) string { return strings.ToLower(norm.NFKC.String(text)) }

package goals

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
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

// The limits of exports.
const (
	mostExports   = 5                // of one person that are not finished
	exportLease   = 60.0             // seconds for which a node may be silent
	pieceSize     = 1 << 20          // bytes of a file that are sealed together
	progressEvery = 500              // rows
	exportPoll    = time.Second      // how often a node looks for work
	pruneEvery    = 10 * time.Minute // how often old files go
)

// ConsultationLog is what the export of the log needs of the use-cases: the page that people see.
type ConsultationLog interface {
	ListConsultations(ctx context.Context, a identity.Actor, in contract.ListConsultationsParams) (contract.LogPage, error)
}

// Actors loads somebody as signed in now, acting in one role or with nil in all, so that an export that waited is written with the rights
// that the person has then in the role that asked, and with no others.
type Actors interface {
	ActorOf(ctx context.Context, user uuid.UUID, actingAs *uuid.UUID) (identity.Actor, error)
}

// ownersOnly: sheets that show persons are an institution's own, and no authority's.
func ownersOnly(sheet string) bool { return sheet == "E11" || sheet == "E13" || sheet == "LOG" }

func levelsOf(s sheet) []contract.ExportSheetLevels {
	switch s.level {
	case "":
		return []contract.ExportSheetLevels{"INSTITUTION", "AUTHORITY"}
	default:
		return []contract.ExportSheetLevels{contract.ExportSheetLevels(s.level)}
	}
}

// ListExportSheets gives the sheets that there are.
func (s *Service) ListExportSheets(_ context.Context, a identity.Actor) ([]contract.ExportSheet, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return nil, err
	}
	out := []contract.ExportSheet{}
	for _, one := range sheets() {
		v := contract.ExportSheet{Code: one.code, Zh: one.zh, En: one.en, Levels: levelsOf(one)}
		out = append(out, v)
	}
	return out, nil
}

// exportParams is what a job keeps of its request.
type exportParams struct {
	Kind  Kind                  `json:"kind"`
	First consult.Date          `json:"first"`
	More  contract.ExportParams `json:"more"`
}

// RequestExport asks for a sheet of an organisation and period.
func (s *Service) RequestExport(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ExportInput) (contract.ExportJob, error) {
	var out contract.ExportJob
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return out, err
	}
	kind, ok := sheetOf(in.Sheet)
	if !ok {
		return out, problem.Invalid(problem.Field{Path: "sheet", Code: "wrong_value"})
	}
	id, err := s.command(ctx, a, cmd, "requestExport", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return uuid.Nil, err
		}
		level := contract.ExportSheetLevels("INSTITUTION")
		if sc.Level != levelInstitution {
			level = "AUTHORITY"
		}
		if !slices.Contains(levelsOf(kind), level) || sc.authority && ownersOnly(in.Sheet) {
			return uuid.Nil, refuse("export_other_level", problem.Args{"sheet": in.Sheet})
		}
		if in.Params != nil && in.Params.Public != nil && *in.Params.Public && !forPublication(in.Sheet) {
			return uuid.Nil, problem.Invalid(problem.Field{Path: "params/public", Code: "wrong_value"})
		}
		waiting, err := q.ExportsWaiting(ctx, a.UserID)
		if err != nil {
			return uuid.Nil, fmt.Errorf("exports that wait: %w", err)
		}
		if waiting >= mostExports {
			return uuid.Nil, problem.New(http.StatusTooManyRequests, "export_too_many", problem.Args{"most": fmt.Sprint(mostExports)})
		}
		params := exportParams{Kind: p.Kind, First: p.First}
		if in.Params != nil {
			params.More = *in.Params
		}
		if id := params.More.SnapshotId; id != nil {
			row, err := q.LockSnapshotRow(ctx, *id)
			if err != nil || row.OrganisationID != sc.Id || row.State == "DRAFT" {
				return uuid.Nil, problem.Invalid(problem.Field{Path: "params/snapshotId", Code: "wrong_value"})
			}
			snapshotPeriod, _ := PeriodOf(Kind(row.Kind), consult.DateFromTime(row.StartsOn))
			params.Kind, params.First = snapshotPeriod.Kind, snapshotPeriod.First
		}
		raw, err := json.Marshal(params)
		if err != nil {
			return uuid.Nil, err
		}
		id := newID()
		if err := q.AddExportJob(ctx, db.AddExportJobParams{ID: id, Sheet: in.Sheet, Format: string(in.Format), OrganisationID: sc.Id, Params: raw, Locale: a.Locale, RequestedBy: a.UserID, ActingAs: a.ActingAs, Now: now}); err != nil {
			return uuid.Nil, fmt.Errorf("enter the export: %w", err)
		}
		return id, audit(ctx, q, a, sc.role(a), "EXPORT_"+in.Sheet, "export", id)
	})
	if err != nil {
		return out, err
	}
	return s.exportOf(ctx, a, id)
}

func (s *Service) exportOf(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.ExportJob, error) {
	list, err := s.ListExports(ctx, a)
	if err != nil {
		return contract.ExportJob{}, err
	}
	i := slices.IndexFunc(list, func(j contract.ExportJob) bool { return j.Id == id })
	if i < 0 {
		return contract.ExportJob{}, problem.NotFound()
	}
	return list[i], nil
}

// ListExports gives the caller's own exports, newest first; who acts in one role sees what was asked for in it.
func (s *Service) ListExports(ctx context.Context, a identity.Actor) ([]contract.ExportJob, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return nil, err
	}
	rows, err := s.st.Q().ExportJobsOf(ctx, db.ExportJobsOfParams{UserID: a.UserID, ActingAs: a.ActingAs})
	if err != nil {
		return nil, fmt.Errorf("exports: %w", err)
	}
	out := []contract.ExportJob{}
	for _, r := range rows {
		v := contract.ExportJob{Id: r.ID, Sheet: r.Sheet, Format: contract.ExportJobFormat(r.Format), Organisation: r.Organisation, State: contract.ExportJobState(r.State), DoneRows: int(r.DoneRows),
			TotalRows: int(r.TotalRows), RequestedAt: r.RequestedAt, FinishedAt: r.FinishedAt, ExpiresAt: r.ExpiresAt}
		var params exportParams
		if json.Unmarshal(r.Params, &params) == nil {
			v.Label = Period{params.Kind, params.First}.String()
			if params.More.Log != nil {
				v.Label = logPeriod(*params.More.Log, wordsOf(a.Locale))
			}
		}
		if r.State == "READY" {
			sum := hex.EncodeToString(r.Sha256)
			v.FileName, v.Size, v.Sha256 = &r.FileName, &r.Size, &sum
		}
		if r.ErrorCode != "" {
			sentence := problem.Sentence(a.Locale, r.ErrorCode, nil)
			v.Error = &sentence
		}
		out = append(out, v)
	}
	return out, nil
}

// wordsOf chooses between Chinese and English for a locale.
func wordsOf(locale string) func(zh, en string) string {
	english := strings.HasPrefix(locale, "en")
	return func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
}

// ownExport loads a job of the caller's; another's is as unknown as none, and so is one of another role to a sign-in that acts in one: its file
// may hold what only the other role sees.
func ownExport(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.ExportJob, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return db.ExportJob{}, err
	}
	job, err := q.ExportJob(ctx, id)
	if store.IsNone(err) || err == nil && (job.RequestedBy != a.UserID || a.ActingAs != nil && (job.ActingAs == nil || *job.ActingAs != *a.ActingAs)) {
		return job, problem.NotFound()
	}
	return job, err
}

// CancelExport ends a job that is not finished; a finished one stays.
func (s *Service) CancelExport(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.ExportJob, error) {
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		if _, err := ownExport(ctx, q, a, id); err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		_, err = q.CancelExport(ctx, db.CancelExportParams{ID: id, Now: now})
		return err
	})
	if err != nil {
		return contract.ExportJob{}, err
	}
	return s.exportOf(ctx, a, id)
}

// GetExportFile gives the file of a finished export to who asked for it, and notes that it was fetched.
func (s *Service) GetExportFile(ctx context.Context, a identity.Actor, id uuid.UUID) (name string, content io.Reader, size int64, err error) {
	var pieces []io.Reader
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		job, err := ownExport(ctx, q, a, id)
		if err != nil {
			return err
		}
		// The rights of now count, not those of the day on which it was asked for.
		sc, err := s.look(ctx, q, a, &job.OrganisationID)
		if err != nil {
			return err
		}
		if ownersOnly(job.Sheet) && sc.authority {
			return problem.NotFound()
		}
		if job.State != "READY" {
			return problem.New(http.StatusConflict, "export_not_ready", nil)
		}
		rows, err := q.ExportPieces(ctx, id)
		if err != nil {
			return fmt.Errorf("pieces of an export: %w", err)
		}
		name, size, pieces = job.FileName, job.Size, nil
		for _, r := range rows {
			raw, err := s.keep.Open("export_pieces", "content_enc", r.ID, r.ContentEnc)
			if err != nil {
				return fmt.Errorf("open a piece of an export: %w", err)
			}
			pieces = append(pieces, bytes.NewReader(raw))
		}
		return audit(ctx, q, a, sc.role(a), "FETCH_EXPORT", "export", id)
	})
	return name, io.MultiReader(pieces...), size, err
}

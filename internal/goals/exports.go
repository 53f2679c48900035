package goals

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
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

// Actors loads somebody as signed in now, so that an export that waited is written with the rights that the person has then.
type Actors interface {
	ActorOf(ctx context.Context, user uuid.UUID) (identity.Actor, error)
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
		if one.absent != "" {
			v.Absent = &one.absent
		}
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
		if err := q.AddExportJob(ctx, db.AddExportJobParams{ID: id, Sheet: in.Sheet, Format: string(in.Format), OrganisationID: sc.Id, Params: raw, Locale: a.Locale, RequestedBy: a.UserID, Now: now}); err != nil {
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

// ListExports gives the caller's own exports, newest first.
func (s *Service) ListExports(ctx context.Context, a identity.Actor) ([]contract.ExportJob, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return nil, err
	}
	rows, err := s.st.Q().ExportJobsOf(ctx, a.UserID)
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

// ownExport loads a job of the caller's; another's is as unknown as none.
func ownExport(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.ExportJob, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return db.ExportJob{}, err
	}
	job, err := q.ExportJob(ctx, id)
	if store.IsNone(err) || err == nil && job.RequestedBy != a.UserID {
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

// Work writes exports until ctx ends, one at a time on each node.
func (s *Service) Work(ctx context.Context) error {
	tick, prune := time.NewTicker(exportPoll), time.NewTicker(pruneEvery)
	defer tick.Stop()
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-prune.C:
			if _, err := s.st.Q().PruneExports(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("exports: old files stay", "error", err)
			}
			if _, err := s.st.Q().PruneExportPieces(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("exports: old pieces stay", "error", err)
			}
		case <-tick.C:
			for {
				worked, err := s.WriteOne(ctx)
				if err != nil && ctx.Err() == nil {
					s.log.Warn("exports", "error", err)
				}
				if !worked || err != nil {
					break
				}
			}
		}
	}
}

// errTaken: the job was cancelled, or another node has it.
var errTaken = errors.New("goals: the export is no longer ours")

// WriteOne writes the oldest export that waits, and reports whether there was one.
func (s *Service) WriteOne(ctx context.Context) (bool, error) {
	job, err := s.st.Q().TakeExportJob(ctx, exportLease)
	if store.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take an export: %w", err)
	}
	err = s.write(ctx, job)
	switch {
	case err == nil, errors.Is(err, errTaken):
		return true, nil
	case ctx.Err() != nil:
		return true, ctx.Err() // the lease runs out, and somebody writes it again
	}
	s.log.Error("an export failed", "sheet", job.Sheet, "job", job.ID, "error", err)
	code := problem.Of(err).Code
	now, clockErr := s.clock(ctx, s.st.Q())
	if clockErr != nil {
		return true, clockErr
	}
	if _, err := s.st.Q().FailExport(ctx, db.FailExportParams{ID: job.ID, Attempt: job.Attempt, ErrorCode: code, Now: now}); err != nil {
		return true, fmt.Errorf("note that an export failed: %w", err)
	}
	return true, nil
}

func (s *Service) write(ctx context.Context, job db.ExportJob) error {
	if s.actors == nil {
		return errors.New("goals: nobody knows who asked")
	}
	a, err := s.actors.ActorOf(ctx, job.RequestedBy)
	if err != nil {
		return err
	}
	a.Locale = job.Locale
	var params exportParams
	if err := json.Unmarshal(job.Params, &params); err != nil {
		return fmt.Errorf("parameters of an export: %w", err)
	}
	pieces := &pieceWriter{ctx: ctx, s: s, job: job, sum: sha256.New()}
	written, err := s.WriteSheet(ctx, a, SheetRequest{Sheet: job.Sheet, Format: string(job.Format), Organisation: job.OrganisationID, Period: Period{params.Kind, params.First}, Params: params.More,
		Progress: func(rows int) error {
			n, err := s.st.Q().ExportProgress(ctx, db.ExportProgressParams{ID: job.ID, Attempt: job.Attempt, DoneRows: int32(rows), LeaseSeconds: exportLease})
			if err == nil && n == 0 {
				err = errTaken
			}
			return err
		}}, pieces)
	if err != nil {
		return err
	}
	if err := pieces.flush(); err != nil {
		return err
	}
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return err
	}
	n, err := s.st.Q().FinishExport(ctx, db.FinishExportParams{ID: job.ID, Attempt: job.Attempt, DoneRows: int32(written.Rows), FileName: written.Name, Size: pieces.size, Sha256: pieces.sum.Sum(nil), Now: now})
	if err == nil && n == 0 {
		err = errTaken
	}
	return err
}

// pieceWriter seals a file in pieces as it is written.
type pieceWriter struct {
	ctx  context.Context
	s    *Service
	job  db.ExportJob
	buf  bytes.Buffer
	next int32
	size int64
	sum  hash.Hash
}

func (w *pieceWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	w.sum.Write(p)
	w.buf.Write(p)
	for w.buf.Len() >= pieceSize {
		if err := w.put(w.buf.Next(pieceSize)); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (w *pieceWriter) flush() error {
	if w.buf.Len() == 0 {
		return nil
	}
	return w.put(w.buf.Next(w.buf.Len()))
}

func (w *pieceWriter) put(p []byte) error {
	id := newID()
	err := w.s.st.Q().AddExportPiece(w.ctx, db.AddExportPieceParams{JobID: w.job.ID, Attempt: w.job.Attempt, Position: w.next, ID: id, ContentEnc: w.s.keep.Seal("export_pieces", "content_enc", id, p)})
	if err != nil {
		return fmt.Errorf("keep a piece of an export: %w", err)
	}
	w.next++
	return nil
}

// SheetRequest says which sheet is to be written.
type SheetRequest struct {
	Sheet, Format string // E1 … E13, LOG; xlsx or csv
	Organisation  uuid.UUID
	Period        Period
	Params        contract.ExportParams
	MostRows      int                  // stop after so many; 0: all of them
	Progress      func(rows int) error // an error stops it; nil: nobody looks
}

// Written says what was written.
type Written struct {
	Name   string // of the file: 表名_单位_期间_版本.xlsx
	Rows   int
	Digest string // of the data rows, as the cover prints it
}

// counting reports progress and lets a cancelled export stop.
type counting struct {
	table
	n, most  int
	progress func(int) error
}

// errEnough ends a sheet that was asked for in part.
var errEnough = errors.New("goals: enough rows")

func (c *counting) row(values ...any) error {
	if c.most > 0 && c.n == c.most {
		return errEnough
	}
	if err := c.table.row(values...); err != nil {
		return err
	}
	if c.n++; c.n%progressEvery == 0 && c.progress != nil {
		return c.progress(c.n)
	}
	return nil
}

// WriteSheet writes a sheet in the name of somebody, who must see the organisation.
func (s *Service) WriteSheet(ctx context.Context, a identity.Actor, r SheetRequest, out io.Writer) (Written, error) {
	kind, ok := sheetOf(r.Sheet)
	if !ok {
		return Written{}, problem.Invalid(problem.Field{Path: "sheet", Code: "wrong_value"})
	}
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, &r.Organisation)
	if err != nil {
		return Written{}, err
	}
	if sc.authority && ownersOnly(r.Sheet) { // also when the rights have changed since it was asked for
		return Written{}, problem.NotFound()
	}
	x := &exporting{s: s, q: q, scope: sc, period: r.Period, english: strings.HasPrefix(a.Locale, "en"), actor: a, params: r.Params, public: r.Params.Public != nil && *r.Params.Public}
	now, err := s.clock(ctx, q)
	if err != nil {
		return Written{}, err
	}
	defs, err := loadDefinitions(ctx, q, r.Period.Last())
	if err != nil {
		return Written{}, err
	}
	org, err := q.ExportOrganisation(ctx, sc.Id)
	if err != nil {
		return Written{}, fmt.Errorf("organisation of an export: %w", err)
	}
	version := x.say("v", "v") + consult.DateOf(now).String()
	rows := kind.rows
	columns := kind.columns
	var frozen *db.Snapshot
	if id := r.Params.SnapshotId; id != nil && (r.Sheet == "E3" || r.Sheet == "E8") {
		one, err := q.SnapshotsOf(ctx, db.SnapshotsOfParams{OrganisationID: sc.Id, ID: id})
		if err != nil || len(one) != 1 {
			return Written{}, problem.NotFound()
		}
		snap := one[0]
		frozen = &db.Snapshot{ID: snap.ID, Version: snap.Version, Ruleset: snap.Ruleset, Definitions: snap.Definitions, Figures: snap.Figures, Digest: snap.Digest}
		version = fmt.Sprintf(x.say("第%d版", "version%d"), snap.Version)
		columns, rows = frozenSheet(r.Sheet, *frozen, columns)
	}
	name := strings.Join([]string{x.say(kind.zh, kind.en), org.Name, r.Period.String(), version}, "_")
	name = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) {
			return '-'
		}
		return c
	}, name) + "." + r.Format

	if r.Format == "csv" {
		t, err := newCSV(out, columns, x.english)
		if err != nil {
			return Written{}, err
		}
		if err := rows(ctx, x, &counting{table: t, most: r.MostRows, progress: r.Progress}); err != nil && !errors.Is(err, errEnough) {
			return Written{}, err
		}
		return Written{name, t.rows, hex.EncodeToString(t.sum.Sum(nil))}, t.close()
	}
	title := []rune(strings.Map(func(c rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, c) {
			return '-'
		}
		return c
	}, x.say(kind.zh, kind.en)))
	w, err := newWorkbook(string(title[:min(len(title), 31)]), columns, x.english) // a sheet's name has at most 31 characters
	if err != nil {
		return Written{}, err
	}
	if err := rows(ctx, x, &counting{table: w, most: r.MostRows, progress: r.Progress}); err != nil && !errors.Is(err, errEnough) {
		_ = w.file.Close()
		return Written{}, err
	}
	digest := hex.EncodeToString(w.sum.Sum(nil))
	rulesets, err := q.SnapshotRulesets(ctx, db.SnapshotRulesetsParams{Members: sc.ids(), Since: r.Period.First.Time(), Before: r.Period.Before().Time()})
	if err != nil {
		_ = w.file.Close()
		return Written{}, fmt.Errorf("rulesets: %w", err)
	}
	ruleset := strings.Join(rulesets, "、")
	if frozen != nil {
		ruleset = frozen.Ruleset
	}
	cover := [][2]string{{x.say("表名", "Sheet"), kind.code + " " + x.say(kind.zh, kind.en)}, {x.say("填报单位（盖章）", "Filed by (stamp)"), org.Name}, {x.say("统一社会信用代码", "Credit code"), text(org.CreditCode)},
		{x.say("行政区划代码", "Division"), org.RegionCode}, {x.say("统计期间", "Period"), r.Period.Chinese() + " " + r.Period.First.String() + " – " + r.Period.Last().String()},
		{x.say("填表人", "Filled in by"), a.Name}, {x.say("审核人", "Checked by"), ""}, {x.say("单位负责人", "Head"), ""}, {x.say("联系电话", "Telephone"), org.Phone}, {x.say("填报日期", "Date"), consult.DateOf(now).String()},
		{x.say("版本", "Version"), version}, {x.say("规则集", "Ruleset"), ruleset}, {x.say("指标定义", "Definitions"), defs.label()}, {x.say("行数", "Rows"), fmt.Sprint(w.rows)},
		{x.say("数据摘要（SHA-256）", "Digest of the rows (SHA-256)"), digest}, {x.say("口径", "How it is counted"), Note + " / " + NoteEnglish}}
	if frozen != nil {
		cover = append(cover, [2]string{x.say("锁定摘要", "Digest of the snapshot"), hex.EncodeToString(frozen.Digest)})
	}
	if x.public {
		cover = append(cover, [2]string{x.say("公开版本", "For publication"), x.say("小于5的单元格不公开", "cells under 5 are not published")})
	}
	if kind.absent != "" {
		cover = append(cover, [2]string{x.say("说明", "Note"), kind.absent})
	}
	return Written{name, w.rows, digest}, w.finish(out, cover, x.definitions(defs, kind))
}

// definitions are the lines of the definition sheet.
func (x *exporting) definitions(defs definitions, kind sheet) [][]string {
	out := [][]string{{x.say("代码", "Code"), x.say("名称", "Name"), x.say("分子", "Numerator"), x.say("分母", "Denominator"), x.say("剔除", "Excluded"), x.say("版本", "Version")}}
	for _, d := range defs.list {
		out = append(out, []string{d.Code, x.say(d.NameZh, d.NameEn), x.say(d.NumeratorZh, d.NumeratorEn), x.say(d.DenominatorZh, d.DenominatorEn), x.say(d.ExclusionsZh, d.ExclusionsEn),
			fmt.Sprintf("v%d %s", d.Version, d.ValidFrom.Format(time.DateOnly))})
	}
	for i := range consult.CountRuleNumbers {
		code := fmt.Sprintf("NC%02d", i+1)
		out = append(out, []string{code, x.reason(code), "", "", "", ""})
	}
	out = append(out, []string{"", x.say("归期", "Period"), x.say("按会诊结束的本地日期（Asia/Shanghai）；无会诊的按申请结束日", "the local day (Asia/Shanghai) of the session's end; without one, of the request's end"), "", "", ""},
		[]string{"", Note, NoteEnglish, "", "", ""})
	return out
}

// ExportTo writes a sheet of somebody's first organisation into a file, as the page would give it, and notes it in the access log.
// The format is that of the file's name.
func (s *Service) ExportTo(ctx context.Context, code, username string, p Period, path string) (Written, error) {
	q := s.st.Q()
	u, err := q.UserByUsername(ctx, strings.ToLower(username))
	if err != nil {
		return Written{}, fmt.Errorf("no account %q: %w", username, err)
	}
	a, err := s.actors.ActorOf(ctx, u.ID)
	if err != nil {
		return Written{}, err
	}
	sc, err := s.look(ctx, q, a, nil)
	if err != nil {
		return Written{}, err
	}
	format := "xlsx"
	if strings.HasSuffix(path, ".csv") {
		format = "csv"
	}
	out, err := os.Create(path)
	if err != nil {
		return Written{}, err
	}
	written, err := s.WriteSheet(ctx, a, SheetRequest{Sheet: code, Format: format, Organisation: sc.Id, Period: p}, out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return written, err
	}
	return written, audit(ctx, q, a, sc.role(a), "EXPORT_"+code, "organisation", sc.Id)
}

package goals

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

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
	if r.Params.Public != nil && *r.Params.Public && !forPublication(r.Sheet) {
		return Written{}, problem.Invalid(problem.Field{Path: "params/public", Code: "wrong_value"})
	}
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, &r.Organisation)
	if err != nil {
		return Written{}, err
	}
	if sc.authority && ownersOnly(r.Sheet) { // also when the rights have changed since it was asked for
		return Written{}, problem.NotFound()
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return Written{}, err
	}
	x := &exporting{s: s, q: q, scope: sc, period: r.Period, english: strings.HasPrefix(a.Locale, "en"), now: now, actor: a, params: r.Params, public: r.Params.Public != nil && *r.Params.Public}
	defs, err := s.loadDefinitions(ctx, q, r.Period.Last())
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
	name := strings.Join([]string{x.say(kind.zh, kind.en), org.Name, strings.ReplaceAll(x.periodName(), " ", ""), version}, "_")
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
		{x.say("行政区划代码", "Division"), org.RegionCode}, {x.say("统计期间", "Period"), x.periodLine()},
		{x.say("填表人", "Filled in by"), a.Name}, {x.say("审核人", "Checked by"), ""}, {x.say("单位负责人", "Head"), ""}, {x.say("联系电话", "Telephone"), org.Phone}, {x.say("填报日期", "Date"), consult.DateOf(now).String()},
		{x.say("版本", "Version"), version}, {x.say("规则集", "Ruleset"), ruleset}, {x.say("指标定义", "Definitions"), defs.label()}, {x.say("行数", "Rows"), fmt.Sprint(w.rows)},
		{x.say("数据摘要（SHA-256）", "Digest of the rows (SHA-256)"), digest}, {x.say("口径", "How it is counted"), Note + " / " + NoteEnglish}}
	if frozen != nil {
		cover = append(cover, [2]string{x.say("锁定摘要", "Digest of the snapshot"), hex.EncodeToString(frozen.Digest)})
	}
	if x.public {
		cover = append(cover, [2]string{x.say("公开版本", "For publication"), x.say("小于5的单元格不公开", "cells under 5 are not published")})
	}
	return Written{name, w.rows, digest}, w.finish(out, cover, x.definitions(defs, kind))
}

// periodName is the period in the name of the file.
func (x *exporting) periodName() string {
	if x.params.Log != nil {
		return x.periodLine()
	}
	return x.period.String()
}

// periodLine is the period as the cover says it: of the log, that of its filter.
func (x *exporting) periodLine() string {
	if x.params.Log != nil {
		return logPeriod(*x.params.Log, x.say)
	}
	return x.period.Chinese() + " " + x.period.First.String() + " – " + x.period.Last().String()
}

// logPeriod are the days that a filter of the log names.
func logPeriod(log contract.ExportLogFilter, say func(zh, en string) string) string {
	from, to := say("最早", "the first"), say("至今", "now")
	if log.From != nil {
		from = log.From.String()
	}
	if log.To != nil {
		to = log.To.String()
	}
	return from + " – " + to
}

// definitions are the lines of the definition sheet.
func (x *exporting) definitions(defs definitions, kind sheet) [][]string {
	out := [][]string{{x.say("代码", "Code"), x.say("名称", "Name"), x.say("分子", "Numerator"), x.say("分母", "Denominator"), x.say("剔除", "Excluded"), x.say("版本", "Version")}}
	for _, d := range defs.list {
		out = append(out, []string{d.Code, x.say(d.NameZh, d.NameEn), x.say(d.NumeratorZh, d.NumeratorEn), x.say(d.DenominatorZh, d.DenominatorEn), x.say(d.ExclusionsZh, d.ExclusionsEn),
			fmt.Sprintf("v%d %s", d.Version, d.ValidFrom.Format(time.DateOnly))})
	}
	for _, rule := range consult.Terms(consult.VocabCountRule) {
		out = append(out, []string{rule.Code, x.label(consult.VocabCountRule, rule.Code), "", "", "", ""})
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
	a, err := s.actors.ActorOf(ctx, u.ID, nil)
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

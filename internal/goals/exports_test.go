package goals_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// book is a workbook as this reader of its own sees it: XML in a zip, without the library that wrote it.
type book struct {
	t     *testing.T
	parts map[string][]byte
}

func readBook(t *testing.T, raw []byte) book {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	b := book{t, map[string][]byte{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if b.parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return b
}

func (b book) decode(part string, v any) {
	b.t.Helper()
	if err := xml.Unmarshal(b.parts[part], v); err != nil {
		b.t.Fatalf("%s: %v", part, err)
	}
}

// xcell is a cell with its type as the file says it and its number format.
type xcell struct{ kind, text, format string }

type xsheet struct {
	XML struct {
		Pane struct {
			State  string `xml:"state,attr"`
			YSplit string `xml:"ySplit,attr"`
		} `xml:"sheetViews>sheetView>pane"`
		Rows []struct {
			Cells []struct {
				Ref   string `xml:"r,attr"`
				Type  string `xml:"t,attr"`
				Style int    `xml:"s,attr"`
				Value string `xml:"v"`
				Text  string `xml:"is>t"`
				F     string `xml:"f"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
		Setup struct {
			Orientation string `xml:"orientation,attr"`
			Paper       string `xml:"paperSize,attr"`
		} `xml:"pageSetup"`
	}
	rows []map[string]xcell // by the heading of the column
}

// sheet reads the n-th sheet, 1 the first; its first row are headings.
func (b book) sheet(n int) xsheet {
	b.t.Helper()
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	b.decode("xl/styles.xml", &styles)
	codes := map[int]string{49: "@", 1: "0", 2: "0.00"}
	for _, f := range styles.Formats {
		codes[f.ID] = f.Code
	}
	var s xsheet
	b.decode("xl/worksheets/sheet"+strconv.Itoa(n)+".xml", &s.XML)
	headings := map[string]string{}
	for i, r := range s.XML.Rows {
		row := map[string]xcell{}
		for _, c := range r.Cells {
			if c.F != "" {
				b.t.Errorf("%s is a formula: %s", c.Ref, c.F)
			}
			column := strings.TrimRight(c.Ref, "0123456789")
			if i == 0 {
				headings[column] = c.Text
				continue
			}
			row[headings[column]] = xcell{c.Type, c.Value + c.Text, codes[styles.Cells[c.Style].Format]}
		}
		if i > 0 {
			s.rows = append(s.rows, row)
		}
	}
	return s
}

func (w *town) export(a identity.Actor, org uuid.UUID, sheet, format string, params contract.ExportParams) ([]byte, goals.Written) {
	w.T.Helper()
	p, _ := goals.PeriodOf(goals.Month, goals.DayOf(2026, 3, 10))
	var out bytes.Buffer
	written, err := w.goals.WriteSheet(w.T.Context(), a, goals.SheetRequest{Sheet: sheet, Format: format, Organisation: org, Period: p, Params: params}, &out)
	if err != nil {
		w.T.Fatalf("%s: %v", sheet, err)
	}
	return out.Bytes(), written
}

// TestAWorkbookIsReadByOthers: numbers are numbers, days are dates, identifiers are text, nothing is a formula, and the sheet is set
// up for printing.
func TestAWorkbookIsReadByOthers(t *testing.T) {
	w := newTown(t)
	w.Exec(`UPDATE users SET display_name = '=王医生' WHERE id = $1`, w.Wang.UserID)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(4 * time.Minute)
	c = w.Sign(w.Wang, c, w.Content())
	c = w.Adopt(w.Attending, c)
	w.follow()

	raw, written := w.export(w.HomeAdmin, w.Home, "E3", "xlsx", contract.ExportParams{})
	if written.Rows != 1 || !strings.HasPrefix(written.Name, "远程协同服务台账_阳光颐养院_2026-03_v") || !strings.HasSuffix(written.Name, ".xlsx") {
		t.Errorf("written: %+v", written)
	}
	b := readBook(t, raw)
	s := b.sheet(2)
	if len(s.rows) != 1 {
		t.Fatalf("%d rows", len(s.rows))
	}
	for heading, want := range map[string]xcell{
		"流水号": {"inlineStr", c.Serial, "@"}, "日期": {"", "46091", "yyyy-mm-dd"}, "有效时长(分)": {"", "4", "0.00"}, "年龄": {"", "85", "0"}, "受邀方医师": {"inlineStr", "'=王医生", "@"},
		"执业证号(脱敏)": {"inlineStr", "1101*******0001", "@"}, "主要诊断(ICD-10)": {"inlineStr", "I10 原发性高血压", "@"}, "采纳情况": {"inlineStr", "采纳", "@"},
	} {
		if got := s.rows[0][heading]; got != want {
			t.Errorf("%s is %+v, want %+v", heading, got, want)
		}
	}
	if start := s.rows[0]["开始"]; start.kind != "" || start.format != "yyyy-mm-dd hh:mm" || !strings.HasPrefix(start.text, "46091.37") { // 09:00 in Hohhot
		t.Errorf("the start is %+v", start)
	}
	if s.XML.Pane.State != "frozen" || s.XML.Pane.YSplit != "1" || s.XML.Setup.Orientation != "landscape" || s.XML.Setup.Paper != "9" {
		t.Errorf("set-up: %+v %+v", s.XML.Pane, s.XML.Setup)
	}
	if names := string(b.parts["xl/workbook.xml"]); !strings.Contains(names, "_xlnm.Print_Titles") || !strings.Contains(names, "$1:$1") {
		t.Errorf("the heading is not repeated in print: %s", names)
	}
	cover, definitions := string(b.parts["xl/worksheets/sheet1.xml"]), string(b.parts["xl/worksheets/sheet3.xml"])
	for _, line := range []string{goals.Note, written.Digest, "阳光颐养院", "2026年3月"} {
		if !strings.Contains(cover, line) {
			t.Errorf("the cover lacks %q", line)
		}
	}
	if !strings.Contains(definitions, "I-34") || !strings.Contains(definitions, goals.Note) || strings.Count(definitions, "<row") < 34 {
		t.Error("the definitions are not complete")
	}

	twin, second := w.export(w.HomeAdmin, w.Home, "E3", "csv", contract.ExportParams{})
	if !bytes.HasPrefix(twin, []byte("\xef\xbb\xbf")) || second.Digest != written.Digest {
		t.Errorf("the twin: %x, digests %s and %s", twin[:3], second.Digest, written.Digest)
	}
	records, err := csv.NewReader(bytes.NewReader(twin[3:])).ReadAll()
	if err != nil || len(records) != 2 || len(records[0]) != len(records[1]) || records[1][0] != c.Serial {
		t.Errorf("the twin's records: %v, %v", records, err)
	}
}

// Who works for two institutions is seen by each in what was done for it.
func TestAccessesForAnotherInstitutionStayThere(t *testing.T) {
	w := newTown(t)
	w.Exec(`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) VALUES ($1, $2, $3, 'ATTENDING', '2026-01-01')`, uuid.New(), w.Nurse.UserID, w.PureHome)
	for role, action := range map[string]string{"NURSE": "atHome", "ATTENDING": "elsewhere"} {
		w.Exec(`INSERT INTO access_log (id, at, user_id, role, action, object_type) VALUES ($1, '2026-03-11T02:00:00Z', $2, $3, $4, 'audit')`, uuid.New(), w.Nurse.UserID, role, action)
	}
	raw, _ := w.export(w.HomeAdmin, w.Home, "E13", "csv", contract.ExportParams{})
	if !bytes.Contains(raw, []byte("atHome")) || !bytes.Contains(raw, []byte("审计日志")) || bytes.Contains(raw, []byte(",audit,")) || bytes.Contains(raw, []byte("elsewhere")) {
		t.Errorf("the home reads %s", raw)
	}
}

// The registers of an institution are in words, with what was written: a referral, an adverse event, a complaint, and what fails to count.
func TestRegistersSpeakInWords(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(4 * time.Minute)
	department, green, measures := "0304", contract.ReferralInputGreenChannel("BED"), "已上报家属"
	if _, err := w.Care.CreateReferral(ctx, w.Wang, uuid.New(), c.Id, contract.ReferralInput{Direction: "UP", DepartmentCode: &department, Reason: "心衰加重，需住院", GreenChannel: &green}); err != nil {
		t.Fatal(err)
	}
	c = w.Sign(w.Wang, c, w.Content())
	if _, err := w.Care.ReportAdverseEvent(ctx, w.Nurse, uuid.New(), contract.AdverseEventInput{ConsultationId: &c.Id, Type: "FALL", Grade: "III", Description: "起身时滑倒", Measures: &measures, OccurredAt: w.Clock.Now().Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Care.CreateComplaint(ctx, w.HomeAdmin, uuid.New(), contract.ComplaintInput{Category: "WAITING", Complainant: "FAMILY", Content: "等候太久"}); err != nil {
		t.Fatal(err)
	}
	w.follow()
	for sheet, want := range map[string][]string{"E5": {"上转", "住院床位", "已申请", "I10 原发性高血压"}, "E11": {"跌倒", "Ⅲ级 未造成后果", "起身时滑倒", "已上报家属", "等候时间", "等候太久"}, "E4": {"邀请方未记录处理决定", "陈医生"}} {
		raw, _ := w.export(w.HomeAdmin, w.Home, sheet, "csv", contract.ExportParams{})
		for _, word := range want {
			if !bytes.Contains(raw, []byte(word)) {
				t.Errorf("%s lacks %s: %s", sheet, word, raw)
			}
		}
	}
}

// TestEverySheetIsWritten: each of them, for those for whom it is, in both formats and languages.
func TestEverySheetIsWritten(t *testing.T) {
	w := newTown(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.follow()
	sheets, err := w.goals.ListExportSheets(t.Context(), w.HomeAdmin)
	if err != nil || len(sheets) != 15 {
		t.Fatalf("%d sheets, %v", len(sheets), err)
	}
	english := w.over
	english.Locale = "en"
	for _, s := range sheets {
		for _, level := range s.Levels {
			who, org := w.HomeAdmin, w.Home
			if level == "AUTHORITY" {
				who, org = english, w.league
			}
			for _, format := range []string{"xlsx", "csv"} {
				raw, written := w.export(who, org, s.Code, format, contract.ExportParams{})
				if len(raw) == 0 || written.Name == "" {
					t.Errorf("%s as %s: nothing", s.Code, format)
				}
				if s.Code == "LOG" && written.Rows != 1 || s.Code == "E8" && written.Rows != 34 || s.Code == "E2" && written.Rows != 2 {
					t.Errorf("%s has %d rows", s.Code, written.Rows)
				}
				if level == "AUTHORITY" && (bytes.Contains(raw, []byte("王医生")) || bytes.Contains(raw, []byte("陈医生"))) {
					t.Errorf("%s names a person to an authority", s.Code)
				}
			}
		}
	}
	// For publication: no small count, none before it, and no sheet of cases.
	yes := true
	raw, _ := w.export(english, w.league, "E8", "csv", contract.ExportParams{Public: &yes})
	if records, err := csv.NewReader(bytes.NewReader(raw[3:])).ReadAll(); err != nil {
		t.Error(err)
	} else {
		hidden := 0
		for _, r := range records[1:] {
			if r[10] == "fewer than 5, not published" {
				hidden++
				if strings.Join(r[2:5], "")+r[7]+r[8] != "" {
					t.Errorf("%s shows what is hidden: %v", r[0], r)
				}
			}
		}
		if hidden == 0 {
			t.Error("one consultation is published")
		}
	}
	march, _ := goals.PeriodOf(goals.Month, goals.DayOf(2026, 3, 10))
	if _, err := w.goals.WriteSheet(t.Context(), english, goals.SheetRequest{Sheet: "E3", Format: "csv", Organisation: w.league, Period: march, Params: contract.ExportParams{Public: &yes}}, io.Discard); problem.Of(err).Status != 422 {
		t.Errorf("cases for publication: %v", err)
	}
	// The log's period is that of its filter, on the cover and in the file's name.
	from, to := date("2026-03-02"), date("2026-03-20")
	sheet, filtered := w.export(w.HomeAdmin, w.Home, "LOG", "xlsx", contract.ExportParams{Log: &contract.ExportLogFilter{From: &from, To: &to}})
	if cover := string(readBook(t, sheet).parts["xl/worksheets/sheet1.xml"]); !strings.Contains(cover, "2026-03-02 – 2026-03-20") || strings.Contains(cover, "2026年3月") || !strings.Contains(filtered.Name, "_2026-03-02–2026-03-20_") {
		t.Errorf("the period of the log: %s", filtered.Name)
	}
	// Who has a second institution gets the log of the one that was asked for.
	both := w.HomeAdmin
	both.Memberships = append([]identity.Membership{{OrganisationID: w.PureHome, Role: "INST_ADMIN"}}, both.Memberships...)
	for org, rows := range map[uuid.UUID]int{w.Home: 1, w.PureHome: 0} {
		if _, written := w.export(both, org, "LOG", "csv", contract.ExportParams{}); written.Rows != rows {
			t.Errorf("the log of one of two institutions has %d rows, want %d", written.Rows, rows)
		}
	}
	// The log as it is seen: the filters of the page hold.
	for filter, rows := range map[*contract.ExportLogFilter]int{{State: &[]contract.State{"CANCELLED"}}: 0, {Q: &c.Serial}: 1, {Countable: new(contract.ExportLogFilterCountable("YES"))}: 0} {
		if _, written := w.export(w.HomeAdmin, w.Home, "LOG", "csv", contract.ExportParams{Log: filter}); written.Rows != rows {
			t.Errorf("%+v gives %d rows, want %d", filter, written.Rows, rows)
		}
	}
}

// TestAnExportRuns as a job: it is written once, can be fetched by who asked and by nobody else, and a cancelled one stays unwritten.
func TestAnExportRuns(t *testing.T) {
	w := newTown(t)
	w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.follow()
	ask := func(cmd uuid.UUID) contract.ExportJob {
		t.Helper()
		job, err := w.goals.RequestExport(t.Context(), w.HomeAdmin, cmd, contract.ExportInput{Sheet: "E3", Format: "xlsx", Kind: "M", Day: date("2026-03-01")})
		if err != nil {
			t.Fatal(err)
		}
		return job
	}
	cmd := uuid.New()
	job := ask(cmd)
	if again := ask(cmd); again.Id != job.Id {
		t.Errorf("the same command made another job")
	}
	dropped := ask(uuid.New())
	if v, err := w.goals.CancelExport(t.Context(), w.HomeAdmin, dropped.Id); err != nil || v.State != "CANCELLED" {
		t.Errorf("cancelled: %v, %v", v.State, err)
	}
	// A node takes it and falls silent; when its lease is over another one writes it, and what the first one still says is void.
	w.Exec(`UPDATE export_jobs SET state = 'WORKING', attempt = 1, lease_until = now() - interval '1 second' WHERE id = $1`, job.Id)
	for more := true; more; {
		var err error
		if more, err = w.goals.WriteOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.goals.ListExports(t.Context(), w.HomeAdmin)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d exports, %v", len(list), err)
	}
	for _, j := range list {
		if want := map[uuid.UUID]contract.ExportJobState{job.Id: "READY", dropped.Id: "CANCELLED"}[j.Id]; j.State != want {
			t.Errorf("an export is %s, want %s", j.State, want)
		}
	}
	name, content, size, err := w.goals.GetExportFile(t.Context(), w.HomeAdmin, job.Id)
	if err != nil || !strings.HasSuffix(name, ".xlsx") {
		t.Fatalf("%q, %v", name, err)
	}
	raw, err := io.ReadAll(content)
	if err != nil || int64(len(raw)) != size {
		t.Fatalf("%d bytes of %d, %v", len(raw), size, err)
	}
	if b := readBook(t, raw); len(b.sheet(2).rows) != 1 {
		t.Error("the file has not the row")
	}
	if _, _, _, err := w.goals.GetExportFile(t.Context(), w.County, job.Id); err == nil {
		t.Error("somebody else fetched the file")
	}
	moved := w.HomeAdmin // now the administrator of another institution
	moved.Memberships = []identity.Membership{{OrganisationID: w.PureHome, Role: "INST_ADMIN"}}
	if _, _, _, err := w.goals.GetExportFile(t.Context(), moved, job.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("fetched after the membership had ended: %v", err)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action IN ('EXPORT_E3', 'FETCH_EXPORT') AND object_id = $1`, job.Id); n != 2 {
		t.Errorf("%d lines in the access log", n)
	}
	from := date("2026-03-02")
	log, err := w.goals.RequestExport(t.Context(), w.HomeAdmin, uuid.New(), contract.ExportInput{Sheet: "LOG", Format: "xlsx", Kind: "Y", Day: date("2026-03-10"), Params: &contract.ExportParams{Log: &contract.ExportLogFilter{From: &from}}})
	if err != nil || log.Label != "2026-03-02 – 至今" {
		t.Errorf("the log that was asked for is listed as %q, %v", log.Label, err)
	}
}

// TestAnExportActsInTheRoleThatAskedForIt: one person holds several roles and acts in one. A file is written with that role alone, is seen by
// sign-ins that act in it (or in all), and is not written once that role has ended, whatever else the person holds.
func TestAnExportActsInTheRoleThatAskedForIt(t *testing.T) {
	w := newTown(t)
	w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.follow()
	w.Exec(`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) VALUES ($1, $2, $3, 'INST_ADMIN', '2026-01-01')`, uuid.New(), w.County.UserID, w.Home)
	all, err := w.Identity.SignedIn(t.Context(), w.County.UserID, w.County.SessionID)
	if err != nil || len(all.Held) != 2 {
		t.Fatalf("%+v, %v", all.Held, err)
	}
	county := all.Held[slices.IndexFunc(all.Held, func(m identity.Membership) bool { return m.Role == "REG_COUNTY" })]
	acting, err := w.Identity.ActAs(t.Context(), all, &county.ID)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(a identity.Actor) uuid.UUID {
		t.Helper()
		job, err := w.goals.RequestExport(t.Context(), a, uuid.New(), contract.ExportInput{OrganisationId: &w.Home, Sheet: "E3", Format: "csv", Kind: "M", Day: date("2026-03-01")})
		if err != nil {
			t.Fatal(err)
		}
		return job.Id
	}
	write := func() {
		t.Helper()
		if _, err := w.goals.WriteOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	file := func(id uuid.UUID) string {
		t.Helper()
		_, content, _, err := w.goals.GetExportFile(t.Context(), all, id)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	wide := ask(all)
	write()
	narrow := ask(acting)
	write()
	if own := file(wide); !strings.Contains(own, "王医生") { // the institution's own sheet names its people
		t.Fatalf("written in all roles:\n%s", own)
	}
	if seen := file(narrow); strings.Contains(seen, "王医生") || !strings.Contains(seen, "LZ") { // an authority's does not
		t.Errorf("written for an authority:\n%s", seen)
	}
	list, err := w.goals.ListExports(t.Context(), acting)
	if err != nil || len(list) != 1 || list[0].Id != narrow {
		t.Errorf("in the role: %+v, %v", list, err)
	}
	if _, _, _, err := w.goals.GetExportFile(t.Context(), acting, wide); problem.Of(err).Code != "not_found" {
		t.Errorf("what more roles saw was fetched in one: %v", err)
	}
	late := ask(acting)
	w.Exec(`UPDATE memberships SET valid_to = $2 WHERE id = $1`, county.ID, w.Clock.Now())
	write()
	if n := w.Count(`SELECT count(*) FROM export_jobs WHERE id = $1 AND state = 'FAILED' AND error_code = 'forbidden'`, late); n != 1 {
		t.Error("a role that has ended still writes")
	}
}

package care

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The limits of a file with a code table and of what is shown of it.
const (
	mostCodeBytes    = 12 << 20
	codeRowsShown    = 100
	codeChangesShown = 300
	codeFaultsShown  = 200
	codeYearsAhead   = 2
)

// codes are the replaceable code tables in force.
func (s *Service) codes() *consult.Codes { return s.st.Codes() }

// ListCodeTables gives the replaceable tables with their versions.
func (s *Service) ListCodeTables(ctx context.Context, a identity.Actor) ([]contract.CodeTable, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return nil, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := s.st.Q().CodeVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("versions of code tables: %w", err)
	}
	out := []contract.CodeTable{}
	for _, k := range consult.CodeKinds() {
		t := contract.CodeTable{Kind: contract.CodeKind(k), Columns: k.Columns(), Versions: []contract.CodeTableVersion{}}
		var numbers consult.CodeHistory
		for _, v := range versions {
			if v.Kind == string(k) {
				t.Versions = append(t.Versions, contract.CodeTableVersion{Version: int(v.Version), ValidFrom: v.ValidFrom, FileName: v.FileName, Sha256: hex.EncodeToString(v.Sha256),
					Rows: int(v.Rows), Added: int(v.Added), Changed: int(v.Changed), Retired: int(v.Retired), MadeAt: v.MadeAt, MadeBy: v.Maker})
				numbers.Versions = append([]consult.CodeVersion{{Number: int(v.Version), ValidFrom: v.ValidFrom}}, numbers.Versions...)
			}
		}
		t.Version = numbers.At(now)
		for _, v := range t.Versions {
			if v.Version == t.Version {
				t.Rows = v.Rows
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// codeTable is one table with all its versions; an unknown kind is 404.
func (s *Service) codeTable(ctx context.Context, q *db.Queries, kind contract.CodeKind) (consult.CodeKind, consult.CodeHistory, error) {
	k := consult.CodeKind(kind)
	if !slices.Contains(consult.CodeKinds(), k) {
		return k, consult.CodeHistory{}, problem.NotFound()
	}
	all, err := store.CodeHistories(ctx, q)
	return k, all[k], err
}

func newestCodes(h consult.CodeHistory) int { return h.Versions[len(h.Versions)-1].Number }

// GetCodeTable gives rows of one version. Errors: 404 for a version that there is not.
func (s *Service) GetCodeTable(ctx context.Context, a identity.Actor, kind contract.CodeKind, in contract.GetCodeTableParams) (contract.CodeTablePage, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.CodeTablePage{}, err
	}
	k, h, err := s.codeTable(ctx, s.st.Q(), kind)
	if err != nil {
		return contract.CodeTablePage{}, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return contract.CodeTablePage{}, err
	}
	out := contract.CodeTablePage{Kind: kind, Version: h.At(now), Rows: []contract.CodeTableRow{}}
	if in.Version != nil {
		out.Version = *in.Version
	}
	if !slices.ContainsFunc(h.Versions, func(v consult.CodeVersion) bool { return v.Number == out.Version }) {
		return contract.CodeTablePage{}, problem.NotFound()
	}
	since := map[string]int{}
	for _, s := range h.Spans {
		if s.First <= out.Version {
			since[s.Code] = max(since[s.Code], s.First)
		}
	}
	wanted := strings.ToLower(strings.Join(strings.Fields(value(in.Q)), " "))
	for _, r := range h.Rows(out.Version) {
		short := codeInitials(k, r)
		if !codeMatches(r, short, wanted) {
			continue
		}
		if out.Total >= value(in.Offset) && len(out.Rows) < codeRowsShown {
			out.Rows = append(out.Rows, contract.CodeTableRow{Code: r.Code, Zh: r.ZH, En: r.EN, Initials: short, More: r.More, SinceVersion: since[r.Code]})
		}
		out.Total++
	}
	return out, nil
}

// codeInitials are the pinyin initials by which a row is found: those of the file, else of its name and its other names.
func codeInitials(k consult.CodeKind, r consult.CodeRow) string {
	if said := r.More["initials"]; said != "" {
		return said
	}
	names := []string{r.ZH}
	if k == consult.CodesConditions && r.More["aka"] != "" {
		names = append(names, strings.Split(r.More["aka"], ";")...)
	}
	for i, n := range names {
		names[i] = initials(n)
	}
	return strings.Join(names, ";")
}

func codeMatches(r consult.CodeRow, short, wanted string) bool {
	if wanted == "" || strings.HasPrefix(strings.ToLower(r.Code), wanted) || strings.Contains(strings.ToLower(r.ZH), wanted) || strings.Contains(strings.ToLower(r.More["aka"]), wanted) {
		return true
	}
	en := strings.ToLower(r.EN)
	if strings.HasPrefix(en, wanted) || strings.Contains(en, " "+wanted) {
		return true
	}
	bare := strings.ReplaceAll(wanted, " ", "")
	for one := range strings.SplitSeq(short, ";") {
		if strings.HasPrefix(one, bare) {
			return true
		}
	}
	return false
}

// GetCodeTableFile gives a version as the file that ReplaceCodeTable reads, with a byte order mark for spreadsheets.
func (s *Service) GetCodeTableFile(ctx context.Context, a identity.Actor, kind contract.CodeKind, version *int) (name string, content []byte, err error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return "", nil, err
	}
	k, h, err := s.codeTable(ctx, s.st.Q(), kind)
	if err != nil {
		return "", nil, err
	}
	n := newestCodes(h)
	if version != nil {
		n = *version
	}
	if !slices.ContainsFunc(h.Versions, func(v consult.CodeVersion) bool { return v.Number == n }) {
		return "", nil, problem.NotFound()
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	_ = w.Write(k.Columns()) // into memory: no error
	for _, r := range h.Rows(n) {
		_ = w.Write(r.Fields(k))
	}
	w.Flush()
	return fmt.Sprintf("%s-v%d.csv", strings.ToLower(string(k)), n), b.Bytes(), nil
}

// ReplaceCodeTable reads a file as the next version of a table; see the contract. What was recorded keeps the names of its day, and codes
// that the new version retires stay readable.
func (s *Service) ReplaceCodeTable(ctx context.Context, a identity.Actor, cmd uuid.UUID, kind contract.CodeKind, in contract.ReplaceCodeTableParams, body io.Reader) (contract.CodeTableCheck, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.CodeTableCheck{}, err
	}
	content, err := io.ReadAll(io.LimitReader(body, mostCodeBytes+1))
	if err == nil && len(content) > mostCodeBytes {
		err = fmt.Errorf("more than %d bytes", mostCodeBytes)
	}
	records, err := codeRecords(content, err)
	if err != nil {
		return contract.CodeTableCheck{}, problem.New(http.StatusUnprocessableEntity, "code_file_unreadable", nil).Because(err)
	}
	sum := sha256.Sum256(content)
	if value(in.DryRun) {
		now, err := s.instant(ctx)
		if err != nil {
			return contract.CodeTableCheck{}, err
		}
		read, err := s.readCodeFile(ctx, s.st.Q(), a, kind, records, now)
		if err != nil {
			return contract.CodeTableCheck{}, err
		}
		read.view.DryRun = true
		return read.view, nil
	}
	if in.Base == nil {
		return contract.CodeTableCheck{}, missing("base")
	}
	var out contract.CodeTableCheck
	request := struct {
		Kind contract.CodeKind
		Sum  [32]byte
		In   contract.ReplaceCodeTableParams
	}{kind, sum, in}
	request.In.IdempotencyKey = uuid.Nil
	_, repeated, err := s.create(ctx, a, cmd, "replaceCodeTable", request, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		if err := q.LockCodeTables(ctx); err != nil {
			return fmt.Errorf("code tables: %w", err)
		}
		read, err := s.readCodeFile(ctx, q, a, kind, records, now)
		if err != nil {
			return err
		}
		out = read.view
		from, err := codesValidFrom(in.ValidFrom, now, read.history)
		switch {
		case err != nil:
			return err
		case out.Base != *in.Base:
			return problem.New(http.StatusConflict, "code_table_moved", nil)
		case len(out.Problems) > 0:
			return problem.Invalid(problem.Field{Path: "rows/" + strconv.Itoa(out.Problems[0].Row), Code: out.Problems[0].Code, Args: read.first})
		case read.difference.Empty():
			return problem.New(http.StatusUnprocessableEntity, "code_table_same", nil)
		case out.RetiredInUse > 0 && !value(in.RetireUsed):
			return problem.New(http.StatusConflict, "codes_in_use", problem.Args{"n": strconv.Itoa(out.RetiredInUse)})
		}
		version := out.Base + 1
		name := path.Base(cmp.Or(strings.TrimSpace(value(in.FileName)), strings.ToLower(string(kind))+".csv"))
		if err := store.NewCodeVersion(ctx, q, db.AddCodeVersionParams{Kind: string(kind), Version: int32(version), ValidFrom: from, FileName: name, Sha256: sum[:], MadeAt: now, MadeBy: &a.UserID},
			read.rows, read.difference); err != nil {
			return err
		}
		out.Written = &version
		detail := fmt.Sprintf("%s %d +%d ~%d -%d", kind, version, out.Added, out.Changed, out.Retired)
		return s.audit(ctx, q, a, now, RoleSysAdmin, "replaceCodeTable", "code_table", &id, detail)
	})
	if err != nil {
		return contract.CodeTableCheck{}, err
	}
	s.st.ForgetCodes()
	if repeated {
		return s.repeatedCodeVersion(ctx, kind, sum[:])
	}
	return out, nil
}

// repeatedCodeVersion answers a repetition of the command that made a version.
func (s *Service) repeatedCodeVersion(ctx context.Context, kind contract.CodeKind, sum []byte) (contract.CodeTableCheck, error) {
	versions, err := s.st.Q().CodeVersions(ctx)
	if err != nil {
		return contract.CodeTableCheck{}, fmt.Errorf("versions of code tables: %w", err)
	}
	for _, v := range versions {
		if v.Kind == string(kind) && bytes.Equal(v.Sha256, sum) {
			n := int(v.Version)
			return contract.CodeTableCheck{Kind: kind, Base: n - 1, Written: &n, Rows: int(v.Rows), Added: int(v.Added), Changed: int(v.Changed), Retired: int(v.Retired),
				Changes: []contract.CodeTableChange{}, Problems: []contract.ImportProblem{}}, nil
		}
	}
	return contract.CodeTableCheck{}, problem.NotFound()
}

// codesValidFrom is when a version comes into force: now, or the beginning of a later day in Shanghai.
func codesValidFrom(day *openapi_types.Date, now time.Time, h consult.CodeHistory) (time.Time, error) {
	from := now
	if day != nil {
		wanted := dateOf(*day)
		today := consult.DateOf(now)
		last := today.Time().AddDate(codeYearsAhead, 0, 0)
		if wanted.Before(today) || last.Before(wanted.Time()) {
			return from, problem.Invalid(problem.Field{Path: "validFrom", Code: "code_valid_from"})
		}
		if today.Before(wanted) {
			from = time.Date(wanted.Time().Year(), wanted.Time().Month(), wanted.Time().Day(), 0, 0, 0, 0, consult.Shanghai()).UTC()
		}
	}
	if from.Before(h.Versions[len(h.Versions)-1].ValidFrom) {
		return from, problem.Invalid(problem.Field{Path: "validFrom", Code: "code_valid_from"})
	}
	return from, nil
}

// codeRecords reads a CSV file. Spreadsheets in China write GB 18030 where they do not write a byte order mark.
func codeRecords(content []byte, failed error) ([][]string, error) {
	if failed != nil {
		return nil, failed
	}
	if !utf8.Valid(content) {
		var err error
		if content, err = simplifiedchinese.GB18030.NewDecoder().Bytes(content); err != nil {
			return nil, err
		}
		if bytes.ContainsRune(content, utf8.RuneError) || bytes.IndexByte(content, 0) >= 0 {
			return nil, fmt.Errorf("neither UTF-8 nor GB 18030")
		}
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	var out [][]string
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		// Rows are counted as a spreadsheet does, which shows the empty lines that the reader leaves out.
		for line, _ := r.FieldPos(0); len(out) < line-1 && len(out) <= consult.MostCodeRows; {
			out = append(out, nil)
		}
		out = append(out, fields)
	}
}

// codeFile is what was read of a file.
type codeFile struct {
	view       contract.CodeTableCheck
	history    consult.CodeHistory
	rows       []consult.CodeRow
	difference consult.CodeDifference
	first      problem.Args // of the first problem
}

func (s *Service) readCodeFile(ctx context.Context, q *db.Queries, a identity.Actor, kind contract.CodeKind, records [][]string, now time.Time) (codeFile, error) {
	k, h, err := s.codeTable(ctx, q, kind)
	if err != nil {
		return codeFile{}, err
	}
	before := h.Rows(newestCodes(h))
	out := codeFile{history: h, view: contract.CodeTableCheck{Kind: kind, Base: newestCodes(h), Changes: []contract.CodeTableChange{}, Problems: []contract.ImportProblem{}}}
	rows, problems := consult.ReadCodes(k, records, before)
	if k == consult.CodesConditions {
		was := make(map[string]consult.CodeRow, len(before))
		for _, r := range before {
			was[r.Code] = r
		}
		for i := range rows {
			rows[i].More["initials"] = conditionInitials(rows[i], was[rows[i].Code])
		}
	}
	out.rows, out.view.Rows = rows, len(rows)
	for i, p := range problems {
		args := problem.Args{}
		for name, v := range p.Args {
			args[name] = v
		}
		if name, ok := args["vital"]; ok {
			args["vital"] = consult.Label(consult.VocabVital, name, lang(a))
		}
		if i == 0 {
			out.first = args
		}
		if i < codeFaultsShown {
			out.view.Problems = append(out.view.Problems, contract.ImportProblem{Row: p.Line, Column: p.Column, Code: p.Code, Message: problem.Sentence(a.Locale, p.Code, args)})
		}
	}
	if len(problems) > 0 {
		return out, nil
	}
	d := consult.CompareCodes(before, rows)
	out.difference = d
	out.view.Added, out.view.Changed, out.view.Retired = len(d.Added), len(d.Changed), len(d.Retired)
	var codes []string
	for _, r := range d.Retired {
		codes = append(codes, r.Code)
	}
	for _, c := range d.Changed {
		codes = append(codes, c.Before.Code)
	}
	uses, err := q.CodeUse(ctx, db.CodeUseParams{Kind: string(kind), Today: consult.DateOf(now).Time(), Codes: codes})
	if err != nil {
		return out, fmt.Errorf("use of codes: %w", err)
	}
	used := map[string][]contract.CodeUse{}
	for _, u := range uses {
		used[u.Code] = append(used[u.Code], contract.CodeUse{What: contract.CodeUseWhat(u.What), N: int(u.N)})
	}
	show := func(what contract.CodeTableChangeWhat, code string, before, after *consult.CodeRow) {
		c := contract.CodeTableChange{What: what, Code: code, Uses: used[code]}
		if c.Uses == nil {
			c.Uses = []contract.CodeUse{}
		}
		if before != nil {
			c.Before = some(codeLine(k, *before, after))
		}
		if after != nil {
			c.After = some(codeLine(k, *after, before))
		}
		out.view.Changes = append(out.view.Changes, c)
	}
	for _, r := range d.Retired {
		if len(used[r.Code]) > 0 {
			out.view.RetiredInUse++
		}
		show("RETIRED", r.Code, &r, nil)
	}
	for _, c := range d.Changed {
		show("CHANGED", c.After.Code, &c.Before, &c.After)
	}
	for _, r := range d.Added {
		show("ADDED", r.Code, nil, &r)
	}
	slices.SortStableFunc(out.view.Changes, func(a, b contract.CodeTableChange) int { return cmp.Compare(min(1, len(b.Uses)), min(1, len(a.Uses))) })
	out.view.Changes = out.view.Changes[:min(len(out.view.Changes), codeChangesShown)]
	return out, nil
}

// conditionInitials are those that the file says, unless they were left as they are under another name; then, and without any, they are
// made from the names.
func conditionInitials(r, before consult.CodeRow) string {
	if r.More["initials"] == before.More["initials"] && (r.ZH != before.ZH || r.More["aka"] != before.More["aka"]) {
		r = consult.CodeRow{ZH: r.ZH, More: map[string]string{"aka": r.More["aka"]}}
	}
	return codeInitials(consult.CodesConditions, r)
}

// codeLine is a row in one line; of a changed one the name and the columns that differ from the other.
func codeLine(k consult.CodeKind, r consult.CodeRow, other *consult.CodeRow) string {
	parts := []string{r.ZH}
	if r.EN != "" && (other == nil || other.EN != r.EN) {
		parts = append(parts, r.EN)
	}
	for _, c := range k.Columns() {
		if v := r.More[c]; c != "initials" && (other == nil && v != "" || other != nil && other.More[c] != v) {
			parts = append(parts, c+"="+v)
		}
	}
	return strings.Join(parts, " · ")
}

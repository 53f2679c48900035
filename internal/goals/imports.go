package goals

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The limits of an imported workbook.
const (
	mostImportRows  = 20_000
	mostImportBytes = 8 << 20
	mostProblems    = 200
	mostCellBytes   = 8 << 10
)

// Directory enters what workbooks bring: what imports of master data need of the use-cases. A dry run enters nothing; wrong is by number of
// a row from 0; note is called in the transaction once every row was entered.
type Directory interface {
	CreateOrganisation(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.OrganisationInput) (contract.Organisation, error)
	ImportUsers(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.UserInput, note func(context.Context, *db.Queries, time.Time) error) (wrong map[int]*problem.Problem, passwords, invited []string, err error)
	ImportResidents(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.ResidentInput, note func(context.Context, *db.Queries, time.Time) error) (wrong map[int]*problem.Problem, err error)
	ImportAgreements(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.AgreementInput, note func(context.Context, *db.Queries, time.Time) error) (wrong map[int]*problem.Problem, err error)
}

// problemsOf collects what is wrong with rows.
type problemsOf struct {
	locale string
	list   []contract.ImportProblem
}

func (p *problemsOf) add(row int, column, code string, args problem.Args) {
	if len(p.list) < mostProblems {
		p.list = append(p.list, contract.ImportProblem{Row: row, Column: column, Code: code, Message: problem.Sentence(p.locale, code, args)})
	}
}

// grid is what an import needs of the first sheet of a workbook.
type grid struct {
	columns map[string]int // of the needed headings, their places in a row
	rows    [][]string     // row 0 is line 2
}

// at is a cell by its heading.
func (g grid) at(row int, heading string) string { return g.rows[row][g.columns[heading]] }

// readGrid reads the first sheet; formulas count as the values that were saved with them.
func readGrid(content []byte, needed []string) (grid, error) {
	unreadable := func(err error) error { return problem.New(422, "import_unreadable", nil).Because(err) }
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 64 << 20, RawCellValue: true})
	if err != nil {
		return grid{}, unreadable(err)
	}
	defer func() { _ = f.Close() }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return grid{}, unreadable(errors.New("no sheet"))
	}
	if err := shortStrings(f); err != nil {
		return grid{}, unreadable(err)
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		return grid{}, unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	g := grid{columns: map[string]int{}}
	places := make([]int, len(needed))
	for n := 0; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return grid{}, unreadable(err)
		}
		if n == 0 {
			for i, name := range needed {
				g.columns[name] = i
				if places[i] = slices.IndexFunc(cells, func(c string) bool { return strings.TrimSpace(c) == name }); places[i] < 0 {
					return grid{}, refuse("import_heading", problem.Args{"heading": name})
				}
			}
			continue
		}
		if n > mostImportRows {
			return grid{}, refuse("import_too_long", problem.Args{"most": strconv.Itoa(mostImportRows)})
		}
		// Only what is needed is kept: a row whose last cell is XFD has 16384, though the file says one.
		row := make([]string, len(needed))
		for i, at := range places {
			if at < len(cells) {
				row[i] = strings.TrimSpace(cells[at])
			}
		}
		g.rows = append(g.rows, row)
	}
	return g, nil
}

// shortStrings refuses a workbook with a shared text longer than any cell that is read here. Such a text stands in the file once and
// is copied for each cell that names it: a small file would become gigabytes.
func shortStrings(f *excelize.File) error {
	raw, ok := f.Pkg.Load("xl/sharedStrings.xml")
	if !ok {
		return nil
	}
	content, _ := raw.([]byte)
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for length := 0; ; {
		token, err := decoder.Token()
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				length = 0
			}
		case xml.CharData:
			if length += len(t); length > mostCellBytes {
				return fmt.Errorf("a text of more than %d bytes", mostCellBytes)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// ImportNumbers reads a workbook. Nothing is written while one row is wrong, nor in a dry run.
func (s *Service) ImportNumbers(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ImportNumbersParams, body io.Reader) (contract.ImportResult, error) {
	content, err := io.ReadAll(io.LimitReader(body, mostImportBytes+1))
	if err != nil {
		return contract.ImportResult{}, problem.New(422, "import_unreadable", nil).Because(err)
	}
	if len(content) > mostImportBytes {
		return contract.ImportResult{}, refuse("import_too_long", problem.Args{"most": strconv.Itoa(mostImportRows)})
	}
	dry := in.DryRun != nil && *in.DryRun
	name := text(in.FileName)
	if name == "" {
		name = "import.xlsx"
	}
	switch in.What {
	case "ORGANISATIONS":
		return s.importOrganisations(ctx, a, cmd, content, name, dry)
	case "STAFF", "RESIDENTS", "AGREEMENTS":
		return s.importMasters(ctx, a, cmd, string(in.What), content, name, dry)
	}
	return s.importDenominators(ctx, a, cmd, content, name, dry)
}

// ListImports gives what was imported for the caller's own organisations, newest first.
func (s *Service) ListImports(ctx context.Context, a identity.Actor) ([]contract.ImportedFile, error) {
	roles := append(authorities(), roleAdmin, roleSystem)
	if err := require(a, roles...); err != nil {
		return nil, err
	}
	rows, err := s.st.Q().ImportsOf(ctx, a.Organisations(roles...))
	if err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	out := make([]contract.ImportedFile, 0, len(rows))
	for _, r := range rows {
		out = append(out, contract.ImportedFile{Id: r.ID, What: contract.ImportedFileWhat(r.What), FileName: r.FileName, Rows: int(r.Rows), By: r.ImportedName, At: r.ImportedAt})
	}
	return out, nil
}

// importDenominators reads numbers: 统一社会信用代码, 期间 (2026, 2026-Q1, 2026-03), 指标 (a mark that others own), 数值.
func (s *Service) importDenominators(ctx context.Context, a identity.Actor, cmd uuid.UUID, content []byte, name string, dry bool) (contract.ImportResult, error) {
	out := contract.ImportResult{DryRun: dry, Problems: []contract.ImportProblem{}}
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return out, err
	}
	g, err := readGrid(content, denominatorHeadings())
	if err != nil {
		return out, err
	}
	sum := sha256.Sum256(content)
	request := struct {
		Sum [32]byte
		Dry bool
	}{sum, dry}
	wrong := problemsOf{locale: a.Locale, list: []contract.ImportProblem{}}
	read := func(q *db.Queries) ([]db.AddImportedValueParams, error) {
		roots, all, err := s.places(ctx, q, a)
		if err != nil || len(roots) == 0 {
			return nil, err
		}
		var values []db.AddImportedValueParams
		seen := map[db.AddImportedValueParams]bool{}
		for i := range g.rows {
			line := i + 2
			if strings.TrimSpace(strings.Join(g.rows[i], "")) == "" {
				continue
			}
			out.Rows++
			var v db.AddImportedValueParams
			org, err := q.OrganisationByCreditCode(ctx, some(strings.ToUpper(g.at(i, "统一社会信用代码"))))
			switch {
			case store.IsNone(err) || err == nil && all[org.ID] == nil:
				wrong.add(line, "统一社会信用代码", "import_unknown_organisation", nil)
			case err != nil:
				return nil, fmt.Errorf("organisation of a row: %w", err)
			}
			v.OrganisationID = org.ID
			p, ok := ParsePeriod(g.at(i, "期间"))
			if !ok {
				wrong.add(line, "期间", "import_period", nil)
			} else {
				v.Kind, v.StartsOn = string(p.Kind), p.First.Time()
			}
			if v.Mark = strings.ToUpper(g.at(i, "指标")); !slices.Contains(importable(), v.Mark) {
				wrong.add(line, "指标", "import_mark", problem.Args{"marks": strings.Join(importable(), ", ")})
			}
			key := v
			if v.Value, err = strconv.ParseFloat(strings.ReplaceAll(g.at(i, "数值"), ",", ""), 64); err != nil || !(v.Value >= 0 && v.Value <= 1e9) { // NaN is neither, and no figure could be shown beside it
				wrong.add(line, "数值", "import_number", nil)
			}
			if seen[key] {
				wrong.add(line, "指标", "import_twice", nil)
			}
			seen[key] = true
			values = append(values, v)
		}
		return values, nil
	}
	_, err = s.command(ctx, a, cmd, "importNumbers", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		out.Rows, wrong.list = 0, []contract.ImportProblem{}
		values, err := read(q)
		if err != nil || dry || len(wrong.list) > 0 || len(values) == 0 {
			return uuid.Nil, err
		}
		owner := a.Organisations(append(authorities(), roleAdmin)...)[0]
		id := newID()
		if err := q.AddImport(ctx, db.AddImportParams{ID: id, OrganisationID: owner, What: "DENOMINATORS", FileName: name, Sha256: sum[:], Rows: int32(len(values)), ImportedBy: a.UserID, Now: now}); err != nil {
			return uuid.Nil, fmt.Errorf("enter an import: %w", err)
		}
		for _, v := range values {
			v.ImportID = id
			if err := q.AddImportedValue(ctx, v); err != nil {
				return uuid.Nil, fmt.Errorf("enter a number: %w", err)
			}
		}
		out.Written = len(values)
		return id, audit(ctx, q, a, "", "IMPORT_NUMBERS", "import", id)
	})
	out.Problems = wrong.list
	return out, err
}

// ParsePeriod reads 2026, 2026-Q1, 2026-03.
func ParsePeriod(s string) (Period, bool) {
	switch {
	case len(s) == 4:
		d, err := consult.ParseDate(s + "-01-01")
		return Period{Year, d}, err == nil
	case len(s) == 7 && s[5] == 'Q' && s[6] >= '1' && s[6] <= '4':
		d, err := consult.ParseDate(fmt.Sprintf("%s-%02d-01", s[:4], 3*int(s[6]-'1')+1))
		return Period{Quarter, d}, err == nil
	default:
		d, err := consult.ParseDate(s + "-01")
		return Period{Month, d}, err == nil && len(s) == 7
	}
}

// importOrganisations reads organisations and enters them through the use-case of the directory, row by row; known credit codes are
// refused. Only when every row is right is the first one entered.
func (s *Service) importOrganisations(ctx context.Context, a identity.Actor, cmd uuid.UUID, content []byte, name string, dry bool) (contract.ImportResult, error) {
	out := contract.ImportResult{DryRun: dry, Problems: []contract.ImportProblem{}}
	if err := require(a, roleSystem); err != nil {
		return out, err
	}
	if s.directory == nil {
		return out, errors.New("goals: no directory was given")
	}
	g, err := readGrid(content, organisationHeadings())
	if err != nil {
		return out, err
	}
	q := s.st.Q()
	wrong := problemsOf{locale: a.Locale, list: []contract.ImportProblem{}}
	var inputs []contract.OrganisationInput
	seen := map[string]bool{}
	for i := range g.rows {
		line := i + 2
		if strings.TrimSpace(strings.Join(g.rows[i], "")) == "" {
			continue
		}
		out.Rows++
		in := contract.OrganisationInput{Name: g.at(i, "机构名称"), TypeCode: g.at(i, "类型"), RegionCode: g.at(i, "行政区划代码"), Address: g.at(i, "地址"), Phone: g.at(i, "电话")}
		if n := len([]rune(in.Name)); n < 2 || n > 100 {
			wrong.add(line, "机构名称", "wrong_value", nil)
		}
		if t, ok := consult.InstitutionType(in.TypeCode); ok {
			in.Kind = contract.OrganisationInputKind(t.Kind)
		} else {
			wrong.add(line, "类型", "wrong_value", nil)
		}
		if !s.st.Codes().Current(consult.VocabDivision, in.RegionCode) {
			wrong.add(line, "行政区划代码", "wrong_value", nil)
		}
		code, err := consult.ParseCreditCode(g.at(i, "统一社会信用代码"))
		if err != nil {
			wrong.add(line, "统一社会信用代码", problem.Of(err).Code, problem.Of(err).Args)
		} else {
			in.CreditCode = &code.Code
			_, err := q.OrganisationByCreditCode(ctx, in.CreditCode)
			if err == nil || seen[code.Code] {
				wrong.add(line, "统一社会信用代码", "credit_code_taken", nil)
			} else if !store.IsNone(err) {
				return out, fmt.Errorf("organisation of a row: %w", err)
			}
			seen[code.Code] = true
		}
		if parent := g.at(i, "上报单位信用代码"); parent != "" {
			found, err := q.OrganisationByCreditCode(ctx, some(strings.ToUpper(parent)))
			switch {
			case store.IsNone(err) || err == nil && found.Kind != "AUTHORITY":
				wrong.add(line, "上报单位信用代码", "import_unknown_organisation", nil)
			case err != nil:
				return out, fmt.Errorf("parent of a row: %w", err)
			default:
				in.ReportingParentId = &found.ID
			}
		}
		inputs = append(inputs, in)
	}
	if out.Problems = wrong.list; dry || len(wrong.list) > 0 {
		return out, nil
	}
	for i, in := range inputs {
		if _, err := s.directory.CreateOrganisation(ctx, a, uuid.NewSHA1(cmd, []byte(strconv.Itoa(i))), in); err != nil {
			return out, err
		}
		out.Written++
	}
	if out.Written == 0 {
		return out, nil
	}
	sum := sha256.Sum256(content)
	_, err = s.command(ctx, a, cmd, "importOrganisations", sum, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		id := newID()
		if err := q.AddImport(ctx, db.AddImportParams{ID: id, OrganisationID: a.Organisations(roleSystem)[0], What: "ORGANISATIONS", FileName: name, Sha256: sum[:], Rows: int32(out.Written), ImportedBy: a.UserID, Now: now}); err != nil {
			return id, fmt.Errorf("enter an import: %w", err)
		}
		return id, audit(ctx, q, a, roleSystem, "IMPORT_ORGANISATIONS", "import", id)
	})
	return out, err
}

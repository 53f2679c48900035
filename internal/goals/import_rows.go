package goals

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// masterReader turns rows of a workbook into what the use-cases take, and collects what cannot be read.
type masterReader struct {
	q     *db.Queries
	a     identity.Actor
	m     master
	g     grid
	codes *consult.Codes
	today consult.Date
	lines []int // of the rows that are not empty, from 0
	at    int   // the line that is read
	orgs  map[string]uuid.UUID
	wrong problemsOf
}

func (x *masterReader) failed() bool { return len(x.wrong.list) > 0 }

func (x *masterReader) text(heading string) string { return x.g.at(x.at, heading) }

func (x *masterReader) some(heading string) *string { return some(x.text(heading)) }

func (x *masterReader) refuse(heading, code string) { x.wrong.add(x.at+2, heading, code, nil) }

// known says that a cell is in the list of what was refused already: the use-case says nothing further of it.
func (x *masterReader) known(row int, heading string) bool {
	return slices.ContainsFunc(x.wrong.list, func(p contract.ImportProblem) bool { return p.Row == row && p.Column == heading })
}

// judged adds what the use-case refused.
func (x *masterReader) judged(wrong map[int]*problem.Problem) {
	for i, line := range x.lines {
		p := wrong[i]
		if p == nil {
			continue
		}
		fields := p.Fields
		if len(fields) == 0 {
			fields = []problem.Field{{Code: p.Code, Args: p.Args}}
		}
		for _, f := range fields {
			if heading := x.m.column(f.Path); !x.known(line+2, heading) {
				x.wrong.add(line+2, heading, f.Code, f.Args)
			}
		}
	}
	slices.SortStableFunc(x.wrong.list, func(p, q contract.ImportProblem) int { return p.Row - q.Row })
}

// day reads a date: as text, or as the number by which a workbook keeps it. Empty is none.
func (x *masterReader) day(heading string) *openapi_types.Date {
	s := strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "").Replace(x.text(heading))
	if s == "" {
		return nil
	}
	if serial, err := strconv.ParseFloat(x.text(heading), 64); err == nil && serial > 1 && serial < 100_000 {
		if t, err := excelize.ExcelDateToTime(serial, false); err == nil {
			return &openapi_types.Date{Time: t.Truncate(24 * time.Hour)}
		}
	}
	if t, err := time.Parse("2006-1-2", s); err == nil {
		return &openapi_types.Date{Time: t}
	}
	x.refuse(heading, "import_day")
	return nil
}

// needed is a date that must be there; the missing one is refused.
func (x *masterReader) needed(heading string) openapi_types.Date {
	if x.text(heading) == "" {
		x.refuse(heading, "required")
	}
	if d := x.day(heading); d != nil {
		return *d
	}
	return openapi_types.Date{}
}

// term is a code, or the code of a name. What is neither is left to the use-case.
func (x *masterReader) term(heading string) string {
	i := slices.IndexFunc(x.m.columns, func(c masterColumn) bool { return c.heading == heading })
	return x.termOf(x.m.columns[i].vocabulary, heading, x.text(heading))
}

func (x *masterReader) termOf(v consult.Vocabulary, heading, s string) string {
	if s == "" {
		return ""
	}
	if x.codes.Current(v, s) {
		return s
	}
	for _, t := range consult.Terms(v) {
		if t.Code == strings.ToUpper(s) || t.Label(consult.ZH) == s || strings.EqualFold(t.Label(consult.EN), s) {
			return t.Code
		}
	}
	x.refuse(heading, "import_code")
	return s
}

// list splits a cell.
func (x *masterReader) list(heading string) []string {
	return strings.FieldsFunc(x.text(heading), func(c rune) bool { return strings.ContainsRune(",，、;； \n", c) })
}

// organisation is that of a credit code. allowed limits it to the caller's own; then an empty cell is the only one of them.
func (x *masterReader) organisation(ctx context.Context, heading string, own []uuid.UUID) (uuid.UUID, error) {
	code := strings.ToUpper(x.text(heading))
	if code == "" {
		if len(own) == 1 {
			return own[0], nil
		}
		x.refuse(heading, "required")
		return uuid.Nil, nil
	}
	id, seen := x.orgs[code]
	if !seen {
		o, err := x.q.OrganisationByCreditCode(ctx, &code)
		if err != nil && !store.IsNone(err) {
			return uuid.Nil, fmt.Errorf("organisation of a row: %w", err)
		}
		id = o.ID
		x.orgs[code] = id
	}
	if id == uuid.Nil || len(own) > 0 && !slices.Contains(own, id) {
		x.refuse(heading, "import_unknown_organisation")
		return uuid.Nil, nil
	}
	return id, nil
}

func (x *masterReader) staff(ctx context.Context) ([]contract.UserInput, error) {
	var own []uuid.UUID
	if !x.a.Has(roleSystem) {
		own = x.a.Organisations(roleAdmin)
	}
	departments := map[uuid.UUID][]db.Department{}
	out := make([]contract.UserInput, len(x.lines))
	for i, line := range x.lines {
		x.at = line
		org, err := x.organisation(ctx, creditHeading, own)
		if err != nil {
			return nil, err
		}
		in := contract.UserInput{Username: strings.ToLower(x.text("用户名")), Name: x.text("姓名"), OrganisationId: org, Role: contract.Role(x.term("角色"))}
		if x.text("科室") != "" {
			if departments[org] == nil {
				if departments[org], err = x.q.DepartmentsOf(ctx, []uuid.UUID{org}); err != nil {
					return nil, fmt.Errorf("departments of a row: %w", err)
				}
			}
			named := x.text("科室")
			at := slices.IndexFunc(departments[org], func(d db.Department) bool { return d.Code == named || d.Name == named })
			if at >= 0 {
				in.DepartmentId = &departments[org][at].ID
			} else {
				x.refuse("科室", "import_department")
			}
		}
		if kind := x.text("执业类别"); kind != "" || x.text("执业证号") != "" {
			at := slices.IndexFunc(licenceKinds(), func(k [3]string) bool {
				return strings.EqualFold(k[0], kind) || k[1] == kind || strings.EqualFold(k[2], kind)
			})
			if at < 0 {
				x.refuse("执业类别", "import_code")
			} else {
				kind = licenceKinds()[at][0]
			}
			in.Licence = &contract.ProfessionalLicenceInput{Kind: contract.ProfessionalLicenceInputKind(kind), Number: x.text("执业证号"), TitleCode: x.term("职称"), IndependentSince: x.day("独立执业起始日"),
				ValidFrom: x.needed("有效期起"), ValidTo: x.day("有效期止")}
		}
		out[i] = in
	}
	return out, nil
}

func (x *masterReader) residents(ctx context.Context) ([]contract.ResidentInput, error) {
	own := x.a.Organisations(roleAdmin)
	out := make([]contract.ResidentInput, len(x.lines))
	for i, line := range x.lines {
		x.at = line
		org, err := x.organisation(ctx, creditHeading, own)
		if err != nil {
			return nil, err
		}
		in := contract.ResidentInput{Name: x.text("姓名"), IdType: contract.ResidentInputIdType(x.term("证件类型")), IdentityNumber: x.some("证件号码"), Sex: contract.Sex(x.term("性别")),
			EthnicCode: some(x.term("民族")), Phone: x.some("电话"), Ward: x.text("病区"), Bed: x.text("床位"), Capacity: contract.Capacity(x.term("行为能力")), Allergies: x.some("过敏史"), AdmittedOn: x.needed("入住日期")}
		if org != uuid.Nil {
			in.OrganisationId = &org
		}
		// An identity card says when its owner was born, and the sex.
		card, err := consult.ParseIdentityNumber(x.text("证件号码"), x.today)
		byCard := err == nil && (in.IdType == "01" || in.IdType == "")
		if byCard && in.IdType == "" {
			in.IdType = "01"
		}
		switch d := x.day("出生日期"); {
		case d != nil:
			in.BirthDate = *d
		case byCard:
			in.BirthDate = openapi_types.Date{Time: card.Birth.Time()}
		case x.text("出生日期") == "":
			x.refuse("出生日期", "required")
		}
		if in.Sex == "" && byCard {
			in.Sex = contract.Sex(card.Sex)
		}
		if s := x.text("能力等级"); s != "" {
			if level, err := strconv.Atoi(strings.TrimSuffix(s, "级")); err == nil {
				in.AbilityLevel = &level
			} else {
				x.refuse("能力等级", "import_code")
			}
		}
		if list := x.list("诊断"); len(list) > 0 {
			for n := range list {
				list[n] = strings.ToUpper(list[n])
			}
			in.ConditionCodes = &list
		}
		if guardian := x.text("监护人"); guardian != "" {
			in.Guardians = &[]contract.Guardian{{Name: guardian, Relation: x.term("与老人关系"), Phone: x.some("监护人电话")}}
		}
		out[i] = in
	}
	return out, nil
}

func (x *masterReader) agreements(ctx context.Context) ([]contract.AgreementInput, error) {
	out := make([]contract.AgreementInput, len(x.lines))
	for i, line := range x.lines {
		x.at = line
		in := contract.AgreementInput{Number: x.text("协议编号"), ServiceTypes: []string{}, DepartmentCodes: []string{}, ValidFrom: x.needed("有效期起"), ValidTo: x.needed("有效期止"),
			Clauses: contract.Clauses{Purpose: x.text("合作目的"), Conditions: x.text("合作条件"), Content: x.text("合作内容"), Process: x.text("合作流程"), Rights: x.text("权利义务"), Liability: x.text("责任分担")}}
		var err error
		if in.InvitingOrgId, err = x.organisation(ctx, "邀请方信用代码", nil); err != nil {
			return nil, err
		}
		if in.InvitedOrgId, err = x.organisation(ctx, "受邀方信用代码", nil); err != nil {
			return nil, err
		}
		for _, service := range x.list("服务类型") {
			in.ServiceTypes = append(in.ServiceTypes, x.termOf(consult.VocabService, "服务类型", service))
		}
		for _, code := range x.list("诊疗科目") {
			in.DepartmentCodes = append(in.DepartmentCodes, x.termOf(consult.VocabDepartment, "诊疗科目", code))
		}
		out[i] = in
	}
	return out, nil
}

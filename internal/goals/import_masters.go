package goals

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Master data from workbooks: people with their licences, residents, agreements. A row becomes what the page of its kind would send, and
// the use-case of that page judges it.

// masterColumn is a column of a workbook. field is the beginning of the path by which the use-case names what is wrong in it; vocabulary
// lists what may stand in it, by code or by name.
type masterColumn struct {
	heading, field string
	vocabulary     consult.Vocabulary
}

// master is one kind of workbook.
type master struct {
	what, zh, en string
	roles        []string
	most         int
	columns      []masterColumn
}

const creditHeading = "统一社会信用代码"

func masters() []master {
	return []master{
		{"STAFF", "人员", "People", []string{roleAdmin, roleSystem}, 500, []masterColumn{
			{creditHeading, "organisationId", ""}, {"用户名", "username", ""}, {"姓名", "name", ""}, {"角色", "role", consult.VocabRole}, {"科室", "departmentId", consult.VocabDepartment},
			{"执业类别", "licence/kind", ""}, {"执业证号", "licence/number", ""}, {"职称", "licence/titleCode", consult.VocabTitle}, {"独立执业起始日", "licence/independentSince", ""},
			{"有效期起", "licence/validFrom", ""}, {"有效期止", "licence/validTo", ""}}},
		{"RESIDENTS", "老年人", "Residents", []string{roleAdmin}, 2000, []masterColumn{
			{creditHeading, "organisationId", ""}, {"姓名", "name", ""}, {"证件类型", "idType", consult.VocabIDType}, {"证件号码", "identityNumber", ""}, {"性别", "sex", consult.VocabSex}, {"出生日期", "birthDate", ""},
			{"民族", "ethnicCode", consult.VocabEthnic}, {"电话", "phone", ""}, {"病区", "ward", ""}, {"床位", "bed", ""}, {"能力等级", "abilityLevel", ""}, {"行为能力", "capacity", consult.VocabCapacity},
			{"诊断", "conditionCodes", ""}, {"过敏史", "allergies", ""}, {"入住日期", "admittedOn", ""}, {"监护人", "guardians/0/name", ""}, {"与老人关系", "guardians/0/relation", consult.VocabRelation},
			{"监护人电话", "guardians/0/phone", ""}}},
		{"AGREEMENTS", "协议", "Agreements", []string{roleSystem}, 2000, []masterColumn{
			{"协议编号", "number", ""}, {"邀请方信用代码", "invitingOrgId", ""}, {"受邀方信用代码", "invitedOrgId", ""}, {"服务类型", "serviceTypes", consult.VocabService}, {"诊疗科目", "departmentCodes", consult.VocabDepartment},
			{"有效期起", "validFrom", ""}, {"有效期止", "validTo", ""}, {"合作目的", "clauses/purpose", ""}, {"合作条件", "clauses/conditions", ""}, {"合作内容", "clauses/content", ""},
			{"合作流程", "clauses/process", ""}, {"权利义务", "clauses/rights", ""}, {"责任分担", "clauses/liability", ""}}},
	}
}

func masterOf(what string) (master, bool) {
	i := slices.IndexFunc(masters(), func(m master) bool { return m.what == what })
	if i < 0 {
		return master{}, false
	}
	return masters()[i], true
}

func (m master) headings() []string {
	out := make([]string, len(m.columns))
	for i, c := range m.columns {
		out[i] = c.heading
	}
	return out
}

// column is the heading under which the field of a path stands; the first one for what is no field of the workbook.
func (m master) column(path string) string {
	best := m.columns[0]
	for _, c := range m.columns {
		if strings.HasPrefix(path, c.field) || strings.HasPrefix(c.field, path+"/") {
			return c.heading
		}
	}
	return best.heading
}

// licenceKinds are the kinds of professional licences by name.
func licenceKinds() [][3]string {
	return [][3]string{{"PHYSICIAN", "执业医师", "physician"}, {"ASSISTANT_PHYSICIAN", "执业助理医师", "assistant physician"}, {"VILLAGE_DOCTOR", "乡村医生", "village doctor"}, {"NURSE", "护士", "nurse"},
		{"PHARMACIST", "药师", "pharmacist"}, {"THERAPIST", "治疗师", "therapist"}}
}

// codes are the lines of the template's second sheet.
func (m master) codes(lang consult.Lang) [][]string {
	var out [][]string
	for _, c := range m.columns {
		if c.vocabulary != "" {
			for _, t := range consult.Terms(c.vocabulary) {
				out = append(out, []string{c.heading, t.Code, t.Label(lang)})
			}
		}
		if c.heading == "执业类别" {
			for _, k := range licenceKinds() {
				out = append(out, []string{c.heading, k[0], map[bool]string{true: k[2], false: k[1]}[lang == consult.EN]})
			}
		}
	}
	return out
}

// importMasters reads a workbook of master data.
func (s *Service) importMasters(ctx context.Context, a identity.Actor, cmd uuid.UUID, what string, content []byte, name string, dry bool) (contract.ImportResult, error) {
	out := contract.ImportResult{DryRun: dry, Problems: []contract.ImportProblem{}}
	m, _ := masterOf(what)
	if err := require(a, m.roles...); err != nil {
		return out, err
	}
	if s.directory == nil {
		return out, errors.New("goals: no directory was given")
	}
	g, err := readGrid(content, m.headings())
	if err != nil {
		return out, err
	}
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return out, err
	}
	x := &masterReader{q: s.st.Q(), a: a, today: consult.DateOf(now), m: m, g: g, codes: s.st.Codes(), orgs: map[string]uuid.UUID{}, wrong: problemsOf{locale: a.Locale, list: []contract.ImportProblem{}}}
	for i := range g.rows {
		if strings.TrimSpace(strings.Join(g.rows[i], "")) != "" {
			x.lines = append(x.lines, i)
		}
	}
	if out.Rows = len(x.lines); out.Rows > m.most {
		return out, refuse("import_too_long", problem.Args{"most": strconv.Itoa(m.most)})
	}
	sum := sha256.Sum256(content)
	note := func(ctx context.Context, q *db.Queries, now time.Time) error {
		id := newID()
		if err := q.AddImport(ctx, db.AddImportParams{ID: id, OrganisationID: a.Organisations(m.roles...)[0], What: what, FileName: name, Sha256: sum[:], Rows: int32(out.Rows), ImportedBy: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("enter an import: %w", err)
		}
		return audit(ctx, q, a, "", "IMPORT_"+what, "import", id)
	}
	var judged map[int]*problem.Problem
	switch what {
	case "STAFF":
		rows, err := x.staff(ctx)
		if err != nil {
			return out, err
		}
		var passwords, invited []string
		judged, passwords, invited, err = s.directory.ImportUsers(ctx, a, cmd, dry || x.failed(), rows, note)
		if err != nil {
			return out, err
		}
		if len(passwords) > 0 {
			accounts := []contract.ImportedAccount{}
			for i, r := range rows {
				if passwords[i] != "" {
					accounts = append(accounts, contract.ImportedAccount{Username: r.Username, Name: r.Name, TemporaryPassword: passwords[i]})
				}
			}
			out.Accounts = &accounts
		}
		if len(invited) > 0 {
			out.Invited = &invited
		}
	case "RESIDENTS":
		rows, err := x.residents(ctx)
		if err != nil {
			return out, err
		}
		if judged, err = s.directory.ImportResidents(ctx, a, cmd, dry || x.failed(), rows, note); err != nil {
			return out, err
		}
	default:
		rows, err := x.agreements(ctx)
		if err != nil {
			return out, err
		}
		if judged, err = s.directory.ImportAgreements(ctx, a, cmd, dry || x.failed(), rows, note); err != nil {
			return out, err
		}
	}
	x.judged(judged)
	if out.Problems = x.wrong.list; !dry && len(out.Problems) == 0 {
		out.Written = out.Rows
	}
	return out, nil
}

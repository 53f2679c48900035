package goals

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// What an import may bring and how it is written: one table for reading and for the template.

// importMark is a number that others own.
type importMark struct{ code, zh, en string }

func importMarks() []importMark {
	return []importMark{
		{"CONTRACTS_SPECIAL", "特殊困难老年人中有有效家庭医生协议的人数", "elders in special need with a family-doctor contract in force"},
		{"RESIDENTS_SPECIAL", "登记的特殊困难老年人（失能、高龄、残疾等）人数", "registered elders in special need"},
		{"VISITS_DUE", "到期的预约上门次数", "home visits booked and due"},
		{"VISITS_DONE", "已完成且有凭证的上门次数", "home visits done and proven"},
		{"RESIDENTS_MEAN", "期内日均入住人数", "mean daily residents of the period"},
		{"BEDS", "床位数", "beds"},
		{"POPULATION_65", "辖区65岁及以上人口", "people aged 65 and over in the area"},
	}
}

// importable are their codes.
func importable() []string {
	var out []string
	for _, m := range importMarks() {
		out = append(out, m.code)
	}
	return out
}

func denominatorHeadings() []string {
	return []string{"统一社会信用代码", "期间", "指标", "数值"}
}

func organisationHeadings() []string {
	return []string{"机构名称", "类型", "统一社会信用代码", "行政区划代码", "地址", "电话", "上报单位信用代码"}
}

// GetImportTemplate gives an empty workbook with the headings of an import; its second sheet lists the codes. All cells are text, so
// that a credit code is no number.
func (s *Service) GetImportTemplate(_ context.Context, a identity.Actor, in contract.GetImportTemplateParams) (name string, content io.Reader, size int64, err error) {
	if err := require(a, append(authorities(), roleAdmin, roleSystem)...); err != nil {
		return "", nil, 0, err
	}
	english := strings.HasPrefix(a.Locale, "en")
	say := wordsOf(a.Locale)
	headings, title, file := denominatorHeadings(), say("数据", "Numbers"), say("外部数据导入模板", "template-numbers")
	codes := [][]string{{say("列", "Column"), say("代码", "Code"), say("说明", "Meaning")}}
	lang := consult.ZH
	if english {
		lang = consult.EN
	}
	if in.What == "ORGANISATIONS" {
		headings, title, file = organisationHeadings(), say("机构", "Organisations"), say("机构导入模板", "template-organisations")
		for _, t := range consult.Terms(consult.VocabInstitution) {
			codes = append(codes, []string{"类型", t.Code, t.Label(lang)})
		}
		for _, d := range consult.Terms(consult.VocabDivision) {
			codes = append(codes, []string{"行政区划代码", d.Code, d.Label(lang)})
		}
	} else if m, ok := masterOf(string(in.What)); ok {
		headings, title, file = m.headings(), say(m.zh, m.en), say(m.zh+"导入模板", "template-"+strings.ToLower(m.what))
		codes = append(codes, m.codes(lang)...)
	} else {
		for _, m := range importMarks() {
			codes = append(codes, []string{"指标", m.code, say(m.zh, m.en)})
		}
		for _, p := range [][2]string{{"2026", say("年", "year")}, {"2026-Q1", say("季度", "quarter")}, {"2026-03", say("月", "month")}} {
			codes = append(codes, []string{"期间", p[0], p[1]})
		}
	}
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := fillTemplate(f, title, headings, say("代码", "Codes"), codes); err != nil {
		return "", nil, 0, fmt.Errorf("template of an import: %w", err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return "", nil, 0, fmt.Errorf("template of an import: %w", err)
	}
	return file + ".xlsx", &out, int64(out.Len()), nil
}

func fillTemplate(f *excelize.File, title string, headings []string, codeTitle string, codes [][]string) error {
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(headings))
	if err != nil {
		return err
	}
	if err := f.SetColStyle(title, "A:"+last, text); err != nil {
		return err
	}
	if err := f.SetColWidth(title, "A", last, 22); err != nil {
		return err
	}
	if err := f.SetSheetRow(title, "A1", &headings); err != nil {
		return err
	}
	if err := f.SetCellStyle(title, "A1", last+"1", bold); err != nil {
		return err
	}
	if err := f.SetPanes(title, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if _, err := f.NewSheet(codeTitle); err != nil {
		return err
	}
	if err := f.SetColWidth(codeTitle, "A", "C", 28); err != nil {
		return err
	}
	for i, row := range codes {
		if err := f.SetSheetRow(codeTitle, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return f.SetCellStyle(codeTitle, "A1", "C1", bold)
}

package dossier

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	_ "embed"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

//go:embed page.html
var pageText string

type section struct {
	ID, Name string
	Items    []item
}

type item struct {
	Picture, File string
	Facts         []fact
}

type fact struct{ Name, Value string }

// names says what tables and columns are called; what has no name here stands under its own.
func names() map[string]string {
	return map[string]string{
		"residents": "基本信息 Resident", "guardians": "监护人 Guardians", "consents": "知情同意 Consents", "consultations": "会诊 Consultations",
		"consultation_events": "经过 Events", "reports": "诊疗意见 Signed reports", "adoptions": "采纳记录 Signed adoptions", "advice_items": "建议 Advice",
		"vitals": "生命体征 Vital signs", "attachments": "照片与文件 Files", "chat_messages": "留言 Messages", "follow_ups": "随访 Follow-ups",
		"access_log": "查阅记录 Accesses", "medications": "用药 Medicines", "allergies": "过敏 Allergies", "referrals": "转诊 Referrals", "risk_assessments": "风险评估 Risk assessments",
		"break_glass": "紧急查阅 Emergency accesses", "offers": "呼叫 Rings", "calls": "通话 Calls", "participants": "通话参与人 Participants", "media_intervals": "通话时段 Media intervals",
		"satisfaction_ratings": "满意度 Ratings", "complaints": "投诉 Complaints",
		"name": "姓名", "identity_number": "证件号码", "phone": "电话", "sex": "性别", "birth_date": "出生日期", "bed": "床位", "ward": "病区", "allergies_": "过敏史",
		"admitted_on": "入住日期", "left_on": "离院日期", "serial": "流水号", "complaint": "主诉", "content": "内容", "signed_at": "签名时间", "created_at": "建立时间",
		"body": "正文", "text": "文字", "at": "时间", "taken_at": "测量时间", "value": "数值", "unit": "单位", "code": "代码", "signer_name": "签署人", "relation": "关系", "reason": "理由",
	}
}

// quiet are columns that say nothing to a reader of the page; they are in the data.
func quiet(column string) bool {
	return strings.HasSuffix(column, "_id") || strings.HasSuffix(column, "_by") || slices.Contains([]string{"id", "revision", "request_revision", "epoch", "seal", "seal_kid", "digest",
		"blob_key", "thumbnail_key", "sha256", "updated_at", "text_hash", "node_term", "settled"}, column)
}

func (p *packer) page(about About, tables []table, files map[string]string) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	known := names()
	var sections []section
	for _, t := range tables {
		s := section{ID: t.Name, Name: cmp.Or(known[t.Name], t.Name)}
		for _, row := range t.Rows {
			it := item{}
			if t.Name == "attachments" {
				name := files[fmt.Sprint(row["id"])]
				if strings.HasPrefix(fmt.Sprint(row["content_type"]), "image/") {
					it.Picture = name
				}
				it.File = cmp.Or(name, "–")
			}
			for _, column := range slices.Sorted(maps.Keys(row)) {
				if quiet(column) {
					continue
				}
				if v := words(row[column]); v != "" {
					it.Facts = append(it.Facts, fact{cmp.Or(known[column], column), v})
				}
			}
			s.Items = append(s.Items, it)
		}
		sections = append(sections, s)
	}
	w, done, err := p.entry("index.html")
	if err != nil {
		return err
	}
	err = t.Execute(w, map[string]any{"Title": "个人信息副本 / Copy of personal data", "Organisation": about.Organisation,
		"At": about.At.In(consult.Shanghai()).Format("2006-01-02 15:04"), "By": about.By, "Sections": sections})
	done()
	return err
}

// words is a value as a reader sees it; "" for nothing.
func words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "是 / yes"
		}
		return ""
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.In(consult.Shanghai()).Format("2006-01-02 15:04:05")
		}
		return v
	case json.Number:
		return v.String()
	case json.RawMessage:
		var inner any
		d := json.NewDecoder(strings.NewReader(string(v)))
		d.UseNumber()
		if d.Decode(&inner) != nil {
			return string(v)
		}
		return words(inner)
	case []any:
		var parts []string
		for _, e := range v {
			if s := words(e); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, "\n")
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s := words(v[k]); s != "" && !quiet(k) {
				parts = append(parts, k+": "+strings.ReplaceAll(s, "\n", "\n  "))
			}
		}
		return strings.Join(parts, "\n")
	}
	return fmt.Sprint(v)
}

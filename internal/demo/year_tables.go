package demo

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// tables are the tables of a year, those that others refer to first.
func (l *year) tables() []loadTable {
	hospitals, doctors, residents := len(l.leagues), len(l.leagues)*doctorsOfLeague, l.homes*residentsOfHome
	authorities := len(l.leagues) + len(l.regions)
	return []loadTable{
		{"organisations", []string{"id", "kind", "type_code", "name", "region_code", "reporting_parent_id", "address", "phone"}, authorities + l.homes + hospitals, l.organisation},
		{"departments", []string{"id", "organisation_id", "code", "name"}, hospitals, func(i int, add func(...any)) {
			add(loadID(kindDepartment, i), loadID(kindHospital, i), "02", "全科医疗科")
		}},
		{"users", []string{"id", "username", "display_name", "password_hash"}, 2*l.homes + doctors, l.user},
		{"professional_licences", []string{"id", "user_id", "organisation_id", "kind", "number", "title_code", "independent_since", "valid_from"}, doctors, func(i int, add func(...any)) {
			add(loadID(kindLicence, i), loadID(kindDoctor, i), loadID(kindHospital, i/doctorsOfLeague), "PHYSICIAN", fmt.Sprintf("1101501020%05d", i), []string{"231", "232", "233", "233"}[i%4],
				l.long().AddDate(-6, 0, 0), l.long())
		}},
		{"agreements", []string{"id", "number", "inviting_org_id", "invited_org_id", "service_types", "department_codes", "valid_from", "valid_to", "clause_purpose", "clause_conditions", "clause_content",
			"clause_process", "clause_rights", "clause_liability"}, l.homes, func(i int, add func(...any)) {
			add(loadID(kindAgreement, i), fmt.Sprintf("LOAD-%d", i), loadID(kindHome, i), loadID(kindHospital, i%hospitals), []string{"REMOTE_CONSULT", "CHRONIC_MGMT", "REHAB_CARE_GUIDE", "ONLINE_REVISIT"},
				[]string{"02"}, l.long(), l.open(), "目的", "条件", "内容", "流程", "权利", "责任")
		}},
		{"residents", []string{"id", "organisation_id", "name_enc", "sex", "birth_date", "bed", "ability_level", "condition_codes", "admitted_on"}, residents, func(i int, add func(...any)) {
			id := loadID(kindResident, i)
			add(id, loadID(kindHome, i/residentsOfHome), l.keep.SealText("residents", "name_enc", id, "演示老人"), []string{"1", "2"}[i%2], l.long().AddDate(-70-i%25, 0, -i%300),
				fmt.Sprintf("%d-%d", i%20+1, i%2+1), int16(i%5), [][]string{{"I10"}, {"E11.9"}, {"J44.9", "I10"}, {"F03"}, {}}[i%5], l.long())
		}},
		{"consents", []string{"id", "resident_id", "signer_kind", "signer_name_enc", "capacity", "method", "text_version", "text_locale", "text_hash", "tick_medical", "tick_sensitive", "tick_provision",
			"witness_id", "signed_at", "valid_until"}, residents, func(i int, add func(...any)) {
			id := loadID(kindConsent, i)
			add(id, loadID(kindResident, i), "SELF", l.keep.SealText("consents", "signer_name_enc", id, "演示老人"), "FULL", "DRAWN", "1", "zh-CN", []byte{}, true, true, true,
				loadID(kindNurse, i/residentsOfHome), l.long(), l.open())
		}},
		{"consultations", []string{"id", "serial", "resident_id", "inviting_org_id", "invited_org_id", "department_id", "agreement_id", "consent_id", "state", "epoch", "urgency", "urgency_proposed",
			"service_type", "created_by", "submitter_id", "doctor_id", "reasons", "complaint_enc", "created_at", "submitted_at", "offered_at", "accept_due_at", "accepted_at", "started_at", "ended_at",
			"reported_at", "adopted_at", "closed_at", "end_code", "outcome_code", "effective_seconds", "updated_at", "judged", "failed_rules"}, l.n, l.consultation},
		{"reports", []string{"id", "consultation_id", "version", "author_id", "content_enc", "digest", "seal", "seal_kid", "signed_at"}, l.n, l.report},
		{"adoptions", []string{"id", "consultation_id", "report_id", "attending_id", "content_enc", "digest", "seal", "seal_kid", "signed_at"}, l.n, l.adoption},
		{"consultation_events", []string{"id", "consultation_id", "seq", "type", "from_state", "to_state", "epoch", "actor_role", "at", "data"}, l.n, l.events},
		{"countability_evaluations", []string{"id", "consultation_id", "ruleset", "settings", "evaluated_at", "cause", "bitmap", "countable", "goal", "institution_id", "provider_id", "county",
			"period_day", "current"}, l.n, l.judgement},
		{"countability_failures", []string{"evaluation_id", "rule", "fixable"}, l.n, l.failures},
	}
}

// long and open bound what holds for the whole year.
func (l *year) long() time.Time { return l.start.AddDate(-3, 0, 0) }
func (l *year) open() time.Time { return l.start.AddDate(4, 0, 0) }

func (l *year) hospital(home int) uuid.UUID { return loadID(kindHospital, home%len(l.leagues)) }

func (l *year) organisation(i int, add func(...any)) {
	if i < len(l.leagues)+len(l.regions) {
		id, d, parent, level := l.authority(i)
		add(id, "AUTHORITY", level, d.ZH+"卫生健康委员会（演示数据）", d.Code, parent, "", "")
		return
	}
	if i -= len(l.leagues) + len(l.regions); i < l.homes {
		parent, d := l.county(i)
		add(loadID(kindHome, i), "CARE", "INTEGRATED", fmt.Sprintf("%s第%d颐养院", d.ZH, i/len(l.regions)+1), d.Code, parent, "演示地址", "0471-6900000")
		return
	}
	i -= l.homes
	add(loadID(kindHospital, i), "MEDICAL", "A100", l.leagues[i].ZH+"中心医院（演示数据）", l.leagues[i].Code, loadID(kindAuthority, i), "演示地址", "0471-6900000")
}

func (l *year) user(i int, add func(...any)) {
	switch {
	case i < l.homes:
		add(loadID(kindNurse, i), fmt.Sprintf("load.nurse.%d", i), fmt.Sprintf("护士%d", i), "!")
	case i < 2*l.homes:
		i -= l.homes
		add(loadID(kindAttending, i), fmt.Sprintf("load.attending.%d", i), fmt.Sprintf("医师%d", i), "!")
	default:
		i -= 2 * l.homes
		add(loadID(kindDoctor, i), fmt.Sprintf("load.doctor.%d", i), fmt.Sprintf("会诊医生%d", i), "!")
	}
}

// known is NULL for an instant that did not come.
func known(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (l *year) consultation(i int, add func(...any)) {
	o := l.one(i)
	var doctor any
	epoch := 0
	if !o.accepted.IsZero() {
		doctor, epoch = loadID(kindDoctor, o.doctor), 1
	}
	closed, failed := o.signed, any(o.reasons)
	if !o.done() { // and is not judged
		failed = nil
		closed = o.submitted.Add(10 * time.Minute)
	}
	due := o.submitted.Add(map[string]time.Duration{"CRITICAL": 3 * time.Minute, "EMERGENT": 10 * time.Minute, "URGENT": 2 * time.Hour, "ROUTINE": 24 * time.Hour}[o.urgency])
	add(o.id, fmt.Sprintf("LZ%s-L%08d", o.submitted.Format("20060102"), i), loadID(kindResident, o.resident), loadID(kindHome, o.home), l.hospital(o.home), loadID(kindDepartment, o.home%len(l.leagues)),
		loadID(kindAgreement, o.home), loadID(kindConsent, o.resident), o.state, epoch, o.urgency, o.urgency, o.service, loadID(kindNurse, o.home), loadID(kindAttending, o.home), doctor, []string{"PAIN"},
		l.keep.SealText("consultations", "complaint_enc", o.id, "演示数据"), o.submitted, o.submitted, o.submitted, due, known(o.accepted), known(o.started), known(o.ended), known(o.signed),
		known(o.adopted), closed, o.end, o.outcome, o.effective, closed, true, failed)
}

// signed is a text with its digest and the system's seal.
type signed struct {
	raw, digest, mark []byte
	kid               string
}

func (l *year) sign(raw string) signed {
	sum := sha256.Sum256([]byte(raw))
	mark, kid := l.keep.Sign(sum[:])
	return signed{[]byte(raw), sum[:], mark, kid}
}

// texts signs the few opinions and the one adoption that a year has: a seal for each of millions would be most of the work.
func (l *year) texts() {
	for _, code := range diagnoses() {
		for _, outcome := range outcomes() {
			l.opinions = append(l.opinions, l.sign(`{"examined":["HISTORY","INSPECTION"],"assessment":"病情稳定，按计划随访","diagnoses":[{"code":"`+code+`","text":"演示","certainty":"CONFIRMED"}],"limits":"未能查体","outcome":"`+outcome+`"}`))
		}
	}
	l.plan = l.sign(`{"finalPlan":"按会诊意见执行"}`)
}

func (l *year) report(i int, add func(...any)) {
	o := l.one(i)
	if !o.done() {
		return
	}
	id := loadID(kindReport, i)
	text := l.opinions[o.effective%len(diagnoses())*len(outcomes())+slices.Index(outcomes(), o.outcome)]
	add(id, o.id, 1, loadID(kindDoctor, o.doctor), l.keep.Seal("reports", "content_enc", id, text.raw), text.digest, text.mark, text.kid, o.signed)
}

func (l *year) adoption(i int, add func(...any)) {
	o := l.one(i)
	if o.adopted.IsZero() {
		return
	}
	id := loadID(kindAdoption, i)
	add(id, o.id, loadID(kindReport, i), loadID(kindAttending, o.home), l.keep.Seal("adoptions", "content_enc", id, l.plan.raw), l.plan.digest, l.plan.mark, l.plan.kid, o.adopted)
}

// events gives the steps of a consultation.
func (l *year) events(i int, add func(...any)) {
	o := l.one(i)
	steps := [...]struct {
		kind, from, to string
		at             time.Time
	}{{"SUBMIT", "DRAFT", "SUBMITTED", o.submitted}, {"CLAIM", "OFFERED", "ACCEPTED", o.accepted}, {"START", "WAITING", "IN_PROGRESS", o.started}, {"FINISH", "IN_PROGRESS", "REPORT_PENDING", o.ended},
		{"SIGN_REPORT", "REPORT_PENDING", "REPORTED", o.signed}}
	for n, s := range steps {
		if !s.at.IsZero() {
			add(loadID(kindEvent, i*len(steps)+n), o.id, n+1, s.kind, s.from, s.to, int64(1), "SYSTEM", s.at, []byte("{}"))
		}
	}
}

func (l *year) judgement(i int, add func(...any)) {
	o := l.one(i)
	if !o.done() {
		return
	}
	_, county := l.county(o.home)
	goal := map[string]string{"REMOTE_CONSULT": "G1", "CHRONIC_MGMT": "G2", "REHAB_CARE_GUIDE": "G3", "ONLINE_REVISIT": "G4"}[o.service]
	add(loadID(kindJudged, i), o.id, "2026-01", []byte("{}"), o.signed, "loaded", o.reasons, o.reasons == 0, goal, loadID(kindHome, o.home), l.hospital(o.home), county.Code, consult.DateOf(o.ended).Time(), true)
}

func (l *year) failures(i int, add func(...any)) {
	o := l.one(i)
	for left := uint32(o.reasons); left != 0; left &= left - 1 { //nolint:gosec // a map of bits
		add(loadID(kindJudged, i), fmt.Sprintf("NC%02d", bits.TrailingZeros32(left)+1), false)
	}
}

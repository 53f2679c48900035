package care

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// recordPaper is a record on its way to paper: the data set of WS 445.14 (会诊记录) with both signatures and what proves them.
type recordPaper struct {
	b        *caseView
	lang     consult.Lang
	licences map[uuid.UUID][]db.ProfessionalLicence // in force on the day
	blocks   []paper.Block
}

// recordSheet puts the sections of a record together, as the caller reads them.
func (s *Service) recordSheet(ctx context.Context, b *caseView) (*recordPaper, error) {
	p := &recordPaper{b: b, lang: lang(b.a)}
	if err := p.loadLicences(ctx); err != nil {
		return nil, err
	}
	application, err := b.application(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := s.countabilityView(ctx, b.q, b.a, b.c, b.v, b.now)
	if err != nil {
		return nil, err
	}
	p.warnings()
	p.facts()
	p.request(application)
	p.vitals()
	p.consent()
	p.opinions()
	p.decision()
	p.presence()
	p.process()
	p.countability(counts)
	sections, err := p.evidence(ctx)
	if err != nil {
		return nil, err
	}
	p.evidenceSheets(sections)
	return p, nil
}

// dayOfCase is the day on which licences and the like are looked at: of the session, before it of the request.
func dayOfCase(c db.Consultation) time.Time {
	for _, at := range []*time.Time{c.StartedAt, c.AcceptedAt, c.SubmittedAt} {
		if at != nil {
			return *at
		}
	}
	return c.CreatedAt
}

func (p *recordPaper) loadLicences(ctx context.Context) error {
	ids := []uuid.UUID{}
	for _, r := range p.b.out.Reports {
		ids = append(ids, r.Author.Id)
	}
	if p.b.out.Adoption != nil {
		ids = append(ids, p.b.out.Adoption.Attending.Id)
	}
	rows, err := p.b.q.LicencesOnDay(ctx, db.LicencesOnDayParams{Users: ids, Day: consult.DateOf(dayOfCase(p.b.c)).Time()})
	if err != nil {
		return err
	}
	p.licences = map[uuid.UUID][]db.ProfessionalLicence{}
	for _, r := range rows {
		p.licences[r.UserID] = append(p.licences[r.UserID], r)
	}
	return nil
}

// document is the sheet with what stands on each page, and the code.
func (p *recordPaper) document(code, site string, digest []byte) paper.Document {
	c, sum := p.b.c, hex.EncodeToString(digest)
	service := p.label(consult.VocabService, c.ServiceType)
	head := p.b.out.InvitingOrg.Name
	if p.b.out.InvitedOrg != nil {
		head += " → " + p.b.out.InvitedOrg.Name
	}
	language := "zh-CN"
	if p.lang == consult.EN {
		language = "en"
	}
	address := site + "/check#" + code
	blocks := append(slices.Clone(p.blocks), paper.Heading(p.say("print_check", nil)),
		paper.Check{Code: address, Lines: []string{p.say("print_check_how", problem.Args{"site": site + "/check", "code": groups(code)}),
			p.say("print_digest", nil) + " SHA-256 " + sum, p.say("print_by", problem.Args{"name": p.b.a.Name, "at": p.at(p.b.now)})}})
	return paper.Document{Language: language, Title: p.say("print_title", problem.Args{"service": service}), Subtitle: head, Subject: c.Serial,
		Left: p.say("print_head", problem.Args{"serial": c.Serial}), Right: p.b.out.InvitingOrg.Name, At: p.b.now, Blocks: blocks,
		Foot: p.say("print_foot", problem.Args{"code": groups(code), "digest": sum[:16]}),
		PageOf: func(page, of int) string {
			return p.say("print_page", problem.Args{"page": strconv.Itoa(page), "of": strconv.Itoa(of)})
		}}
}

func (p *recordPaper) say(code string, args problem.Args) string {
	return problem.Sentence(p.b.a.Locale, code, args)
}

func (p *recordPaper) add(blocks ...paper.Block) { p.blocks = append(p.blocks, blocks...) }

func (p *recordPaper) heading(code string) { p.add(paper.Heading(p.say(code, nil))) }

func (p *recordPaper) fact(code, value string) paper.Fact {
	return paper.Fact{Label: p.say(code, nil), Value: value}
}

// label is a code in words, as they were when it was written.
func (p *recordPaper) label(v consult.Vocabulary, code string) string {
	if code == "" {
		return ""
	}
	return p.b.s.codes().LabelAt(v, code, p.lang, p.b.c.CreatedAt)
}

func (p *recordPaper) labels(v consult.Vocabulary, codes []string) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = p.label(v, c)
	}
	return p.joined(words...)
}

func (p *recordPaper) joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), p.say("print_comma", nil))
}

func (p *recordPaper) at(t time.Time) string {
	return t.In(consult.Shanghai()).Format("2006-01-02 15:04:05")
}

func (p *recordPaper) when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return p.at(*t)
}

func (p *recordPaper) seconds(n int) string {
	return p.say("print_span", problem.Args{"minutes": strconv.Itoa(n / 60), "seconds": strconv.Itoa(n % 60)})
}

// warnings are what a reader has to know first.
func (p *recordPaper) warnings() {
	c := p.b.out
	for _, w := range []struct {
		code string
		on   bool
	}{{"print_drill", c.Drill}, {"print_codes_only", !p.b.full()}, {"print_unsigned", len(c.Reports) == 0}, {"print_sealed", c.State == contract.State(consult.StateSealed)},
		{"print_amended", len(c.Reports) > 1}} {
		if w.on {
			p.add(paper.Text{Text: p.say(w.code, problem.Args{"version": strconv.Itoa(len(c.Reports))}), Manner: paper.Notice})
		}
	}
}

func (p *recordPaper) facts() {
	c, r := p.b.out, p.b.out.Resident
	hospital, department, doctor := "", "", ""
	if c.InvitedOrg != nil {
		hospital = c.InvitedOrg.Name
	}
	if c.Department != nil {
		department = c.Department.Name
	}
	if c.Doctor != nil {
		doctor = c.Doctor.Name
	}
	submitter := ""
	if c.Submitter != nil {
		submitter = c.Submitter.Name
	}
	nurse := ""
	if c.Nurse != nil && c.Nurse.Role == RoleNurse {
		nurse = c.Nurse.Name
	}
	age := strconv.Itoa(consult.AgeAtInstant(consult.DateFromTime(p.b.file.Resident.BirthDate), dayOfCase(p.b.c)))
	conditions := []string{}
	for _, t := range r.Conditions {
		name := t.Zh
		if p.lang == consult.EN {
			name = t.En
		}
		conditions = append(conditions, t.Code+" "+name)
	}
	p.heading("print_facts")
	p.add(paper.Facts{Rows: []paper.Fact{
		p.fact("print_serial", c.Serial), p.fact("print_state", p.label(consult.VocabState, string(c.State))),
		p.fact("print_resident", r.Name), p.fact("print_sex_age", p.joined(p.label(consult.VocabSex, string(r.Sex)), p.say("print_years", problem.Args{"n": age}))),
		p.fact("print_place", cmp.Or(strings.TrimSpace(r.Ward+" "+r.Bed), p.say("print_at_home", nil))), p.fact("print_service", p.label(consult.VocabService, c.ServiceType)),
		p.fact("print_inviting", c.InvitingOrg.Name), p.fact("print_invited", hospital),
		p.fact("print_responsible", submitter), p.fact("print_department", department),
		p.fact("print_nurse", nurse), p.fact("print_doctor", doctor),
		p.fact("print_urgency", p.label(consult.VocabUrgency, string(c.Urgency))), p.fact("print_submitted", p.when(c.SubmittedAt)),
		p.fact("print_accepted", p.when(c.AcceptedAt)), p.fact("print_started", p.when(c.StartedAt)),
		p.fact("print_ended", p.when(c.EndedAt)), p.fact("print_effective", p.effective()),
	}}, paper.Facts{Columns: 1, Rows: []paper.Fact{p.fact("print_conditions", p.joined(conditions...)), p.fact("print_allergies", value(r.Allergies))}})
}

func (p *recordPaper) effective() string {
	if p.b.c.StartedAt == nil {
		return ""
	}
	return p.seconds(p.b.out.EffectiveSeconds)
}

// request is what was asked (G-RM-08).
func (p *recordPaper) request(a contract.Application) {
	c := p.b.out
	purposes := make([]string, len(a.Purposes))
	for i, code := range a.Purposes {
		purposes[i] = p.label(consult.VocabPurpose, code)
	}
	p.heading("print_request")
	p.add(paper.Facts{Columns: 1, Rows: []paper.Fact{
		p.fact("print_reasons", p.labels(consult.VocabReason, c.Reasons)), p.fact("print_red_flags", p.labels(consult.VocabRedFlag, c.RedFlags)),
		p.fact("print_complaint", value(c.Complaint)), p.fact("print_purposes", p.joined(append(purposes, value(a.PurposeNote))...)),
		p.fact("print_wanted", p.label(consult.VocabTitle, a.WantedTitle)), p.fact("print_agreement", value(a.AgreementNumber)), p.fact("print_summary", value(a.Summary)),
	}})
}

func (p *recordPaper) vitals() {
	if len(p.b.out.Vitals) == 0 {
		return
	}
	t := paper.Table{Head: []string{p.say("print_vital", nil), p.say("print_value", nil), p.say("print_flag", nil), p.say("print_taken", nil), p.say("print_taken_by", nil)},
		Widths: []float64{3, 3, 2, 4, 3}}
	for _, v := range p.b.out.Vitals {
		reading := ""
		switch {
		case v.Value != nil:
			reading = strconv.FormatFloat(float64(*v.Value), 'f', -1, 32) + " " + unitLabel(v.Unit, p.lang)
		case v.Qualifier != nil:
			reading = p.label(consult.VocabVitalQualifier, string(*v.Qualifier))
		}
		flag := ""
		if v.Flag != "" && v.Flag != "NORMAL" {
			flag = p.label(consult.VocabVitalFlag, v.Flag)
		}
		t.Rows = append(t.Rows, []string{p.label(consult.VocabVital, v.Code), reading, flag, p.at(v.TakenAt), value(v.TakenBy)})
	}
	p.heading("print_vitals")
	p.add(t)
}

func (p *recordPaper) consent() {
	p.heading("print_consent")
	c := p.b.out.Consent
	if c == nil {
		p.add(paper.Text{Text: p.say("print_no_consent", nil)})
		return
	}
	ticks := make([]string, len(c.Ticks))
	for i, t := range c.Ticks {
		ticks[i] = p.label(consult.VocabConsentTick, strings.ToUpper(t))
	}
	witness := p.joined(value(c.Witness), value(c.SecondWitness))
	p.add(paper.Facts{Rows: []paper.Fact{
		p.fact("print_signer", p.joined(p.label(consult.VocabConsentSigner, c.SignerKind), value(c.SignerName), p.label(consult.VocabRelation, value(c.Relation)))),
		p.fact("print_method", p.label(consult.VocabConsentMethod, c.Method)), p.fact("print_signed_at", p.at(c.SignedAt)), p.fact("print_valid_until", p.at(c.ValidUntil)),
		p.fact("print_witness", witness), p.fact("print_withdrawn", p.when(c.WithdrawnAt)),
	}}, paper.Facts{Columns: 1, Rows: []paper.Fact{p.fact("print_ticks", p.joined(ticks...)), p.fact("print_text", c.TextVersion+" SHA-256 "+c.TextHash)}})
}

// setRows sets rows of evidence: their title with whether it holds, what it says, and where that stands.
func (p *recordPaper) setRows(rows []contract.EvidenceRow) {
	for _, r := range rows {
		title := r.Title
		if r.Holds != nil {
			code := "evidence_holds_not"
			if *r.Holds {
				code = "evidence_holds"
			}
			title += " · " + p.say(code, nil)
		}
		facts := paper.Facts{Columns: 1}
		for _, f := range r.Facts {
			facts.Rows = append(facts.Rows, paper.Fact{Label: f.Label, Value: f.Value})
		}
		p.add(paper.Text{Text: title, Manner: paper.Strong}, facts, paper.Text{Text: r.Source, Manner: paper.Digest})
	}
}

package care

import (
	"strconv"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// opinions are the signed versions of the opinion, the newest first: what an older one said stays readable, marked as corrected.
func (p *recordPaper) opinions() {
	reports := p.b.out.Reports
	if len(reports) == 0 {
		return
	}
	p.heading("print_opinion")
	for i := len(reports) - 1; i >= 0; i-- {
		r := reports[i]
		if len(reports) > 1 {
			code := "print_version"
			if i < len(reports)-1 {
				code = "print_version_old"
			}
			p.add(paper.Text{Text: p.say(code, problem.Args{"version": strconv.Itoa(r.Version)}), Manner: paper.Strong})
		}
		p.opinion(r)
	}
}

func (p *recordPaper) opinion(r contract.Report) {
	c := r.Content
	examined := make([]string, len(value(c.Examined)))
	for i, code := range value(c.Examined) {
		examined[i] = p.label(consult.VocabRemoteExam, code)
	}
	referral, followUp, late := "", "", ""
	if c.Referral != nil {
		referral = p.joined(p.label(consult.VocabDestination, value(c.Referral.Destination)), p.label(consult.VocabGoWithin, value(c.Referral.Within)), value(c.Referral.Note))
	}
	if c.FollowUpOn != nil {
		followUp = c.FollowUpOn.Format("2006-01-02")
	}
	if value(r.Late) {
		late = p.joined(p.say("print_late_yes", nil), value(r.LateReason))
	}
	p.add(paper.Facts{Columns: 1, Rows: []paper.Fact{
		p.fact("print_examination", p.joined(append(examined, value(c.Examination))...)), p.fact("print_assessment", value(c.Assessment)),
		p.fact("print_diagnoses", p.diagnoses(value(c.Diagnoses))), p.fact("print_advice", p.advised(r.Version)),
		p.fact("print_outcome", p.label(consult.VocabOutcome, value(c.Outcome))), p.fact("print_referral", referral), p.fact("print_follow_up", followUp),
		p.fact("print_limits", value(c.Limits)), p.fact("print_correction", value(r.CorrectionReason)), p.fact("print_late", late),
	}})
	p.add(p.signature("print_signed_consultant", r.Author, r.SealNote, r.Digest, p.at(r.SignedAt), value(r.Factor)))
}

func (p *recordPaper) diagnoses(list []contract.Diagnosis) string {
	var lines []string
	for _, d := range list {
		line := strings.TrimSpace(value(d.Code) + " " + d.Text)
		if d.Certainty != nil {
			line += "（" + p.label(consult.VocabCertainty, string(*d.Certainty)) + "）"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// advised is what a version advises, one item a line.
func (p *recordPaper) advised(version int) string {
	var lines []string
	for _, a := range p.b.out.Advice {
		if a.Version == version {
			lines = append(lines, strconv.Itoa(len(lines)+1)+". "+p.item(a))
		}
	}
	return strings.Join(lines, "\n")
}

func (p *recordPaper) item(a contract.AdviceItem) string {
	days := ""
	if a.Days != nil {
		days = p.say("print_days", problem.Args{"n": strconv.Itoa(*a.Days)})
	}
	return p.joined(p.label(consult.VocabAdviceKind, a.Kind), strings.TrimSpace(a.Text+" "+value(a.Dose)), p.label(consult.VocabMedRoute, value(a.Route)),
		p.label(consult.VocabMedFrequency, value(a.Frequency)), days)
}

// signature is the frame in which somebody signed: in the words that the kind of signature demands.
func (p *recordPaper) signature(role string, who contract.Person, note, digest, at, factor string) paper.Block {
	title, number := value(who.Title), ""
	if held := p.licences[who.Id]; len(held) > 0 {
		title = p.label(consult.VocabTitle, held[0].TitleCode)
		if number = held[0].Number; !p.b.full() {
			number = consult.MaskIdentityNumber(number)
		}
	}
	if factor != "" {
		factor = p.say("print_factor_"+strings.ToLower(factor), nil)
	}
	return paper.Signature{Rows: []paper.Fact{{Label: p.say(role, nil), Value: p.joined(who.Name, title)},
		p.fact("print_signed_for", p.joined(value(who.Organisation), value(who.Department))), p.fact("print_licence", number),
		p.fact("print_signed_at", at), p.fact("print_factor", factor)}, Digest: digest, Note: note}
}

// decision is what the inviting side made of the opinion, item by item, and what was carried out.
func (p *recordPaper) decision() {
	d := p.b.out.Adoption
	if d == nil {
		return
	}
	p.heading("print_decision")
	p.add(paper.Facts{Columns: 1, Rows: []paper.Fact{
		p.fact("print_decided", p.joined(p.label(consult.VocabAdoption, string(d.Decision)), p.say("print_of_version", problem.Args{"version": strconv.Itoa(d.Version)}))),
		p.fact("print_final_diagnoses", p.diagnoses(d.FinalDiagnoses)), p.fact("print_final_plan", d.FinalPlan), p.fact("print_decision_reason", value(d.Reason)),
	}})
	t := paper.Table{Head: []string{p.say("print_item", nil), p.say("print_decided", nil), p.say("print_read_back", nil), p.say("print_carried_out", nil)}, Widths: []float64{6, 3, 3, 4}}
	for _, a := range p.b.out.Advice {
		if a.Superseded {
			continue
		}
		said := p.label(consult.VocabAdviceKind, a.Kind)
		if a.Text != "" {
			said = p.item(a)
		}
		decided := ""
		if a.Decision != "" {
			decided = p.label(consult.VocabAdoption, string(a.Decision))
		}
		t.Rows = append(t.Rows, []string{said, p.joined(decided, value(a.DecisionReason)), p.joined(value(a.ReadBackBy), p.when(a.ReadBackAt)),
			p.joined(value(a.ExecutedBy), p.when(a.ExecutedAt), value(a.ExecutionNote))})
	}
	if len(t.Rows) > 0 {
		p.add(t)
	}
	p.add(p.signature("print_signed_attending", d.Attending, d.SealNote, d.Digest, p.at(d.SignedAt), value(d.Factor)))
}

// presence is who was there, as the relay and the tablet noted it.
func (p *recordPaper) presence() {
	c := p.b.out
	t := paper.Table{Head: []string{p.say("print_person", nil), p.say("print_role", nil), p.say("print_side", nil), p.say("print_joined", nil), p.say("print_connected", nil)},
		Widths: []float64{3, 4, 2, 4, 3}}
	for _, x := range c.Participants {
		t.Rows = append(t.Rows, []string{x.Name, p.label(consult.VocabRole, x.Role), p.say("print_side_"+strings.ToLower(string(x.Side)), nil), p.when(x.FirstJoinedAt),
			p.seconds(value(x.ConnectedSeconds))})
	}
	for _, in := range value(c.CheckIns) {
		t.Rows = append(t.Rows, []string{in.Name, p.label(consult.VocabRole, RoleAttending), p.say("print_in_room", nil), p.at(in.Since), p.seconds(in.PresentSeconds)})
	}
	if len(t.Rows) > 0 {
		p.heading("print_presence")
		p.add(t)
	}
}

// process is the chain of events.
func (p *recordPaper) process() {
	t := paper.Table{Head: []string{p.say("print_time", nil), p.say("print_event", nil), p.say("print_state", nil), p.say("print_person", nil)}, Widths: []float64{4, 5, 3, 3}}
	for _, e := range p.b.out.Timeline {
		what := p.say("event_"+strings.ToLower(e.Type), nil)
		if at := deviceTime(e); at != nil {
			what = p.say("print_event_device", problem.Args{"event": what, "at": p.at(*at)})
		}
		t.Rows = append(t.Rows, []string{p.at(e.At), what, p.label(consult.VocabState, value(e.ToState)), value(e.Actor)})
	}
	p.heading("print_process")
	p.add(t)
}

// deviceTime is when a step on the way of a visit was taken by the device; its event is as late as the signature of the record. Nil for all others.
func deviceTime(e contract.Event) *time.Time {
	if e.Data == nil || e.Type != eventVisitArrived && e.Type != eventVisitLeft {
		return nil
	}
	text, _ := (*e.Data)["at"].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil
	}
	return &at
}

// countability is whether it counts and why not, by this project's own rules.
func (p *recordPaper) countability(v contract.CountabilityView) {
	if v.Answer == nil {
		return
	}
	p.heading("print_counting")
	code := "print_counts_not"
	if v.Answer.Countable {
		code = "print_counts"
	}
	p.add(paper.Text{Text: p.say(code, problem.Args{"ruleset": v.Answer.Ruleset, "at": p.at(v.Answer.EvaluatedAt)})})
	for _, f := range v.Answer.Failed {
		p.add(paper.Text{Text: f.Rule + " " + f.Message})
	}
	p.add(paper.Text{Text: v.Note, Manner: paper.Quiet})
}

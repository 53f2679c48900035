package care

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetRecordEvidence gives what a consultation rests on, as it was on its day: licences of both institutions and of everybody who took part, the
// agreement, media by person, medicines, files with their hashes, and what followed. Each row names the row of the database that says so.
// Who reads no free text sees none; complaints and reviews are seen by those who answer for them.
func (s *Service) GetRecordEvidence(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.RecordEvidence, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC); err != nil {
		return contract.RecordEvidence{}, err
	}
	b, err := s.caseFor(ctx, a, id, nil)
	if err != nil {
		return contract.RecordEvidence{}, err
	}
	if !b.full() && !b.v.oversees() {
		return contract.RecordEvidence{}, problem.Forbidden()
	}
	p := &recordPaper{b: b, lang: lang(a)}
	if err := p.loadLicences(ctx); err != nil {
		return contract.RecordEvidence{}, err
	}
	sections, err := p.evidence(ctx)
	if err != nil {
		return contract.RecordEvidence{}, err
	}
	return contract.RecordEvidence{Day: dayOf(p.day().Time()), Sections: sections}, s.logSight(ctx, b.q, a, b.v, "getRecordEvidence", b.c)
}

// day is the one on which things are looked at.
func (p *recordPaper) day() consult.Date { return consult.DateOf(dayOfCase(p.b.c)) }

// evidence puts the sections together; one without a row is not there.
func (p *recordPaper) evidence(ctx context.Context) ([]contract.EvidenceSection, error) {
	out := []contract.EvidenceSection{}
	for _, section := range []struct {
		code string
		rows func(context.Context) ([]contract.EvidenceRow, error)
	}{{"institutions", p.institutionRows}, {"people", p.peopleRows}, {"agreement", p.agreementRows}, {"media", p.mediaRows}, {"medicines", p.medicineRows},
		{"files", p.fileRows}, {"referrals", p.referralRows}, {"ratings", p.ratingRows}, {"complaints", p.complaintRows}, {"reviews", p.reviewRows}, {"prints", p.printRows}} {
		rows, err := section.rows(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", section.code, err)
		}
		if len(rows) > 0 {
			out = append(out, contract.EvidenceSection{Code: section.code, Title: p.say("evidence_"+section.code, nil), Rows: rows})
		}
	}
	return out, nil
}

// row is one row of evidence; facts without a value are left out.
func row(table string, id uuid.UUID, title string, holds *bool, facts ...paper.Fact) contract.EvidenceRow {
	out := contract.EvidenceRow{Title: title, Holds: holds, Source: table + " " + id.String(), Facts: []contract.EvidenceFact{}}
	for _, f := range facts {
		if f.Value != "" {
			out.Facts = append(out.Facts, contract.EvidenceFact{Label: f.Label, Value: f.Value})
		}
	}
	return out
}

// span is from when until when something holds.
func (p *recordPaper) span(from time.Time, to *time.Time) string {
	until := p.say("evidence_open", nil)
	if to != nil {
		until = to.Format(time.DateOnly)
	}
	return from.Format(time.DateOnly) + " – " + until
}

// institutionRows are the licences of both sides, and of who practises in the inviting one, with whether they held on the day.
func (p *recordPaper) institutionRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	orgs := []uuid.UUID{p.b.c.InvitingOrgID}
	site, err := p.b.q.PracticeSiteOf(ctx, db.PracticeSiteOfParams{CareOrgID: p.b.c.InvitingOrgID, Day: p.day().Time()})
	if err != nil && !store.IsNone(err) {
		return nil, err
	}
	if err == nil {
		orgs = append(orgs, site)
	}
	if p.b.c.InvitedOrgID != nil {
		orgs = append(orgs, *p.b.c.InvitedOrgID)
	}
	for _, id := range orgs {
		o, err := p.b.q.CaseOrganisation(ctx, id)
		if err != nil {
			return nil, err
		}
		licences, err := p.b.q.CaseLicences(ctx, id)
		if err != nil {
			return nil, err
		}
		before := len(out)
		for _, l := range licences {
			if l.ValidTo != nil && l.ValidTo.Before(l.ValidFrom) {
				continue // was entered wrongly
			}
			holds := licence(l.ValidFrom, l.ValidTo).ValidOn(p.day())
			out = append(out, row("licences", l.ID, o.Name, &holds, p.fact("evidence_kind", p.say("evidence_licence_"+strings.ToLower(l.Kind), nil)),
				p.fact("evidence_number", l.Number), p.fact("evidence_departments", p.labels(consult.VocabDepartment, l.DepartmentCodes)), p.fact("evidence_valid", p.span(l.ValidFrom, l.ValidTo))))
		}
		if len(out) == before {
			no := false
			out = append(out, row("organisations", o.ID, o.Name, &no, p.fact("evidence_kind", p.say("evidence_no_licence", nil))))
		}
	}
	return out, nil
}

// peopleRows are the professional licences that everybody who took part or signed held on the day; who held none is told so.
func (p *recordPaper) peopleRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	people := p.everybody()
	ids := make([]uuid.UUID, len(people))
	for i, x := range people {
		ids[i] = x.Id
	}
	licences, err := p.b.q.LicencesOnDay(ctx, db.LicencesOnDayParams{Users: ids, Day: p.day().Time()})
	if err != nil {
		return nil, err
	}
	for _, x := range people {
		title, before := p.joined(x.Name, p.label(consult.VocabRole, x.Role)), len(out)
		for _, l := range licences {
			if l.UserID != x.Id {
				continue
			}
			number := l.Number
			if !p.b.full() {
				number = consult.MaskIdentityNumber(number)
			}
			place, err := p.b.q.CaseOrganisation(ctx, l.OrganisationID)
			if err != nil {
				return nil, err
			}
			since := ""
			if l.IndependentSince != nil {
				since = l.IndependentSince.Format(time.DateOnly)
			}
			yes := true
			out = append(out, row("professional_licences", l.ID, title, &yes, p.fact("evidence_kind", p.say("evidence_licence_"+strings.ToLower(l.Kind), nil)),
				p.fact("print_licence", number), p.fact("evidence_title", p.label(consult.VocabTitle, l.TitleCode)), p.fact("evidence_scope", p.joined(l.Category, l.Scope)),
				p.fact("evidence_registered", place.Name), p.fact("evidence_independent", since), p.fact("evidence_valid", p.span(l.ValidFrom, l.ValidTo))))
		}
		if len(out) == before {
			no := false
			out = append(out, row("users", x.Id, title, &no, p.fact("evidence_kind", p.say("evidence_no_licence", nil))))
		}
	}
	return out, nil
}

// everybody who took part, asked or signed, each once.
func (p *recordPaper) everybody() []contract.Person {
	var out []contract.Person
	add := func(x contract.Person) {
		if !slices.ContainsFunc(out, func(y contract.Person) bool { return y.Id == x.Id }) {
			out = append(out, x)
		}
	}
	c := p.b.out
	for _, x := range []*contract.Person{c.Doctor, c.Submitter, c.Nurse} {
		if x != nil {
			add(*x)
		}
	}
	for _, r := range c.Reports {
		add(r.Author)
	}
	if c.Adoption != nil {
		add(c.Adoption.Attending)
	}
	for _, x := range c.Participants {
		add(contract.Person{Id: x.UserId, Name: x.Name, Role: x.Role})
	}
	return out
}

// agreementRows is the agreement under which it was given (G-RM-06).
func (p *recordPaper) agreementRows(ctx context.Context) ([]contract.EvidenceRow, error) {
	if p.b.c.AgreementID == nil {
		return nil, nil
	}
	g, err := p.b.q.AgreementByID(ctx, *p.b.c.AgreementID)
	if err != nil {
		return nil, err
	}
	holds := inForce(g, dayOfCase(p.b.c))
	return []contract.EvidenceRow{row("agreements", g.ID, g.Number, &holds, p.fact("evidence_services", p.labels(consult.VocabService, g.ServiceTypes)),
		p.fact("evidence_departments", p.labels(consult.VocabDepartment, g.DepartmentCodes)), p.fact("evidence_valid", p.span(g.ValidFrom, &g.ValidTo)),
		p.fact("evidence_terminated", p.when(g.TerminatedAt)), p.fact("evidence_clause_purpose", g.ClausePurpose), p.fact("evidence_clause_conditions", g.ClauseConditions),
		p.fact("evidence_clause_content", g.ClauseContent), p.fact("evidence_clause_process", g.ClauseProcess), p.fact("evidence_clause_rights", g.ClauseRights),
		p.fact("evidence_clause_liability", g.ClauseLiability))}, nil
}

// mediaRows is what the relay saw of each person: how long, how often the line was lost, how much came through.
func (p *recordPaper) mediaRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	intervals, err := p.b.q.CaseIntervals(ctx, p.b.c.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range p.b.out.Participants {
		var connected, media []consult.Interval
		for _, i := range intervals {
			if i.ParticipantID != x.Id {
				continue
			}
			in := consult.Interval{From: i.StartedAt, To: i.LastSeenAt}
			if i.Kind == "connected" {
				connected = append(connected, in)
				continue
			}
			media = append(media, in)
		}
		seconds := int64(consult.Total(media) / time.Second)
		rate := func(bytes int64) string {
			if seconds == 0 {
				return ""
			}
			return strconv.FormatInt(bytes*8/1000/seconds, 10) + " kbit/s"
		}
		came := seconds > 0
		out = append(out, row("participants", x.Id, p.joined(x.Name, p.label(consult.VocabRole, x.Role)), &came, p.fact("print_joined", p.when(x.FirstJoinedAt)),
			p.fact("print_connected", p.seconds(value(x.ConnectedSeconds))), p.fact("evidence_media_time", p.seconds(int(seconds))),
			p.fact("evidence_lost", strconv.Itoa(max(len(connected)-1, 0))), p.fact("evidence_audio", rate(value(x.AudioBytes))), p.fact("evidence_video", rate(value(x.VideoBytes)))))
	}
	return out, nil
}

// medicineRows are what the resident took and was allergic to at the time; names for those who read free text.
func (p *recordPaper) medicineRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	at := dayOfCase(p.b.c)
	medicines, err := p.b.q.MedicationsOnDay(ctx, db.MedicationsOnDayParams{ResidentID: p.b.c.ResidentID, At: at, Day: p.day().Time()})
	if err != nil {
		return nil, err
	}
	allergies, err := p.b.q.AllergiesAt(ctx, db.AllergiesAtParams{ResidentID: p.b.c.ResidentID, At: at})
	if err != nil {
		return nil, err
	}
	hidden := p.say("evidence_hidden", nil)
	for _, m := range medicines {
		name, dose := hidden, ""
		if p.b.full() {
			if name, err = p.b.s.openText("medications", "name_enc", m.ID, m.NameEnc); err != nil {
				return nil, err
			}
			if dose, err = p.b.s.openText("medications", "dose_enc", m.ID, m.DoseEnc); err != nil {
				return nil, err
			}
		}
		out = append(out, row("medications", m.ID, name, nil, p.fact("evidence_use", p.joined(dose, p.label(consult.VocabMedRoute, m.Route), p.label(consult.VocabMedFrequency, m.Frequency))),
			p.fact("evidence_from_where", p.label(consult.VocabMedSource, m.Source)), p.fact("evidence_since", m.StartedOn.Format(time.DateOnly))))
	}
	for _, a := range allergies {
		name := hidden
		if p.b.full() {
			if name, err = p.b.s.openText("allergies", "substance_enc", a.ID, a.SubstanceEnc); err != nil {
				return nil, err
			}
		}
		out = append(out, row("allergies", a.ID, p.joined(p.say("print_allergies", nil), name), nil, p.fact("evidence_kind", p.label(consult.VocabAllergyKind, a.Kind)),
			p.fact("evidence_severity", p.label(consult.VocabSeverity, a.Severity))))
	}
	return out, nil
}

// fileRows are photos, documents and signatures with their hashes.
func (p *recordPaper) fileRows(ctx context.Context) (out []contract.EvidenceRow, err error) {
	files, err := p.b.q.AttachmentsOfCase(ctx, &p.b.c.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		title := p.say("evidence_file_"+strings.ToLower(f.Kind), nil)
		out = append(out, row("attachments", f.ID, p.joined(title, p.label(consult.VocabDocumentCategory, f.Category)), nil,
			p.fact("evidence_format", f.ContentType), p.fact("evidence_size", strconv.Itoa(int(f.Size))), p.fact("evidence_stored", p.joined(p.at(f.CreatedAt), f.CreatedByName)),
			paper.Fact{Label: "SHA-256", Value: hex.EncodeToString(f.Sha256)}))
	}
	return out, nil
}

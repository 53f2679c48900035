package care

import (
	"context"
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
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The form of application (远程会诊申请单). G-RM-08 wants reason, purpose, time, case summary and the specialty and title of the
// doctor who is invited. The nurse types none of it twice: the reason is the request's, the purpose follows from it, the time from
// the urgency, the specialty is the department that is asked, the summary is put together from the file. What differs is written
// here, until the request is made and while it is back for more material; then it is part of the record.

// appliable: the form can be written.
func appliable(c db.Consultation) bool {
	return c.State == string(consult.StateDraft) || c.State == string(consult.StateReturned)
}

// GetApplication gives the form as it stands, or as it would be sent. An administrator and quality control read codes, no free text.
func (s *Service) GetApplication(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Application, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC); err != nil {
		return contract.Application{}, err
	}
	b, err := s.caseFor(ctx, a, id, nil)
	if err != nil {
		return contract.Application{}, err
	}
	if !b.full() && !b.v.oversees() {
		return contract.Application{}, problem.Forbidden()
	}
	out, err := b.application(ctx)
	if err != nil {
		return contract.Application{}, err
	}
	return out, s.logSight(ctx, b.q, a, b.v, "getApplication", b.c)
}

// SaveApplication writes the form; revision 0 is the first. Errors: 422 with the fields, 409 revision_stale and no_longer_editable
// once the request is made.
func (s *Service) SaveApplication(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ApplicationInput) (contract.Application, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Application{}, err
	}
	var f form
	for i, code := range in.Purposes {
		f.code("purposes/"+strconv.Itoa(i), consult.VocabPurpose, code)
		if slices.Contains(in.Purposes[:i], code) {
			f.add("purposes/"+strconv.Itoa(i), "chosen_twice")
		}
	}
	if len(in.Purposes) == 0 {
		f.add("purposes", "required")
	}
	note, summary := f.text("purposeNote", value(in.PurposeNote), 0, 500), f.text("summary", value(in.Summary), 0, 4000)
	title := value(in.WantedTitle)
	if title != "" && !slices.Contains(consult.WantedTitles(), title) {
		f.add("wantedTitle", "wrong_value")
	}
	if (in.WindowFrom == nil) != (in.WindowTo == nil) {
		f.add("windowTo", "required")
	}
	if err := f.err(); err != nil {
		return contract.Application{}, err
	}
	err := s.onConsultation(ctx, a, nil, "saveApplication", id, in, bedside, func(ch *change) error {
		if !appliable(ch.c) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		if in.WindowFrom != nil {
			if err := consult.CheckSlot(*in.WindowFrom, *in.WindowTo, ch.now); err != nil {
				return onField(err, "windowFrom")
			}
		}
		noteEnc, summaryEnc := s.sealText("applications", "purpose_note_enc", id, note), s.sealText("applications", "summary_enc", id, summary)
		var rows int64
		var err error
		if in.Revision == 0 {
			rows, err = ch.q.AddApplication(ctx, db.AddApplicationParams{ConsultationID: id, Purposes: in.Purposes, PurposeNoteEnc: noteEnc, SummaryEnc: summaryEnc,
				WantedTitle: title, WindowFrom: in.WindowFrom, WindowTo: in.WindowTo, WrittenBy: a.UserID, Now: ch.now})
		} else {
			rows, err = ch.q.SaveApplication(ctx, db.SaveApplicationParams{ConsultationID: id, Purposes: in.Purposes, PurposeNoteEnc: noteEnc, SummaryEnc: summaryEnc,
				WantedTitle: title, WindowFrom: in.WindowFrom, WindowTo: in.WindowTo, WrittenBy: a.UserID, Now: ch.now, Revision: revision32(in.Revision)})
		}
		if err != nil {
			return fmt.Errorf("application: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "revision_stale", nil)
		}
		ch.touch("request")
		return nil
	})
	if err != nil {
		return contract.Application{}, err
	}
	b, err := s.caseFor(ctx, a, id, nil)
	if err != nil {
		return contract.Application{}, err
	}
	return b.application(ctx)
}

// applied keeps the form with a request that is made: what was written, else what was proposed, with the summary as it is now, so
// that later readings do not change what was asked.
func (s *Service) applied(ctx context.Context, ch *change) error {
	row, err := ch.q.ApplicationOf(ctx, ch.c.ID)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("application: %w", err)
	}
	written := err == nil
	if written && row.SummaryEnc != nil && !row.SummaryProposed {
		return nil
	}
	summary, err := s.summaryOf(ctx, ch.q, ch.c, ch.now)
	if err != nil {
		return err
	}
	sealed := s.sealText("applications", "summary_enc", ch.c.ID, summary)
	var rows int64
	if written {
		rows, err = ch.q.SaveApplication(ctx, db.SaveApplicationParams{ConsultationID: ch.c.ID, Purposes: row.Purposes, PurposeNoteEnc: row.PurposeNoteEnc,
			SummaryEnc: sealed, SummaryProposed: true, WantedTitle: row.WantedTitle, WindowFrom: row.WindowFrom, WindowTo: row.WindowTo, WrittenBy: row.WrittenBy, Now: ch.now, Revision: row.Revision})
	} else {
		rows, err = ch.q.AddApplication(ctx, db.AddApplicationParams{ConsultationID: ch.c.ID, Purposes: consult.ProposePurposes(reasonChips(ch.c.Reasons)),
			SummaryEnc: sealed, SummaryProposed: true, WrittenBy: *ch.actor, Now: ch.now})
	}
	if err != nil {
		return fmt.Errorf("application: %w", err)
	}
	if rows != 1 {
		return ch.conflict(ctx, "revision_stale", nil)
	}
	return nil
}

func (b *caseView) application(ctx context.Context) (contract.Application, error) {
	out := contract.Application{Editable: b.v.care() && appliable(b.c), Purposes: consult.ProposePurposes(reasonChips(b.c.Reasons)), Titles: []contract.Term{}}
	for _, code := range consult.WantedTitles() {
		t, _ := consult.Lookup(consult.VocabTitle, code)
		out.Titles = append(out.Titles, contract.Term{Code: t.Code, Zh: t.ZH, En: t.EN})
	}
	row, err := b.q.ApplicationOf(ctx, b.c.ID)
	if err != nil && !store.IsNone(err) {
		return out, fmt.Errorf("application: %w", err)
	}
	var summary []byte
	if err == nil {
		out.Revision, out.Purposes, out.WantedTitle = int(row.Revision), row.Purposes, row.WantedTitle
		out.Window, out.WrittenBy, out.WrittenAt, summary = slotOf(row.WindowFrom, row.WindowTo), &row.Writer, utc(&row.WrittenAt), row.SummaryEnc
	}
	if b.c.DoctorID != nil {
		code := b.people[*b.c.DoctorID].TitleCode
		serves := consult.TitleServes(code, out.WantedTitle)
		out.DoctorTitle, out.TitleServes = titleOf(b.a, code), &serves
	}
	if b.c.AgreementID != nil {
		agreement, err := b.q.AgreementByID(ctx, *b.c.AgreementID)
		if err != nil {
			return out, fmt.Errorf("agreement: %w", err)
		}
		out.AgreementNumber = some(agreement.Number)
	}
	if !b.full() {
		return out, nil
	}
	note, err := b.s.openText("applications", "purpose_note_enc", b.c.ID, row.PurposeNoteEnc)
	if err != nil {
		return out, err
	}
	words, err := b.s.openText("applications", "summary_enc", b.c.ID, summary)
	if err != nil {
		return out, err
	}
	if words == "" || row.SummaryProposed {
		out.SummaryProposed = new(true)
		if words == "" || appliable(b.c) {
			if words, err = b.s.summaryOf(ctx, b.q, b.c, b.now); err != nil {
				return out, err
			}
		}
	}
	out.PurposeNote, out.Summary = some(note), some(words)
	return out, nil
}

// summaryOf is the case summary (病历摘要) that is put together from the file: who, with which diseases and allergies, why and since
// when the doctor is asked, and the newest readings. The record is Chinese. It names nobody.
func (s *Service) summaryOf(ctx context.Context, q *db.Queries, c db.Consultation, now time.Time) (string, error) {
	r, err := q.CaseResident(ctx, c.ResidentID)
	if err != nil {
		return "", fmt.Errorf("resident: %w", err)
	}
	var parts []string
	sex, _ := consult.Lookup(consult.VocabSex, r.Sex)
	parts = append(parts, fmt.Sprintf("%s，%d岁", sex.ZH, consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now)))
	var diseases []string
	for _, code := range r.ConditionCodes {
		name := code
		if known, ok := s.codes().Condition(code); ok {
			name = known.ZH
		}
		diseases = append(diseases, name)
	}
	if len(diseases) > 0 {
		parts = append(parts, "既往："+strings.Join(diseases, "、"))
	}
	allergies, err := s.openText("residents", "allergies_enc", r.ID, r.AllergiesEnc)
	if err != nil {
		return "", err
	}
	if allergies != "" {
		parts = append(parts, "过敏："+allergies)
	}
	var reasons []string
	for _, code := range c.Reasons {
		reasons = append(reasons, consult.Label(consult.VocabReason, code, consult.ZH))
	}
	complaint, err := s.openText("consultations", "complaint_enc", c.ID, c.ComplaintEnc)
	if err != nil {
		return "", err
	}
	why := "本次：" + strings.Join(reasons, "、")
	if complaint != "" {
		why += "，" + complaint
	}
	parts = append(parts, why)
	newest, err := newestByConsultation(ctx, s.codes(), q, []uuid.UUID{c.ID})
	if err != nil {
		return "", err
	}
	var readings []string
	for _, v := range newest[c.ID] {
		readings = append(readings, readingWords(s.codes(), v))
	}
	if len(readings) > 0 {
		parts = append(parts, "测量："+strings.Join(readings, "，"))
	}
	for i, p := range parts {
		parts[i] = strings.TrimRight(p, "。；，")
	}
	return strings.Join(parts, "。") + "。", nil
}

// readingWords is a reading in words: 收缩压 168 mmHg.
func readingWords(codes *consult.Codes, v contract.Vital) string {
	name := codes.Label(consult.VocabVital, v.Code, consult.ZH)
	if v.Value == nil {
		return name + " " + consult.Label(consult.VocabVitalQualifier, string(value(v.Qualifier)), consult.ZH)
	}
	return strings.TrimSpace(name + " " + strconv.FormatFloat(float64(*v.Value), 'f', -1, 32) + " " + unitLabel(v.Unit, consult.ZH))
}

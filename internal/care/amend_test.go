package care_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// amend saves the content as the draft and signs it as a correction.
func amend(w *caretest.World, c contract.Consultation, content contract.ReportContent, why string) (contract.Consultation, error) {
	w.T.Helper()
	draft, err := w.Care.SaveReportDraft(w.T.Context(), w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: content})
	if err != nil {
		return contract.Consultation{}, err
	}
	return w.Care.AmendReport(w.T.Context(), w.Wang, uuid.New(), c.Id, contract.AmendReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Reason: why, Password: caretest.Password})
}

func consulted(w *caretest.World, resident uuid.UUID) contract.Consultation {
	c := w.Claim(w.Wang, w.Offered(w.Nurse, resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	return w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
}

// A signed report is corrected by a new signed version; the old one stays, the inviting side decides again, and what was
// carried out already is not to be done twice.
func TestAmendment(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := consulted(w, w.Resident)
	if c.State != "FOLLOW_UP" || len(c.Reports) != 1 {
		t.Fatalf("%s, %d reports", c.State, len(c.Reports))
	}
	// The nurse measures; the drug waits.
	nursing := c.Advice[slices.IndexFunc(c.Advice, func(a contract.AdviceItem) bool { return a.Kind == "NURSING" })]
	must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), nursing.Id, contract.NoteRequest{}))(t)

	_, err := amend(w, c, w.Content(), "写错")
	refused(t, err, "nothing_changed")
	corrected := w.Content()
	(*corrected.Advice)[0].Text = "氨氯地平改为每日一次2.5mg"
	draft := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t).ReportDraft
	saved := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Revision: draft.Revision, Content: corrected}))(t)
	in := contract.AmendReportRequest{Epoch: c.Epoch, Revision: saved.Revision, Reason: "剂量写错", Password: "wrong"}
	_, err = w.Care.AmendReport(ctx, w.Wang, uuid.New(), c.Id, in)
	refused(t, err, "wrong_password")
	in.Password = caretest.Password
	_, err = w.Care.AmendReport(ctx, w.Zhao, uuid.New(), c.Id, in)
	refused(t, err, "epoch_stale")
	got := must(w.Care.AmendReport(ctx, w.Wang, uuid.New(), c.Id, in))(t)
	if got.State != "FOLLOW_UP" || len(got.Reports) != 2 || got.Reports[1].Version != 2 || *got.Reports[1].CorrectionReason != "剂量写错" ||
		(*got.Reports[0].Content.Advice)[0].Text == (*got.Reports[1].Content.Advice)[0].Text || got.Reports[0].Digest == got.Reports[1].Digest {
		t.Fatalf("%s %+v", got.State, got.Reports)
	}
	for _, a := range got.Advice {
		switch {
		case a.Superseded != (a.Version == 1), a.Superseded && a.Executable:
			t.Errorf("version %d: %+v", a.Version, a)
		case a.Version == 2 && a.Kind == "NURSING" && (a.ExecutedAt == nil || a.Decision != ""):
			t.Error("what was carried out is to be done again")
		case a.Version == 2 && a.Kind == "DRUG" && a.ExecutedAt != nil:
			t.Error("what was changed counts as carried out")
		}
	}
	// The old drug advice can no longer be carried out; the new one waits for its decision, which is per version.
	old := got.Advice[slices.IndexFunc(got.Advice, func(a contract.AdviceItem) bool { return a.Kind == "DRUG" && a.Version == 1 })]
	_, err = w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), old.Id, contract.NoteRequest{})
	refused(t, err, "advice_not_executable")
	list := must(w.Care.GetWorklist(ctx, w.Attending))(t)
	if len(list.ToAdopt) != 1 || len(list.Tasks) != 0 {
		t.Fatalf("to adopt %d, tasks %d", len(list.ToAdopt), len(list.Tasks))
	}
	again := must(w.Care.GetConsultation(ctx, w.Attending, c.Id))(t)
	again = w.Adopt(w.Attending, again)
	if again.State != "FOLLOW_UP" || again.Adoption.Version != 2 {
		t.Errorf("%s, decided on version %d", again.State, again.Adoption.Version)
	}
	_, err = w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, caretest.AdoptAll(again))
	refused(t, err, consult.CodeTransition)
	if n := w.Count(`SELECT count(*) FROM reports WHERE consultation_id = $1`, c.Id); n != 2 {
		t.Errorf("%d versions", n)
	}
}

// After the limit a report says that it was entered late, and why; six hours after a rescue.
func TestLateEntry(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	w.Clock.Pass(24*time.Hour + time.Minute)
	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: w.Content()}))(t)
	in := contract.SignReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Password: caretest.Password}
	_, err := w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, in)
	if p := refused(t, err, "invalid_request"); len(p.Fields) != 1 || p.Fields[0].Path != "lateReason" || p.Fields[0].Code != consult.CodeLateReason {
		t.Fatalf("%+v", p.Fields)
	}
	why := "当日抢救其他病人"
	in.LateReason = &why
	got := must(w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, in))(t)
	if r := got.Reports[0]; r.Late == nil || !*r.Late || *r.LateReason != why {
		t.Errorf("%+v", r)
	}
}

// A sealed record lists what it held under the system's seal and refuses every edit, whoever asks; it opens by rule only.
func TestSealedRecord(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := consulted(w, w.Resident)
	link := must(w.Care.CreateRatingLink(ctx, w.Nurse, uuid.New(), c.Id, contract.EmptyRequest{}))(t)
	ticket := must(w.Care.ExchangeRatingLink(ctx, contract.RatingToken{Token: link.Token}))(t)
	in := contract.SealRequest{Reason: "家属对用药有争议", InstitutionSide: "张主任", OtherSide: "王小明", OtherRelation: "儿子", Password: caretest.Password}
	got := must(w.Care.SealRecord(ctx, w.HomeAdmin, uuid.New(), c.Id, in))(t)
	if got.State != "SEALED" || got.Seals == nil || len(*got.Seals) != 1 {
		t.Fatalf("%s %+v", got.State, got.Seals)
	}
	seal := (*got.Seals)[0]
	var pieces []string
	for _, p := range seal.Pieces {
		pieces = append(pieces, p.Kind)
	}
	if seal.Reason != in.Reason || seal.OtherSide != in.OtherSide || !slices.Contains(pieces, "REPORT") || !slices.Contains(pieces, "ADOPTION") ||
		!slices.Contains(pieces, "CONSENT") || !slices.Contains(pieces, "EVENTS") {
		t.Errorf("%+v", seal)
	}
	// A link that was given out before adds nothing either.
	if p := refused(t, w.Care.RateByLink(ctx, contract.LinkRating{Ticket: ticket.Ticket, Score: 1}), "record_sealed"); p.Current != nil {
		t.Errorf("the family is told %+v", p.Current)
	}
	// Every operation of everybody is refused, by the one rule.
	seen := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	before := w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id)
	for who, a := range map[string]identity.Actor{"nurse": w.Nurse, "attending": w.Attending, "doctor": w.Wang, "administrator": w.HomeAdmin} {
		own := must(w.Care.GetConsultation(ctx, a, c.Id))(t)
		for _, op := range own.Actions {
			if op != "unsealRecord" && op != "listMessages" {
				t.Errorf("%s is offered %s", who, op)
			}
		}
		for op, try := range calls(t, w, filled(seen), uuid.New()) {
			if strings.HasPrefix(op, "get") && op != "getTicket" || op == "listMessages" || op == "unsealRecord" {
				continue
			}
			if err := try(a); err == nil {
				t.Errorf("%s: %s works on a sealed record", who, op)
			}
		}
	}
	_, err := w.Care.CompleteFollowUp(ctx, w.Nurse, uuid.New(), (*seen.FollowUps)[0].Id, contract.NoteRequest{})
	refused(t, err, "record_sealed")
	is(t, "events", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id), before)

	list := must(w.Care.ListSealed(ctx, w.HomeAdmin))(t)
	if len(list) != 1 || list[0].Serial != c.Serial || strings.Contains(list[0].ResidentName, c.Resident.Name) {
		t.Errorf("%+v", list)
	}
	if far := must(w.Care.ListSealed(ctx, w.User("admin.far", "远主任", "INST_ADMIN", w.Stranger)))(t); len(far) != 0 {
		t.Error("a stranger's list")
	}
	_, err = w.Care.UnsealRecord(ctx, w.HomeAdmin, uuid.New(), c.Id, contract.UnsealRequest{Basis: "THREE_YEARS", Password: caretest.Password})
	if p := refused(t, err, "invalid_request"); p.Fields[0].Code != consult.CodeUnsealEarly {
		t.Errorf("%+v", p.Fields)
	}
	order := "（2026）内01民初12号"
	opened := must(w.Care.UnsealRecord(ctx, w.HomeAdmin, uuid.New(), c.Id, contract.UnsealRequest{Basis: "ORDER", Order: &order, Password: caretest.Password}))(t)
	if opened.State != "ARCHIVED" || *(*opened.Seals)[0].UnsealOrder != order {
		t.Errorf("%s %+v", opened.State, (*opened.Seals)[0])
	}
	// Open again, it can be corrected; the correction goes through the same door.
	corrected := w.Content()
	*corrected.Limits = "未能听诊和触诊"
	if got := must(amend(w, must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t), corrected, "补充局限"))(t); len(got.Reports) != 2 || got.State != "ARCHIVED" {
		t.Errorf("%s, %d versions", got.State, len(got.Reports))
	}
}

func amendCalls(ctx context.Context, w *caretest.World, c contract.Consultation) map[string]call {
	return map[string]call{
		"amendReport": func(a identity.Actor) error {
			_, err := w.Care.AmendReport(ctx, a, uuid.New(), c.Id, contract.AmendReportRequest{Epoch: c.Epoch, Revision: 99, Reason: "x", Password: caretest.Password})
			return err
		},
		"sealRecord": func(a identity.Actor) error {
			_, err := w.Care.SealRecord(ctx, a, uuid.New(), c.Id, contract.SealRequest{Reason: "争议", InstitutionSide: "张主任", OtherSide: "王某", OtherRelation: "子女", Password: caretest.Password})
			return err
		},
		"unsealRecord": func(a identity.Actor) error {
			order := "1号"
			_, err := w.Care.UnsealRecord(ctx, a, uuid.New(), c.Id, contract.UnsealRequest{Basis: "ORDER", Order: &order, Password: caretest.Password})
			return err
		},
	}
}

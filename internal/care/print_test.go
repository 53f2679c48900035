package care_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

const site = "https://lianzhen.example.cn"

// printed is the text of a print as a program of others reads it, without breaks of lines.
func printed(t *testing.T, w *caretest.World, a identity.Actor, id uuid.UUID) (text, code string, p care.Print) {
	t.Helper()
	p = must(w.Care.PrintRecord(t.Context(), a, id, site))(t)
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-raw", "-enc", "UTF-8", "-", "-")
	cmd.Stdin = bytes.NewReader(p.PDF)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	found := regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){3}`).Find(out)
	if found == nil {
		t.Fatalf("no code on the paper:\n%s", out)
	}
	return strings.ReplaceAll(string(out), "\n", ""), string(found), p
}

// The printed record holds both signatures in the words that they demand, the versions, and a code that tells when the paper has become old.
// Who reads no free text prints none.
func TestPrintedRecord(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	draft := w.Draft(w.Nurse, w.ResidentOf(w.Home, "刘桂英", "07", "FULL"))
	_, err := w.Care.PrintRecord(ctx, w.Nurse, draft.Id, site)
	refused(t, err, "nothing_to_print")
	c := must(w.Care.GetConsultation(ctx, w.Attending, consulted(w, w.Resident).Id))(t)
	_, err = w.Care.PrintRecord(ctx, w.StrangerNurse, c.Id, site)
	refused(t, err, "not_found")

	text, code, p := printed(t, w, w.Nurse, c.Id)
	is(t, "name of the file", p.Name, c.Serial+".pdf")
	name := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t).Resident.Name
	report := c.Reports[0]
	for _, want := range []string{c.Serial, name, "氨氯地平", *report.Content.Assessment, report.Digest, c.Adoption.Digest, c.Adoption.FinalPlan, "110150000000001", "签署诊疗意见",
		"系统存证签章，非《电子签名法》第十三条可靠电子签名", "本系统口径，非官方统计口径", "第 1 页，共", site + "/check"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	for _, raw := range []string{"print_", "event_", "CONTINUE", "ADOPTED", "NURSE"} {
		if strings.Contains(text, raw) {
			t.Errorf("the paper says %q instead of words", raw)
		}
	}
	is(t, "noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'printRecord' AND object_id = $1 AND user_id = $2`, c.Id, w.Nurse.UserID), 1)

	for _, written := range []string{code, strings.ToLower(strings.ReplaceAll(code, "-", " "))} {
		check := must(w.Care.CheckRecordPrint(ctx, contract.RecordPrintCode{Code: written}))(t)
		if !check.Agrees || !check.Holds || len(check.Signatures) != 2 || check.Serial != c.Serial || check.Scope != "RECORD" {
			t.Errorf("%s: %+v", written, check)
		}
	}
	_, err = w.Care.CheckRecordPrint(ctx, contract.RecordPrintCode{Code: strings.Repeat("0", 20)})
	refused(t, err, "print_unknown")

	sheet := must(w.Care.GetRecordEvidence(ctx, w.HomeAdmin, c.Id))(t)
	have := map[string]contract.EvidenceSection{}
	for _, s := range sheet.Sections {
		have[s.Code] = s
	}
	for _, code := range []string{"institutions", "people", "agreement", "media", "prints"} {
		if len(have[code].Rows) == 0 {
			t.Errorf("no evidence of %s", code)
		}
		for _, r := range have[code].Rows {
			if r.Holds == nil || r.Source == "" || len(r.Facts) == 0 {
				t.Errorf("%s: %+v", code, r)
			}
		}
	}
	if holds := have["agreement"].Rows[0].Holds; !*holds {
		t.Error("the agreement of the day does not hold")
	}
	// What ended afterwards held on the day; a licence that was entered wrongly never did, and is nobody's title.
	w.Exec(`UPDATE agreements SET terminated_at = $1`, w.Clock.Now().Add(time.Hour))
	w.Exec(`INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, valid_from, valid_to) VALUES (gen_random_uuid(), $1, $2, 'PHYSICIAN', '110159999999999', '231', '2026-01-01', '2025-12-31')`, w.Wang.UserID, w.Hospital)
	again := must(w.Care.GetRecordEvidence(ctx, w.Nurse, c.Id))(t)
	for _, s := range again.Sections {
		if s.Code == "agreement" && !*s.Rows[0].Holds {
			t.Error("an agreement that ended later did not hold")
		}
		for _, r := range s.Rows {
			for _, f := range r.Facts {
				if f.Value == "110159999999999" {
					t.Error("a licence that never held is shown as held")
				}
			}
		}
	}
	is(t, "title", *must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t).Doctor.TitleCode, "233")

	admin, _, _ := printed(t, w, w.HomeAdmin, c.Id)
	for _, secret := range []string{name, "氨氯地平", *report.Content.Assessment, "110150000000001"} {
		if strings.Contains(admin, secret) {
			t.Errorf("an administrator prints %q", secret)
		}
	}
	if !strings.Contains(admin, "管理版") || !strings.Contains(admin, report.Digest) {
		t.Error("the administrator's print does not say what it is")
	}

	w.Exec(`ALTER TABLE adoptions DISABLE TRIGGER append_only`)
	w.Exec(`UPDATE adoptions SET digest = sha256('another') WHERE consultation_id = $1`, c.Id)
	is(t, "a signature that does not fit", must(w.Care.CheckRecordPrint(ctx, contract.RecordPrintCode{Code: code}))(t).Holds, false)
	w.Exec(`UPDATE adoptions SET digest = decode($2, 'hex') WHERE consultation_id = $1`, c.Id, c.Adoption.Digest)

	corrected := w.Content()
	(*corrected.Advice)[0].Text = "氨氯地平改为每日一次2.5mg"
	must(amend(w, c, corrected, "剂量写错"))(t)
	old := must(w.Care.CheckRecordPrint(ctx, contract.RecordPrintCode{Code: code}))(t)
	if old.Agrees || !old.Holds || len(old.Signatures) != 3 || old.Signatures[1].Printed {
		t.Errorf("paper from before the correction: %+v", old)
	}
	if newer, _, _ := printed(t, w, w.Wang, c.Id); !strings.Contains(newer, "第 2 版（现行）") || !strings.Contains(newer, "第 1 版（已更正") || !strings.Contains(newer, "剂量写错") {
		t.Error("a new print does not show both versions with the reason")
	}
}

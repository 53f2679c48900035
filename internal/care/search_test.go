package care_test

import (
	"strings"
	"testing"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// Everybody finds by what they may read and nothing else: words of the opinion by who takes part, names of the own institution's residents by its
// administrator, and nothing by strangers. The search is noted without its words.
func TestSearchInTheLog(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := consulted(w, w.Resident)
	w.Offered(w.Nurse, w.Second)
	elsewhere := also(t, w, w.StrangerDoctor, "QC", w.Hospital, nil) // a doctor of another hospital, and quality control here
	holder := also(t, w, w.Wang, "QC", w.Hospital, nil)
	day := openapi_types.Date{Time: consult.DateOf(w.Clock.Now()).Time()}
	for _, one := range []struct {
		who  identity.Actor
		text string
		hit  bool
	}{
		{w.Nurse, "氨氯地平", true}, {w.Wang, "氨氯地平", true}, {w.Nurse, "张秀英 氨氯地平", true}, {w.Nurse, "ZXY", true}, {w.Attending, "按会诊意见", true}, {w.Nurse, "胰岛素", false},
		{w.HomeAdmin, "氨氯地平", false}, {w.HomeAdmin, "按会诊意见", false}, {w.HomeAdmin, "张秀英", true}, {w.HomeAdmin, "高血压", true}, {w.StrangerNurse, "张秀英", false},
		{elsewhere, "氨氯地平", false}, {elsewhere, "高血压", true}, {holder, "氨氯地平", true},
	} {
		found := must(w.Care.SearchConsultations(ctx, one.who, contract.LogSearch{Text: one.text, From: day, To: day}))(t)
		hit := len(found.Rows) == 1 && found.Rows[0].Id == c.Id
		if hit != one.hit || len(found.Rows) > 1 {
			t.Errorf("%s looks for %s: %d rows of %d", one.who.Username, one.text, len(found.Rows), found.Searched)
		}
		if hit && strings.Contains(found.Rows[0].ResidentName, "秀英") {
			t.Errorf("%s: a list names %s", one.who.Username, found.Rows[0].ResidentName)
		}
	}
	is(t, "noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'searchConsultations'`), 14)
	is(t, "words kept", w.Count(`SELECT count(*) FROM access_log WHERE result LIKE '%氨氯%' OR result LIKE '%秀英%'`), 0)
	_, err := w.Care.SearchConsultations(ctx, w.Nurse, contract.LogSearch{Text: "  ", From: day, To: day})
	refused(t, err, "invalid_request")
}

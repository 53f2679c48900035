package care

import (
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

func TestComplaintOfARoundInTheReadersLanguage(t *testing.T) {
	made := roundComplaint([]string{"FOLLOW_UP", "PLAN"}, consult.ZH)
	for _, c := range []struct{ text, zh, en string }{
		{made, "计划查房：随访到期、照护计划到期", "Planned round: Follow-up due, Care plan due"},
		{roundComplaint(nil, consult.ZH), "计划查房", "Planned round"},
		{"计划查房：头晕两天", "计划查房：头晕两天", "计划查房：头晕两天"}, // a person wrote it
		{"计划查房前血压高", "计划查房前血压高", "计划查房前血压高"},
		{"气短", "气短", "气短"}, {"", "", ""},
	} {
		if zh, en := complaintIn(c.text, consult.ZH), complaintIn(c.text, consult.EN); zh != c.zh || en != c.en {
			t.Errorf("%q: %q, %q", c.text, zh, en)
		}
	}
}

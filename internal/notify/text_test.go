package notify

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Every text is made of the words of this program alone: nothing that was entered by people can be in it.
func TestTexts(t *testing.T) {
	public, err := url.Parse("https://lianzhen.example.cn")
	if err != nil {
		t.Fatal(err)
	}
	subject := uuid.New()
	for _, e := range append(Events(), Test) {
		for _, locale := range []string{"zh-CN", "en"} {
			x := text{event: e, urgency: consult.Emergent, department: "0304", subject: subject, round: 1}
			got := x.in(locale, public)
			if strings.Contains(got, "{") || strings.Contains(got, "EMERGENT") {
				t.Errorf("%s in %s has a gap: %s", e, locale, got)
			}
			if !strings.Contains(got, " https://lianzhen.example.cn/") {
				t.Errorf("%s in %s has no link: %s", e, locale, got)
			}
			if n := len([]rune(got)); n > 200 {
				t.Errorf("%s in %s has %d characters", e, locale, n)
			}
			if strings.Contains(x.in(locale, nil), "http") {
				t.Errorf("%s in %s links to nowhere", e, locale)
			}
		}
	}
	x := text{event: Ring, urgency: consult.Critical, department: "0304"}
	if got, want := x.in("zh-CN", public), "【联诊】特急（濒危）会诊请求，需要立即接诊，请马上打开联诊。科室：心血管内科。 https://lianzhen.example.cn/queue"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	x.round, x.urgency = 2, consult.Urgent
	if got := x.in("en", nil); !strings.HasPrefix(got, "[Lianzhen] Reminder 2: A consultation request (") {
		t.Error(got)
	}
}

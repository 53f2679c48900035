package telemetry_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

func TestActsOfDevicesAreCountedByWhatBecameOfThem(t *testing.T) {
	reg := telemetry.NewRegistry("test")
	status, repeated := http.StatusOK, false
	h := telemetry.NewHTTP(telemetry.HTTPOptions{Logger: slog.New(slog.DiscardHandler), Registry: reg}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if repeated {
			telemetry.Repeated(r.Context())
		}
		w.WriteHeader(status)
	}))
	send := func(code int, again bool, at string) {
		status, repeated = code, again
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set(telemetry.ActHeader, at)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	now := time.Now().UTC()
	fresh, old := now.Format(time.RFC3339Nano), now.Add(-3*time.Hour).Format(time.RFC3339)
	send(200, false, fresh)
	send(201, false, old)
	send(200, true, old)
	send(409, false, old)
	send(422, false, old)
	send(404, false, old)
	for _, notNow := range []int{401, 429, 503} { // it comes again
		send(notNow, false, old)
	}
	send(200, false, "yesterday") // no act
	send(200, false, "")
	want := `
# HELP lianzhen_device_acts_total Acts from the logs of devices by what became of them: applied, duplicate (sent again), conflict (somebody else was first), refused; late yes: it waited for the network.
# TYPE lianzhen_device_acts_total counter
lianzhen_device_acts_total{late="no",verdict="applied"} 1
lianzhen_device_acts_total{late="yes",verdict="applied"} 1
lianzhen_device_acts_total{late="yes",verdict="conflict"} 1
lianzhen_device_acts_total{late="yes",verdict="duplicate"} 1
lianzhen_device_acts_total{late="yes",verdict="refused"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "lianzhen_device_acts_total"); err != nil {
		t.Error(err)
	}
}

package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// request is what a provider got.
type request struct {
	path, query string
	header      http.Header
	body        []byte
}

// provider is a gateway, a robot's server or a push service, on loopback. It remembers what it got and answers as it is told.
type provider struct {
	t      *testing.T
	url    string
	mu     sync.Mutex
	got    []request
	answer func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1
}

// newProvider answers 200 with the robots' "all is well" until told otherwise.
func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{t: t}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.got = append(p.got, request{r.URL.Path, r.URL.RawQuery, r.Header.Clone(), body})
		n, answer := len(p.got), p.answer
		p.mu.Unlock()
		if answer != nil {
			answer(n, w, r)
			return
		}
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

func (p *provider) answers(f func(n int, w http.ResponseWriter, r *http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

func status(code int) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (p *provider) all() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]request(nil), p.got...)
}

// wait gives the requests as soon as there are n.
func (p *provider) wait(n int) []request {
	p.t.Helper()
	eventually(p.t, "a request to the provider", func() bool { return len(p.all()) >= n })
	return p.all()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never came: %s", what)
		}
	}
}

const secret = "a-gateway's-key-of-its-own"

// house is a world with a sender that runs.
type house struct {
	*caretest.World
	t      *testing.T
	sender *notify.Service
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{World: caretest.New(t), t: t}
	h.sender = h.node(h.Store, notify.Config{})
	return h
}

// node is a sender on a store. It is not running.
func (h *house) node(st *store.Store, cfg notify.Config) *notify.Service {
	h.t.Helper()
	cfg.AllowPrivate, cfg.Poll = true, 3*time.Millisecond
	n, err := notify.New(h.t.Context(), notify.Deps{Store: st, Keeper: h.Keeper, Now: h.Clock.Now, Config: cfg})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// run lets a sender work until the test ends, or until the returned function is called.
func (h *house) run(n *notify.Service) (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

// channel enters a channel of an organisation through the use-case.
func (h *house) channel(admin identity.Actor, kind contract.ChannelKind, url string, change ...func(*contract.NotificationChannelInput)) contract.NotificationChannel {
	h.t.Helper()
	in := contract.NotificationChannelInput{OrganisationId: admin.Memberships[0].OrganisationID, Kind: kind, Name: "测试通道", Url: url,
		Events: []contract.NotifyEvent{"RING", "CRITICAL_PAGE"}, Locale: "zh-CN"}
	if string(kind) == notify.SMSWebhook {
		key := secret
		in.Secret, in.Events = &key, []contract.NotifyEvent{}
	}
	for _, f := range change {
		f(&in)
	}
	return caretest.Must[contract.NotificationChannel](h.World)(h.Care.CreateNotificationChannel(h.t.Context(), admin, uuid.New(), in))
}

// settings saves somebody's choices.
func (h *house) settings(a identity.Actor, change func(*contract.NotificationSettingsInput)) contract.NotificationSettings {
	h.t.Helper()
	now := caretest.Must[contract.NotificationSettings](h.World)(h.Care.GetNotificationSettings(h.t.Context(), a))
	in := contract.NotificationSettingsInput{Revision: now.Revision, Quiet: now.Quiet, Choices: []contract.NotificationChoiceInput{}}
	change(&in)
	return caretest.Must[contract.NotificationSettings](h.World)(h.Care.SaveNotificationSettings(h.t.Context(), a, in))
}

func phone(number string) func(*contract.NotificationSettingsInput) {
	return func(in *contract.NotificationSettingsInput) { in.Phone = &number }
}

func (h *house) browser(a identity.Actor, endpoint string) contract.PushSubscription {
	h.t.Helper()
	return caretest.Must[contract.PushSubscription](h.World)(h.Care.CreatePushSubscription(h.t.Context(), a,
		contract.PushSubscriptionInput{Endpoint: endpoint, Label: "Chrome"}))
}

// waits is a request of the home that waits.
func (h *house) waits(urgency contract.Urgency) contract.Consultation {
	h.t.Helper()
	c := h.Draft(h.Nurse, h.Second)
	h.Consent(h.Nurse, c.Id)
	return h.Submit(h.Nurse, c.Id, urgency)
}

// deliveries counts messages by state.
func (h *house) deliveries(where string, args ...any) int {
	h.t.Helper()
	return h.Count(`SELECT count(*) FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id WHERE `+where, args...)
}

// quiet waits until everything that was written is planned and nothing is due.
func (h *house) quiet() {
	h.t.Helper()
	eventually(h.t, "everything is planned and sent", func() bool {
		return h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NULL`) == 0 &&
			h.deliveries(`d.state = 'SENDING' OR d.state IN ('WAITING', 'RETRYING') AND d.due_at <= $1`, h.Clock.Now()) == 0
	})
}

// sms checks the signature of a request to a gateway as the documentation tells a gateway to, and reads it.
func (h *house) sms(r request) notify.SMSBody {
	h.t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(r.header.Get("Lianzhen-Timestamp") + "." + string(r.body)))
	if want := "v1=" + hex.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(r.header.Get("Lianzhen-Signature"))) {
		h.t.Errorf("signature %s, want %s", r.header.Get("Lianzhen-Signature"), want)
	}
	var body notify.SMSBody
	if err := json.Unmarshal(r.body, &body); err != nil {
		h.t.Fatal(err)
	}
	if body.ID != r.header.Get("Lianzhen-Delivery") {
		h.t.Errorf("two ids: %s and %s", body.ID, r.header.Get("Lianzhen-Delivery"))
	}
	return body
}

// names nothing of a resident.
func (h *house) impersonal(texts ...string) {
	h.t.Helper()
	for _, text := range texts {
		for _, private := range []string{"乌兰", "张秀英", "阳光", "青霉素", "不舒服", "床"} {
			if strings.Contains(text, private) {
				h.t.Errorf("%q holds %q", text, private)
			}
		}
	}
}

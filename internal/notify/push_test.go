package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/notify"
)

// What a push service is told: who we are, for how long to keep it, how urgent it is, and nothing else.
func TestPush(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	service := newProvider(t)
	service.answers(status(http.StatusCreated))
	h.browser(h.Wang, service.url+"/push/wang")
	h.sender = h.node(h.Store, notify.Config{Contact: "mailto:it@hospital.example.cn"})
	h.run(h.sender)
	h.waits("CRITICAL")
	got := service.wait(1)[0]
	if got.path != "/push/wang" || len(got.body) != 0 {
		t.Errorf("%s with %d bytes", got.path, len(got.body))
	}
	for name, want := range map[string]string{"Ttl": "60", "Urgency": "high"} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
	if topic := got.header.Get("Topic"); len(topic) != 32 {
		t.Errorf("Topic %q", topic)
	}
	token, key, ok := strings.Cut(strings.TrimPrefix(got.header.Get("Authorization"), "vapid t="), ", k=")
	if !ok || key != h.sender.PushKey() {
		t.Fatalf("Authorization %q", got.header.Get("Authorization"))
	}
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return public, nil }, jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithAudience(service.url), jwt.WithTimeFunc(h.Clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	until, err := claims.GetExpirationTime()
	if err != nil || until.Sub(h.Clock.Now()) > 24*time.Hour || claims["sub"] != "mailto:it@hospital.example.cn" {
		t.Errorf("claims %v", claims)
	}
	// All nodes have the same key: a browser that subscribed to one is reached by every other.
	if other := h.node(h.Store, notify.Config{}); other.PushKey() != h.sender.PushKey() {
		t.Error("two keys")
	}
	// The reminder replaces what was not delivered yet.
	h.quiet()
	h.Clock.Pass(time.Minute + time.Second)
	if again := service.wait(2)[1]; again.header.Get("Topic") != got.header.Get("Topic") || again.header.Get("Ttl") != "120" {
		t.Errorf("the reminder has %v", again.header)
	}
}

func TestABrowserThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	service := newProvider(t)
	service.answers(func(_ int, w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/gone") {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	h.browser(h.Wang, service.url+"/gone")
	h.browser(h.Wang, service.url+"/here")
	h.run(h.sender)
	h.enqueue(notify.Fact{Event: notify.SwapAnswer, Users: []uuid.UUID{h.Wang.UserID}, Subject: uuid.New(), At: h.Clock.Now()})
	service.wait(2)
	h.quiet()
	mine := caretest.Must[contract.NotificationSettings](h.World)(h.Care.GetNotificationSettings(t.Context(), h.Wang))
	if len(mine.Subscriptions) != 1 || mine.Subscriptions[0].LastSentAt == nil {
		t.Errorf("subscriptions %+v", mine.Subscriptions)
	}
	if n := h.deliveries(`d.state = 'STOPPED' AND d.error_code = 'notify_subscription_gone'`); n != 1 {
		t.Errorf("%d are noted as gone", n)
	}
}

package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// vapid is the key by which push services know this installation (RFC 8292).
type vapid struct {
	private *ecdsa.PrivateKey
	public  string // uncompressed point, base64url: the applicationServerKey of subscriptions
	contact string // mailto: or https:, for the push service's operators
}

// openVapid reads the key that all nodes share, and makes it the first time. Subscriptions are bound to it: it is never
// replaced.
func openVapid(ctx context.Context, st *store.Store, keep *seal.Keeper, contact string) (*vapid, error) {
	row, err := st.Q().VapidKey(ctx)
	if store.IsNone(err) {
		if err := makeVapid(ctx, st, keep); err != nil {
			return nil, err
		}
		row, err = st.Q().VapidKey(ctx) // another node may have been first
	}
	if err != nil {
		return nil, fmt.Errorf("push key: %w", err)
	}
	plain, err := keep.Open("notify_vapid", "private_enc", row.ID, row.PrivateEnc)
	if err != nil {
		return nil, fmt.Errorf("push key: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, fmt.Errorf("push key: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("push key: not a key on P-256")
	}
	return &vapid{private: private, public: base64.RawURLEncoding.EncodeToString(row.Public), contact: contact}, nil
}

func makeVapid(ctx context.Context, st *store.Store, keep *seal.Keeper) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("push key: %w", err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("push key: %w", err)
	}
	public, err := private.PublicKey.Bytes()
	if err != nil {
		return fmt.Errorf("push key: %w", err)
	}
	id := uuid.Must(uuid.NewV7())
	err = st.Q().AddVapidKey(ctx, db.AddVapidKeyParams{ID: id, PrivateEnc: keep.Seal("notify_vapid", "private_enc", id, plain), Public: public})
	if err != nil {
		return fmt.Errorf("push key: %w", err)
	}
	return nil
}

// vapidLife is how long a token for a push service is good; RFC 8292 allows a day.
const vapidLife = 12 * time.Hour

// authorization gives the header for the origin of an endpoint.
func (v *vapid) authorization(endpoint *url.URL, now time.Time) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": now.Add(vapidLife).Unix(), "sub": v.contact,
	}).SignedString(v.private)
	if err != nil {
		return "", fmt.Errorf("sign for the push service: %w", err)
	}
	return "vapid t=" + token + ", k=" + v.public, nil
}

// pushMessage is one push: no payload, so that the service learns nothing but that something is new.
type pushMessage struct {
	endpoint string
	life     time.Duration // for how long the service keeps it (TTL)
	urgency  consult.Urgency
	topic    string // a later message of the same series replaces one that was not delivered yet
	at       time.Time
}

// sendPush asks a push service to wake a browser (RFC 8030).
func sendPush(ctx context.Context, client *http.Client, v *vapid, m pushMessage) Outcome {
	endpoint, err := url.Parse(m.endpoint)
	if err != nil {
		return Outcome{Code: codeAddressForm}
	}
	authorization, err := v.authorization(endpoint, m.at)
	if err != nil {
		return Outcome{Code: codeUnreadable}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint, http.NoBody)
	if err != nil {
		return Outcome{Code: codeAddressForm}
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("TTL", strconv.Itoa(int(m.life/time.Second)))
	r.Header.Set("Urgency", pushUrgency(m.urgency))
	r.Header.Set("Topic", m.topic)
	r.Header.Set("User-Agent", "Lianzhen")
	_, o := exchange(client, r, m.at)
	if o.Status == http.StatusNotFound || o.Status == http.StatusGone {
		o.Code, o.gone = codeGone, true
	}
	return o
}

// pushUrgency is what a device with a low battery goes by.
func pushUrgency(u consult.Urgency) string {
	if pressing(u) {
		return "high"
	}
	return "normal"
}

// topicOf is 32 characters of the alphabet that RFC 8030 allows.
func topicOf(series string) string {
	sum := sha256.Sum256([]byte(series))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

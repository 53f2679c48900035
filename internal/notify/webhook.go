package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// How long a provider may take for one answer.
const (
	webhookLimit = 10 * time.Second
	robotLimit   = 5 * time.Second
	pushLimit    = 10 * time.Second
)

// message is one thing to send, as far as a provider needs to know it.
type message struct {
	id      string
	event   Event
	urgency string
	locale  string
	text    string
	phone   string // SMS
	at      time.Time
}

// SMSBody is the body that a gateway gets; see the package's documentation.
type SMSBody struct {
	ID      string `json:"id"`
	To      string `json:"to"`
	Text    string `json:"text"`
	Locale  string `json:"locale"`
	Event   Event  `json:"event"`
	Urgency string `json:"urgency,omitempty"`
	Test    bool   `json:"test"`
}

// SignWebhook gives the value of Lianzhen-Signature.
func SignWebhook(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// sendSMS hands a message to an organisation's gateway.
func sendSMS(ctx context.Context, client *http.Client, address, secret string, m message) Outcome {
	body, err := json.Marshal(SMSBody{ID: m.id, To: m.phone, Text: m.text, Locale: m.locale, Event: m.event, Urgency: m.urgency, Test: m.event == Test})
	if err != nil {
		return Outcome{Code: codeUnreadable}
	}
	r, err := post(ctx, address, body)
	if err != nil {
		return Outcome{Code: codeAddressForm}
	}
	timestamp := strconv.FormatInt(m.at.Unix(), 10)
	r.Header.Set("Lianzhen-Delivery", m.id)
	r.Header.Set("Lianzhen-Timestamp", timestamp)
	r.Header.Set("Lianzhen-Signature", SignWebhook(secret, timestamp, body))
	_, o := exchange(client, r, m.at)
	return o
}

func post(ctx context.Context, address string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Lianzhen")
	return r, nil
}

package notify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Deps is what the service stands on.
type Deps struct {
	Store   *store.Store
	Keeper  *seal.Keeper
	Logger  *slog.Logger          // nil: none
	Metrics prometheus.Registerer // nil: none
	Now     func() time.Time      // nil: the clock of the database, so that nodes cannot disagree
	Config
}

// Config are the settings.
type Config struct {
	Policy
	// PublicURL is what links begin with; nil: texts have no link.
	PublicURL *url.URL
	// Contact is told to push services: a mailto: or https: address. Empty: the public address, or one that nobody reads.
	Contact string
	// Poll is how often a node looks for what is due; 0 means half a second.
	Poll time.Duration
	// Limit is how long a provider may take for an answer; 0 means 10 s for SMS and Web Push, 5 s for robots.
	Limit time.Duration
	// Lease is how long a node may take for one message before another takes it over; 0 means 30 s. It is longer than
	// every provider's limit.
	Lease time.Duration
}

const (
	defaultPoll  = 500 * time.Millisecond
	defaultLease = 30 * time.Second
)

// Service plans and sends. It is safe for concurrent use, also by several nodes on one database.
type Service struct {
	st      *store.Store
	keep    *seal.Keeper
	log     *slog.Logger
	now     func() time.Time
	cfg     Config
	client  *http.Client
	vapid   *vapid
	metrics *metrics
	planned map[string]chan struct{} // by channel: something was planned

	closing context.Context
	close   context.CancelFunc
	running atomic.Bool
	ended   chan struct{}
}

// New opens the service; it reads or makes the installation's push key.
func New(ctx context.Context, d Deps) (*Service, error) {
	if d.Store == nil || d.Keeper == nil {
		return nil, errors.New("notify: a store and a keeper are needed")
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Poll == 0 {
		d.Poll = defaultPoll
	}
	if d.Lease == 0 {
		d.Lease = defaultLease
	}
	if d.Contact == "" {
		d.Contact = "mailto:nobody@lianzhen.invalid"
		if d.PublicURL != nil && d.PublicURL.Scheme == "https" {
			d.Contact = d.PublicURL.String()
		}
	}
	key, err := openVapid(ctx, d.Store, d.Keeper, d.Contact)
	if err != nil {
		return nil, err
	}
	s := &Service{st: d.Store, keep: d.Keeper, log: d.Logger, now: d.Now, cfg: d.Config, client: d.client(), vapid: key,
		metrics: newMetrics(d.Metrics, d.Store, d.Logger), ended: make(chan struct{})}
	s.planned = map[string]chan struct{}{}
	for _, channel := range []string{SMS, Push, WeCom, DingTalk} {
		s.planned[channel] = make(chan struct{}, 1)
	}
	s.closing, s.close = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// PushKey is the applicationServerKey for browsers' subscriptions.
func (s *Service) PushKey() string { return s.vapid.public }

// Check judges an address that somebody enters; see [Policy.Check].
func (s *Service) Check(address string) (host, refusal string) { return s.cfg.Check(address) }

// Channel is an organisation's channel with its secrets open.
type Channel struct {
	Kind, URL, Secret, Locale string
}

// TestChannel sends one test message now and waits for the answer. Phone is the recipient of an SMS.
func (s *Service) TestChannel(ctx context.Context, c Channel, phone string) (Outcome, time.Duration, error) {
	now, err := s.clock(ctx)
	if err != nil {
		return Outcome{}, 0, err
	}
	m := message{id: uuid.NewString(), event: Test, locale: c.Locale, text: text{event: Test}.in(c.Locale, s.cfg.PublicURL), phone: phone, at: now}
	began := time.Now()
	o := s.dispatch(ctx, c, m)
	return o, time.Since(began), nil
}

// SendCode sends a code for a consent through an organisation's gateway now and waits for the answer. The text names nobody.
func (s *Service) SendCode(ctx context.Context, c Channel, phone, code string, minutes int) (Outcome, error) {
	now, err := s.clock(ctx)
	if err != nil {
		return Outcome{}, err
	}
	return s.dispatch(ctx, c, message{id: uuid.NewString(), event: ConsentCode, locale: c.Locale, text: codeText(c.Locale, code, minutes), phone: phone, at: now}), nil
}

// dispatch sends through a channel of an organisation within its limit.
func (s *Service) dispatch(ctx context.Context, c Channel, m message) Outcome {
	limit := robotLimit
	if c.Kind == SMSWebhook {
		limit = webhookLimit
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.cfg.Limit, limit))
	defer cancel()
	switch c.Kind {
	case SMSWebhook:
		return sendSMS(ctx, s.client, c.URL, c.Secret, m)
	case WeComRobot:
		return sendWeCom(ctx, s.client, c.URL, m)
	case DingTalkRobot:
		return sendDingTalk(ctx, s.client, c.URL, c.Secret, m)
	}
	return Outcome{Code: codeNoRecipient}
}

// clock is the instant by which everything is due.
func (s *Service) clock(ctx context.Context) (time.Time, error) {
	return store.Now(ctx, s.st.Q(), s.now)
}

func urgencyOf(code string) consult.Urgency { return consult.Urgency(code) }

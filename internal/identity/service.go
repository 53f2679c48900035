package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// Grace is how long the predecessor of the current refresh token gets the same successor: two tabs, a lost reply.
	Grace = 30 * time.Second
	// SignInLimit is when a sign-in ends even if it is used all the time. The query RotateAuthSession has it too.
	SignInLimit = 30 * 24 * time.Hour

	defaultAccessTTL  = 10 * time.Minute
	defaultRefreshTTL = 7 * 24 * time.Hour
	// keepEnded is for how long ended sign-ins are kept.
	keepEnded = 180 * 24 * time.Hour
	// keepSockets is for how long the sessions of sockets are kept after their end; one that ended two minutes ago opens nothing.
	keepSockets = 7 * 24 * time.Hour
)

// Config of a service. Zero values mean the defaults.
type Config struct {
	AccessTTL  time.Duration    // of access tokens; default 10 min
	RefreshTTL time.Duration    // a sign-in that is not used ends after it; default 7 days, at most SignInLimit
	Now        func() time.Time // default time.Now
	HashCost   HashCost         // default DefaultHashCost
	Refused    []string         // passwords that everybody knows: they open no account
	Public     *url.URL         // scheme and host of the installation, to which security keys are bound; nil, or an IP address: none are possible
}

// Service signs people in and says who they are. It is safe for concurrent use.
type Service struct {
	st         *store.Store
	k          *seal.Keeper
	keys       *keyring
	hasher     *hasher
	turns      turns
	accessTTL  time.Duration
	refreshTTL time.Duration
	now        func() time.Time
	refused    map[string]bool    // canonical; never changed
	rp         *webauthn.WebAuthn // nil: security keys are not possible here
}

// New reads the signing keys, which [OpenKeeper] made.
func New(st *store.Store, k *seal.Keeper, cfg Config) (*Service, error) {
	s := &Service{
		st: st, k: k, hasher: newHasher(cfg.HashCost), now: cfg.Now,
		accessTTL: cfg.AccessTTL, refreshTTL: cfg.RefreshTTL, refused: map[string]bool{},
	}
	for _, password := range cfg.Refused {
		s.refused[string(canonical(password))] = true
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.accessTTL <= 0 {
		s.accessTTL = defaultAccessTTL
	}
	if s.refreshTTL <= 0 {
		s.refreshTTL = defaultRefreshTTL
	}
	s.refreshTTL = min(s.refreshTTL, SignInLimit)
	var err error
	if s.rp, err = relyingParty(cfg.Public); err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	s.keys = &keyring{st: st, k: k, now: s.now}
	if err := s.keys.readNow(context.Background()); err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return s, nil
}

// Grant is a sign-in as it leaves the server: the refresh token goes into a HttpOnly cookie.
type Grant struct {
	AccessToken    string
	ExpiresAt      time.Time // of the access token
	RefreshToken   string
	RefreshExpires time.Time
	Actor          Actor
}

// LogValue hides the tokens.
func (g Grant) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", g.Actor.UserID.String()), slog.Time("expires", g.ExpiresAt))
}

// grant makes the tokens of a sign-in's present generation.
func (s *Service) grant(ctx context.Context, q *db.Queries, row db.AuthSession) (Grant, error) {
	a, err := s.actor(ctx, q, row.UserID, row.ID)
	if err != nil {
		return Grant{}, err
	}
	now := s.now()
	g := Grant{Actor: a, ExpiresAt: now.Add(s.accessTTL), RefreshExpires: row.ExpiresAt}
	if row.ExpiresAt.Before(g.ExpiresAt) {
		g.ExpiresAt = row.ExpiresAt
	}
	g.ExpiresAt = g.ExpiresAt.Truncate(time.Second) // as the token says it
	g.AccessToken, err = s.sign(ctx, purposeAccess, accessClaims{
		RegisteredClaims: s.registered(accessTo, a.UserID.String(), now, g.ExpiresAt), SessionID: row.ID.String(),
	})
	if err != nil {
		return Grant{}, err
	}
	g.RefreshToken, err = s.makeRefresh(ctx, refreshToken{row.ID, row.Generation})
	return g, err
}

// actor reads a sign-in, its user and the memberships in force now.
func (s *Service) actor(ctx context.Context, q *db.Queries, user, session uuid.UUID) (Actor, error) {
	now := s.now()
	u, err := q.SignedIn(ctx, db.SignedInParams{SessionID: session, UserID: user, At: now})
	switch {
	case store.IsNone(err):
		return Actor{}, unauthenticated(errors.New("no such sign-in"))
	case err != nil:
		return Actor{}, fmt.Errorf("read the sign-in: %w", err)
	case u.RevokedAt != nil || u.DisabledAt != nil:
		return Actor{}, revoked()
	case !now.Before(u.ExpiresAt):
		return Actor{}, expired()
	}
	rows, err := q.MembershipsInForce(ctx, db.MembershipsInForceParams{UserID: user, At: now})
	if err != nil {
		return Actor{}, fmt.Errorf("read the memberships: %w", err)
	}
	a := Actor{
		UserID: user, SessionID: session, Username: u.Username, Name: u.DisplayName, Locale: u.Locale,
		MustChangePassword: u.MustChangePassword, FactorResetAt: u.FactorsResetAt, Memberships: make([]Membership, len(rows)),
	}
	for i, m := range rows {
		a.Memberships[i] = Membership(m)
	}
	a.Held, a.ActingAs = a.Memberships, u.ActingAs
	a.Memberships = narrowed(a.Held, a.ActingAs)
	if u.FactorDue {
		set, err := q.FactorsOf(ctx, user)
		if err != nil {
			return Actor{}, fmt.Errorf("second factor: %w", err)
		}
		a.FactorDue = FactorConfirm
		if len(set) == 0 {
			a.FactorDue = FactorEnrol
		}
	}
	return a, nil
}

func revoked() *problem.Problem {
	return problem.New(http.StatusUnauthorized, "session_revoked", nil)
}

func expired() *problem.Problem {
	return problem.New(http.StatusUnauthorized, "session_expired", nil)
}

// SetLocale remembers the language that the person reads.
func (s *Service) SetLocale(ctx context.Context, a Actor, locale string) error {
	n, err := s.st.Q().SetLocale(ctx, db.SetLocaleParams{Locale: locale, At: s.now(), ID: a.UserID})
	if err == nil && n == 0 {
		return problem.NotFound()
	}
	return err
}

// Prune deletes challenges that are over, the sessions of sockets that ended a week ago, sign-ins that ended half a year ago and keys that verify nothing
// any more.
func (s *Service) Prune(ctx context.Context) error {
	now := s.now()
	if _, err := s.st.Q().PruneSignalingSessions(ctx, now.Add(-keepSockets)); err != nil {
		return fmt.Errorf("prune the sessions of sockets: %w", err)
	}
	if _, err := s.st.Q().PruneKeyChallenges(ctx, now); err != nil {
		return fmt.Errorf("prune challenges: %w", err)
	}
	if _, err := s.st.Q().PruneAuthSessions(ctx, now.Add(-keepEnded)); err != nil {
		return fmt.Errorf("prune sign-ins: %w", err)
	}
	if _, err := s.st.Q().PruneSigningKeys(ctx, now.Add(-keyMargin)); err != nil {
		return fmt.Errorf("prune signing keys: %w", err)
	}
	return nil
}

// clean makes a header's text fit for a column: valid, printable and at most limit bytes.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	for len(text) > limit {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

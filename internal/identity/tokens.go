package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

const (
	issuer   = "lianzhen"
	accessTo = "access"
	mediaTo  = "media"

	// TicketTTL is how long a media ticket may be used to join; a call that was joined goes on.
	TicketTTL = time.Minute
)

// Ticket lets one participant into one room of the relay. Epoch is the consultation's fencing token.
type Ticket struct {
	Room, Participant, User uuid.UUID
	Epoch                   int64
}

type accessClaims struct {
	jwt.RegisteredClaims
	SessionID string `json:"sid"`
}

type mediaClaims struct {
	jwt.RegisteredClaims
	Room        string `json:"room"`
	Participant string `json:"participant"`
	Epoch       int64  `json:"epoch"`
}

func (s *Service) registered(to, subject string, now, expires time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{to}, Subject: subject,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}
}

// sign makes a token with the youngest key of its purpose.
func (s *Service) sign(ctx context.Context, purpose string, claims jwt.Claims) (string, error) {
	key, err := s.keys.newest(ctx, purpose)
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	t.Header["kid"] = key.kid.String()
	token, err := t.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}

// parse checks everything that a token says of itself: algorithm, key, issuer, audience, expiry. unavailable is an error
// of ours, refused one of the token.
func (s *Service) parse(ctx context.Context, purpose, to, token string, claims jwt.Claims) (refused, unavailable error) {
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		text, _ := t.Header["kid"].(string)
		kid, err := uuid.Parse(text)
		if err != nil {
			return nil, errors.New("no key id")
		}
		key, err := s.keys.find(ctx, purpose, kid)
		if err != nil && !errors.Is(err, errNoKey) {
			unavailable = err
		}
		return key.public, err
	},
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(to),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.now))
	if unavailable != nil {
		return nil, unavailable
	}
	return err, nil
}

func unauthenticated(cause error) error {
	return problem.New(http.StatusUnauthorized, "unauthenticated", nil).Because(cause)
}

// Authenticate gives the person behind an access token, with the memberships in force now, and when the token expires.
// It reads the sign-in anew, so that revocation acts at once. Refusals have status 401: unauthenticated (bad or expired
// token) or session_revoked.
func (s *Service) Authenticate(ctx context.Context, token string) (Actor, time.Time, error) {
	var c accessClaims
	if refused, err := s.parse(ctx, purposeAccess, accessTo, token, &c); err != nil {
		return Actor{}, time.Time{}, err
	} else if refused != nil {
		return Actor{}, time.Time{}, unauthenticated(refused)
	}
	user, userErr := uuid.Parse(c.Subject)
	session, sessionErr := uuid.Parse(c.SessionID)
	if err := errors.Join(userErr, sessionErr); err != nil {
		return Actor{}, time.Time{}, unauthenticated(errors.New("token without a user or sign-in"))
	}
	a, err := s.actor(ctx, s.st.Q(), user, session)
	return a, c.ExpiresAt.Time, err
}

// IssueTicket makes a media ticket of [TicketTTL]. Whether the user may join is decided by the caller.
func (s *Service) IssueTicket(ctx context.Context, t Ticket) (token string, expires time.Time, err error) {
	now := s.now()
	expires = now.Add(TicketTTL).Truncate(time.Second)
	token, err = s.sign(ctx, purposeMedia, mediaClaims{
		RegisteredClaims: s.registered(mediaTo, t.User.String(), now, expires),
		Room:             t.Room.String(), Participant: t.Participant.String(), Epoch: t.Epoch,
	})
	return token, expires, err
}

// OpenTicket checks a media ticket; one that is forged, of another purpose or expired is refused with 401
// ticket_invalid.
func (s *Service) OpenTicket(ctx context.Context, token string) (Ticket, time.Time, error) {
	dead := func(cause error) (Ticket, time.Time, error) {
		return Ticket{}, time.Time{}, problem.New(http.StatusUnauthorized, "ticket_invalid", nil).Because(cause)
	}
	var c mediaClaims
	if refused, err := s.parse(ctx, purposeMedia, mediaTo, token, &c); err != nil {
		return Ticket{}, time.Time{}, err
	} else if refused != nil {
		return dead(refused)
	}
	room, roomErr := uuid.Parse(c.Room)
	participant, participantErr := uuid.Parse(c.Participant)
	user, userErr := uuid.Parse(c.Subject)
	if errors.Join(roomErr, participantErr, userErr) != nil {
		return dead(errors.New("ticket without a room, participant or user"))
	}
	return Ticket{Room: room, Participant: participant, User: user, Epoch: c.Epoch}, c.ExpiresAt.Time, nil
}

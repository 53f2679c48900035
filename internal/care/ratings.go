package care

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	ratingLinkFor   = 7 * 24 * time.Hour
	ratingTicketFor = 30 * time.Minute
	maxRatingLinks  = 5
)

// rateable: there was a call. Staff never rate (I-22).
func rateable(c db.Consultation) bool { return c.StartedAt != nil && !c.Drill }

// RateConsultation stores what the resident or somebody of the family says on the tablet that the caller hands over. Each of the two
// rates once. Errors: 409 already_rated, rating_not_now.
func (s *Service) RateConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RatingInput) (contract.Rating, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Rating{}, err
	}
	row := db.AddRatingParams{ID: newID(), ConsultationID: id, Rater: string(in.Rater), Score: int16(in.Score), Channel: "TABLET", HandedBy: &a.UserID}
	err := s.onConsultation(ctx, a, &cmd, "rateConsultation", id, in, bedside, func(ch *change) error {
		if !rateable(ch.c) {
			return ch.conflict(ctx, "rating_not_now", nil)
		}
		row.OrganisationID, row.Now = ch.c.InvitingOrgID, ch.now
		row.CommentEnc = s.sealText("satisfaction_ratings", "comment_enc", row.ID, value(in.Comment))
		if err := s.addRating(ctx, ch.q, row); err != nil {
			return err
		}
		ch.touch("rating")
		return ch.record(ctx, eventRated, map[string]any{"rater": row.Rater, "score": row.Score, "channel": row.Channel})
	})
	if err != nil {
		return contract.Rating{}, err
	}
	return contract.Rating{Rater: row.Rater, Score: int(row.Score), Comment: in.Comment, Channel: "TABLET", CreatedAt: row.Now.UTC()}, nil
}

func (s *Service) addRating(ctx context.Context, q *db.Queries, row db.AddRatingParams) error {
	err := q.AddRating(ctx, row)
	if store.Violates(err, "satisfaction_ratings_consultation_id_rater_key") {
		return problem.New(http.StatusConflict, "already_rated", nil)
	}
	if err != nil {
		return fmt.Errorf("rating: %w", err)
	}
	return nil
}

// CreateRatingLink makes a one-time link for the family. The token is told once and only its hash is kept.
func (s *Service) CreateRatingLink(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EmptyRequest) (contract.RatingLink, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.RatingLink{}, err
	}
	token, hash, err := secret()
	if err != nil {
		return contract.RatingLink{}, err
	}
	var out contract.RatingLink
	err = s.onConsultation(ctx, a, &cmd, "createRatingLink", id, in, bedside, func(ch *change) error {
		if !rateable(ch.c) {
			return ch.conflict(ctx, "rating_not_now", nil)
		}
		if err := ch.atMost(maxRatingLinks, func() (int64, error) { return ch.q.CountRatingLinks(ctx, id) }); err != nil {
			return err
		}
		out = contract.RatingLink{Token: token, ExpiresAt: ch.now.Add(ratingLinkFor).UTC()}
		if err := ch.q.AddRatingLink(ctx, db.AddRatingLinkParams{ID: newID(), ConsultationID: id, TokenHash: hash, CreatedBy: a.UserID, Now: ch.now, ExpiresAt: out.ExpiresAt}); err != nil {
			return fmt.Errorf("link: %w", err)
		}
		return ch.record(ctx, eventRatingLink, nil)
	})
	if err == nil && out.Token == "" {
		out.ExpiresAt, err = s.instant(ctx)
	}
	return out, err
}

// secret draws a token of 32 bytes and its hash.
func secret() (token string, hash []byte, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", nil, fmt.Errorf("draw a token: %w", err)
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(raw), sum[:], nil
}

// hashOf is the hash of a token as it was told; what is no token has none.
func hashOf(token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, problem.New(http.StatusNotFound, "link_over", nil)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// ExchangeRatingLink takes the token of a link, once, and gives a ticket for one rating. What the page shows names institutions and
// a day, nobody. An unknown, used or expired token is 404 link_over.
func (s *Service) ExchangeRatingLink(ctx context.Context, in contract.RatingToken) (contract.RatingTicket, error) {
	hash, err := hashOf(in.Token)
	if err != nil {
		return contract.RatingTicket{}, err
	}
	ticket, ticketHash, err := secret()
	if err != nil {
		return contract.RatingTicket{}, err
	}
	var out contract.RatingTicket
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		link, err := q.ExchangeRatingLink(ctx, db.ExchangeRatingLinkParams{TokenHash: hash, TicketHash: ticketHash, Now: &now})
		if store.IsNone(err) {
			return problem.New(http.StatusNotFound, "link_over", nil)
		}
		if err != nil {
			return fmt.Errorf("exchange the link: %w", err)
		}
		c, err := q.GetConsultation(ctx, link.ConsultationID)
		if err != nil {
			return fmt.Errorf("consultation: %w", err)
		}
		home, err := q.CaseOrganisation(ctx, c.InvitingOrgID)
		if err != nil {
			return fmt.Errorf("institution: %w", err)
		}
		out = contract.RatingTicket{Ticket: ticket, Institution: home.Name, Day: dayOf(consult.DateOf(c.CreatedAt).Time())}
		if c.InvitedOrgID != nil {
			hospital, err := q.CaseOrganisation(ctx, *c.InvitedOrgID)
			if err != nil {
				return fmt.Errorf("hospital: %w", err)
			}
			out.Hospital = &hospital.Name
		}
		return nil
	})
	return out, err
}

// RateByLink stores the family's rating, once for a ticket, within half an hour of the exchange. Error:
// 409 record_sealed, which leaves the ticket as it was.
func (s *Service) RateByLink(ctx context.Context, in contract.LinkRating) error {
	hash, err := hashOf(in.Ticket)
	if err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		since := now.Add(-ratingTicketFor)
		link, err := q.UseRatingLink(ctx, db.UseRatingLinkParams{TicketHash: hash, Now: &now, Since: &since})
		if store.IsNone(err) {
			return problem.New(http.StatusNotFound, "link_over", nil)
		}
		if err != nil {
			return fmt.Errorf("use the link: %w", err)
		}
		c, err := q.LockConsultation(ctx, link.ConsultationID)
		if err != nil {
			return fmt.Errorf("lock the consultation: %w", err)
		}
		ch := s.systemChange(q, c, now)
		if c.State == string(consult.StateSealed) {
			return problem.New(http.StatusConflict, "record_sealed", nil) // a stranger is not told by whom it is held
		}
		id := newID()
		if err := s.addRating(ctx, q, db.AddRatingParams{ID: id, ConsultationID: c.ID, OrganisationID: c.InvitingOrgID, Rater: "FAMILY", Score: int16(in.Score),
			CommentEnc: s.sealText("satisfaction_ratings", "comment_enc", id, value(in.Comment)), Channel: "LINK", LinkID: &link.ID, Now: now}); err != nil {
			return err
		}
		ch.touch("rating")
		if err := ch.record(ctx, eventRated, map[string]any{"rater": "FAMILY", "score": in.Score, "channel": "LINK"}); err != nil {
			return err
		}
		return ch.commit(ctx)
	})
}

// ratings shows what was said; the words only to who takes part in the case.
func (b *caseView) ratings(ctx context.Context) error {
	rows, err := b.q.RatingsOf(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("ratings: %w", err)
	}
	list := []contract.Rating{}
	for _, r := range rows {
		v := contract.Rating{Rater: r.Rater, Score: int(r.Score), Channel: contract.RatingChannel(r.Channel), CreatedAt: r.CreatedAt.UTC()}
		if b.named() {
			text, err := b.s.openText("satisfaction_ratings", "comment_enc", r.ID, r.CommentEnc)
			if err != nil {
				return err
			}
			v.Comment = some(text)
		}
		list = append(list, v)
	}
	b.out.Ratings = &list
	return nil
}

package booking

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What a calendar address shows, and how many somebody has.
const (
	feedBack  = 31 * 24 * time.Hour
	feedAhead = 366 * 24 * time.Hour
	feedAsk   = 15 * time.Minute // how often a program may well ask
	maxFeeds  = 10
)

// ListCalendarFeeds gives the caller's addresses that are not revoked.
func (s *Service) ListCalendarFeeds(ctx context.Context, a identity.Actor) ([]contract.CalendarFeed, error) {
	if err := require(a, everybody()...); err != nil {
		return nil, err
	}
	rows, err := s.st.Q().FeedsOf(ctx, a.UserID)
	if err != nil {
		return nil, fmt.Errorf("calendar addresses: %w", err)
	}
	out := make([]contract.CalendarFeed, len(rows))
	for i, r := range rows {
		out[i] = contract.CalendarFeed{Id: r.ID, Name: r.Name, Detail: contract.FeedDetail(r.Detail), CreatedAt: r.CreatedAt.UTC(), LastReadAt: utc(r.LastReadAt)}
	}
	return out, nil
}

// CreateCalendarFeed makes an address, which is shown this once: 256 random bits, of which only the hash is kept. It is no command that is
// repeated by its key, since the answer cannot be given twice.
func (s *Service) CreateCalendarFeed(ctx context.Context, a identity.Actor, in contract.CalendarFeedInput) (contract.CalendarFeed, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.CalendarFeed{}, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	token := base64.RawURLEncoding.EncodeToString(secret)
	row := db.InsertFeedParams{ID: newID(), UserID: a.UserID, Name: strings.TrimSpace(value(in.Name)), TokenHash: tokenHash(token), Detail: string(contract.FeedDetailNONE), Locale: a.Locale}
	if in.Detail != nil {
		row.Detail = string(*in.Detail)
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.LockUser(ctx, a.UserID); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		have, err := q.FeedsOf(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("calendar addresses: %w", err)
		}
		if len(have) >= maxFeeds {
			return problem.New(422, "too_many", problem.Args{"max": "10"})
		}
		if row.Now, err = s.clock(ctx, q); err != nil {
			return err
		}
		if err := q.InsertFeed(ctx, row); err != nil {
			return fmt.Errorf("calendar address: %w", err)
		}
		return s.audit(ctx, q, a, row.Now, a.Memberships[0].Role, "createCalendarFeed", "calendar_feed", row.ID)
	})
	if err != nil {
		return contract.CalendarFeed{}, err
	}
	path := "/api/v1/calendar/" + token
	return contract.CalendarFeed{Id: row.ID, Name: row.Name, Detail: contract.FeedDetail(row.Detail), CreatedAt: row.Now, Path: &path}, nil
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// RevokeCalendarFeed ends an address of the caller.
func (s *Service) RevokeCalendarFeed(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	if err := require(a, everybody()...); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		n, err := q.RevokeFeed(ctx, db.RevokeFeedParams{ID: id, UserID: a.UserID, Now: &now})
		if err != nil {
			return fmt.Errorf("calendar address: %w", err)
		}
		if n != 1 {
			return problem.NotFound()
		}
		return s.audit(ctx, q, a, now, a.Memberships[0].Role, "revokeCalendarFeed", "calendar_feed", id)
	})
}

// ReadCalendar gives the iCalendar text behind an address; an unknown or revoked one, or one of an account that was disabled, is 404.
func (s *Service) ReadCalendar(ctx context.Context, token string) (string, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return "", err
	}
	feed, err := q.ReadFeed(ctx, db.ReadFeedParams{TokenHash: tokenHash(token), Now: &now})
	if store.IsNone(err) {
		return "", problem.NotFound()
	}
	if err != nil {
		return "", fmt.Errorf("calendar address: %w", err)
	}
	rows, err := q.FeedAppointments(ctx, db.FeedAppointmentsParams{UserID: feed.UserID, Since: now.Add(-feedBack), Before: now.Add(feedAhead), Now: now})
	if err != nil {
		return "", fmt.Errorf("calendar: %w", err)
	}
	return feedText(feed, rows), nil
}

// feedText writes a calendar. Of the resident it says at most institution, ward and bed, and only when its owner asked for that.
func feedText(feed db.ReadFeedRow, rows []db.FeedAppointmentsRow) string {
	words := feedWords(feed.Locale)
	c := ics.NewCalendar()
	c.SetProductId("-//Lianzhen//Appointments//" + words["lang"])
	c.SetMethod(ics.MethodPublish)
	c.SetCalscale("GREGORIAN")
	name := feed.Name
	if name == "" {
		name = words["name"]
	}
	c.SetXWRCalName(name)
	c.SetRefreshInterval(fmt.Sprintf("PT%dM", int(feedAsk/time.Minute)))
	for _, r := range rows {
		e := c.AddEvent(r.ID.String() + "@lianzhen")
		e.SetSequence(int(r.Revision))
		e.SetDtStampTime(r.UpdatedAt)
		e.SetCreatedTime(r.CreatedAt)
		e.SetModifiedAt(r.UpdatedAt)
		e.SetStartAt(r.StartsAt)
		e.SetEndAt(r.EndsAt)
		e.SetSummary(r.KindName + " · " + words[r.Place])
		e.SetClass(ics.ClassificationPrivate)
		switch {
		case r.Part == "FORMER", r.Status == cancelled, r.Status == noShow, r.Status == lapsed:
			e.SetStatus(ics.ObjectStatusCancelled)
			e.SetTimeTransparency(ics.TransparencyTransparent)
		default:
			e.SetStatus(ics.ObjectStatusConfirmed)
			e.SetTimeTransparency(ics.TransparencyOpaque)
		}
		if feed.Detail == string(contract.FeedDetailBED) && r.Part != "FORMER" {
			e.SetLocation(strings.TrimSpace(r.ResidentOrgName + " " + r.Ward + " " + r.Bed))
		}
		if r.TravelBefore > 0 && r.Part != "FORMER" {
			e.SetDescription(fmt.Sprintf(words["travel"], r.TravelBefore))
		}
	}
	return c.Serialize(ics.WithNewLine("\r\n"))
}

func feedWords(locale string) map[string]string {
	if locale == "en" {
		return map[string]string{"lang": "EN", "name": "Lianzhen appointments", "travel": "Travel %d min", "ONLINE": "video", "CLINIC": "clinic", "INSTITUTION": "at the institution", "HOME": "home visit"}
	}
	return map[string]string{"lang": "ZH", "name": "联诊预约", "travel": "路程 %d 分钟", "ONLINE": "视频", "CLINIC": "门诊", "INSTITUTION": "到机构", "HOME": "上门"}
}

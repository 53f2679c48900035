package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	mostChannels     = 20 // of one organisation
	shortestSecret   = 16 // characters of a webhook's key
	channelTestEvery = 10 * time.Second
)

// ListNotificationChannels gives the channels of the caller's organisations; SYS_ADMIN sees all. Addresses and secrets stay
// where they are.
func (s *Service) ListNotificationChannels(ctx context.Context, a identity.Actor) ([]contract.NotificationChannel, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return nil, err
	}
	return s.channels(ctx, s.st.Q(), a, nil)
}

func (s *Service) channels(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) ([]contract.NotificationChannel, error) {
	rows, err := q.NotificationChannels(ctx, db.NotificationChannelsParams{Everything: a.Has(RoleSysAdmin), Own: a.Organisations(RoleInstAdmin), ID: id})
	if err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	out := make([]contract.NotificationChannel, len(rows))
	for i, r := range rows {
		out[i] = channelView(a, r)
	}
	return out, nil
}

func (s *Service) channel(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (contract.NotificationChannel, error) {
	list, err := s.channels(ctx, q, a, &id)
	if err != nil {
		return contract.NotificationChannel{}, err
	}
	if len(list) != 1 {
		return contract.NotificationChannel{}, problem.NotFound()
	}
	return list[0], nil
}

// channelForm is what is checked alike for a new and a changed channel. Address and secret are nil when they stay.
type channelForm struct {
	kind        string
	url, secret *string
	hadSecret   bool
	events      []contract.NotifyEvent
}

func (s *Service) checkChannel(f *form, in channelForm) (host string, events []string) {
	if in.url != nil {
		var refusal string
		if host, refusal = s.notify.Check(strings.TrimSpace(*in.url)); refusal != "" {
			f.add("url", refusal)
		}
	}
	if in.secret != nil && strings.ContainsAny(*in.secret, " \t\r\n\x00") {
		f.add("secret", "wrong_value")
	}
	switch in.kind {
	case notify.SMSWebhook:
		if in.secret == nil && !in.hadSecret || in.secret != nil && len(*in.secret) < shortestSecret {
			f.add("secret", "too_short", "min", strconv.Itoa(shortestSecret))
		}
	case notify.WeComRobot:
		if in.secret != nil && *in.secret != "" {
			f.add("secret", "notify_no_secret") // its key is in the address
		}
	}
	events = []string{}
	for i, e := range in.events {
		switch {
		case in.kind == notify.SMSWebhook || !slices.Contains(notify.ForGroups(), notify.Event(e)):
			f.add("events/"+strconv.Itoa(i), "wrong_value")
		case !slices.Contains(events, string(e)):
			events = append(events, string(e))
		}
	}
	if in.kind != notify.SMSWebhook && len(in.events) == 0 {
		f.add("events", "too_few", "min", "1")
	}
	return host, events
}

// CreateNotificationChannel enters a gateway or a group robot of an organisation.
func (s *Service) CreateNotificationChannel(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.NotificationChannelInput) (contract.NotificationChannel, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return contract.NotificationChannel{}, err
	}
	if !a.Has(RoleSysAdmin) && !a.In(in.OrganisationId, RoleInstAdmin) {
		return contract.NotificationChannel{}, problem.NotFound()
	}
	var f form
	name := f.text("name", in.Name, 1, 60)
	address := strings.TrimSpace(in.Url)
	host, events := s.checkChannel(&f, channelForm{kind: string(in.Kind), url: &address, secret: in.Secret, events: in.Events})
	if in.DepartmentId != nil && string(in.Kind) == notify.SMSWebhook {
		f.add("departmentId", "wrong_value")
	}
	if err := f.err(); err != nil {
		return contract.NotificationChannel{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createNotificationChannel", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		var f form
		if _, err := q.OrganisationByID(ctx, in.OrganisationId); err != nil {
			return one(err, "the organisation")
		}
		if in.DepartmentId != nil {
			d, err := q.DepartmentByID(ctx, *in.DepartmentId)
			if err != nil && !store.IsNone(err) {
				return fmt.Errorf("load the department: %w", err)
			}
			if err != nil || d.OrganisationID != in.OrganisationId {
				f.add("departmentId", "wrong_value")
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		n, err := q.CountNotificationChannels(ctx, in.OrganisationId)
		if err != nil {
			return fmt.Errorf("count channels: %w", err)
		}
		if n >= mostChannels {
			return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": strconv.Itoa(mostChannels)})
		}
		err = q.AddNotificationChannel(ctx, db.AddNotificationChannelParams{ID: id, OrganisationID: in.OrganisationId, DepartmentID: in.DepartmentId,
			Kind: string(in.Kind), Name: name, Host: host, UrlEnc: s.keep.SealText("notification_channels", "url_enc", id, address),
			SecretEnc: s.keep.SealText("notification_channels", "secret_enc", id, value(in.Secret)), Events: events, Locale: string(in.Locale), CreatedBy: a.UserID, Now: now})
		if err != nil {
			return fmt.Errorf("enter the channel: %w", err)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "createNotificationChannel", "notification_channel", &id, string(in.Kind))
	})
	if err != nil {
		return contract.NotificationChannel{}, err
	}
	return s.channel(ctx, s.st.Q(), a, id)
}

// UpdateNotificationChannel changes what is given. Disabling stops what waits to be sent through it.
func (s *Service) UpdateNotificationChannel(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.NotificationChannelUpdate) (contract.NotificationChannel, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return contract.NotificationChannel{}, err
	}
	var out contract.NotificationChannel
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := s.lockChannel(ctx, q, a, id)
		if err != nil {
			return err
		}
		if revision32(in.Revision) != row.Revision {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		p := db.SetNotificationChannelParams{ID: id, Name: row.Name, Host: row.Host, UrlEnc: row.UrlEnc, SecretEnc: row.SecretEnc, Events: row.Events,
			Locale: row.Locale, Enabled: row.Enabled, Now: now}
		var f form
		if in.Name != nil {
			p.Name = f.text("name", *in.Name, 1, 60)
		}
		check := channelForm{kind: row.Kind, secret: in.Secret, hadSecret: row.SecretEnc != nil, events: notifyEvents(row.Events)}
		if in.Url != nil {
			address := strings.TrimSpace(*in.Url)
			check.url = &address
		}
		if in.Events != nil {
			check.events = *in.Events
		}
		host, events := s.checkChannel(&f, check)
		if err := f.err(); err != nil {
			return err
		}
		p.Events = events
		if check.url != nil {
			p.Host, p.UrlEnc = host, s.keep.SealText("notification_channels", "url_enc", id, *check.url)
		}
		if in.Secret != nil {
			p.SecretEnc = s.keep.SealText("notification_channels", "secret_enc", id, *in.Secret)
		}
		if in.Locale != nil {
			p.Locale = string(*in.Locale)
		}
		if in.Enabled != nil {
			p.Enabled = *in.Enabled
		}
		if err := q.SetNotificationChannel(ctx, p); err != nil {
			return fmt.Errorf("change the channel: %w", err)
		}
		if row.Enabled && !p.Enabled {
			if _, err := q.StopChannel(ctx, &id); err != nil {
				return fmt.Errorf("stop the channel: %w", err)
			}
		}
		detail := fmt.Sprintf("url %t secret %t enabled %t", in.Url != nil, in.Secret != nil, p.Enabled)
		if err := s.audit(ctx, q, a, now, adminRole(a), "updateNotificationChannel", "notification_channel", &id, detail); err != nil {
			return err
		}
		out, err = s.channel(ctx, q, a, id)
		return err
	})
	return out, err
}

// lockChannel gives a channel that the caller administers.
func (s *Service) lockChannel(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.NotificationChannel, error) {
	row, err := q.LockNotificationChannel(ctx, id)
	if err := one(err, "the channel"); err != nil {
		return row, err
	}
	if !a.Has(RoleSysAdmin) && !a.In(row.OrganisationID, RoleInstAdmin) {
		return row, problem.NotFound()
	}
	return row, nil
}

// TestNotificationChannel sends one message now and says what the provider answered. The transaction ends before: a slow
// provider holds no row.
func (s *Service) TestNotificationChannel(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ChannelTestRequest) (contract.ChannelTest, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return contract.ChannelTest{}, err
	}
	var open notify.Channel
	var phone string
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := s.lockChannel(ctx, q, a, id)
		if err != nil {
			return err
		}
		var f form
		if row.Kind == notify.SMSWebhook {
			if value(in.Phone) == "" {
				f.add("phone", "required")
			} else {
				p, err := consult.ParseMobile(*in.Phone)
				f.refuse("phone", err)
				phone = p.Normal()
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		may, err := q.TakeChannelTest(ctx, db.TakeChannelTestParams{ID: id, Now: now, Before: now.Add(-channelTestEvery)})
		if err != nil {
			return fmt.Errorf("test: %w", err)
		}
		if may == 0 {
			return tooSoon(channelTestEvery)
		}
		open = notify.Channel{Kind: row.Kind, Locale: row.Locale}
		if open.URL, err = s.keep.OpenText("notification_channels", "url_enc", id, row.UrlEnc); err != nil {
			return fmt.Errorf("open the channel: %w", err)
		}
		if open.Secret, err = s.keep.OpenText("notification_channels", "secret_enc", id, row.SecretEnc); err != nil {
			return fmt.Errorf("open the channel: %w", err)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "testNotificationChannel", "notification_channel", &id, "")
	})
	if err != nil {
		return contract.ChannelTest{}, err
	}
	o, took, err := s.notify.TestChannel(ctx, open, phone)
	if err != nil {
		return contract.ChannelTest{}, err
	}
	out := contract.ChannelTest{Ok: o.OK, Milliseconds: int(took.Milliseconds()), ProviderCode: some(o.Provider), ErrorCode: some(o.Code)}
	if o.Status != 0 {
		out.Status = &o.Status
	}
	if o.Code != "" {
		out.Error = some(problem.Sentence(a.Locale, o.Code, nil))
	}
	return out, nil
}

func notifyEvents(codes []string) []contract.NotifyEvent {
	out := make([]contract.NotifyEvent, len(codes))
	for i, c := range codes {
		out[i] = contract.NotifyEvent(c)
	}
	return out
}

func channelView(a identity.Actor, r db.NotificationChannelsRow) contract.NotificationChannel {
	out := contract.NotificationChannel{Id: r.ID, OrganisationId: r.OrganisationID, OrganisationName: r.OrganisationName, Kind: contract.ChannelKind(r.Kind),
		Name: r.Name, Host: r.Host, HasSecret: r.SecretEnc != nil, DepartmentId: r.DepartmentID, DepartmentName: some(r.DepartmentName),
		Events: notifyEvents(r.Events), Locale: contract.Locale(r.Locale), Enabled: r.Enabled, Revision: int(r.Revision), CreatedAt: r.CreatedAt,
		LastDeliveredAt: r.LastDeliveredAt, LastFailedAt: r.LastFailedAt, LastErrorCode: some(r.LastError), PausedUntil: r.PausedUntil}
	if r.LastError != "" {
		out.LastError = some(problem.Sentence(a.Locale, r.LastError, nil))
	}
	return out
}

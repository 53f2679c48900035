package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

// Notifier is what the use-cases need of package notify, beside the facts that they write.
type Notifier interface {
	PushKey() string
	Check(address string) (host, refusal string)
	TestChannel(ctx context.Context, c notify.Channel, phone string) (notify.Outcome, time.Duration, error)
	SendCode(ctx context.Context, c notify.Channel, phone, code string, minutes int) (notify.Outcome, error)
}

// noNotifier stands in where nothing is sent: a bench, a seed.
type noNotifier struct{}

func (noNotifier) PushKey() string               { return "" }
func (noNotifier) Check(string) (string, string) { return "", "notify_off" }
func (noNotifier) TestChannel(context.Context, notify.Channel, string) (notify.Outcome, time.Duration, error) {
	return notify.Outcome{Code: "notify_off"}, 0, nil
}
func (noNotifier) SendCode(context.Context, notify.Channel, string, string, int) (notify.Outcome, error) {
	return notify.Outcome{Code: "notify_off"}, nil
}

const (
	mostBrowsers  = 10 // of one person
	myTestEvery   = time.Minute
	myDeliveries  = 50
	minutesOfHour = 60
)

// eventsFor are the events that the caller's roles meet, in the order of the contract.
func eventsFor(a identity.Actor) []notify.Event {
	var out []notify.Event
	for _, e := range notify.Events() {
		var roles []string
		switch e {
		case notify.Ring, notify.CriticalPage, notify.Assigned, notify.HandOver:
			roles = []string{RoleConsultant}
		case notify.DispatcherAlert:
			roles = []string{RoleDispatcher}
		case notify.NoDispatcher:
			roles = []string{RoleInstAdmin}
		case notify.Answered, notify.Returned, notify.Terminated:
			roles = bedsideRoles()
		case notify.ReportReady:
			roles = []string{RoleAttending, RoleFamilyDoctor}
		case notify.BreakGlass:
			roles = []string{RoleInstAdmin}
		case notify.AppointmentReminder, notify.AppointmentMoved, notify.AppointmentCancelled, notify.FamilyAnswer:
			roles = append(workers(), RoleFamilyDoctor)
		case notify.FamilyRequest:
			roles = []string{RoleNurse, RoleAttending, RoleFamilyDoctor}
		case notify.VisitAlarm:
			roles = []string{RoleDispatcher, RoleInstAdmin}
		case notify.FactorReset:
			roles = nil // everybody
		case notify.DeadlineSoon, notify.DeadlineOverdue:
			roles = []string{RoleInstAdmin, RoleRegCounty, RoleRegLeague, RoleRegRegion}
		case notify.ContractEnding:
			roles = []string{RoleFamilyDoctor, RoleNurse}
		case notify.Expiry:
			roles = append(workers(), RoleFamilyDoctor, RoleInstAdmin)
		default:
			roles = workers()
		}
		if a.Has(roles...) {
			out = append(out, e)
		}
	}
	return out
}

// GetNotificationSettings gives the caller's own choices, with the program's where none was made.
func (s *Service) GetNotificationSettings(ctx context.Context, a identity.Actor) (contract.NotificationSettings, error) {
	return s.notificationSettings(ctx, s.st.Q(), a)
}

func (s *Service) notificationSettings(ctx context.Context, q *db.Queries, a identity.Actor) (contract.NotificationSettings, error) {
	out := contract.NotificationSettings{Revision: 1, PushKey: s.notify.PushKey(), Subscriptions: []contract.PushSubscription{}, Choices: []contract.NotificationChoice{}}
	row, err := q.NotificationSettingsOf(ctx, a.UserID)
	if err != nil && !store.IsNone(err) {
		return out, fmt.Errorf("notification settings: %w", err)
	}
	if err == nil {
		out.Revision = int(row.Revision)
		phone, err := s.keep.OpenText("notification_settings", "phone_enc", a.UserID, row.PhoneEnc)
		if err != nil {
			return out, fmt.Errorf("notification settings: %w", err)
		}
		if phone != "" {
			out.PhoneMasked = some(consult.MaskPhone(phone))
		}
		if row.QuietFrom != nil && row.QuietTo != nil {
			out.Quiet = &contract.QuietHours{From: clockOf(*row.QuietFrom), To: clockOf(*row.QuietTo)}
		}
	}
	if out.SmsAvailable, err = q.SMSReachable(ctx, a.Organisations()); err != nil {
		return out, fmt.Errorf("notification settings: %w", err)
	}
	browsers, err := q.PushSubscriptionsOf(ctx, []uuid.UUID{a.UserID})
	if err != nil {
		return out, fmt.Errorf("notification settings: %w", err)
	}
	for _, b := range browsers {
		out.Subscriptions = append(out.Subscriptions, subscriptionView(b))
	}
	chosen, err := q.NotificationChoicesOf(ctx, a.UserID)
	if err != nil {
		return out, fmt.Errorf("notification settings: %w", err)
	}
	for _, e := range eventsFor(a) {
		sms, push := e.Default()
		for _, c := range chosen {
			if c.Event == string(e) {
				sms, push = c.Sms, c.Push
			}
		}
		out.Choices = append(out.Choices, contract.NotificationChoice{Event: contract.NotifyEvent(e), Sms: sms, Push: push, AlwaysOnDuty: e.AlwaysOnDuty()})
	}
	return out, nil
}

func clockOf(minutes int16) string {
	return fmt.Sprintf("%02d:%02d", minutes/minutesOfHour, minutes%minutesOfHour)
}

// minutesOf reads "22:30" as the minute of the day.
func minutesOf(clock string) (int16, bool) {
	t, err := time.Parse("15:04", clock)
	return int16(t.Hour()*minutesOfHour + t.Minute()), err == nil
}

// SaveNotificationSettings replaces the caller's choices. A phone that is absent stays as it was, an empty one is removed.
func (s *Service) SaveNotificationSettings(ctx context.Context, a identity.Actor, in contract.NotificationSettingsInput) (contract.NotificationSettings, error) {
	var f form
	var phone string
	if in.Phone != nil && *in.Phone != "" {
		p, err := consult.ParseMobile(*in.Phone)
		f.refuse("phone", err)
		phone = p.Normal()
	}
	var quietFrom, quietTo *int16
	if in.Quiet != nil {
		from, okFrom := minutesOf(in.Quiet.From)
		to, okTo := minutesOf(in.Quiet.To)
		switch {
		case !okFrom:
			f.add("quiet/from", "wrong_value")
		case !okTo:
			f.add("quiet/to", "wrong_value")
		case from == to:
			f.add("quiet/to", "quiet_hours_empty")
		}
		quietFrom, quietTo = &from, &to
	}
	mine := eventsFor(a)
	for i, c := range in.Choices {
		if !slices.Contains(mine, notify.Event(c.Event)) {
			f.add("choices/"+strconv.Itoa(i)+"/event", "wrong_value")
		}
	}
	if err := f.err(); err != nil {
		return contract.NotificationSettings{}, err
	}
	var out contract.NotificationSettings
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.AddNotificationSettings(ctx, a.UserID); err != nil {
			return fmt.Errorf("save notification settings: %w", err)
		}
		row, err := q.NotificationSettingsOf(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("save notification settings: %w", err)
		}
		sealed := row.PhoneEnc
		if in.Phone != nil {
			sealed = s.keep.SealText("notification_settings", "phone_enc", a.UserID, phone)
		}
		changed, err := q.SetNotificationSettings(ctx, db.SetNotificationSettingsParams{UserID: a.UserID, PhoneEnc: sealed, QuietFrom: quietFrom,
			QuietTo: quietTo, Now: now, Revision: revision32(in.Revision)})
		if err != nil {
			return fmt.Errorf("save notification settings: %w", err)
		}
		if changed == 0 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		for _, c := range in.Choices {
			if err := q.SetNotificationChoice(ctx, db.SetNotificationChoiceParams{UserID: a.UserID, Event: string(c.Event), Sms: c.Sms, Push: c.Push}); err != nil {
				return fmt.Errorf("save a choice: %w", err)
			}
		}
		out, err = s.notificationSettings(ctx, q, a)
		return err
	})
	return out, err
}

// TestMyNotifications sends the caller a test message, whatever the choices and quiet hours.
func (s *Service) TestMyNotifications(ctx context.Context, a identity.Actor, in contract.NotificationTestRequest) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.AddNotificationSettings(ctx, a.UserID); err != nil {
			return fmt.Errorf("test: %w", err)
		}
		may, err := q.TakeMyTest(ctx, db.TakeMyTestParams{UserID: a.UserID, Now: now, Before: now.Add(-myTestEvery)})
		if err != nil {
			return fmt.Errorf("test: %w", err)
		}
		if may == 0 {
			return tooSoon(myTestEvery)
		}
		channel, refusal := notify.Push, "notify_no_browser"
		if in.Channel == contract.NotificationTestRequestChannel(notify.SMS) {
			channel, refusal = notify.SMS, "notify_no_phone"
		}
		reachable, err := notify.EnqueueTest(ctx, q, a.UserID, channel, now)
		if err != nil {
			return err
		}
		if !reachable {
			return problem.New(http.StatusConflict, refusal, nil)
		}
		return nil
	})
}

func tooSoon(every time.Duration) error {
	p := problem.New(http.StatusTooManyRequests, "notify_test_too_soon", problem.Args{"seconds": strconv.Itoa(int(every / time.Second))})
	p.RetryAfterSeconds = int(every / time.Second)
	return p
}

// CreatePushSubscription enters a browser. The same endpoint keeps its id and belongs to who entered it last: a shared tablet
// tells whoever uses it. The oldest beyond the most are forgotten.
func (s *Service) CreatePushSubscription(ctx context.Context, a identity.Actor, in contract.PushSubscriptionInput) (contract.PushSubscription, error) {
	var f form
	label := f.text("label", in.Label, 0, 60)
	if _, refusal := s.notify.Check(in.Endpoint); refusal != "" {
		f.add("endpoint", refusal)
	}
	if err := f.err(); err != nil {
		return contract.PushSubscription{}, err
	}
	var out contract.PushSubscription
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		hashes := s.keep.Lookups("push_endpoint", in.Endpoint)
		hash := hashes[0]
		if len(hashes) > 1 { // entered before the look-up key was rotated
			if err := q.RehashPushSubscription(ctx, db.RehashPushSubscriptionParams{Hash: hash, Former: hashes[1:]}); err != nil {
				return fmt.Errorf("enter the browser: %w", err)
			}
		}
		id := newID()
		row, err := q.UpsertPushSubscription(ctx, db.UpsertPushSubscriptionParams{ID: id, UserID: a.UserID, EndpointHmac: hash, Label: label, Now: now,
			EndpointEnc: s.keep.SealText("push_subscriptions", "endpoint_enc", id, in.Endpoint)})
		if err != nil {
			return fmt.Errorf("enter the browser: %w", err)
		}
		out = subscriptionView(row)
		ids, err := q.LockPushSubscriptions(ctx, a.UserID)
		if err != nil {
			return fmt.Errorf("enter the browser: %w", err)
		}
		for extra := len(ids) - mostBrowsers; extra > 0; ids = ids[1:] {
			if ids[0] == row.ID {
				continue
			}
			if err := q.DropPushSubscription(ctx, ids[0]); err != nil {
				return fmt.Errorf("forget a browser: %w", err)
			}
			extra--
		}
		return nil
	})
	return out, err
}

// DeletePushSubscription forgets a browser of the caller.
func (s *Service) DeletePushSubscription(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	n, err := s.st.Q().DeletePushSubscription(ctx, db.DeletePushSubscriptionParams{ID: id, UserID: a.UserID})
	if err != nil {
		return fmt.Errorf("forget a browser: %w", err)
	}
	if n == 0 {
		return problem.NotFound()
	}
	return nil
}

func subscriptionView(r db.PushSubscription) contract.PushSubscription {
	return contract.PushSubscription{Id: r.ID, Label: r.Label, CreatedAt: r.CreatedAt, LastSentAt: r.LastSentAt}
}

// ListMyNotifications gives the caller's last deliveries, also those that were missed.
func (s *Service) ListMyNotifications(ctx context.Context, a identity.Actor) ([]contract.NotificationDelivery, error) {
	rows, err := s.st.Q().Deliveries(ctx, db.DeliveriesParams{Organisations: []uuid.UUID{}, UserID: &a.UserID, States: []string{}, Channels: []string{},
		Events: []string{}, PageSize: myDeliveries})
	if err != nil {
		return nil, fmt.Errorf("list my notifications: %w", err)
	}
	out := make([]contract.NotificationDelivery, len(rows))
	for i, r := range rows {
		out[i] = deliveryView(a, r)
	}
	return out, nil
}

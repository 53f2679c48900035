package care_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func TestNotificationSettings(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	mine := must(w.Care.GetNotificationSettings(ctx, w.Wang))(t)
	is(t, "revision", mine.Revision, 1)
	is(t, "events of a doctor", eventsOf(mine), "RING CRITICAL_PAGE ASSIGNED SWAP_REQUEST SWAP_ANSWER APPOINTMENT_REMINDER APPOINTMENT_MOVED APPOINTMENT_CANCELLED FAMILY_ANSWER HAND_OVER FACTOR_RESET EXPIRY")
	is(t, "push key", len(mine.PushKey), 87)
	is(t, "a nurse's", eventsOf(must(w.Care.GetNotificationSettings(ctx, w.Nurse))(t)), "ANSWERED SWAP_REQUEST SWAP_ANSWER APPOINTMENT_REMINDER APPOINTMENT_MOVED APPOINTMENT_CANCELLED FAMILY_ANSWER FAMILY_REQUEST RETURNED TERMINATED FACTOR_RESET CONTRACT_ENDING EXPIRY")
	number := "138 0013 8000"
	in := contract.NotificationSettingsInput{Revision: 1, Phone: &number, Quiet: &contract.QuietHours{From: "22:30", To: "06:05"},
		Choices: []contract.NotificationChoiceInput{{Event: "RING", Sms: false, Push: true}}}
	mine = must(w.Care.SaveNotificationSettings(ctx, w.Wang, in))(t)
	is(t, "phone", *mine.PhoneMasked, "138****8000")
	is(t, "quiet", mine.Quiet.From+"-"+mine.Quiet.To, "22:30-06:05")
	is(t, "ring by SMS", mine.Choices[0].Sms, false)
	_, err := w.Care.SaveNotificationSettings(ctx, w.Wang, in)
	refused(t, err, "revision_stale")
	mine = must(w.Care.SaveNotificationSettings(ctx, w.Wang, contract.NotificationSettingsInput{Revision: 2, Choices: []contract.NotificationChoiceInput{}}))(t)
	is(t, "the phone stays", mine.PhoneMasked != nil, true)
	is(t, "no quiet hours", mine.Quiet == nil, true)
	is(t, "the choice stays", mine.Choices[0].Sms, false)
	none := ""
	mine = must(w.Care.SaveNotificationSettings(ctx, w.Wang, contract.NotificationSettingsInput{Revision: 3, Phone: &none, Choices: []contract.NotificationChoiceInput{}}))(t)
	is(t, "the phone is gone", mine.PhoneMasked == nil, true)

	landline := "0471-6290000"
	for name, bad := range map[string]contract.NotificationSettingsInput{
		"a landline":             {Revision: 4, Phone: &landline},
		"an event of a nurse":    {Revision: 4, Choices: []contract.NotificationChoiceInput{{Event: "ANSWERED"}}},
		"quiet hours of nothing": {Revision: 4, Quiet: &contract.QuietHours{From: "08:00", To: "08:00"}},
	} {
		if _, err := w.Care.SaveNotificationSettings(ctx, w.Wang, bad); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			refused(t, err, "invalid_request")
		}
	}
	// Nothing that could be dialled lies in the open.
	is(t, "sealed", w.Count(`SELECT count(*) FROM notification_settings WHERE phone_enc IS NOT NULL`), 0)
}

func eventsOf(s contract.NotificationSettings) string {
	out := []string{}
	for _, c := range s.Choices {
		out = append(out, string(c.Event))
	}
	return strings.Join(out, " ")
}

func TestBrowsersOfSharedTablets(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	enter := func(who int, endpoint string) contract.PushSubscription {
		a := w.Nurse
		if who == 1 {
			a = w.Attending
		}
		return must(w.Care.CreatePushSubscription(ctx, a, contract.PushSubscriptionInput{Endpoint: endpoint, Label: "2号护士站"}))(t)
	}
	one := enter(0, "https://push.example.com/a")
	is(t, "the same browser", enter(0, "https://push.example.com/a").Id, one.Id)
	is(t, "the next to use it", enter(1, "https://push.example.com/a").Id, one.Id)
	is(t, "no longer the nurse's", len(must(w.Care.GetNotificationSettings(ctx, w.Nurse))(t).Subscriptions), 0)
	refused(t, w.Care.DeletePushSubscription(ctx, w.Nurse, one.Id), "not_found")
	if err := w.Care.DeletePushSubscription(ctx, w.Attending, one.Id); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		w.Clock.Pass(time.Minute)
		enter(0, "https://push.example.com/"+strings.Repeat("b", i+1))
	}
	is(t, "the newest ten", len(must(w.Care.GetNotificationSettings(ctx, w.Nurse))(t).Subscriptions), 10)
	_, err := w.Care.CreatePushSubscription(ctx, w.Nurse, contract.PushSubscriptionInput{Endpoint: "https://169.254.169.254/latest", Label: ""})
	refused(t, err, "invalid_request")
}

func TestChannelsKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	key := "a-gateway's-key-of-its-own"
	in := contract.NotificationChannelInput{OrganisationId: w.Hospital, Kind: "SMS_WEBHOOK", Name: "短信网关", Url: "https://sms.example.cn/send?token=very-secret",
		Secret: &key, Events: []contract.NotifyEvent{}, Locale: "zh-CN"}
	made := must(w.Care.CreateNotificationChannel(ctx, w.HospitalAdmin, uuid.New(), in))(t)
	is(t, "host", made.Host, "sms.example.cn")
	is(t, "has a secret", made.HasSecret, true)
	shown, err := json.Marshal(must(w.Care.ListNotificationChannels(ctx, w.Sys))(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), "very-secret") || strings.Contains(string(shown), key) {
		t.Errorf("a secret comes back: %s", shown)
	}
	is(t, "not in the log", w.Count(`SELECT count(*) FROM access_log WHERE result LIKE '%secret-%' OR result LIKE '%very%'`), 0)
	is(t, "another institution", len(must(w.Care.ListNotificationChannels(ctx, w.HomeAdmin))(t)), 0)
	_, err = w.Care.CreateNotificationChannel(ctx, w.HomeAdmin, uuid.New(), in)
	refused(t, err, "not_found")
	is(t, "SMS can reach", must(w.Care.GetNotificationSettings(ctx, w.Wang))(t).SmsAvailable, true)

	weak, address := "short", "http://sms.example.cn/"
	for name, bad := range map[string]contract.NotificationChannelUpdate{
		"a weak key":         {Revision: 1, Secret: &weak},
		"an open address":    {Revision: 1, Url: &address},
		"events for a phone": {Revision: 1, Events: &[]contract.NotifyEvent{"RING"}},
	} {
		if _, err := w.Care.UpdateNotificationChannel(ctx, w.HospitalAdmin, made.Id, bad); err == nil {
			t.Errorf("%s was taken", name)
		} else {
			refused(t, err, "invalid_request")
		}
	}
	name := "短信网关二"
	changed := must(w.Care.UpdateNotificationChannel(ctx, w.HospitalAdmin, made.Id, contract.NotificationChannelUpdate{Revision: 1, Name: &name}))(t)
	is(t, "changed", changed.Name, name)
	is(t, "the secret stays", changed.HasSecret, true)
	_, err = w.Care.UpdateNotificationChannel(ctx, w.HospitalAdmin, made.Id, contract.NotificationChannelUpdate{Revision: 1, Name: &name})
	refused(t, err, "revision_stale")
	for _, kind := range []contract.ChannelKind{"WECOM_ROBOT", "DINGTALK_ROBOT"} {
		robot := in
		robot.Kind = kind
		_, err := w.Care.CreateNotificationChannel(ctx, w.HospitalAdmin, uuid.New(), robot)
		refused(t, err, "invalid_request") // tells its group nothing
	}
}

func TestTestingAChannel(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"errcode":93000}`)) }))
	defer srv.Close()
	made := must(w.Care.CreateNotificationChannel(ctx, w.HospitalAdmin, uuid.New(), contract.NotificationChannelInput{OrganisationId: w.Hospital,
		Kind: "WECOM_ROBOT", Name: "群", Url: srv.URL + "/send?key=k", Events: []contract.NotifyEvent{"RING"}, Locale: "zh-CN"}))(t)
	got := must(w.Care.TestNotificationChannel(ctx, w.HospitalAdmin, made.Id, contract.ChannelTestRequest{}))(t)
	if got.Ok || got.ErrorCode == nil || *got.ErrorCode != "notify_credentials" || got.ProviderCode == nil || *got.ProviderCode != "93000" || got.Error == nil {
		t.Errorf("the test says %+v", got)
	}
	_, err := w.Care.TestNotificationChannel(ctx, w.HospitalAdmin, made.Id, contract.ChannelTestRequest{})
	refused(t, err, "notify_test_too_soon")
	w.Clock.Pass(10 * time.Second)
	must(w.Care.TestNotificationChannel(ctx, w.HospitalAdmin, made.Id, contract.ChannelTestRequest{}))(t)

	refused(t, w.Care.TestMyNotifications(ctx, w.Wang, contract.NotificationTestRequest{Channel: "SMS"}), "notify_no_phone")
	refused(t, w.Care.TestMyNotifications(ctx, w.Wang, contract.NotificationTestRequest{Channel: "PUSH"}), "notify_no_browser")
	must(w.Care.CreatePushSubscription(ctx, w.Wang, contract.PushSubscriptionInput{Endpoint: srv.URL, Label: "Chrome"}))(t)
	if err := w.Care.TestMyNotifications(ctx, w.Wang, contract.NotificationTestRequest{Channel: "PUSH"}); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Care.TestMyNotifications(ctx, w.Wang, contract.NotificationTestRequest{Channel: "PUSH"}), "notify_test_too_soon")
	log := must(w.Care.ListMyNotifications(ctx, w.Wang))(t)
	is(t, "my log", len(log), 1)
	is(t, "of the test", log[0].Event, "TEST")
	is(t, "a colleague's", len(must(w.Care.ListMyNotifications(ctx, w.Zhao))(t)), 0)
}

// A signed opinion tells the attending doctor, a claim the nurse who asked.
func TestWhoIsToldOfWhat(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	told := func(event string, who uuid.UUID) int {
		return w.Count(`SELECT count(*) FROM notifications WHERE event = $1 AND subject_id = $2 AND $3 = ANY (users)`, event, c.Id, who)
	}
	is(t, "rung", told("RING", w.Wang.UserID)+told("RING", w.Zhao.UserID) > 0, true)
	is(t, "answered", told("ANSWERED", w.Nurse.UserID), 1)
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	w.Sign(w.Wang, c, w.Content())
	is(t, "to adopt", told("REPORT_READY", w.Attending.UserID), 1)
}

// What comes back to the bedside is told elsewhere as well, unless somebody has looked at it on the tablet.
func TestWhatComesBackIsTold(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	stands := func(event string, id uuid.UUID) (nurse, attending, still bool) {
		t.Helper()
		if err := w.Store.Pool.QueryRow(ctx, `SELECT $3 = ANY (users), $4 = ANY (users), notification_live(event, subject_id, epoch, $3) FROM notifications
			WHERE event = $1 AND subject_id = $2`, event, id, w.Nurse.UserID, w.Attending.UserID).Scan(&nurse, &attending, &still); err != nil {
			t.Fatal(err)
		}
		return nurse, attending, still
	}
	back := w.Offered(w.Nurse, w.Resident)
	if err := w.Care.ReturnRequest(ctx, w.Wang, uuid.New(), back.Id, contract.ReturnRequest{Epoch: back.Epoch, Lacking: []string{"VITALS"}}); err != nil {
		t.Fatal(err)
	}
	ended := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	w.Connect(w.Nurse, w.Wang, ended).Talk(2 * time.Minute)
	must(w.Care.TerminateUnsuitable(ctx, w.Wang, uuid.New(), ended.Id, contract.TerminateRequest{Epoch: ended.Epoch, Reason: "CHANGED", Destination: "OUTPATIENT",
		Place: "市医院门诊", GoWithin: "TODAY"}))(t)
	w.Exec(`UPDATE returns SET returned_at = now() - interval '1 minute'`) // the log of accesses goes by the database's clock
	w.Exec(`UPDATE terminations SET terminated_at = now() - interval '1 minute'`)
	w.Exec(`UPDATE access_log SET at = now() - interval '1 hour'`)
	for event, id := range map[string]uuid.UUID{"RETURNED": back.Id, "TERMINATED": ended.Id} {
		if nurse, attending, still := stands(event, id); !nurse || !attending || !still {
			t.Errorf("%s: nurse %v, attending %v, stands %v", event, nurse, attending, still)
		}
		must(w.Care.GetConsultation(ctx, w.HomeAdmin, id))(t) // nobody of the bedside
		if _, _, still := stands(event, id); !still {
			t.Errorf("%s: an administrator's look is taken for the nurse's", event)
		}
		must(w.Care.GetConsultation(ctx, w.Nurse, id))(t)
		if _, _, still := stands(event, id); still {
			t.Errorf("%s: told although the nurse has read it", event)
		}
	}
}

package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// A request that nobody answers reaches phones and groups, says so again at growing distances, and falls silent for everybody
// the moment it is claimed.
func TestARingRepeatsUntilItIsClaimedAndThenStopsForEveryone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway, wecom, dingtalk, push := newProvider(t), newProvider(t), newProvider(t), newProvider(t)
	push.answers(status(http.StatusCreated))
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url+"/sms")
	h.channel(h.HospitalAdmin, "WECOM_ROBOT", wecom.url+"/cgi-bin/webhook/send?key=k")
	h.channel(h.HospitalAdmin, "DINGTALK_ROBOT", dingtalk.url+"/robot/send?access_token=t", func(in *contract.NotificationChannelInput) {
		key := "SEC1"
		in.Secret = &key
	})
	for number, who := range map[string]identity.Actor{"13800138001": h.Wang, "13800138002": h.Zhao} {
		h.settings(who, phone(number))
		h.browser(who, push.url+"/push/"+number)
	}
	h.run(h.sender)
	c := h.waits("CRITICAL")

	// CRITICAL goes everywhere at once, to everybody who may answer.
	texts := []string{}
	numbers := []string{}
	for _, r := range gateway.wait(2) {
		body := h.sms(r)
		numbers, texts = append(numbers, body.To), append(texts, body.Text)
		if body.Urgency != "CRITICAL" || body.Test {
			t.Errorf("body %+v", body)
		}
	}
	slices.Sort(numbers)
	if want := []string{"13800138001", "13800138002"}; !slices.Equal(numbers, want) {
		t.Errorf("told %v, want %v", numbers, want)
	}
	var group struct {
		Type string `json:"msgtype"`
		Text struct {
			Content   string   `json:"content"`
			Mentioned []string `json:"mentioned_list"`
		} `json:"text"`
		At struct {
			All bool `json:"isAtAll"`
		} `json:"at"`
	}
	if err := json.Unmarshal(wecom.wait(1)[0].body, &group); err != nil {
		t.Fatal(err)
	}
	texts = append(texts, group.Text.Content)
	if group.Type != "text" || !slices.Equal(group.Text.Mentioned, []string{"@all"}) {
		t.Errorf("WeCom got %+v", group)
	}
	ding := dingtalk.wait(1)[0]
	if err := json.Unmarshal(ding.body, &group); err != nil {
		t.Fatal(err)
	}
	texts = append(texts, group.Text.Content)
	if !group.At.All {
		t.Errorf("DingTalk got %+v", group)
	}
	query, err := http.NewRequest(http.MethodGet, "http://x/?"+ding.query, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	q := query.URL.Query()
	if q.Get("access_token") != "t" || q.Get("sign") != notify.SignDingTalk("SEC1", q.Get("timestamp")) || q.Get("timestamp") != fmt.Sprint(h.Clock.Now().UnixMilli()) {
		t.Errorf("DingTalk's query %s", ding.query)
	}
	push.wait(2)
	h.impersonal(texts...)

	// It repeats, and says that it does.
	h.quiet()
	h.Clock.Pass(time.Minute + time.Second)
	again := h.sms(gateway.wait(4)[3])
	if again.Text == texts[0] || len([]rune(again.Text)) <= len([]rune(texts[0])) {
		t.Errorf("the reminder says %q", again.Text)
	}
	h.quiet()
	h.Clock.Pass(90 * time.Second) // the next distance is twice as long
	h.quiet()
	if n := len(gateway.all()); n != 4 {
		t.Errorf("%d messages before the second distance is over", n)
	}
	h.Clock.Pass(31 * time.Second)
	gateway.wait(6)
	h.quiet()

	// One claims: what is queued stops for both, for the groups and for the browsers.
	queued := h.deliveries(`d.state = 'WAITING' AND n.event <> 'ANSWERED'`)
	if queued != 6 {
		t.Errorf("%d messages are queued, want one for each of two phones, two browsers and two groups", queued)
	}
	sent := len(gateway.all()) + len(wecom.all()) + len(dingtalk.all()) + len(push.all())
	h.Claim(h.Zhao, caretest.Must[contract.Consultation](h.World)(h.Care.GetConsultation(t.Context(), h.Zhao, c.Id)))
	h.Clock.Pass(time.Hour)
	eventually(t, "what is queued is stopped", func() bool {
		return h.deliveries(`d.state IN ('WAITING', 'RETRYING', 'SENDING') AND n.event <> 'ANSWERED'`) == 0
	})
	h.quiet()
	if now := len(gateway.all()) + len(wecom.all()) + len(dingtalk.all()) + len(push.all()); now != sent {
		t.Errorf("%d messages after the claim", now-sent)
	}
	if n := h.deliveries(`d.state = 'STOPPED'`); n != 6 {
		t.Errorf("%d stopped, want 6", n)
	}
}

// A page that rings needs no SMS beside it at once; the more urgent, the sooner it comes.
func TestDearChannelsWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway, push := newProvider(t), newProvider(t)
	push.answers(status(http.StatusCreated))
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	h.settings(h.Zhao, phone("13800138002"))
	h.browser(h.Wang, push.url+"/w")
	h.browser(h.Zhao, push.url+"/z")
	h.run(h.sender)
	h.waits("EMERGENT")
	push.wait(1)
	h.quiet()
	if n := len(gateway.all()); n != 0 {
		t.Errorf("%d SMS at once", n)
	}
	h.Clock.Pass(20 * time.Second)
	gateway.wait(1)
}

func TestQuietHoursGiveWayToUrgentRequestsForPeopleOnDuty(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	night := func(number string) func(*contract.NotificationSettingsInput) {
		return func(in *contract.NotificationSettingsInput) {
			in.Phone, in.Quiet = &number, &contract.QuietHours{From: "08:00", To: "12:00"} // it is nine in the morning
		}
	}
	h.settings(h.Wang, night("13800138001"))
	h.settings(h.Zhao, night("13800138002"))
	for _, doctor := range []identity.Actor{h.Wang, h.Zhao, h.Gao, h.Junior} {
		h.Presence.Set(doctor.UserID, "OFF")
	}
	h.Exec(`INSERT INTO duty_shifts (id, organisation_id, department_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, $4, 'CONSULTANT', $5, $6)`,
		uuid.New(), h.Hospital, h.Departments["02"], h.Wang.UserID, h.Clock.Now().Add(-time.Hour), h.Clock.Now().Add(time.Hour))
	h.run(h.sender)
	h.waits("CRITICAL")
	h.quiet()
	if body := h.sms(gateway.wait(1)[0]); body.To != "13800138001" {
		t.Errorf("told %s, want who is on duty", body.To)
	}
	h.quiet()
	h.Clock.Pass(30 * time.Second)
	h.quiet()
	if n := len(gateway.all()); n != 1 {
		t.Errorf("%d messages in quiet hours", n)
	}
	// Who is not on duty hears of it when the quiet is over, if it still waits.
	noon := time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC)
	if n := h.deliveries(`d.user_id = $1 AND d.due_at = $2 AND d.state = 'WAITING'`, h.Zhao.UserID, noon); n != 1 {
		t.Errorf("%d messages wait for noon", n)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway, push := newProvider(t), newProvider(t)
	push.answers(status(http.StatusCreated))
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, func(in *contract.NotificationSettingsInput) {
		phone("13800138001")(in)
		in.Choices = []contract.NotificationChoiceInput{{Event: "RING", Sms: false, Push: true}, {Event: "CRITICAL_PAGE", Sms: false, Push: false}}
	})
	h.browser(h.Wang, push.url+"/w")
	h.run(h.sender)
	for name, f := range map[string]notify.Fact{
		"no SMS of rings":                       {Event: notify.Ring, Urgency: "CRITICAL", Users: []uuid.UUID{h.Wang.UserID}},
		"no page for who is not on duty":        {Event: notify.CriticalPage, Urgency: "CRITICAL", Users: []uuid.UUID{h.Wang.UserID}},
		"a page for who is there, all the same": {Event: notify.CriticalPage, Urgency: "CRITICAL", Users: []uuid.UUID{h.Wang.UserID}, Present: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := h.Draft(h.Nurse, h.Resident) // a subject of its own; made to wait by hand, so that nothing else is said of it
			h.Exec(`UPDATE consultations SET state = 'OFFERED' WHERE id = $1`, c.Id)
			defer h.Exec(`UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, c.Id)
			before := len(gateway.all())
			f.Subject, f.At = c.Id, h.Clock.Now()
			h.enqueue(f)
			h.quiet()
			want := map[bool]int{true: 1}[f.Present]
			if got := len(gateway.all()) - before; got != want {
				t.Errorf("%d SMS, want %d", got, want)
			}
		})
	}
}

func (h *house) enqueue(f notify.Fact) {
	h.t.Helper()
	if err := h.Store.Tx(h.t.Context(), func(q *db.Queries) error { return notify.Enqueue(h.t.Context(), q, f) }); err != nil {
		h.t.Fatal(err)
	}
}

func TestAFactIsOneFactAndOnlyWhenItIsCommitted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := notify.Fact{Event: notify.SwapAnswer, Users: []uuid.UUID{h.Wang.UserID}, Subject: uuid.New(), At: h.Clock.Now()}
	undone := fmt.Errorf("undone")
	if err := h.Store.Tx(t.Context(), func(q *db.Queries) error {
		if err := notify.Enqueue(t.Context(), q, f); err != nil {
			return err
		}
		return undone
	}); err != undone {
		t.Fatal(err)
	}
	if n := h.Count(`SELECT count(*) FROM notifications`); n != 0 {
		t.Errorf("%d facts of what did not happen", n)
	}
	for range 3 {
		h.enqueue(f)
	}
	if n := h.Count(`SELECT count(*) FROM notifications`); n != 1 {
		t.Errorf("%d facts, want 1", n)
	}
}

// A gateway that fails gets the same message with the same id at growing distances, then never again, until an administrator
// takes it up.
func TestFailuresAreRetriedThenDead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	gateway.answers(status(http.StatusBadGateway))
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	h.run(h.sender)
	h.enqueue(notify.Fact{Event: notify.Assigned, Urgency: "URGENT", Users: []uuid.UUID{h.Wang.UserID}, Subject: h.granted(), Epoch: 1, At: h.Clock.Now()})
	for attempt := range 8 {
		gateway.wait(attempt + 1)
		h.quiet()
		h.Clock.Pass(15 * time.Minute)
	}
	eventually(t, "it is given up", func() bool {
		return h.deliveries(`d.state = 'DEAD' AND d.error_code = 'notify_provider_down' AND d.status = 502`) == 1
	})
	h.quiet()
	ids := map[string]bool{}
	for _, r := range gateway.all() {
		ids[h.sms(r).ID] = true
	}
	if len(gateway.all()) != 8 || len(ids) != 1 {
		t.Errorf("%d attempts with %d ids", len(gateway.all()), len(ids))
	}

	page := caretest.Must[contract.DeliveryPage](h.World)(h.Care.ListNotificationDeliveries(t.Context(), h.HospitalAdmin,
		contract.ListNotificationDeliveriesParams{State: &[]contract.DeliveryState{"DEAD"}}))
	if len(page.Rows) != 1 || page.Rows[0].Attempts != 8 || page.Rows[0].UserName == nil || page.Rows[0].Error == nil {
		t.Fatalf("the log shows %+v", page.Rows)
	}
	dead := page.Rows[0].Id
	if _, err := h.Care.RetryNotificationDelivery(t.Context(), h.HomeAdmin, dead); problem.Of(err).Code != "not_found" {
		t.Errorf("another institution's administrator: %v", err)
	}
	gateway.answers(nil)
	caretest.Must[contract.NotificationDelivery](h.World)(h.Care.RetryNotificationDelivery(t.Context(), h.HospitalAdmin, dead))
	if last := h.sms(gateway.wait(9)[8]); !ids[last.ID] {
		t.Errorf("taken up again under another id, %s", last.ID)
	}
	eventually(t, "it is delivered", func() bool { return h.deliveries(`d.state = 'DELIVERED'`) == 1 })
	if _, err := h.Care.RetryNotificationDelivery(t.Context(), h.HospitalAdmin, dead); problem.Of(err).Code != "notify_not_dead" {
		t.Errorf("retried although it was delivered: %v", err)
	}
}

// A fact of which no messages can be made keeps none of the others, is tried again at growing distances, and is then a dead
// letter that an administrator may take up.
func TestAPoisonedFactIsADeadLetterAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	h.settings(h.Zhao, phone("13800138002"))
	h.Exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
		IF NEW.user_id = TG_ARGV[0]::uuid THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $f$`)
	h.Exec(fmt.Sprintf(`CREATE TRIGGER refuse BEFORE INSERT ON notification_deliveries FOR EACH ROW EXECUTE FUNCTION refuse('%s')`, h.Wang.UserID))
	subject := h.granted()
	for _, who := range []identity.Actor{h.Wang, h.Zhao, h.Wang, h.Zhao} {
		h.enqueue(notify.Fact{Event: notify.Assigned, Key: uuid.NewString(), Users: []uuid.UUID{who.UserID}, Subject: subject, Epoch: 1, At: h.Clock.Now()})
	}
	for range 7 {
		caretest.Must[int](h.World)(h.sender.Plan(t.Context()))
		h.Clock.Pass(15 * time.Minute)
	}
	if n := h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NOT NULL`); n != 2 {
		t.Fatalf("%d facts planned", n)
	}
	// It waits for its time, and is given up after the last try.
	caretest.Must[int](h.World)(h.sender.Plan(t.Context()))
	if n := caretest.Must[int](h.World)(h.sender.Plan(t.Context())); n != 0 {
		t.Errorf("%d facts dealt with that wait", n)
	}
	page := caretest.Must[contract.DeliveryPage](h.World)(h.Care.ListNotificationDeliveries(t.Context(), h.HospitalAdmin,
		contract.ListNotificationDeliveriesParams{State: &[]contract.DeliveryState{"DEAD"}}))
	if len(page.Rows) != 2 || page.Rows[0].Error == nil {
		t.Fatalf("dead letters %+v", page.Rows)
	}
	h.Exec(`DROP TRIGGER refuse ON notification_deliveries`)
	dead := page.Rows[0].Id
	if _, err := h.Care.RetryNotificationDelivery(t.Context(), h.HomeAdmin, dead); problem.Of(err).Code != "not_found" {
		t.Errorf("another institution's administrator: %v", err)
	}
	if d := caretest.Must[contract.NotificationDelivery](h.World)(h.Care.RetryNotificationDelivery(t.Context(), h.HospitalAdmin, dead)); d.State != "WAITING" {
		t.Errorf("taken up: %+v", d)
	}
	caretest.Must[int](h.World)(h.sender.Plan(t.Context()))
	if dead, planned := h.deliveries(`d.state = 'DEAD'`), h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NOT NULL`); dead != 1 || planned != 4 {
		t.Errorf("%d dead letters, %d facts planned", dead, planned)
	}
}

// granted is a consultation that stands at epoch 1.
func (h *house) granted() uuid.UUID {
	h.t.Helper()
	c := h.Draft(h.Nurse, h.Resident)
	h.Exec(`UPDATE consultations SET state = 'ACCEPTED', epoch = 1, doctor_id = $2 WHERE id = $1`, c.Id, h.Wang.UserID)
	return c.Id
}

func TestWhatAProviderRefusesForGoodIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	robot := newProvider(t)
	robot.answers(func(_ int, w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"errcode":310000,"errmsg":"sign not match"}`))
	})
	made := h.channel(h.HospitalAdmin, "DINGTALK_ROBOT", robot.url+"/robot/send?access_token=t")
	h.run(h.sender)
	h.waits("CRITICAL")
	robot.wait(1)
	eventually(t, "it is dead", func() bool {
		return h.deliveries(`d.state = 'DEAD' AND d.error_code = 'notify_credentials' AND d.provider_code = '310000'`) == 1
	})
	list := caretest.Must[[]contract.NotificationChannel](h.World)(h.Care.ListNotificationChannels(t.Context(), h.HospitalAdmin))
	if len(list) != 1 || list[0].Id != made.Id || list[0].LastErrorCode == nil || *list[0].LastErrorCode != "notify_credentials" || list[0].LastFailedAt == nil {
		t.Errorf("the channel shows %+v", list)
	}
}

// 429 pauses the whole channel for as long as the provider says, and nothing else.
func TestAProviderThatAsksForAPauseGetsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	busy, other := newProvider(t), newProvider(t)
	busy.answers(func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", busy.url)
	h.channel(h.HomeAdmin, "SMS_WEBHOOK", other.url)
	h.settings(h.Wang, phone("13800138001"))
	h.settings(h.Zhao, phone("13800138002"))
	h.settings(h.Nurse, func(in *contract.NotificationSettingsInput) {
		phone("13800138003")(in)
		in.Choices = []contract.NotificationChoiceInput{{Event: "ANSWERED", Sms: true, Push: true}}
	})
	h.run(h.sender)
	id := h.granted()
	say := func(e notify.Event, who uuid.UUID) {
		h.enqueue(notify.Fact{Event: e, Urgency: "URGENT", Users: []uuid.UUID{who}, Subject: id, Epoch: 1, At: h.Clock.Now()})
	}
	say(notify.Assigned, h.Wang.UserID)
	busy.wait(1)
	eventually(t, "the pause is noted", func() bool {
		return h.Count(`SELECT count(*) FROM notification_channels WHERE paused_until IS NOT NULL`) == 1
	})
	say(notify.Assigned, h.Zhao.UserID)
	say(notify.Answered, h.Nurse.UserID)
	other.wait(1)
	h.Clock.Pass(4 * time.Minute)
	eventually(t, "everything is planned", func() bool { return h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NULL`) == 0 })
	say(notify.SwapAnswer, h.Wang.UserID) // something to see that the loops went round
	eventually(t, "everything is planned", func() bool { return h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NULL`) == 0 })
	if n := len(busy.all()); n != 1 {
		t.Errorf("%d requests during the pause", n)
	}
	h.Clock.Pass(2 * time.Minute)
	busy.wait(3)
}

// A provider that never answers takes its own share of a node and no more.
func TestASlowProviderDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	slow, quick := newProvider(t), newProvider(t)
	release := make(chan struct{})
	slow.answers(func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", slow.url)
	h.channel(h.HomeAdmin, "SMS_WEBHOOK", quick.url)
	h.settings(h.Wang, phone("13800138001"))
	h.settings(h.Nurse, func(in *contract.NotificationSettingsInput) {
		phone("13800138003")(in)
		in.Choices = []contract.NotificationChoiceInput{{Event: "ANSWERED", Sms: true, Push: true}}
	})
	id := h.granted()
	for n := range 40 {
		h.enqueue(notify.Fact{Event: notify.Assigned, Key: fmt.Sprint("slow", n), Users: []uuid.UUID{h.Wang.UserID}, Subject: id, Epoch: 1, At: h.Clock.Now()})
	}
	h.run(h.sender)
	slow.wait(4)
	h.enqueue(notify.Fact{Event: notify.Answered, Users: []uuid.UUID{h.Nurse.UserID}, Subject: id, Epoch: 1, At: h.Clock.Now()})
	quick.wait(1)
	if n := len(slow.all()); n > 8 {
		t.Errorf("%d requests at a time to a provider that does not answer", n)
	}
	close(release)
	slow.wait(40)
	h.quiet()
}

// A node that dies between the sending and the note leaves the message to another, which sends it once more under the same id.
func TestANodeThatDiesAfterSendingLeavesTheMessageToAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	dying, err := store.Open(t.Context(), h.Store.Pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dying.Close)
	gateway.answers(func(n int, _ http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			dying.Close() // as it answers, the node has nowhere left to write
		}
	})
	stop := h.run(h.node(dying, notify.Config{}))
	h.enqueue(notify.Fact{Event: notify.Assigned, Users: []uuid.UUID{h.Wang.UserID}, Subject: h.granted(), Epoch: 1, At: h.Clock.Now()})
	gateway.wait(1)
	stop()
	if n := h.deliveries(`d.state = 'SENDING'`); n != 1 {
		t.Fatalf("%d messages are in the dead node's hands", n)
	}
	h.run(h.sender)
	h.Clock.Pass(31 * time.Second)
	got := gateway.wait(2)
	if first, second := h.sms(got[0]).ID, h.sms(got[1]).ID; first != second {
		t.Errorf("ids %s and %s", first, second)
	}
	eventually(t, "it is delivered", func() bool { return h.deliveries(`d.state = 'DELIVERED' AND d.attempts = 2`) == 1 })
}

// Several nodes share the work; while none fails, each message goes out once.
func TestNodesShareTheWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	for range 3 {
		h.run(h.node(h.Store, notify.Config{}))
	}
	id := h.granted()
	const facts = 120
	for n := range facts {
		h.enqueue(notify.Fact{Event: notify.Assigned, Key: fmt.Sprint("share", n), Users: []uuid.UUID{h.Wang.UserID}, Subject: id, Epoch: 1, At: h.Clock.Now()})
	}
	gateway.wait(facts)
	h.quiet()
	ids := map[string]int{}
	for _, r := range gateway.all() {
		ids[h.sms(r).ID]++
	}
	if len(ids) != facts || len(gateway.all()) != facts {
		t.Errorf("%d messages with %d ids, want %d", len(gateway.all()), len(ids), facts)
	}
}

func TestADisabledChannelSendsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	robot := newProvider(t)
	made := h.channel(h.HospitalAdmin, "WECOM_ROBOT", robot.url+"/send?key=k")
	h.run(h.sender)
	h.waits("CRITICAL")
	robot.wait(1)
	h.quiet()
	off := false
	made = caretest.Must[contract.NotificationChannel](h.World)(h.Care.UpdateNotificationChannel(t.Context(), h.HospitalAdmin, made.Id,
		contract.NotificationChannelUpdate{Revision: made.Revision, Enabled: &off}))
	if n := h.deliveries(`d.state = 'STOPPED' AND d.error_code = 'notify_channel_disabled'`); n != 1 {
		t.Errorf("%d stopped, want the reminder", n)
	}
	h.Clock.Pass(time.Hour)
	h.quiet()
	if n := len(robot.all()); n != 1 || made.Enabled {
		t.Errorf("%d messages through a disabled channel", n)
	}
}

// A gateway that is away for long loses messages, never the alert: the next of the series is tried while the request waits.
func TestAnAlertOutlivesADeadMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateway := newProvider(t)
	gateway.answers(status(http.StatusServiceUnavailable))
	h.channel(h.HospitalAdmin, "SMS_WEBHOOK", gateway.url)
	h.settings(h.Wang, phone("13800138001"))
	h.run(h.sender)
	h.waits("CRITICAL")
	for attempt := range 8 {
		gateway.wait(attempt + 1)
		h.quiet()
		h.Clock.Pass(40 * time.Second)
	}
	eventually(t, "it is given up", func() bool { return h.deliveries(`d.state = 'DEAD'`) == 1 })
	gateway.answers(nil)
	h.quiet()
	h.Clock.Pass(time.Minute)
	eventually(t, "the next arrives", func() bool { return h.deliveries(`d.state = 'DELIVERED' AND d.round = 1`) == 1 })
	got := gateway.all()
	if first, last := h.sms(got[0]).ID, h.sms(got[len(got)-1]).ID; first == last {
		t.Error("another message under the same id")
	}
}

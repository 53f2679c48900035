package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Event is what somebody is told of. The codes are those of NotifyEvent in the contract.
type Event string

// The events.
const (
	Ring                 Event = "RING"                  // a request rings for somebody
	CriticalPage         Event = "CRITICAL_PAGE"         // a life is in danger: everybody eligible, present or not
	DispatcherAlert      Event = "DISPATCHER_ALERT"      // a request is late, or nobody is there
	NoDispatcher         Event = "NO_DISPATCHER"         // the same, where the hospital has no dispatcher: for administrators
	Assigned             Event = "ASSIGNED"              // a dispatcher gave somebody a request
	Answered             Event = "ANSWERED"              // a doctor took somebody's request
	ReportReady          Event = "REPORT_READY"          // an opinion waits for adoption
	SwapRequest          Event = "SWAP_REQUEST"          // somebody is asked to take a shift
	SwapAnswer           Event = "SWAP_ANSWER"           // the request for a swap was answered
	BreakGlass           Event = "BREAK_GLASS"           // somebody opened a record of the institution in an emergency
	ContractEnding       Event = "CONTRACT_ENDING"       // a family-doctor contract of one's team ends soon
	FactorReset          Event = "FACTOR_RESET"          // an administrator took somebody's second factor away
	Returned             Event = "RETURNED"              // a request came back for more material, and nobody of the bedside has looked
	Terminated           Event = "TERMINATED"            // a consultation was ended as unsuitable, and nobody of the bedside has looked
	HandOver             Event = "HAND_OVER"             // a colleague asks to take a consultation over
	DeadlineSoon         Event = "DEADLINE_SOON"         // a return or a finding that somebody answers for is due soon
	DeadlineOverdue      Event = "DEADLINE_OVERDUE"      // its day is over
	VisitAlarm           Event = "VISIT_ALARM"           // somebody on a visit calls for help, or is not back in time
	AppointmentReminder  Event = "APPOINTMENT_REMINDER"  // an appointment is three days, a day or two hours away
	AppointmentMoved     Event = "APPOINTMENT_MOVED"     // an appointment of which somebody was reminded has another time
	AppointmentCancelled Event = "APPOINTMENT_CANCELLED" // an appointment of which somebody was reminded does not take place
	FamilyAnswer         Event = "FAMILY_ANSWER"         // a family cancelled, or asks to be called
	FamilyRequest        Event = "FAMILY_REQUEST"        // a family asks for a visit
	Test                 Event = "TEST"
	Expiry               Event = "EXPIRY"       // a licence or an agreement that somebody answers for ends soon or is over
	ConsentCode          Event = "CONSENT_CODE" // a code for a consent, sent at once and to no account
)

// Events lists those that a person or a group can choose.
func Events() []Event {
	return []Event{Ring, CriticalPage, DispatcherAlert, NoDispatcher, Assigned, Answered, ReportReady, SwapRequest, SwapAnswer, BreakGlass, VisitAlarm, AppointmentReminder, AppointmentMoved, AppointmentCancelled, FamilyAnswer, FamilyRequest, Returned, Terminated, HandOver, DeadlineSoon, DeadlineOverdue, FactorReset, ContractEnding, Expiry}
}

// ForGroups lists those that a group robot can tell: events of a department or an institution, not of one person.
func ForGroups() []Event {
	return []Event{Ring, CriticalPage, DispatcherAlert, AppointmentReminder, AppointmentMoved, AppointmentCancelled}
}

// ofAppointment says that the subject is an appointment, whose time and place the text names.
func (e Event) ofAppointment() bool {
	return e == AppointmentReminder || e == AppointmentMoved || e == AppointmentCancelled
}

// repeats says that the event is told again until it no longer stands.
func (e Event) repeats() bool { return e == Ring || e == CriticalPage || e == DispatcherAlert }

// AlwaysOnDuty says that people on duty are told whatever they chose.
func (e Event) AlwaysOnDuty() bool {
	return e == CriticalPage || e == DispatcherAlert || e == VisitAlarm
}

// Default says how somebody who never chose is told. In-page is always.
func (e Event) Default() (sms, push bool) {
	switch e {
	case Ring, CriticalPage, DispatcherAlert, NoDispatcher, Assigned, VisitAlarm, FamilyAnswer, FactorReset, Returned, Terminated, HandOver, DeadlineOverdue, Test:
		return true, true
	}
	return false, true
}

// class joins events that are one and the same alert for a recipient.
func (e Event) class() string {
	if e == CriticalPage {
		return string(Ring)
	}
	return string(e)
}

// The channels of deliveries.
const (
	SMS      = "SMS"
	Push     = "PUSH"
	WeCom    = "WECOM"
	DingTalk = "DINGTALK"
)

// The kinds of an organisation's channels.
const (
	SMSWebhook    = "SMS_WEBHOOK"
	WeComRobot    = "WECOM_ROBOT"
	DingTalkRobot = "DINGTALK_ROBOT"
)

// ChannelOf gives the channel of deliveries that a kind serves.
func ChannelOf(kind string) string {
	switch kind {
	case WeComRobot:
		return WeCom
	case DingTalkRobot:
		return DingTalk
	}
	return SMS
}

// Fact is something that happened and of which people are to be told.
type Fact struct {
	Event Event
	// Key names the fact: written again it is the same one. Empty: built from event, subject, epoch and users.
	Key     string
	Urgency consult.Urgency // "" when it has none
	Users   []uuid.UUID     // who is told
	// Present says that the users were found present a moment ago, so that they count as on duty without a shift.
	Present bool
	// Departments are those whose group robots are told, beside the users.
	Departments []uuid.UUID
	// Organisations are those whose group robots are told that serve no single department.
	Organisations []uuid.UUID
	// Family is the resident whose family is told by SMS, at the telephone that is on file when it is sent. The hour is the caller's to choose.
	Family *uuid.UUID
	// VoidAt is when telling makes no sense any more; nil: never.
	VoidAt *time.Time
	// Department is named in the text.
	Department *uuid.UUID
	// Subject is the consultation, the swap or the reminder; with Epoch the grant under which the fact holds.
	Subject uuid.UUID
	Epoch   int64
	At      time.Time
}

// hashOf keeps the key of a fact for many people short; their order does not matter.
func hashOf(users []uuid.UUID) []byte {
	sorted := slices.SortedFunc(slices.Values(users), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, u := range sorted {
		h.Write(u[:])
	}
	return h.Sum(nil)[:16]
}

// Enqueue writes a fact in the transaction in which it happened. A fact for nobody is none. It neither waits nor locks
// anything but its own row.
func Enqueue(ctx context.Context, q *db.Queries, f Fact) error {
	if len(f.Users) == 0 && len(f.Departments) == 0 && len(f.Organisations) == 0 && f.Family == nil {
		return nil
	}
	id := uuid.Must(uuid.NewV7())
	if f.Key == "" {
		f.Key = fmt.Sprintf("%s:%s:%d:%x", f.Event, f.Subject, f.Epoch, hashOf(f.Users))
	}
	subject := &f.Subject
	if f.Subject == uuid.Nil {
		subject = nil
	}
	if f.Users == nil {
		f.Users = []uuid.UUID{}
	}
	if f.Departments == nil {
		f.Departments = []uuid.UUID{}
	}
	_, err := q.AddNotification(ctx, db.AddNotificationParams{ID: id, Key: f.Key, Event: string(f.Event), Urgency: string(f.Urgency), Users: f.Users,
		Present: f.Present, Departments: f.Departments, DepartmentID: f.Department, SubjectID: subject, Epoch: f.Epoch, Organisations: f.Organisations,
		ResidentID: f.Family, VoidAt: f.VoidAt, Now: f.At})
	if err != nil {
		return fmt.Errorf("notification %s: %w", f.Event, err)
	}
	return nil
}

// EnqueueTest writes a test message for one person on one channel, SMS or Push, whatever the choices and quiet hours. False
// says that there is nowhere to send it.
func EnqueueTest(ctx context.Context, q *db.Queries, user uuid.UUID, channel string, now time.Time) (bool, error) {
	people, err := q.PeopleToNotify(ctx, db.PeopleToNotifyParams{Users: []uuid.UUID{user}, Event: string(Test), Now: now})
	if err != nil {
		return false, fmt.Errorf("test message: %w", err)
	}
	browsers, err := q.PushSubscriptionsOf(ctx, []uuid.UUID{user})
	if err != nil {
		return false, fmt.Errorf("test message: %w", err)
	}
	fact := uuid.Must(uuid.NewV7())
	var targets []db.AddDeliveryParams
	for _, p := range people {
		if channel == SMS && p.HasPhone && p.SmsChannelID != uuid.Nil {
			targets = append(targets, db.AddDeliveryParams{ChannelID: &p.SmsChannelID, Series: fact.String()})
		}
		for _, b := range browsers {
			if channel == Push {
				targets = append(targets, db.AddDeliveryParams{SubscriptionID: &b.ID, Series: fact.String() + ":" + b.ID.String()})
			}
		}
		for i := range targets {
			if p.OrganisationID != uuid.Nil {
				targets[i].OrganisationID = &p.OrganisationID
			}
		}
	}
	if len(targets) == 0 {
		return false, nil
	}
	if _, err := q.AddNotification(ctx, db.AddNotificationParams{ID: fact, Key: fact.String(), Event: string(Test), Users: []uuid.UUID{user},
		Departments: []uuid.UUID{}, Now: now}); err != nil {
		return false, fmt.Errorf("test message: %w", err)
	}
	if err := q.NotificationPlanned(ctx, db.NotificationPlannedParams{ID: fact, Now: now}); err != nil {
		return false, fmt.Errorf("test message: %w", err)
	}
	for _, t := range targets {
		t.ID, t.NotificationID, t.UserID, t.Channel, t.AtAnyHour, t.DueAt, t.Now = uuid.Must(uuid.NewV7()), fact, &user, channel, true, now, now
		if err := q.AddDelivery(ctx, t); err != nil {
			return false, fmt.Errorf("test message: %w", err)
		}
	}
	return true, nil
}

package care

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/notify"
)

// What people are told of outside of the page. Each function writes one fact in the transaction of the change and sends
// nothing itself. A request that is claimed, cancelled or merged needs no call: its alerts are asked whether they still stand
// immediately before each is sent.

// alertRung tells doctors whom a request rings; they were found present, so they count as on duty. Every ring calls it: the
// same doctor under the same grant is one alert, which repeats until the request is taken.
func (ch *change) alertRung(ctx context.Context, doctors []uuid.UUID) error {
	return ch.alert(ctx, notify.Ring, doctors, true)
}

// alertPage tells everybody who may answer a CRITICAL request, present or not. Those who were rung may be among them.
func (ch *change) alertPage(ctx context.Context, eligible []uuid.UUID) error {
	return ch.alert(ctx, notify.CriticalPage, eligible, false)
}

// alertDispatchers tells dispatchers that a request is late, or that nobody is there; it repeats until one takes charge. When that
// one has left, it begins anew.
func (ch *change) alertDispatchers(ctx context.Context, dispatchers []uuid.UUID, why string) error {
	key := ""
	if why == alertLeft {
		key = fmt.Sprintf("%s:%s:%d:LEFT:%d", notify.DispatcherAlert, ch.c.ID, ch.c.Epoch, ch.now.UnixMilli())
	}
	return ch.alertAs(ctx, key, notify.DispatcherAlert, dispatchers, false)
}

// alertGranted tells the nurse who asked that a doctor took the request, and the doctor when a dispatcher gave it to him. It is
// called after the grant.
func (ch *change) alertGranted(ctx context.Context) error {
	if ch.c.AssignedBy != nil && ch.c.DoctorID != nil {
		if err := ch.alert(ctx, notify.Assigned, []uuid.UUID{*ch.c.DoctorID}, false); err != nil {
			return err
		}
	}
	return ch.alert(ctx, notify.Answered, []uuid.UUID{ch.c.CreatedBy}, false)
}

// alertReport tells the responsible attending doctor that an opinion waits for adoption.
func (ch *change) alertReport(ctx context.Context) error {
	if ch.c.SubmitterID == nil {
		return nil
	}
	return ch.alert(ctx, notify.ReportReady, []uuid.UUID{*ch.c.SubmitterID}, false)
}

// alertBack tells the nurse who asked and the responsible attending doctor that a request came back or was ended, unless somebody
// of theirs looks at it within a moment.
func (ch *change) alertBack(ctx context.Context, event notify.Event) error {
	users := []uuid.UUID{ch.c.CreatedBy}
	if ch.c.SubmitterID != nil && *ch.c.SubmitterID != ch.c.CreatedBy {
		users = append(users, *ch.c.SubmitterID)
	}
	return ch.alertAs(ctx, fmt.Sprintf("%s:%s:%d:%d", event, ch.c.ID, ch.c.Epoch, ch.now.UnixMilli()), event, users, false)
}

func (ch *change) alert(ctx context.Context, event notify.Event, users []uuid.UUID, present bool) error {
	return ch.alertAs(ctx, "", event, users, present)
}

// alertAs is alert under a key of its own; under the same key people are told once.
func (ch *change) alertAs(ctx context.Context, key string, event notify.Event, users []uuid.UUID, present bool) error {
	f := notify.Fact{Event: event, Key: key, Urgency: consult.Urgency(ch.c.Urgency), Users: users, Present: present, Department: ch.c.DepartmentID,
		Subject: ch.c.ID, Epoch: ch.c.Epoch, At: ch.now}
	switch event {
	case notify.Ring, notify.CriticalPage, notify.DispatcherAlert:
		departments, err := ch.audience(ctx)
		if err != nil {
			return err
		}
		f.Departments = departments
	}
	return notify.Enqueue(ctx, ch.q, f)
}

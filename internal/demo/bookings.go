package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// bookingsKey in the table meta says that kinds, hours and appointments are there.
const bookingsKey = "demo.bookings"

// bookable is what the demo's institutions offer. Times are minutes.
type bookable struct {
	key, admin string
	in         contract.AppointmentKindInput
}

func bookables() []bookable {
	all := []contract.Role{"FAMILY_DOCTOR", "NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"}
	return []bookable{
		{"visit", "admin.fang", contract.AppointmentKindInput{Name: "上门随访", Place: "HOME", ServiceType: new("HOME_VISIT"), Minutes: 40, StepMinutes: new(20), AfterMinutes: new(10), TravelMinutes: new(20),
			NoticeMinutes: new(120), HorizonDays: 60, FreeCancelMinutes: new(1440), BookedBy: all}},
		{"clinic", "admin.fang", contract.AppointmentKindInput{Name: "门诊随访", Place: "CLINIC", ServiceType: new("CHRONIC_MGMT"), Minutes: 20, AfterMinutes: new(5), NoticeMinutes: new(60), HorizonDays: 30,
			FreeCancelMinutes: new(240), BookedBy: all}},
		{"class", "admin.fang", contract.AppointmentKindInput{Name: "慢病课堂", Place: "CLINIC", Minutes: 60, Capacity: new(8), NoticeMinutes: new(60), HorizonDays: 60, BookedBy: all}},
		{"review", "admin.he", contract.AppointmentKindInput{Name: "视频复查", Place: "ONLINE", Minutes: 20, AfterMinutes: new(10), NoticeMinutes: new(60), HorizonDays: 30, FreeCancelMinutes: new(240),
			Duty: new(contract.DutyEffectIGNORED), BookedBy: all}},
	}
}

// seedBookings makes what can be booked, hours and some appointments of the coming days through the use-cases, under the demo's lock.
// The visits at home go with them.
func seedBookings(ctx context.Context, st *store.Store, keeper *seal.Keeper, id *identity.Service, now time.Time) error {
	return st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockDemo(ctx); err != nil {
			return err
		}
		if _, err := q.MetaValue(ctx, bookingsKey); !store.IsNone(err) {
			return err
		}
		quick, err := quickStore(ctx, st)
		if err != nil {
			return err
		}
		defer quick.Close()
		s, err := booking.New(booking.Deps{Store: quick, Keeper: keeper, Now: func() time.Time { return now }})
		if err != nil {
			return err
		}
		appointments, err := tellBookings(ctx, s, actors(), now)
		if err != nil {
			return err
		}
		clock := func() time.Time { return now }
		files, err := care.New(care.Deps{Store: quick, Keeper: keeper, Identity: id, Now: clock})
		if err != nil {
			return err
		}
		going, err := visits.New(visits.Deps{Store: quick, Keeper: keeper, Identity: id, Care: files, Contracts: panel.Contracts{}, Appointments: s, Now: clock})
		if err != nil {
			return err
		}
		files.UseContracts(panel.Contracts{})
		files.UseVisits(going)
		if err := tellVisits(ctx, going, actors(), now, appointments); err != nil {
			return err
		}
		return q.SetMeta(ctx, db.SetMetaParams{Key: bookingsKey, Value: consult.DateOf(now).String()})
	})
}

// hours are when somebody can be booked.
type hours struct {
	admin, who, days string // days as in an RRULE
	from, to         int
	places           []contract.AppointmentPlace
	on               consult.Date // of one day alone
}

func weekly() []hours {
	clinic, home, both := []contract.AppointmentPlace{"CLINIC"}, []contract.AppointmentPlace{"HOME"}, []contract.AppointmentPlace{"HOME", "CLINIC"}
	return []hours{
		{admin: "admin.fang", who: "dr.su", days: "MO,TU,WE,TH,FR", from: 8, to: 11, places: clinic}, {admin: "admin.fang", who: "dr.su", days: "MO,TU,WE,TH,FR", from: 14, to: 17, places: home},
		{admin: "admin.fang", who: "nurse.qi", days: "MO,WE,FR", from: 9, to: 11, places: home}, {admin: "admin.fang", who: "nurse.qi", days: "TU,TH", from: 14, to: 17, places: both},
		{admin: "admin.he", who: "dr.zhao", days: "MO,TU,WE,TH,FR", from: 14, to: 16}, {admin: "admin.he", who: "dr.gao", days: "TU,TH", from: 9, to: 11},
	}
}

// thisWeekend are the further hours of whoever is booked on a demo that begins at a weekend or on its eve: its first days are never empty.
func thisWeekend(today consult.Date) []hours {
	var out []hours
	for ahead := range 2 {
		on := today.AddDays(ahead)
		days, weekend := map[time.Weekday]string{time.Saturday: "SA", time.Sunday: "SU"}[on.Time().Weekday()]
		if !weekend {
			continue
		}
		for _, h := range weekly() {
			if h.days == "MO,TU,WE,TH,FR" {
				h.days, h.on = days, on
				out = append(out, h)
			}
		}
	}
	return out
}

// tellBookings returns the appointments by "kind/resident".
func tellBookings(ctx context.Context, s *booking.Service, people map[string]identity.Actor, now time.Time) (map[string]uuid.UUID, error) {
	kinds, made := map[string]uuid.UUID{}, map[string]uuid.UUID{}
	for _, b := range bookables() {
		k, err := s.CreateAppointmentKind(ctx, people[b.admin], idOf("command", "kind", b.key), b.in)
		if err != nil {
			return nil, fmt.Errorf("kind %s: %w", b.key, err)
		}
		kinds[b.key] = k.Id
	}
	for _, h := range weekly() {
		user := idOf("user", h.who)
		if _, err := s.AddAvailabilityRule(ctx, people[h.admin], idOf("command", "hours", h.who, h.days, fmt.Sprint(h.from)), contract.AvailabilityRuleInput{
			UserId: &user, Recurrence: "FREQ=WEEKLY;BYDAY=" + h.days, StartsOn: date(consult.DateOf(now).AddDays(-7)), FromMinute: h.from * 60, ToMinute: h.to * 60, Places: &h.places}); err != nil {
			return nil, fmt.Errorf("hours of %s: %w", h.who, err)
		}
	}
	for _, h := range thisWeekend(consult.DateOf(now)) {
		user, last, always := idOf("user", h.who), date(h.on), contract.RuleDaysALL
		if _, err := s.AddAvailabilityRule(ctx, people[h.admin], idOf("command", "hours", h.who, h.on.String(), fmt.Sprint(h.from)), contract.AvailabilityRuleInput{
			UserId: &user, Recurrence: "FREQ=WEEKLY;BYDAY=" + h.days, StartsOn: date(h.on), EndsOn: &last, Days: &always, FromMinute: h.from * 60, ToMinute: h.to * 60, Places: &h.places}); err != nil {
			return nil, fmt.Errorf("hours of %s: %w", h.who, err)
		}
	}
	for _, b := range []struct{ kind, by, with, resident string }{
		{"visit", "dr.su", "dr.su", "zhao-fugui"}, {"visit", "dr.su", "dr.su", "wang-deshun"}, {"visit", "dr.su", "dr.su", "guo-meiling"}, {"clinic", "nurse.li", "dr.su", "sun-shuqin"},
		{"class", "dr.su", "dr.su", "zhang-guilan"}, {"class", "dr.su", "dr.su", "wulan"}, {"review", "nurse.li", "dr.zhao", "zhang-guilan"},
	} {
		who, with, resident := people[b.by], idOf("user", b.with), idOf("resident", b.resident)
		page, err := s.FindSlots(ctx, who, contract.FindSlotsParams{KindId: kinds[b.kind], From: now, To: now.AddDate(0, 0, 21), PractitionerId: &with, ResidentId: &resident, Limit: new(1)})
		if err != nil {
			return nil, fmt.Errorf("slots of %s: %w", b.with, err)
		}
		if len(page.Slots) == 0 {
			continue // a long holiday
		}
		reason := contract.AppointmentReasonPLAN
		appointment, err := s.BookAppointment(ctx, who, idOf("command", "appointment", b.kind, b.resident), contract.AppointmentInput{KindId: kinds[b.kind], PractitionerId: with, ResidentId: resident,
			StartsAt: page.Slots[0].StartsAt, Reason: &reason})
		if err != nil {
			return nil, fmt.Errorf("appointment of %s: %w", b.resident, err)
		}
		made[b.kind+"/"+b.resident] = appointment.Id
	}
	return made, nil
}

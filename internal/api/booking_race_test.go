package api_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// racers is how many clients want the same time at once.
const racers = 50

// rounds is how often they race: a few times with every change, BOOKING_ROUNDS=500 before a release (make soak).
func rounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("BOOKING_ROUNDS"))
	if err != nil {
		return 2
	}
	return n
}

// race books with every client at once and says who won. Everybody else must hear of a conflict, with what is free instead.
func (s *site) race(t *testing.T, round int, code string, wish func(client int) contract.AppointmentInput) contract.Appointment {
	t.Helper()
	people := []identity.Actor{s.Nurse, s.Attending, s.HomeAdmin}
	for _, a := range people {
		s.token(a)
	}
	replies := make([]reply, racers)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		ready.Add(1)
		done.Go(func() {
			in := wish(i)
			ready.Done()
			<-start
			replies[i] = s.send(people[i%len(people)], http.MethodPost, "/api/v1/appointments", in)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	var won []contract.Appointment
	for i, r := range replies {
		switch r.status {
		case http.StatusCreated:
			var c contract.Appointment
			r.into(&c)
			won = append(won, c)
		case http.StatusConflict:
			if p := r.problem(); p.Code != code && p.Code != "slot_taken" || p.Alternatives == nil || len(*p.Alternatives) != 3 {
				t.Fatalf("round %d, client %d: %s", round, i, r.body)
			}
		default:
			t.Fatalf("round %d, client %d: %d %s", round, i, r.status, r.body)
		}
	}
	if len(won) != 1 {
		t.Fatalf("round %d: %d have it", round, len(won))
	}
	return won[0]
}

// TestFiftyClientsWantTheSameTime: through the HTTP contract, of one doctor, for one resident, and across the way between two visits. One has it
// each time, nobody hears of a deadlock, and whoever is too late is offered something else.
func TestFiftyClientsWantTheSameTime(t *testing.T) {
	s := newSite(t)
	residents := make([]uuid.UUID, racers)
	for i := range residents {
		residents[i] = s.ResidentOf(s.Home, "老人", fmt.Sprintf("9%02d-1", i), "FULL")
	}
	kind := func(name, place string, travel int) contract.AppointmentKind {
		var out contract.AppointmentKind
		s.send(s.HospitalAdmin, http.MethodPost, "/api/v1/appointment-kinds", contract.AppointmentKindInput{Name: name, Place: contract.AppointmentPlace(place), Minutes: 30, StepMinutes: new(10),
			TravelMinutes: &travel, HorizonDays: 366, BookedBy: []contract.Role{"NURSE", "ATTENDING", "INST_ADMIN"}}).into(&out)
		return out
	}
	online, visit := kind("视频随访", "ONLINE", 0), kind("上门随访", "HOME", 20)
	var doctors []identity.Actor
	for i := range 10 {
		doctors = append(doctors, s.Doctor(fmt.Sprintf("dr.%d", i), "医生", s.Hospital, 8, s.Departments["02"]))
		s.Exec(`INSERT INTO availability_rules (id, user_id, organisation_id, recurrence, starts_on, from_minute, to_minute, days, created_by, created_at)
			VALUES ($1, $2, $3, 'FREQ=DAILY', '2026-03-01', 480, 1200, 'ALL', $2, now())`, uuid.New(), doctors[i].UserID, s.Hospital)
	}
	at := func(round, hour, minute int) time.Time {
		return time.Date(2026, 3, 12, hour-8, minute, 0, 0, time.UTC).AddDate(0, 0, round%300)
	}
	for round := range rounds(t) {
		if round > 0 && round%50 == 0 {
			t.Logf("%d rounds", round)
		}
		hour := 9 + round/300*5
		s.race(t, round, "slot_taken", func(i int) contract.AppointmentInput {
			return contract.AppointmentInput{KindId: online.Id, PractitionerId: doctors[0].UserID, ResidentId: residents[i], StartsAt: at(round, hour, 0)}
		})
		won := s.race(t, round, "resident_taken", func(i int) contract.AppointmentInput { // each doctor is free; the resident is at one place
			return contract.AppointmentInput{KindId: online.Id, PractitionerId: doctors[1+i%9].UserID, ResidentId: residents[0], StartsAt: at(round, hour+1, i%3*10), Hold: new(i%2 == 0)}
		})
		if won.Status == contract.AppointmentStatusHELD { // nobody keeps more than a few slots at a time
			s.send(s.Nurse, http.MethodPost, "/api/v1/appointments/"+won.Id.String()+"/confirm", nil).into(&won)
		}
		s.race(t, round, "slot_taken", func(i int) contract.AppointmentInput { // the visits do not overlap, the ways do
			return contract.AppointmentInput{KindId: visit.Id, PractitionerId: doctors[0].UserID, ResidentId: residents[i], StartsAt: at(round, hour+2, i%2*30)}
		})
	}
}

package care_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// racers is how many doctors answer one request at the same instant.
const racers = 200

// race is a world in which doctors race for requests.
type race struct {
	*caretest.World
	doctors []identity.Actor
	next    int       // bed
	watch   *pgx.Conn // looks when a grant can be seen
}

func newRace(t testing.TB) *race {
	r := &race{World: caretest.New(t)}
	watch, err := pgx.ConnectConfig(t.Context(), r.Store.Pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watch.Close(context.WithoutCancel(t.Context())) })
	r.watch = watch
	for i := range racers {
		r.doctors = append(r.doctors, r.Doctor(fmt.Sprintf("dr.race%d", i), fmt.Sprintf("医生%d", i), r.Hospital, 5, r.Departments["02"]))
	}
	return r
}

// told is one round: who won, and how long after the grant was committed the others had their answer.
type told struct {
	winner  uuid.UUID
	others  []time.Duration
	refused map[string]int
}

// round lets everybody answer one request at once. The winner is freed again afterwards.
func (r *race) round(ctx context.Context) told {
	r.T.Helper()
	r.next++
	resident := r.ResidentOf(r.Home, "李大山", fmt.Sprintf("9-%d", r.next), "FULL")
	c := r.Submit(r.Nurse, r.Draft(r.Nurse, resident).Id, "CRITICAL") // rings all
	type answer struct {
		doctor identity.Actor
		at     time.Time
		err    error
	}
	answers := make([]answer, len(r.doctors))
	var start, end sync.WaitGroup
	start.Add(1)
	for i, d := range r.doctors {
		end.Go(func() {
			start.Wait()
			_, err := r.Care.ClaimConsultation(ctx, d, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
			answers[i] = answer{d, time.Now(), err}
		})
	}
	start.Done()
	granted := r.committed(ctx, c.Id)
	end.Wait()
	out := told{refused: map[string]int{}}
	var won contract.Consultation
	for _, a := range answers {
		if a.err == nil {
			if out.winner != uuid.Nil {
				r.T.Fatal("two doctors won")
			}
			out.winner = a.doctor.UserID
		} else {
			out.refused[problem.Of(a.err).Code]++
		}
	}
	if out.winner == uuid.Nil {
		r.T.Fatalf("nobody won: %v", out.refused)
	}
	for _, a := range answers {
		if a.err != nil {
			out.others = append(out.others, max(a.at.Sub(granted), 0))
		}
	}
	i := slices.IndexFunc(r.doctors, func(d identity.Actor) bool { return d.UserID == out.winner })
	var err error
	if won, err = r.Care.GetConsultation(ctx, r.doctors[i], c.Id); err != nil {
		r.T.Fatal(err)
	}
	if won.Epoch != c.Epoch+1 || won.Doctor.Id != out.winner {
		r.T.Fatalf("epoch %d, doctor %v", won.Epoch, won.Doctor)
	}
	if n := r.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'CLAIM'`, c.Id); n != 1 {
		r.T.Fatalf("%d claims on record", n)
	}
	if n := r.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = 'PENDING'`, c.Id); n != 0 {
		r.T.Fatalf("%d rings go on", n)
	}
	if _, err := r.Care.CancelConsultation(ctx, r.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}); err != nil {
		r.T.Fatal(err)
	}
	return out
}

// committed waits until others can see that the request was granted, on a connection of its own, and gives the instant.
func (r *race) committed(ctx context.Context, id uuid.UUID) time.Time {
	r.T.Helper()
	for {
		var state string
		if err := r.watch.QueryRow(ctx, `SELECT state FROM consultations WHERE id = $1`, id).Scan(&state); err != nil {
			r.T.Fatal(err)
		}
		if state != "OFFERED" {
			return time.Now()
		}
	}
}

// Two hundred doctors answer the same request at the same instant, again and again: one wins each time, everybody else is told
// who, and the rings of all others are stopped by one event.
func TestTwoHundredDoctorsRace(t *testing.T) {
	t.Parallel()
	r := newRace(t)
	for range 3 {
		out := r.round(t.Context())
		is(t, "losers", len(out.others), racers-1)
		is(t, "told who won", out.refused["already_claimed"], racers-1)
	}
	var payload []byte
	if err := r.Store.Pool.QueryRow(t.Context(), `SELECT payload FROM outbox WHERE topic = 'ring.stop' ORDER BY jsonb_array_length(payload->'to'->'users') DESC LIMIT 1`).Scan(&payload); err != nil {
		t.Fatal(err)
	}
	var stop struct {
		To struct {
			Users []uuid.UUID `json:"users"`
		} `json:"to"`
	}
	if err := json.Unmarshal(payload, &stop); err != nil {
		t.Fatal(err)
	}
	if len(stop.To.Users) < racers-1 {
		t.Errorf("one event stops %d rings", len(stop.To.Users))
	}
}

// BenchmarkTwoHundredDoctorsRace prints, for -benchtime 1000x, a thousand rounds: one winner each, and the distribution of the
// time from the grant until the others had their answer.
func BenchmarkTwoHundredDoctorsRace(b *testing.B) {
	r := newRace(b)
	var all []time.Duration
	winners := map[uuid.UUID]int{}
	rounds := 0
	for b.Loop() {
		out := r.round(b.Context())
		all = append(all, out.others...)
		winners[out.winner]++
		rounds++
	}
	slices.Sort(all)
	at := func(share float64) float64 {
		return float64(all[min(int(share*float64(len(all))), len(all)-1)].Microseconds()) / 1000
	}
	within := slices.IndexFunc(all, func(d time.Duration) bool { return d > 200*time.Millisecond })
	if within < 0 {
		within = len(all)
	}
	b.ReportMetric(float64(rounds), "winners")
	b.ReportMetric(at(0.5), "told-p50-ms")
	b.ReportMetric(at(0.9), "told-p90-ms")
	b.ReportMetric(at(0.99), "told-p99-ms")
	b.ReportMetric(at(1), "told-max-ms")
	b.ReportMetric(100*float64(within)/float64(len(all)), "told-within-200ms-%")
	b.Logf("%d rounds of %d doctors, %d winners, %d different ones", rounds, racers, rounds, len(winners))
}

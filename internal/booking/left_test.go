package booking_test

import (
	"testing"
	"time"
)

// TestWhoHasLeftHasNoAppointments: what is still to come for a resident who moved out or died is cancelled, and its time is free; what came before
// and what is of others stays.
func TestWhoHasLeftHasNoAppointments(t *testing.T) {
	c := openClinic(t)
	mine := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	later := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Resident, at(2, 10, 0)))
	other := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Second, at(1, 10, 0)))
	status := func(id any) string {
		t.Helper()
		var s string
		if err := c.Store.Pool.QueryRow(t.Context(), `SELECT status || ' ' || cancel_reason FROM appointments WHERE id = $1`, id).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	sweep := func() {
		t.Helper()
		if _, err := c.book.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Exec(`UPDATE residents SET left_on = $2 WHERE id = $1`, c.Resident, at(2, 0, 0)) // the day after tomorrow
	sweep()
	if status(mine.Id) != "BOOKED " || status(later.Id) != "BOOKED " {
		t.Errorf("before the departure: %s, %s", status(mine.Id), status(later.Id))
	}
	c.Exec(`UPDATE residents SET left_on = $2 WHERE id = $1`, c.Resident, c.Clock.Now().Add(-24*time.Hour))
	sweep()
	if status(mine.Id) != "CANCELLED RESIDENT_LEFT" || status(later.Id) != "CANCELLED RESIDENT_LEFT" || status(other.Id) != "BOOKED " {
		t.Errorf("after it: %s, %s, %s", status(mine.Id), status(later.Id), status(other.Id))
	}
	if n := c.Count(`SELECT count(*) FROM appointment_events WHERE appointment_id = $1 AND type = 'cancel' AND actor_role = 'SYSTEM' AND actor_id IS NULL`, mine.Id); n != 1 {
		t.Errorf("%d events", n)
	}
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 10, 0)))
}

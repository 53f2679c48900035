package visits_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Who made a visit reads the record of it, sees whether it counts, and does nothing to it; a colleague who stayed at the centre finds nothing.
func TestWhoMadeAVisitReadsItsRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	s.contracts.held[s.Resident] = true
	s.consents(s.Resident)
	v := s.done(s.Resident, true)
	record := *v.ConsultationId

	listed := func(a identity.Actor) (found []uuid.UUID) {
		log, err := s.Care.ListConsultations(ctx, a, contract.ListConsultationsParams{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range log.Rows {
			if row.Id == record {
				found = append(found, row.Id)
			}
		}
		if log.Total != len(log.Rows) {
			t.Errorf("%d rows, counted %d", len(log.Rows), log.Total)
		}
		return found
	}
	c, err := s.Care.GetConsultation(ctx, s.doctor, record)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Actions) != 0 {
		t.Errorf("it can be done to a record by reading it: %v", c.Actions)
	}
	if got := listed(s.doctor); len(got) != 1 {
		t.Errorf("in the log of who made it: %v", got)
	}
	if _, err := s.Care.GetCountability(ctx, s.doctor, record); err != nil {
		t.Errorf("whether it counts: %v", err)
	}
	if _, err := s.Care.GetConsultation(ctx, s.other, record); problem.Of(err).Status != 404 {
		t.Errorf("a colleague: %v", err)
	}
	if got := listed(s.other); len(got) != 0 {
		t.Errorf("in the log of a colleague: %v", got)
	}
}

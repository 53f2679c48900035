package care_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// A ticket is no part in a call: who gave a request back before joining does not keep sight of it.
func TestATicketAloneGivesNoLastingSight(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	if _, err := w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &c.Epoch}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: "EMERGENCY_HERE"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Care.CancelConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}); err != nil {
		t.Fatal(err)
	}
	w.Exec(`UPDATE audience SET until = $1 WHERE consultation_id = $2`, w.Clock.Now(), c.Id)
	if _, err := w.Care.GetConsultation(ctx, w.Wang, c.Id); err == nil || problem.Of(err).Status != 404 {
		t.Errorf("the doctor still sees it: %v", err)
	}
	page, err := w.Care.ListConsultations(ctx, w.Wang, contract.ListConsultationsParams{})
	if err != nil || page.Total != 0 {
		t.Errorf("the log has %d rows for the doctor: %v", page.Total, err)
	}
}

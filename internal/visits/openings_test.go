package visits_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func TestTheHouseSeesWhoOpened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	v := s.booked(s.Resident)
	seen := func(action string) int {
		return s.Count(`SELECT count(*) FROM access_log WHERE action = $1 AND resident_id = $2 AND organisation_id = $3 AND user_id = $4`, action, s.Resident, s.Home, s.doctor.UserID)
	}
	for range 2 { // a list is read again by itself
		if _, err := s.v.ListVisits(ctx, s.doctor, contract.ListVisitsParams{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := seen("listVisits"); n != 1 {
		t.Errorf("named in a list: %d entries, want 1", n)
	}
	before := seen("getVisit")
	must(t)(s.v.GetVisit(ctx, s.doctor, v.Id))
	if n := seen("getVisit"); n != before+1 {
		t.Errorf("opened: %d entries, want %d", n, before+1)
	}
	if _, err := s.v.SaveResidentHome(ctx, s.Nurse, s.Resident, contract.ResidentHomeInput{Address: "新城区海东路1号"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.v.GetResidentHome(ctx, s.doctor, s.Resident); err != nil {
		t.Fatal(err)
	}
	if n := seen("getResidentHome"); n != 1 {
		t.Errorf("the address: %d entries, want 1", n)
	}
	// The house's own people are at work there.
	if _, err := s.v.ListVisits(ctx, s.Nurse, contract.ListVisitsParams{}); err != nil {
		t.Fatal(err)
	}
	if n := s.Count(`SELECT count(*) FROM access_log WHERE action = 'listVisits' AND user_id = $1`, s.Nurse.UserID); n != 0 {
		t.Errorf("the house's own nurse: %d entries", n)
	}
}

func TestWhoHasLeftSeesNoneAndStillWorks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.booked(s.Resident)
	elsewhere := s.Organisation("MEDICAL", "B100", "南门社区卫生服务中心")
	moved := s.doctor
	moved.Memberships = s.User("family3", "其木格", "FAMILY_DOCTOR", elsewhere).Memberships
	page, err := s.v.ListVisits(t.Context(), moved, contract.ListVisitsParams{})
	if err != nil || len(page.Visits) != 0 {
		t.Errorf("%d visits, %v", len(page.Visits), err)
	}
}

func TestTheProofHoldsTheSignatureOfTheVisit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	s.consents(s.Resident)
	v := s.done(s.Resident, true)
	chain, err := audit.NewSequencer(s.Store, s.Keeper, "one", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chain.Run(ctx); err != nil {
		t.Fatal(err)
	}
	prove := func() int {
		t.Helper()
		p, err := audit.ProveRecord(ctx, s.Store.Q(), s.Keeper, *v.ConsultationId)
		if err != nil {
			t.Fatal(err)
		}
		return p.Found
	}
	if n := prove(); n != 0 {
		t.Fatalf("untouched: %d faults", n)
	}
	conn, err := pgx.ConnectConfig(ctx, s.Store.Pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for _, sql := range []string{"SET session_replication_role = replica",
		"UPDATE attachments SET created_at = created_at - interval '1 day' WHERE kind = 'SIGNATURE' AND visit_id = '" + v.Id.String() + "'"} {
		if tag, err := conn.Exec(ctx, sql); err != nil || tag.Update() && tag.RowsAffected() != 1 {
			t.Fatalf("%s: %v, %v", sql, tag, err)
		}
	}
	if n := prove(); n == 0 {
		t.Error("a changed signature was not found")
	}
}

package panel_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
)

func TestAContractFromDraftToEnd(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	c := w.draft(w.su, w.team, w.Resident)
	if c.State != "DRAFT" || !strings.HasPrefix(c.Number, "JY20260310-") {
		t.Fatalf("%s is %s", c.Number, c.State)
	}
	_, err := w.panel.CreateContract(ctx, w.su, uuid.New(), contract.FdContractInput{ResidentId: w.Resident, TeamId: w.team, Packages: []string{"BASIC"}, Items: []string{"EHR"},
		StartsOn: day(w.today()), EndsOn: day(w.today().AddYears(1))})
	wantCode(t, err, "fd_draft_exists")

	// What was shown is what is signed: words that changed since are read again.
	sign := w.signing(w.su, c)
	if c, err = w.panel.UpdateContract(ctx, w.su, c.Id, contract.FdContractUpdate{Packages: []string{"BASIC", "PERSONALISED"}, Items: []string{"EHR", "HOME_VISIT"}, StartsOn: c.StartsOn, EndsOn: c.EndsOn, Revision: c.Revision}); err != nil {
		t.Fatal(err)
	}
	sign.Revision = c.Revision
	_, err = w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, sign)
	wantCode(t, err, "fd_contract_text")
	sign = w.signing(w.su, c)
	blank := sign
	blank.SignaturePng = nil
	_, err = w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, blank)
	wantCode(t, err, "fd_contract_proof")
	old := sign
	old.Revision = 1
	_, err = w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, old)
	wantCode(t, err, "revision_stale")

	// One command, however often it arrives.
	command := uuid.New()
	for range 2 {
		signed, err := w.panel.SignContract(ctx, w.qi, command, c.Id, sign)
		if err != nil || signed.State != "IN_FORCE" || *signed.SignedBy != "齐护士" || !signed.HasFile {
			t.Fatalf("signed: %+v, %v", signed, err)
		}
		c = signed
	}
	if n := w.Count(`SELECT count(*) FROM fd_contract_events WHERE contract_id = $1 AND type = 'signed'`, c.Id); n != 1 {
		t.Errorf("%d events of the signature", n)
	}
	if n := w.Count(`SELECT count(*) FROM outbox WHERE topic = 'panel.changed' AND payload->'data'->>'residentId' = $1`, w.Resident.String()); n == 0 {
		t.Error("nobody is told of the contract")
	}
	text, err := w.panel.GetContractText(ctx, w.su, c.Id)
	if err != nil || !text.Signed || text.Hash != sign.TextHash || !strings.Contains(text.Body, "上门巡诊") {
		t.Errorf("the words that were signed: %+v, %v", text, err)
	}
	// Whoever writes: what was signed does not change, and names of residents are not in clear.
	if _, err := w.Store.Pool.Exec(ctx, `UPDATE fd_contracts SET ends_on = ends_on + 1, ended_on = ended_on + 1 WHERE id = $1`, c.Id); err == nil {
		t.Error("a signed contract was made longer")
	}

	// Another contract of another team in the same time is refused, whoever comes first.
	rival := w.draft(w.other, w.second, w.Resident)
	_, err = w.panel.SignContract(ctx, w.other, uuid.New(), rival.Id, w.signing(w.other, rival))
	wantCode(t, err, "fd_contract_overlap")

	_, err = w.panel.RenewContract(ctx, w.su, uuid.New(), c.Id)
	wantCode(t, err, "fd_contract_step") // too early
	_, err = w.panel.EndContract(ctx, w.su, uuid.New(), c.Id, contract.FdContractEnd{Revision: c.Revision, Code: new("OTHER")})
	wantCode(t, err, "required") // why
	w.pass(30)
	ended, err := w.panel.EndContract(ctx, w.su, uuid.New(), c.Id, contract.FdContractEnd{Revision: c.Revision, Code: new("TEAM_CHANGE")})
	if err != nil || ended.State != "TERMINATED" || ended.TerminatedOn.String() != w.today().String() {
		t.Fatalf("ended: %+v, %v", ended, err)
	}
	// From that day on the other team's holds.
	if rival, err = w.panel.UpdateContract(ctx, w.other, rival.Id, contract.FdContractUpdate{Packages: rival.Packages, Items: rival.Items, StartsOn: day(w.today()), EndsOn: day(w.today().AddYears(1)), Revision: rival.Revision}); err != nil {
		t.Fatal(err)
	}
	if rival, err = w.panel.SignContract(ctx, w.other, uuid.New(), rival.Id, w.signing(w.other, rival)); err != nil || rival.State != "IN_FORCE" {
		t.Fatalf("the second contract: %s, %v", rival.State, err)
	}
	standing, err := panel.StandingOf(ctx, w.Store.Q(), w.Resident, w.today())
	if err != nil || standing.Contract != rival.Id || standing.Team != w.second || len(consult.CheckHomeVisit(standing.Facts(""))) != 0 {
		t.Errorf("standing: %+v, %v", standing, err)
	}
	before, err := panel.StandingOf(ctx, w.Store.Q(), w.Resident, w.today().AddDays(-1))
	if err != nil || before.Contract != c.Id {
		t.Errorf("the day before: %+v, %v", before, err)
	}
	none, err := panel.StandingOf(ctx, w.Store.Q(), w.Second, w.today())
	if err != nil || len(consult.CheckHomeVisit(none.Facts(""))) != 1 || len(consult.CheckHomeVisit(none.Facts("术后换药，已评估"))) != 0 {
		t.Errorf("without a contract: %+v, %v", none, err)
	}
}

// Two teams have the same resident sign at the same moment, many times: one contract holds.
func TestOneContractHolds(t *testing.T) {
	w := newVillage(t)
	first, second := w.draft(w.su, w.team, w.Resident), w.draft(w.other, w.second, w.Resident)
	signings := []struct {
		who  identity.Actor
		id   uuid.UUID
		body contract.FdContractSigning
	}{{w.su, first.Id, w.signing(w.su, first)}, {w.other, second.Id, w.signing(w.other, second)}}
	const each = 4
	ready, all := make(chan struct{}), make(chan error, 2*each)
	for i := range 2 * each {
		go func() {
			<-ready
			s := signings[i%2]
			_, err := w.panel.SignContract(t.Context(), s.who, uuid.New(), s.id, s.body)
			all <- err
		}()
	}
	close(ready)
	won := 0
	for range 2 * each {
		if err := <-all; err == nil {
			won++
		} else if code := problemCode(err); code != "fd_contract_overlap" && code != "fd_contract_step" && code != "revision_stale" {
			t.Errorf("a loser hears %s: %v", code, err)
		}
	}
	if n := w.Count(`SELECT count(*) FROM fd_contracts WHERE resident_id = $1 AND state = 'SIGNED'`, w.Resident); won != 1 || n != 1 {
		t.Errorf("%d signed, %d hold", won, n)
	}
}

func TestAGuardianSigns(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	c := w.draft(w.su, w.team, w.Dement)
	sign := w.signing(w.su, c)
	_, err := w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, sign)
	wantCode(t, err, "consent_capacity")
	sign.SignerKind, sign.SignerName, sign.Relation = "LEGAL_GUARDIAN", new("某子"), new("CHILD")
	_, err = w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, sign)
	wantCode(t, err, "consent_guardian_order") // a spouse is on file
	staff := sign
	staff.SignerName, staff.Relation = &w.su.Name, new("SPOUSE")
	_, err = w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, staff)
	wantCode(t, err, "consent_staff_cannot_sign")
	sign.Reason = new("配偶失能，无法签字")
	signed, err := w.panel.SignContract(ctx, w.su, uuid.New(), c.Id, sign)
	if err != nil || *signed.SignerName != "某子" || *signed.Relation != "CHILD" {
		t.Errorf("signed by %+v, %v", signed, err)
	}
}

func TestWhoSeesAContract(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	c := w.signed(w.su, w.team, w.Resident)
	for name, a := range map[string]identity.Actor{"another home's nurse": w.PureNurse, "another team": w.other, "a hospital's administrator": w.HospitalAdmin} {
		_, err := w.panel.GetContract(ctx, a, c.Id)
		if problemCode(err) != "not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.panel.GetFamilyCare(ctx, w.other, w.Resident); problemCode(err) != "not_found" {
		t.Errorf("another team reads the resident: %v", err)
	}
	for _, a := range []identity.Actor{w.boss, w.HomeAdmin} {
		got, err := w.panel.GetContract(ctx, a, c.Id)
		if err != nil || strings.Contains(got.ResidentName, "秀") || !strings.Contains(got.ResidentName, "*") || got.SignerName != nil || len(got.Actions) != 0 {
			t.Errorf("%s sees %+v, %v", a.Name, got, err)
		}
	}
	seen, err := w.panel.GetContract(ctx, w.Nurse, c.Id)
	if err != nil || seen.SignerName == nil || len(seen.Actions) != 0 {
		t.Errorf("the bedside sees %+v, %v", seen, err)
	}
	_, err = w.panel.EndContract(ctx, w.Nurse, uuid.New(), c.Id, contract.FdContractEnd{Revision: c.Revision, Code: new("MOVED")})
	if problemCode(err) != "forbidden" {
		t.Errorf("the bedside ends a contract: %v", err)
	}
	// A resident of an institution without an agreement is nobody that a team could look after.
	_, err = w.panel.CreateContract(ctx, w.su, uuid.New(), contract.FdContractInput{ResidentId: w.PureResident, TeamId: w.team, Packages: []string{"BASIC"}, Items: []string{"EHR"}, StartsOn: day(w.today()), EndsOn: day(w.today().AddYears(1))})
	if problemCode(err) != "not_found" {
		t.Errorf("a foreign resident: %v", err)
	}
	list, err := w.panel.ListCandidates(ctx, w.su, contract.ListCandidatesParams{TeamId: w.team})
	if err != nil || len(list) != 3 {
		t.Errorf("%d candidates, %v", len(list), err)
	}
	// Who leaves the team sees its residents no more.
	teams, err := w.panel.ListTeams(ctx, w.boss)
	if err != nil || len(teams) != 2 {
		t.Fatalf("%d teams, %v", len(teams), err)
	}
	if _, err := w.panel.UpdateTeam(ctx, w.boss, w.team, contract.FdTeamUpdate{Name: "第一团队", Active: true, Revision: 1, Members: []contract.FdTeamMember{{UserId: w.su.UserID, Part: "LEADER"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.panel.GetContract(ctx, w.qi, c.Id); problemCode(err) != "not_found" {
		t.Errorf("a former member: %v", err)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'getContract' AND resident_id = $1`, w.Resident); n < 3 {
		t.Errorf("%d reads are in the access log", n)
	}
}

// Teams are told at 90, 60 and 30 days, once each, however many servers look; a renewal that is signed ends it.
func TestTeamsAreToldOfEndings(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	c := w.signed(w.su, w.team, w.Resident)
	told := func() int {
		one, err := w.panel.TellEndings(ctx)
		if err != nil {
			t.Fatal(err)
		}
		two, err := w.node().TellEndings(ctx)
		if err != nil || two != 0 {
			t.Fatalf("told twice: %d, %v", two, err)
		}
		return int(one)
	}
	for _, step := range []struct{ pass, told int }{{200, 0}, {75, 1}, {1, 0}, {29, 1}} {
		w.pass(step.pass)
		if n := told(); n != step.told {
			t.Errorf("%d days on: told of %d, want %d", step.pass, n, step.told)
		}
	}
	if n := w.Count(`SELECT count(*) FROM notifications WHERE event = 'CONTRACT_ENDING' AND subject_id = $1 AND $2 = ANY (users)`, c.Id, w.qi.UserID); n != 2 {
		t.Errorf("%d alerts for the nurse", n)
	}
	next, err := w.panel.RenewContract(ctx, w.su, uuid.New(), c.Id)
	if err != nil || next.StartsOn.Time != c.EndsOn.AddDate(0, 0, 1) || next.EndsOn.Time != c.EndsOn.AddDate(1, 0, 0) || *next.RenewsId != c.Id {
		t.Fatalf("renewal: %+v, %v", next, err)
	}
	if next, err = w.panel.SignContract(ctx, w.su, uuid.New(), next.Id, w.signing(w.su, next)); err != nil || next.State != "PENDING" {
		t.Fatalf("renewed: %s, %v", next.State, err)
	}
	w.pass(35)
	if n := told(); n != 0 {
		t.Errorf("told of a contract that was renewed: %d", n)
	}
	w.pass(30)
	if got, err := w.panel.GetContract(ctx, w.su, next.Id); err != nil || got.State != "IN_FORCE" {
		t.Errorf("after the first has ended the next is %s, %v", got.State, err)
	}
}

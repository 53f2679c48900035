package care_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// One person works at several institutions with one account: each administrator gives and ends the roles of the own, and a sign-in may act in one
// of them alone, which is noted and never silently becomes more.
func TestOnePersonSeveralRoles(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := contract.MembershipInput{Username: " " + w.Attending.Username, OrganisationId: w.PureHome, Role: "ATTENDING"}
	_, err := w.Care.AddMembership(ctx, w.HomeAdmin, uuid.New(), in)
	refused(t, err, "not_found") // not the own institution
	elsewhere := w.User("admin.pure", "赵管理", "INST_ADMIN", w.PureHome)
	system := w.User("system", "系统", "SYS_ADMIN", w.Hospital)
	wrong := in
	wrong.Role = "CONSULTANT"
	_, err = w.Care.AddMembership(ctx, elsewhere, uuid.New(), wrong)
	refused(t, err, "invalid_request")
	own := in
	own.Username, own.Role = elsewhere.Username, "QC"
	_, err = w.Care.AddMembership(ctx, elsewhere, uuid.New(), own)
	refused(t, err, "own_account")

	// Who belongs to the institution alone holds the further role at once.
	inside := contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.Home, Role: "QC"}
	cmd := uuid.New()
	for range 2 { // the same command is one membership
		if given := must(w.Care.AddMembership(ctx, w.HomeAdmin, cmd, inside))(t); given.Invitation != nil || len(given.Account.Roles) != 2 {
			t.Fatalf("%+v", given)
		}
	}
	_, err = w.Care.AddMembership(ctx, w.HomeAdmin, uuid.New(), inside)
	refused(t, err, "membership_held")
	unlicensed := inside
	unlicensed.Role = "ATTENDING"
	_, err = w.Care.AddMembership(ctx, w.HomeAdmin, uuid.New(), unlicensed)
	refused(t, err, "invalid_request")
	auditor := contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.Home, Role: "AUDITOR"}
	must(w.Care.AddMembership(ctx, system, uuid.New(), auditor))(t)
	auditor.Role = "SEC_ADMIN"
	_, err = w.Care.AddMembership(ctx, system, uuid.New(), auditor)
	refused(t, err, "roles_apart")

	// Whoever works elsewhere accepts it.
	given := must(w.Care.AddMembership(ctx, elsewhere, uuid.New(), in))(t)
	must(w.Care.AnswerInvitation(ctx, w.Attending, uuid.New(), given.Invitation.Id, true))(t)

	signedIn := func() identity.Actor {
		return must(w.Identity.SignedIn(ctx, w.Attending.UserID, w.Attending.SessionID))(t)
	}
	both := signedIn()
	is(t, "roles", len(both.Memberships), 2)
	second := both.Held[1].ID
	narrow := must(w.Identity.ActAs(ctx, both, &second))(t)
	if len(narrow.Memberships) != 1 || !narrow.In(w.PureHome, "ATTENDING") || narrow.In(w.Home) || len(narrow.Held) != 2 {
		t.Errorf("acts as %+v", narrow.Memberships)
	}
	// An open socket is looked at by its sign-in, so that it does not become more either.
	is(t, "in the socket", len(must(w.Identity.MembershipsOfSignIns(ctx, []uuid.UUID{w.Attending.SessionID}))(t)[w.Attending.SessionID]), 1)
	_, err = w.Care.ListConsultations(ctx, signedIn(), contract.ListConsultationsParams{})
	if err != nil {
		t.Error(err)
	}
	foreign := uuid.New()
	_, err = w.Identity.ActAs(ctx, both, &foreign)
	refused(t, err, "not_found")
	is(t, "noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'ACTING_AS' AND user_id = $1`, w.Attending.UserID), 1)

	_, err = w.Care.EndMembership(ctx, w.HomeAdmin, uuid.New(), second, contract.MembershipEnd{Reason: "LEFT"})
	refused(t, err, "not_found")
	must(w.Care.EndMembership(ctx, elsewhere, uuid.New(), second, contract.MembershipEnd{Reason: "LEFT"}))(t)
	_, err = w.Care.EndMembership(ctx, elsewhere, uuid.New(), second, contract.MembershipEnd{Reason: "LEFT"})
	refused(t, err, "membership_over")
	over := signedIn()
	if len(over.Memberships) != 0 || len(over.Held) != 1 {
		t.Errorf("a chosen role that has ended leaves %+v", over.Memberships)
	}
	is(t, "nothing in the socket", len(must(w.Identity.MembershipsOfSignIns(ctx, []uuid.UUID{w.Attending.SessionID}))(t)), 0)
	is(t, "all again", len(must(w.Identity.ActAs(ctx, over, nil))(t).Memberships), 1)
}

package care_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// A role in another institution waits for the person: it gives nothing before it is accepted, can be declined and taken back, ends by itself, and
// tells whoever invites nothing of the person.
func TestARoleElsewhereWaitsForThePerson(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	admin := w.User("admin.pure", "赵管理", "INST_ADMIN", w.PureHome)
	invite := func(username string) (care.RoleGiven, error) {
		return w.Care.AddMembership(ctx, admin, uuid.New(), contract.MembershipInput{Username: username, OrganisationId: w.PureHome, Role: "NURSE"})
	}
	asked := must(invite(" " + w.Nurse.Username))(t).Invitation
	nobody := must(invite("nobody.here"))(t).Invitation
	audited := must(invite(w.Auditor.Username))(t).Invitation // what is held elsewhere is not told either
	former := w.User("former", "离职护士", "NURSE", w.Home)
	w.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1`, former.UserID, caretest.Start().Add(-time.Hour))
	left := must(invite(former.Username))(t).Invitation // whoever holds no role any more is not taken over either
	plain := func(v *contract.MembershipInvitation) contract.MembershipInvitation {
		p := *v
		p.Id, p.Username = uuid.Nil, ""
		return p
	}
	for name, other := range map[string]*contract.MembershipInvitation{"nobody": nobody, "an auditor": audited, "somebody who left": left} {
		if !reflect.DeepEqual(plain(asked), plain(other)) {
			t.Errorf("the answers tell %s apart: %+v %+v", name, asked, other)
		}
	}
	for _, name := range []string{w.Nurse.Username, "nobody.here"} {
		_, err := invite(name)
		refused(t, err, "invitation_open")
	}
	unlicensed := must(w.Care.AddMembership(ctx, admin, uuid.New(), contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.PureHome, Role: "ATTENDING"}))(t).Invitation

	held := func() identity.Actor { return must(w.Identity.SignedIn(ctx, w.Nurse.UserID, w.Nurse.SessionID))(t) }
	pickable := func() int {
		n := 0
		for _, account := range must(w.Care.ListUsers(ctx, admin))(t) {
			if account.Id == w.Nurse.UserID {
				n++
			}
		}
		return n
	}
	is(t, "roles before", len(held().Held), 1)
	is(t, "listed before", pickable(), 0)
	_, err := w.Care.DisableUser(ctx, admin, w.Nurse.UserID)
	refused(t, err, "not_found")

	is(t, "shown to the person", len(must(w.Care.ListMyInvitations(ctx, w.Nurse))(t)), 2)
	is(t, "shown to nobody else", len(must(w.Care.ListMyInvitations(ctx, w.Attending))(t)), 0)
	is(t, "shown to who invited", len(must(w.Care.ListMembershipInvitations(ctx, admin))(t)), 5)
	is(t, "not to another institution", len(must(w.Care.ListMembershipInvitations(ctx, w.HomeAdmin))(t)), 0)
	for _, who := range []identity.Actor{w.Attending, admin} {
		_, err := w.Care.AnswerInvitation(ctx, who, uuid.New(), asked.Id, true)
		refused(t, err, "not_found")
	}
	_, err = w.Care.WithdrawMembershipInvitation(ctx, w.HomeAdmin, uuid.New(), asked.Id)
	refused(t, err, "not_found")
	_, err = w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), unlicensed.Id, true)
	refused(t, err, "invitation_licence")
	is(t, "declined", must(w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), unlicensed.Id, false))(t).State, "DECLINED")
	_, err = w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), unlicensed.Id, true)
	refused(t, err, "invitation_closed")
	is(t, "roles still", len(held().Held), 1)

	cmd := uuid.New()
	for range 2 {
		is(t, "accepted", must(w.Care.AnswerInvitation(ctx, w.Nurse, cmd, asked.Id, true))(t).State, "ACCEPTED")
	}
	if now := held(); len(now.Held) != 2 || !now.In(w.PureHome, "NURSE") {
		t.Errorf("holds %+v", now.Held)
	}
	is(t, "listed after", pickable(), 1)
	_, err = w.Care.WithdrawMembershipInvitation(ctx, admin, uuid.New(), asked.Id)
	refused(t, err, "invitation_closed")
	_, err = w.Care.DisableUser(ctx, admin, w.Nurse.UserID)
	refused(t, err, "account_elsewhere")
	// In the log of both sides: the person's own institution by who acted, the inviting one by its invitation.
	is(t, "noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'acceptInvitation' AND object_id = $1 AND actor_org_id = $2 AND organisation_id = $3`, asked.Id, w.Home, w.PureHome), 1)
	is(t, "noted by who invited", w.Count(`SELECT count(*) FROM access_log WHERE action = 'inviteMember' AND object_id = $1 AND actor_org_id = $2`, asked.Id, w.PureHome), 1)

	is(t, "withdrawn", must(w.Care.WithdrawMembershipInvitation(ctx, admin, uuid.New(), audited.Id))(t).State, "WITHDRAWN")
	is(t, "gone for the person", len(must(w.Care.ListMyInvitations(ctx, w.Auditor))(t)), 0)
	_, err = w.Care.AnswerInvitation(ctx, w.Auditor, uuid.New(), audited.Id, true)
	refused(t, err, "invitation_closed")

	// Nobody's name stays nobody's, also when somebody takes it later.
	late := w.User("nobody.here", "新来的", "NURSE", w.Home)
	is(t, "not for who took the name", len(must(w.Care.ListMyInvitations(ctx, late))(t)), 0)

	licence := contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150102000123", TitleCode: "233", ValidFrom: day("2020-01-01")}
	doctor := contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.PureHome, Role: "ATTENDING", Licence: &licence}
	expiring := must(w.Care.AddMembership(ctx, admin, uuid.New(), doctor))(t).Invitation
	is(t, "the licence is shown", *expiring.LicenceMasked, "110********0123")
	w.Clock.Pass(30 * 24 * time.Hour)
	_, err = w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), expiring.Id, true)
	refused(t, err, "invitation_closed")
	is(t, "gone", len(must(w.Care.ListMyInvitations(ctx, w.Nurse))(t)), 0)
	again := must(w.Care.AddMembership(ctx, admin, uuid.New(), doctor))(t).Invitation // there is room for a new one
	must(w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), again.Id, true))(t)
	is(t, "with its licence", w.Count(`SELECT count(*) FROM professional_licences WHERE user_id = $1 AND number = $2 AND organisation_id = $3`, w.Nurse.UserID, licence.Number, w.PureHome), 1)
	states := map[contract.MembershipInvitationState]int{}
	for _, v := range must(w.Care.ListMembershipInvitations(ctx, admin))(t) {
		states[v.State]++
	}
	if want := map[contract.MembershipInvitationState]int{"ACCEPTED": 2, "DECLINED": 1, "WITHDRAWN": 1, "EXPIRED": 3}; !reflect.DeepEqual(states, want) {
		t.Errorf("%v", states)
	}
}

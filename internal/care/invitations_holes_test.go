package care_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// A licence that was entered with an invitation has to be in force when the role is accepted, and what nobody can be called is refused as such.
func TestWhatIsAcceptedIsJudgedThen(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	admin := w.User("admin.pure", "赵管理", "INST_ADMIN", w.PureHome)
	ends := openapi_types.Date{Time: caretest.Start().AddDate(0, 0, 10)}
	licence := contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150102000123", TitleCode: "233", ValidFrom: day("2020-01-01"), ValidTo: &ends}
	asked := must(w.Care.AddMembership(ctx, admin, uuid.New(), contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.PureHome, Role: "ATTENDING", Licence: &licence}))(t).Invitation
	w.Clock.Pass(12 * 24 * time.Hour)
	_, err := w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), asked.Id, true)
	refused(t, err, "invitation_licence")
	is(t, "roles", w.Count(`SELECT count(*) FROM memberships WHERE user_id = $1`, w.Nurse.UserID), 1)

	for _, name := range []string{"nur\x00se", "\xff\xfe\xfd", "   ", "a\nb\tc", "\u202enurse"} {
		_, err := w.Care.AddMembership(ctx, admin, uuid.New(), contract.MembershipInput{Username: name, OrganisationId: w.PureHome, Role: "NURSE"})
		if p := problem.Of(err); err == nil || p.Status != 422 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Accepted and withdrawn at once, by many: one answer stands, and the role is held when it was the acceptance.
func TestAnsweredAndWithdrawnAtOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	admin := w.User("admin.pure", "赵管理", "INST_ADMIN", w.PureHome)
	for range 4 {
		asked := must(w.Care.AddMembership(ctx, admin, uuid.New(), contract.MembershipInput{Username: w.Nurse.Username, OrganisationId: w.PureHome, Role: "NURSE"}))(t).Invitation
		before := w.Count(`SELECT count(*) FROM memberships WHERE user_id = $1`, w.Nurse.UserID)
		var wg sync.WaitGroup
		states, same := make(chan contract.MembershipInvitationState, 9), uuid.New()
		for i := range 9 {
			wg.Go(func() {
				var v contract.MembershipInvitation
				var err error
				switch i % 3 {
				case 0:
					v, err = w.Care.AnswerInvitation(ctx, w.Nurse, same, asked.Id, true)
				case 1:
					v, err = w.Care.WithdrawMembershipInvitation(ctx, admin, uuid.New(), asked.Id)
				default:
					v, err = w.Care.AnswerInvitation(ctx, w.Nurse, uuid.New(), asked.Id, true)
				}
				if err == nil {
					states <- v.State
				} else if p := problem.Of(err); p.Code != "invitation_closed" {
					t.Errorf("refused with %v", err)
				}
			})
		}
		wg.Wait()
		close(states)
		stands := map[contract.MembershipInvitationState]bool{}
		for s := range states {
			stands[s] = true
		}
		given := w.Count(`SELECT count(*) FROM memberships WHERE user_id = $1`, w.Nurse.UserID) - before
		if len(stands) != 1 || given != 0 && !stands["ACCEPTED"] || given != 1 && stands["ACCEPTED"] {
			t.Fatalf("%v, and %d roles", stands, given)
		}
		w.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1 AND organisation_id = $3 AND valid_to IS NULL`, w.Nurse.UserID, w.Clock.Now(), w.PureHome)
		w.Clock.Pass(time.Minute)
	}
}

package care_test

import (
	"bytes"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// call is one operation on a consultation (or on something of it), given by somebody.
type call func(a identity.Actor) error

// calls lists every operation on an object, with the ids of a consultation that stands in FOLLOW_UP.
func calls(t *testing.T, w *caretest.World, c contract.Consultation, attachment uuid.UUID) map[string]call {
	t.Helper()
	ctx := t.Context()
	consent := w.ConsentInput(w.Nurse)
	id := c.Id
	all := map[string]call{
		"getConsultation": func(a identity.Actor) error { _, err := w.Care.GetConsultation(ctx, a, id); return err },
		"updateRequest": func(a identity.Actor) error {
			_, err := w.Care.UpdateRequest(ctx, a, id, contract.RequestUpdate{Revision: 1, Reasons: []string{"OTHER"}, RedFlags: []string{}})
			return err
		},
		"addVitals": func(a identity.Actor) error {
			_, err := w.Care.AddVitals(ctx, a, uuid.New(), id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "TEMP", Value: number(36.5)}}})
			return err
		},
		"addPhoto": func(a identity.Actor) error {
			_, err := w.Care.AddPhoto(ctx, a, uuid.New(), id, bytes.NewReader(caretest.Signature()))
			return err
		},
		"addDocument": func(a identity.Actor) error {
			_, err := w.Care.AddDocument(ctx, a, uuid.New(), id, contract.AddDocumentParams{Kind: "DOCUMENT", Category: text("LAB")}, bytes.NewReader(aPDF("")))
			return err
		},
		"createReferral": func(a identity.Actor) error {
			_, err := w.Care.CreateReferral(ctx, a, uuid.New(), id, contract.ReferralInput{Direction: "LATERAL", ToName: text("某医院"), Reason: "检查"})
			return err
		},
		"rateConsultation": func(a identity.Actor) error {
			_, err := w.Care.RateConsultation(ctx, a, uuid.New(), id, contract.RatingInput{Rater: "FAMILY", Score: 4})
			return err
		},
		"createRatingLink": func(a identity.Actor) error {
			_, err := w.Care.CreateRatingLink(ctx, a, uuid.New(), id, contract.EmptyRequest{})
			return err
		},
		"sendConsentCode": func(a identity.Actor) error {
			_, err := w.Care.SendConsentCode(ctx, a, uuid.New(), id, contract.ConsentCodeRequest{SignerKind: "SELF"})
			return err
		},
		"getAttachment": func(a identity.Actor) error { _, _, err := w.Care.GetAttachment(ctx, a, attachment); return err },
		"giveConsent": func(a identity.Actor) error {
			_, err := w.Care.GiveConsent(ctx, a, uuid.New(), id, consent)
			return err
		},
		"submitConsultation": func(a identity.Actor) error {
			_, err := w.Care.SubmitConsultation(ctx, a, uuid.New(), id, contract.SubmitRequest{Urgency: "ROUTINE"})
			return err
		},
		"cancelConsultation": func(a identity.Actor) error {
			_, err := w.Care.CancelConsultation(ctx, a, uuid.New(), id, contract.ReasonRequest{Reason: "BETTER"})
			return err
		},
		"logEmergencyStep": func(a identity.Actor) error {
			_, err := w.Care.LogEmergencyStep(ctx, a, uuid.New(), id, contract.EmergencyStepRequest{Step: "CALLED_120"})
			return err
		},
		"listMessages": func(a identity.Actor) error { _, err := w.Care.ListMessages(ctx, a, id); return err },
		"sendMessage": func(a identity.Actor) error {
			_, err := w.Care.SendMessage(ctx, a, uuid.New(), id, contract.MessageInput{Id: uuid.New(), Body: "x"})
			return err
		},
		"offerHandOver": func(a identity.Actor) error {
			_, err := w.Care.OfferHandOver(ctx, a, uuid.New(), id, contract.HandOverRequest{Epoch: c.Epoch, DoctorId: w.Zhao.UserID, Reason: "SHIFT_END"})
			return err
		},
		"answerHandOver": func(a identity.Actor) error {
			_, err := w.Care.AnswerHandOver(ctx, a, uuid.New(), id, contract.HandOverAnswer{Epoch: c.Epoch, Answer: "WITHDRAW"})
			return err
		},
		"getApplication": func(a identity.Actor) error { _, err := w.Care.GetApplication(ctx, a, id); return err },
		"askReadBack": func(a identity.Actor) error {
			_, err := w.Care.AskReadBack(ctx, a, uuid.New(), id, contract.ReadBackRequest{Epoch: c.Epoch, Items: []contract.AdviceInput{{Kind: "NURSING", Text: "测体温"}}})
			return err
		},
		"confirmReadBack": func(a identity.Actor) error {
			_, err := w.Care.ConfirmReadBack(ctx, a, uuid.New(), (*filled(c).ReadBacks)[0].Id)
			return err
		},
		"readBackAdvice": func(a identity.Actor) error {
			_, err := w.Care.ReadBackAdvice(ctx, a, uuid.New(), c.Advice[0].Id)
			return err
		},
		"claimConsultation": func(a identity.Actor) error {
			_, err := w.Care.ClaimConsultation(ctx, a, uuid.New(), id, contract.EpochRequest{Epoch: c.Epoch})
			return err
		},
		"declineOffer": func(a identity.Actor) error {
			_, err := w.Care.DeclineOffer(ctx, a, uuid.New(), id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "OTHER"})
			return err
		},
		"takeCharge": func(a identity.Actor) error {
			_, err := w.Care.TakeCharge(ctx, a, uuid.New(), id, contract.EpochRequest{Epoch: c.Epoch})
			return err
		},
		"assignConsultation": func(a identity.Actor) error {
			_, err := w.Care.AssignConsultation(ctx, a, uuid.New(), id, contract.AssignRequest{Epoch: c.Epoch, DoctorId: w.Zhao.UserID})
			return err
		},
		"widenConsultation": func(a identity.Actor) error {
			_, err := w.Care.WidenConsultation(ctx, a, uuid.New(), id, contract.EpochRequest{Epoch: c.Epoch})
			return err
		},
		"mergeConsultation": func(a identity.Actor) error {
			_, err := w.Care.MergeConsultation(ctx, a, uuid.New(), id, contract.MergeRequest{Why: contract.SAMEPERSON, Epoch: c.Epoch, Into: uuid.New()})
			return err
		},
		"convertToWritten": func(a identity.Actor) error {
			_, err := w.Care.ConvertToWritten(ctx, a, uuid.New(), id, contract.ConvertRequest{Epoch: c.Epoch})
			return err
		},
		"releaseConsultation": func(a identity.Actor) error {
			_, err := w.Care.ReleaseConsultation(ctx, a, uuid.New(), id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: "OTHER"})
			return err
		},
		"getTicket": func(a identity.Actor) error {
			_, err := w.Care.GetTicket(ctx, a, id, contract.TicketRequest{Epoch: &c.Epoch})
			return err
		},
		"endCall": func(a identity.Actor) error {
			_, err := w.Care.EndCall(ctx, a, uuid.New(), id, contract.EpochRequest{Epoch: c.Epoch})
			return err
		},
		"finishConsultation": func(a identity.Actor) error {
			_, err := w.Care.FinishConsultation(ctx, a, uuid.New(), id, contract.EpochRequest{Epoch: c.Epoch})
			return err
		},
		"saveReportDraft": func(a identity.Actor) error {
			_, err := w.Care.SaveReportDraft(ctx, a, id, contract.ReportDraftInput{Epoch: c.Epoch})
			return err
		},
		"signReport": func(a identity.Actor) error {
			_, err := w.Care.SignReport(ctx, a, uuid.New(), id, contract.SignReportRequest{Epoch: c.Epoch, Revision: 1, Password: caretest.Password})
			return err
		},
		"adoptReport": func(a identity.Actor) error {
			_, err := w.Care.AdoptReport(ctx, a, uuid.New(), id, caretest.AdoptAll(c))
			return err
		},
		"completeAdvice": func(a identity.Actor) error {
			_, err := w.Care.CompleteAdvice(ctx, a, uuid.New(), c.Advice[0].Id, contract.NoteRequest{})
			return err
		},
		"completeFollowUp": func(a identity.Actor) error {
			_, err := w.Care.CompleteFollowUp(ctx, a, uuid.New(), (*c.FollowUps)[0].Id, contract.NoteRequest{})
			return err
		},
	}
	maps.Copy(all, lifecycleCalls(ctx, w, c))
	return all
}

// allowed are the roles of each operation, as the contract's x-access says.
func allowed() map[string][]string {
	bedside, both, doctor := []string{"NURSE", "ATTENDING"}, []string{"NURSE", "ATTENDING", "CONSULTANT"}, []string{"CONSULTANT"}
	desk := []string{"DISPATCHER"}
	all := lifecycleAllowed()
	maps.Copy(all, map[string][]string{
		"getConsultation": {"NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"}, "declineOffer": doctor, "takeCharge": desk, "assignConsultation": desk,
		"widenConsultation": desk, "mergeConsultation": desk, "convertToWritten": desk, "updateRequest": bedside, "addVitals": bedside, "addPhoto": bedside,
		"addDocument": bedside, "sendConsentCode": bedside, "createReferral": both, "rateConsultation": bedside, "createRatingLink": bedside,
		"getAttachment": both, "giveConsent": bedside, "submitConsultation": bedside, "cancelConsultation": bedside, "logEmergencyStep": both,
		"listMessages": both, "sendMessage": both, "claimConsultation": doctor, "releaseConsultation": doctor, "getTicket": both, "endCall": doctor,
		"finishConsultation": doctor, "saveReportDraft": doctor, "signReport": doctor, "adoptReport": {"ATTENDING"}, "completeAdvice": bedside, "completeFollowUp": both,
		"offerHandOver": doctor, "answerHandOver": doctor, "getApplication": {"NURSE", "ATTENDING", "CONSULTANT", "INST_ADMIN"},
		"readBackAdvice": bedside, "confirmReadBack": bedside, "askReadBack": doctor,
	})
	return all
}

// finished is a consultation that was adopted, with advice and a follow-up open, and a photo.
func finished(t *testing.T, w *caretest.World) (contract.Consultation, uuid.UUID) {
	t.Helper()
	c := w.Draft(w.Nurse, w.Resident)
	photo := must(w.Care.AddPhoto(t.Context(), w.Nurse, uuid.New(), c.Id, bytes.NewReader(caretest.Signature())))(t)
	w.Consent(w.Nurse, c.Id)
	c = w.Claim(w.Wang, w.Submit(w.Nurse, c.Id, "ROUTINE"))
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	c = w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
	return c, photo.Id
}

// Somebody to whom a consultation does not belong gets 404 for every operation on it and on what hangs on it, and nothing
// changes; a role that an operation is not for gets 403.
func TestForeignObjects(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c, photo := finished(t, w)
	before := w.Count(`SELECT count(*) FROM consultation_events`)
	strangers := map[string]identity.Actor{
		"nurse of another home":                        w.StrangerNurse,
		"nurse of another home with the same hospital": w.PureNurse,
		"doctor of another hospital":                   w.StrangerDoctor,
		"doctor of another department":                 w.Gao,
		"county authority":                             w.County,
		"system administrator":                         w.Sys,
		"administrator of another institution":         w.User("admin.yuan", "远主任", "INST_ADMIN", w.Stranger),
		"attending doctor of another home":             w.User("dr.other", "他医生", "ATTENDING", w.Stranger),
		"somebody without any role":                    {UserID: w.Nurse.UserID, Name: "李护士"}, // memberships have ended
	}
	roles := allowed()
	for who, a := range strangers {
		for op, try := range calls(t, w, c, photo) {
			want := "forbidden"
			if a.Has(roles[op]...) && len(a.Memberships) > 0 {
				want = "not_found"
			}
			if err := try(a); err == nil || problem.Of(err).Code != want {
				t.Errorf("%s by %s: %v, want %s", op, who, err, want)
			}
		}
	}
	// An id that exists nowhere is the same.
	nowhere := c
	nowhere.Id = uuid.New()
	nowhere.Advice[0].Id = uuid.New()
	followUps := []contract.FollowUp{{Id: uuid.New()}}
	nowhere.FollowUps = &followUps
	for op, try := range calls(t, w, nowhere, uuid.New()) {
		for _, a := range []identity.Actor{w.Nurse, w.Attending, w.Wang} {
			want := "forbidden"
			if a.Has(roles[op]...) {
				want = "not_found"
			}
			if err := try(a); err == nil || problem.Of(err).Code != want {
				t.Errorf("%s on nothing by %s: %v, want %s", op, a.Name, err, want)
			}
		}
	}
	is(t, "events", w.Count(`SELECT count(*) FROM consultation_events`), before)
	is(t, "failed passwords counted", w.Count(`SELECT coalesce(sum(failed_logins), 0) FROM users`), 0)
}

// A relationship that has ended is a foreign one: the department is no longer asked, the membership has ended.
func TestEndedRelationships(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	must(w.Care.GetConsultation(ctx, w.Zhao, c.Id))(t)
	w.Exec(`UPDATE audience SET until = $2 WHERE consultation_id = $1`, c.Id, w.Clock.Now())
	_, err := w.Care.GetConsultation(ctx, w.Zhao, c.Id)
	refused(t, err, "not_found")
	_, err = w.Care.ClaimConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "not_found")

	// Cancelled requests leave the departments' sight at once, the holder keeps his.
	second := w.Claim(w.Zhao, w.Offered(w.Nurse, w.Second))
	must(w.Care.CancelConsultation(ctx, w.Nurse, uuid.New(), second.Id, contract.ReasonRequest{Reason: "BETTER", Note: text("已缓解")}))(t)
	_, err = w.Care.GetConsultation(ctx, w.Wang, second.Id)
	refused(t, err, "not_found")
	seen := must(w.Care.GetConsultation(ctx, w.Zhao, second.Id))(t)
	is(t, "state", seen.State, "CANCELLED")
	is(t, "note", *seen.EndNote, "已缓解")
	is(t, "still held", w.Count(`SELECT count(*) FROM consultations WHERE doctor_id = $1 AND state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS')`, w.Zhao.UserID), 0)
}

// What the list of actions offers is what the use-cases allow: each operation is tried in each stage by each person, and
// refused for its state or person exactly when the list lacks it.
func TestActionsAreWhatIsAllowed(t *testing.T) {
	t.Parallel()
	stages := map[string]func(w *caretest.World) contract.Consultation{
		"draft":   func(w *caretest.World) contract.Consultation { return w.Draft(w.Nurse, w.Resident) },
		"offered": func(w *caretest.World) contract.Consultation { return w.Offered(w.Nurse, w.Resident) },
		"waiting": func(w *caretest.World) contract.Consultation { return w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident)) },
		"in progress": func(w *caretest.World) contract.Consultation {
			c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
			w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
			return c
		},
		"aborted": func(w *caretest.World) contract.Consultation {
			c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
			talk := w.Connect(w.Nurse, w.Wang, c)
			talk.Lose(talk.Nurse)
			w.Clock.Pass(4 * time.Minute)
			if _, err := w.Care.Sweep(w.T.Context()); err != nil {
				w.T.Fatal(err)
			}
			return c
		},
		"reported": func(w *caretest.World) contract.Consultation {
			c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
			w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
			return w.Sign(w.Wang, c, w.Content())
		},
		"follow-up": func(w *caretest.World) contract.Consultation {
			c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
			w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
			return w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
		},
		"cancelled": func(w *caretest.World) contract.Consultation {
			c := w.Offered(w.Nurse, w.Resident)
			if _, err := w.Care.CancelConsultation(w.T.Context(), w.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}); err != nil {
				w.T.Fatal(err)
			}
			return c
		},
	}
	// Refusals that are about the request itself, not about who asks or when.
	aboutContent := map[string]bool{"revision_stale": true, "consent_required": true, "report_incomplete": true, "invalid_request": true, "merge_not_possible": true,
		"consent_phone_missing": true, "already_rated": true}
	for stage, make := range stages {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			w := caretest.New(t)
			c := make(w)
			people := map[string]identity.Actor{"nurse": w.Nurse, "attending": w.Attending, "holder": w.Wang, "colleague": w.Zhao, "dispatcher": w.Desk, "administrator": w.HomeAdmin}
			back := testdb.Rewind(t, w.Store.Pool)
			changing := map[string]string{} // who tries it
			for who, a := range people {
				seen, err := w.Care.GetConsultation(t.Context(), a, c.Id)
				if err != nil {
					if problem.Of(err).Code != "not_found" {
						t.Fatal(err)
					}
					continue
				}
				listed := map[string]bool{}
				for _, op := range seen.Actions {
					listed[op] = true
				}
				all := calls(t, w, filled(seen), uuid.New())
				for op := range listed {
					if all[op] == nil {
						t.Errorf("%s for %s is no operation", op, who)
					}
					if changesStage(op) {
						changing[op] = who
					}
				}
				for op, try := range all {
					if op == "getConsultation" || op == "getAttachment" || op == "getApplication" || changesStage(op) && listed[op] {
						continue // the last kind is tried below, each on the stage as it was made
					}
					err := try(a)
					works := err == nil || aboutContent[problem.Of(err).Code]
					if works != listed[op] {
						t.Errorf("%s for %s: listed %v, answered %v", op, who, listed[op], err)
					}
				}
			}
			for op, who := range changing {
				back()
				seen := must(w.Care.GetConsultation(t.Context(), people[who], c.Id))(t)
				if err := calls(t, w, filled(seen), uuid.New())[op](people[who]); err != nil && !aboutContent[problem.Of(err).Code] {
					t.Errorf("%s for %s: listed, answered %v", op, who, err)
				}
			}
		})
	}
}

// changesStage says that the operation, when it works, changes what others may do.
func changesStage(op string) bool {
	switch op {
	case "submitConsultation", "cancelConsultation", "claimConsultation", "releaseConsultation", "endCall", "finishConsultation", "signReport",
		"adoptReport", "completeAdvice", "readBackAdvice", "confirmReadBack", "askReadBack", "offerHandOver", "answerHandOver", "completeFollowUp", "giveConsent", "getTicket",
		"declineOffer", "takeCharge", "assignConsultation", "widenConsultation", "mergeConsultation", "convertToWritten":
		return true
	}
	_, later := lifecycleAllowed()[op]
	return later
}

// filled gives a consultation without advice, reports or follow-ups some that do not exist.
func filled(c contract.Consultation) contract.Consultation {
	if len(c.Advice) == 0 {
		c.Advice = []contract.AdviceItem{{Id: uuid.New()}}
	}
	if len(c.Reports) == 0 {
		c.Reports = []contract.Report{{Id: uuid.New()}}
	}
	if c.ReadBacks == nil {
		c.ReadBacks = &[]contract.ReadBack{{Id: uuid.New()}}
	}
	if c.FollowUps == nil {
		c.FollowUps = &[]contract.FollowUp{{Id: uuid.New()}}
	}
	return c
}

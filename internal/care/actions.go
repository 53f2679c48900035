package care

import (
	"slices"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// facts are what the list of actions looks at besides the row and the actor's sight.
type facts struct {
	consented    bool // the call may begin
	withdrawn    bool // the consent under which it goes was taken back and not given anew
	callOpen     bool
	inAudience   bool // a department of the actor is asked
	executable   bool // an item of advice can be carried out
	followUps    bool // a follow-up is open
	busy         bool // another consultation keeps the holder busy
	declined     bool // the actor said no
	wider        bool // the ladder has departments that are not yet asked
	slotOpen     bool // a planned consultation may begin
	evidence     bool // there is evidence to judge
	handOver     bool // a colleague was asked to take it over and has not answered
	handOverToMe bool // the actor is that colleague
	toRead       bool // the doctor waits for an item to be read back
	unread       bool // a signed item that can be carried out was not read back
}

// action is an operation of the contract and when the actor may use it. The use-cases ask the same predicates; a test
// compares the list with what they answer.
type action struct {
	operation string
	open      func(c db.Consultation, v sight, f facts) bool
}

func actions() []action {
	state := func(c db.Consultation) consult.State { return consult.State(c.State) }
	is := func(c db.Consultation, states ...consult.State) bool { return slices.Contains(states, state(c)) }
	form := func(c db.Consultation, v sight, _ facts) bool { return v.care() && editable(state(c)) }
	return []action{
		{"updateRequest", form},
		{"addVitals", form},
		{"addPhoto", form},
		{"createReferral", func(c db.Consultation, v sight, _ facts) bool { return refers(v) && referrable(c) }},
		{"rateConsultation", func(c db.Consultation, v sight, _ facts) bool { return v.care() && rateable(c) }},
		{"createRatingLink", func(c db.Consultation, v sight, _ facts) bool { return v.care() && rateable(c) }},
		{"giveConsent", func(c db.Consultation, v sight, _ facts) bool { return v.care() && consentTakableOf(c) }},
		{"sendConsentCode", func(c db.Consultation, v sight, _ facts) bool { return v.care() && consentTakableOf(c) }},
		{"addDocument", func(c db.Consultation, v sight, _ facts) bool { return v.care() && documentsTakable(c) }},
		{"submitConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.care() && consult.May(state(c), consult.ActSubmit, consult.Role(v.role()))
		}},
		{"cancelConsultation", func(c db.Consultation, v sight, _ facts) bool {
			r := consult.Role(v.role())
			return v.care() && (is(c, consult.StateDraft) || consult.May(state(c), consult.ActCancel, r))
		}},
		{"logEmergencyStep", func(c db.Consultation, v sight, _ facts) bool { return (v.care() || v.holder) && editable(state(c)) }},
		{"listMessages", func(_ db.Consultation, v sight, _ facts) bool { return talker(v) }},
		{"sendMessage", func(c db.Consultation, v sight, _ facts) bool { return talker(v) && chatOpen(state(c)) }},
		{"claimConsultation", func(c db.Consultation, _ sight, f facts) bool { return f.inAudience && is(c, consult.StateOffered) }},
		{"declineOffer", func(c db.Consultation, _ sight, f facts) bool {
			return f.inAudience && is(c, consult.StateOffered) && !f.declined
		}},
		{"takeCharge", func(c db.Consultation, v sight, _ facts) bool { return v.desk && is(c, consult.StateOffered) }},
		{"assignConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.desk && can(c, consult.ActAssign, consult.RoleDispatcher)
		}},
		{"widenConsultation", func(c db.Consultation, v sight, f facts) bool {
			return v.desk && is(c, consult.StateOffered) && f.wider
		}},
		{"mergeConsultation", func(c db.Consultation, v sight, _ facts) bool { return v.desk && is(c, consult.StateOffered) }},
		{"convertToWritten", func(c db.Consultation, v sight, _ facts) bool {
			return v.desk && can(c, consult.ActConvert, consult.RoleDispatcher)
		}},
		{"releaseConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.holder && consult.May(state(c), consult.ActRelease, consult.RoleConsultant)
		}},
		{"offerHandOver", func(c db.Consultation, v sight, f facts) bool { return v.holder && handableOver(c) && !f.handOver }},
		{"answerHandOver", func(c db.Consultation, v sight, f facts) bool { return f.handOver && (v.holder || f.handOverToMe) }},
		{"returnRequest", func(c db.Consultation, v sight, f facts) bool {
			switch {
			case v.holder:
				return can(c, consult.ActReturn, consult.RoleConsultant)
			case v.desk:
				return can(c, consult.ActReturn, consult.RoleDispatcher)
			}
			return f.inAudience && is(c, consult.StateOffered) && can(c, consult.ActReturn, consult.RoleConsultant)
		}},
		{"scheduleConsultation", func(c db.Consultation, v sight, _ facts) bool { return byHolderOrDesk(c, v, consult.ActSchedule) }},
		{"recordNoShow", func(c db.Consultation, v sight, f facts) bool {
			return byHolderOrDesk(c, v, consult.ActNoShow) || (v.holder || v.desk) && f.slotOpen && !f.busy
		}},
		{"declineRequest", func(c db.Consultation, v sight, _ facts) bool {
			return v.desk && can(c, consult.ActDecline, consult.RoleDispatcher)
		}},
		{"offerAgain", func(c db.Consultation, v sight, _ facts) bool {
			return (v.care() || v.desk) && is(c, consult.StateDeclined, consult.StateExpired)
		}},
		{"closeConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.care() && can(c, consult.ActClose, consult.RoleNurse) || v.desk && can(c, consult.ActClose, consult.RoleDispatcher)
		}},
		{"voidConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.admin && can(c, consult.ActVoid, consult.RoleInstAdmin)
		}},
		{"terminateUnsuitable", func(c db.Consultation, v sight, _ facts) bool {
			return v.holder && can(c, consult.ActTerminateUnsuitable, consult.RoleConsultant)
		}},
		{"abortCall", func(c db.Consultation, v sight, _ facts) bool {
			return v.holder && can(c, consult.ActAbortTech, consult.RoleConsultant)
		}},
		{"getTicket", func(c db.Consultation, v sight, f facts) bool {
			callable := f.slotOpen && f.consented || is(c, consult.StateWaiting, consult.StateInProgress) && !f.withdrawn || is(c, consult.StateAccepted) && f.consented ||
				is(c, consult.StateAbortedTech) && !f.busy && !f.withdrawn
			return (v.care() || v.holder) && callable && !written(c)
		}},
		{"endCall", func(_ db.Consultation, v sight, f facts) bool { return v.holder && f.callOpen }},
		{"finishConsultation", func(c db.Consultation, v sight, _ facts) bool {
			return v.holder && can(c, consult.ActFinish, consult.RoleConsultant)
		}},
		{"saveReportDraft", func(c db.Consultation, v sight, _ facts) bool {
			return v.holder && (reportable(state(c)) || amendable(c))
		}},
		{"amendReport", func(c db.Consultation, v sight, _ facts) bool { return v.holder && amendable(c) }},
		// Who visits as a doctor is there by the visit and needs no tablet to say so.
		{"checkIn", func(c db.Consultation, v sight, _ facts) bool { return v.care() && !v.family && accompanied(c) }},
		{"addEvidence", form},
		{"judgeEvidence", func(c db.Consultation, v sight, f facts) bool { return v.holder && judgeable(c) && f.evidence }},
		{"sealRecord", func(c db.Consultation, v sight, _ facts) bool {
			return v.admin && is(c, consult.StateArchived, consult.StateFollowUp)
		}},
		{"unsealRecord", func(c db.Consultation, v sight, _ facts) bool { return v.admin && is(c, consult.StateSealed) }},
		{"signReport", func(c db.Consultation, v sight, _ facts) bool { return v.holder && signable(c) }},
		{"adoptReport", func(c db.Consultation, v sight, _ facts) bool { return v.attending && adoptable(c) }},
		{"askReadBack", func(c db.Consultation, v sight, _ facts) bool { return v.holder && speaking(c) }},
		{"confirmReadBack", func(c db.Consultation, v sight, f facts) bool { return v.care() && speaking(c) && f.toRead }},
		{"readBackAdvice", func(_ db.Consultation, v sight, f facts) bool { return v.care() && f.unread }},
		{"completeAdvice", func(_ db.Consultation, v sight, f facts) bool { return v.care() && f.executable }},
		{"completeFollowUp", func(_ db.Consultation, v sight, f facts) bool { return follower(v) && f.followUps }},
	}
}

// byHolderOrDesk says whether who holds the grant, or the dispatcher, may do the action now.
func byHolderOrDesk(c db.Consultation, v sight, act consult.Action) bool {
	return v.holder && can(c, act, consult.RoleConsultant) || v.desk && can(c, act, consult.RoleDispatcher)
}

// openActions lists the operations that the actor may use now.
func openActions(c db.Consultation, v sight, f facts) []string {
	out := []string{}
	for _, a := range actions() {
		if sealed := c.State == string(consult.StateSealed); sealed && a.operation != "unsealRecord" && a.operation != "listMessages" {
			continue
		}
		if a.open(c, v, f) {
			out = append(out, a.operation)
		}
	}
	return out
}

package consult

import (
	"slices"
	"strings"
	"testing"
)

// Who may do what, written down apart from the table: a role that is added or lost by accident shows here.
func TestWhoMay(t *testing.T) {
	const (
		request = "NURSE ATTENDING FAMILY_DOCTOR"
		doctor  = "CONSULTANT REVISIT_DOCTOR FAMILY_DOCTOR"
		desk    = "DISPATCHER SYSTEM"
		records = "QC COMPLAINT_OFFICER INST_ADMIN"
	)
	may := map[Action]string{
		ActSubmit: request, ActReturn: desk, ActTriage: desk, ActOffer: desk, ActClaim: doctor, ActExpire: desk,
		ActDecline: doctor + " " + desk, ActSchedule: doctor + " " + desk, ActRelease: doctor + " " + desk,
		ActHandOver: doctor + " DISPATCHER", ActReady: request + " " + doctor + " SYSTEM", ActStart: doctor + " SYSTEM",
		ActAbortTech: doctor + " SYSTEM", ActResume: request + " " + doctor + " SYSTEM",
		ActTerminateUnsuitable: doctor, ActToEmergency: request + " " + doctor + " CARE_WORKER DISPATCHER",
		ActSignReport: doctor, ActAdopt: "ATTENDING FAMILY_DOCTOR", ActOpenFollowUp: request + " " + doctor + " SYSTEM",
		ActAmend: doctor, ActSeal: records, ActUnseal: records, ActNoShow: doctor + " " + desk,
		ActAssign: "DISPATCHER", ActConvert: "DISPATCHER",
		ActCancel: request + " DISPATCHER", ActClose: request + " " + desk, ActVoid: request + " " + records + " SYSTEM",
	}
	perState := map[edge]string{
		{StateArchived, ActOpenFollowUp}:       "SYSTEM",
		{StateDeclined, ActOffer}:              request + " " + desk,
		{StateExpired, ActOffer}:               request + " " + desk,
		{StateOffered, ActReturn}:              doctor + " " + desk,
		{StateAccepted, ActReturn}:             doctor + " DISPATCHER",
		{StateScheduled, ActReturn}:            doctor + " DISPATCHER",
		{StateWaiting, ActReturn}:              doctor + " DISPATCHER",
		{StateInProgress, ActFinish}:           doctor,
		{StateAccepted, ActFinish}:             doctor,
		{StateAbortedTech, ActFinish}:          doctor + " SYSTEM",
		{StateTerminatedUnsuitable, ActFinish}: doctor + " SYSTEM",
		{StateToEmergency, ActFinish}:          doctor + " SYSTEM",
		{StateReported, ActArchive}:            request + " " + doctor + " " + records + " SYSTEM",
		{StateAdopted, ActArchive}:             request + " " + records + " SYSTEM",
		{StateFollowUp, ActArchive}:            request + " " + records + " SYSTEM",
	}
	for _, tr := range Transitions() {
		want, ok := perState[edge{tr.From, tr.Action}]
		if !ok {
			want = may[tr.Action]
		}
		var got []string
		for _, r := range tr.Roles {
			got = append(got, string(r))
		}
		wanted := strings.Fields(want)
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, slices.Compact(wanted)) {
			t.Errorf("%s in %s: %v, want %v", tr.Action, tr.From, got, wanted)
		}
	}
}

// What somebody has to explain.
func TestWhatNeedsAReason(t *testing.T) {
	always := []Action{ActReturn, ActDecline, ActClose, ActNoShow, ActTerminateUnsuitable, ActSeal, ActUnseal, ActCancel,
		ActRelease, ActHandOver, ActAmend, ActVoid}
	for _, tr := range Transitions() {
		want := slices.Contains(always, tr.Action) || tr.Action == ActSchedule && tr.From == StateScheduled
		if tr.NeedsReason != want {
			t.Errorf("%s in %s: reason %v", tr.Action, tr.From, tr.NeedsReason)
		}
	}
}

package consult

import "time"

// The lists from which people choose in the life of a consultation.
const (
	VocabLacking          Vocabulary = "lacking"           // what a returned request is short of
	VocabUnsuitable       Vocabulary = "unsuitable_reason" // why remote care is not the way (G-IH-04)
	VocabDestination      Vocabulary = "destination"       // where the resident goes instead
	VocabGoWithin         Vocabulary = "go_within"         // by when
	VocabAbortReason      Vocabulary = "abort_reason"
	VocabNoShowReason     Vocabulary = "no_show_reason"
	VocabRescheduleReason Vocabulary = "reschedule_reason"
	VocabCloseReason      Vocabulary = "close_reason"
	VocabVoidReason       Vocabulary = "void_reason"
	VocabUnsealBasis      Vocabulary = "unseal_basis"
	VocabEvidence         Vocabulary = "revisit_evidence"
	VocabPurpose          Vocabulary = "purpose" // of a consultation (G-RM-08)
	VocabHandOver         Vocabulary = "hand_over_reason"
)

// LifecycleLists are the vocabularies of a consultation's life, in its order.
func LifecycleLists() []Vocabulary {
	return []Vocabulary{VocabLacking, VocabUnsuitable, VocabDestination, VocabGoWithin, VocabAbortReason, VocabNoShowReason,
		VocabRescheduleReason, VocabCloseReason, VocabVoidReason, VocabUnsealBasis, VocabEvidence, VocabPurpose,
		VocabHandOver, VocabRemoteExam, VocabAdvicePhrase, VocabCertainty}
}

// The clocks of the life.
const (
	// ExpireAfterTargets is after how many times its target a request that nobody answers has expired.
	ExpireAfterTargets = 3
	// NotTakenUp is how long a request that expired or was declined waits for somebody to ask again; then it is closed.
	NotTakenUp = 24 * time.Hour
	// SlotGrace is how long after the end of its slot a planned consultation that did not begin is a no-show.
	SlotGrace = 15 * time.Minute
	// SlotEarly is how long before its slot a planned consultation may begin.
	SlotEarly = 30 * time.Minute
)

// ExpiresAt is when a request that nobody answered has expired: three times its target after it was offered. CRITICAL and
// EMERGENT wait until a person decides, and what has no target does not expire; both give the zero time.
func ExpiresAt(u Urgency, offered, due time.Time) time.Time {
	if offered.IsZero() || !due.After(offered) || u == Critical || u == Emergent {
		return time.Time{}
	}
	return offered.Add(ExpireAfterTargets * due.Sub(offered))
}

// lateLimit is after how long a report counts as entered late (补记), a rescue being recorded sooner (NC15; 医疗纠纷预防和处理条例 15).
func lateLimit(rescue bool, cfg Settings) time.Duration {
	if rescue {
		return time.Duration(cfg.Int("late_hours_emergency")) * time.Hour
	}
	return time.Duration(cfg.Int("late_hours")) * time.Hour
}

// LateAfter is from when on a report is a late entry; the zero time while the session is not over.
func LateAfter(ended time.Time, rescue bool, cfg Settings) time.Time {
	if ended.IsZero() {
		return time.Time{}
	}
	return ended.Add(lateLimit(rescue, cfg))
}

// LateEntry says that a report signed at an instant is a late entry.
func LateEntry(ended, signed time.Time, rescue bool, cfg Settings) bool {
	return !ended.IsZero() && signed.After(LateAfter(ended, rescue, cfg))
}

// CheckSlot refuses a slot that has passed, lies more than 90 days ahead, or is shorter than 5 minutes or longer than 4 hours
// (slot_not_possible).
func CheckSlot(from, to, now time.Time) error {
	length := to.Sub(from)
	if length < 5*time.Minute || length > 4*time.Hour || !to.After(now) || from.After(now.AddDate(0, 0, 90)) {
		return refuse(CodeSlot)
	}
	return nil
}

// UnsealBasis is the rule by which a sealed record is opened again.
type UnsealBasis string

// The rules of unsealing (医疗纠纷预防和处理条例 24).
const (
	UnsealThreeYears UnsealBasis = "THREE_YEARS" // nobody claimed within three years
	UnsealBothSides  UnsealBasis = "BOTH_SIDES"  // both sides are present and agree
	UnsealOrder      UnsealBasis = "ORDER"       // a court or the authority ordered it
)

// Unsealing is a request to open a sealed record.
type Unsealing struct {
	Basis                      UnsealBasis
	SealedAt, At               time.Time
	InstitutionSide, OtherSide string // who is present
	Order                      string // number of the order
}

// CheckUnseal refuses unsealing before three years without both sides or an order (unseal_too_early with the day), and a basis
// that is not filled in (unseal_basis).
func CheckUnseal(u Unsealing) error {
	switch u.Basis {
	case UnsealThreeYears:
		if until := u.SealedAt.AddDate(3, 0, 0); u.At.Before(until) {
			return refuse(CodeUnsealEarly, "until", DateOf(until).String())
		}
		return nil
	case UnsealBothSides:
		if !isBlank(u.InstitutionSide) && !isBlank(u.OtherSide) {
			return nil
		}
	case UnsealOrder:
		if !isBlank(u.Order) {
			return nil
		}
	}
	return refuse(CodeUnsealBasis)
}

// EvidenceMonths is from what age on evidence of an earlier diagnosis is shown with a warning; the law names no limit (G-IH-03).
func EvidenceMonths(cfg Settings) int { return int(cfg.Int("revisit_months")) }

// EvidenceOld says that evidence of a day is older than that.
func EvidenceOld(dated, today Date, cfg Settings) bool {
	return DateFromTime(dated.Time().AddDate(0, EvidenceMonths(cfg), 0)).Before(today)
}

// CheckEvidence refuses evidence that lies in the future (evidence_in_the_future) or names no diagnosis of the list
// (evidence_without_diagnosis).
func CheckEvidence(codes *Codes, dated, today Date, diagnosis string) error {
	if today.Before(dated) {
		return refuse(CodeEvidenceFuture)
	}
	if !codes.Current(VocabCondition, diagnosis) {
		return refuse(CodeEvidenceNoCode)
	}
	return nil
}

// OutcomesElsewhere lists the outcomes that the note of a terminated consultation may have: the resident goes elsewhere.
func OutcomesElsewhere() []Outcome {
	return []Outcome{"UNSUITABLE", "FACE_TO_FACE", "REFER_UP", "EMERGENCY"}
}

// AttendingPresence is the time of the attending doctor that counts: checked in at the bedside and at the same time carried by the
// relay through that tablet.
func AttendingPresence(checkedIn, tablet []Interval) time.Duration {
	return Total(Intersect(checkedIn, tablet))
}

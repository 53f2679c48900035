package consult

import "time"

// Urgency says how long a request may wait. CRITICAL is a lane of its own.
type Urgency string

// The urgencies, most urgent first.
const (
	Critical  Urgency = "CRITICAL"
	Emergent  Urgency = "EMERGENT"
	Urgent    Urgency = "URGENT"
	Routine   Urgency = "ROUTINE"
	Scheduled Urgency = "SCHEDULED"
)

// UrgencyInfo is the default row of an urgency; an installation may set its own targets.
type UrgencyInfo struct {
	Term
	Grade        string        `json:"grade"`         // triage grade I…IV, empty for SCHEDULED
	AcceptTarget time.Duration `json:"accept_target"` // from the offer to the claim; 0 for SCHEDULED: by its slot
	ReportTarget time.Duration `json:"report_target"` // from the end of the call to the signed report
}

var urgencies = loadTable("urgencies.csv", func(r record) UrgencyInfo {
	return UrgencyInfo{Term: r.labels(), Grade: r.text("grade"),
		AcceptTarget: time.Duration(r.number("accept_seconds")) * time.Second,
		ReportTarget: time.Duration(r.number("report_seconds")) * time.Second}
})

// Urgencies lists the urgencies, most urgent first.
func Urgencies() []UrgencyInfo { return urgencies().all() }

// Info returns the default row of the urgency.
func (u Urgency) Info() (UrgencyInfo, bool) { return urgencies().get(string(u)) }

// Valid tells whether the urgency exists.
func (u Urgency) Valid() bool { _, ok := u.Info(); return ok }

// rank counts from the most urgent; an unknown urgency ranks last.
func (u Urgency) rank() int {
	if i, ok := urgencies().index[string(u)]; ok {
		return i
	}
	return len(urgencies().rows)
}

// MoreUrgentThan compares two urgencies: CRITICAL, EMERGENT, URGENT, ROUTINE, SCHEDULED.
func (u Urgency) MoreUrgentThan(v Urgency) bool { return u.rank() < v.rank() }

// LoweringNeedsReason tells whether the chosen urgency is below the proposed one. Raising is free.
func LoweringNeedsReason(proposed, chosen Urgency) bool { return proposed.MoreUrgentThan(chosen) }

// CheckUrgencyChoice refuses an unknown urgency and a lowering without a reason (urgency_lowered_without_reason).
func CheckUrgencyChoice(proposed, chosen Urgency, reason string) error {
	if !chosen.Valid() {
		return refuse(CodeUnknownCode, "table", string(VocabUrgency))
	}
	if LoweringNeedsReason(proposed, chosen) && isBlank(reason) {
		return refuse(CodeUrgencyLowered, "proposed", string(proposed), "urgency", string(chosen))
	}
	return nil
}

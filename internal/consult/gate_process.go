package consult

import (
	"strconv"
	"time"
)

// ProcessFacts are what the record itself says of how a consultation went, and what the registry says of how records are kept.
type ProcessFacts struct {
	Declines, Reasoned    int       // refusals of the invited side, and those with a reason (G-RM-09)
	AnswerDue, AnsweredAt time.Time // zero: nothing was promised, or nobody has answered (G-RM-14)
	Over, Signed, Adopted bool      // the session; the opinion; what the inviting side decided (G-RM-10)
	TraceBroken           bool      // the record does not prove itself (G-IH-11)
	// RecordMonths and ProcessMonths are for how long the installation keeps records, and messages and sound of the process (G-IH-10).
	RecordMonths, ProcessMonths int
	Leaks                       int // leaks of patient data at the answering institution that nobody has dealt with (G-IH-13)
}

// The least times of keeping (G-IH-10), years.
const (
	RecordYears  = 15
	ProcessYears = 3
)

// G-RM-09: who declines says why.
func declinesReasoned(s Situation, _ ServiceType) *Refusal {
	if p := s.Process; p != nil && p.Reasoned < p.Declines {
		return refuse(CodeGateUnreasoned)
	}
	return nil
}

// G-RM-14: answered within the time of its urgency.
func answeredInTime(s Situation, _ ServiceType) *Refusal {
	p := s.Process
	if p == nil || p.AnswerDue.IsZero() || !p.AnsweredAt.After(p.AnswerDue) {
		return nil
	}
	late := (p.AnsweredAt.Sub(p.AnswerDue) + time.Minute - 1) / time.Minute
	return refuse(CodeGateAnswerLate, "minutes", strconv.FormatInt(int64(late), 10))
}

// G-RM-10: the invited side signs its opinion.
func opinionSigned(s Situation, _ ServiceType) *Refusal {
	if p := s.Process; p != nil && p.Over && !p.Signed {
		return refuse(CodeGateUnsigned)
	}
	return nil
}

// G-RM-10: the inviting side decides on it.
func opinionAdopted(s Situation, service ServiceType) *Refusal {
	info, ok := service.Info()
	if p := s.Process; ok && info.NeedsAdoption && p != nil && p.Signed && !p.Adopted {
		return refuse(CodeGateUnadopted)
	}
	return nil
}

// G-IH-10: records for 15 years, what belongs to the process for 3.
func keptLong(s Situation, _ ServiceType) *Refusal {
	p := s.Process
	if p == nil || p.RecordMonths >= 12*RecordYears && p.ProcessMonths >= 12*ProcessYears {
		return nil
	}
	return refuse(CodeGateKeptShort, "records", strconv.Itoa(RecordYears), "process", strconv.Itoa(ProcessYears))
}

// G-IH-11: traceable, and not changed since.
func processTraced(s Situation, _ ServiceType) *Refusal {
	if s.Process != nil && s.Process.TraceBroken {
		return refuse(CodeGateTraceBroken)
	}
	return nil
}

// G-IH-13: a leak of patient data is dealt with.
func leaksHandled(s Situation, _ ServiceType) *Refusal {
	if s.Process != nil && s.Process.Leaks > 0 {
		return refuse(CodeGateLeak, "leaks", strconv.Itoa(s.Process.Leaks))
	}
	return nil
}

// Coverage is how the residents of an institution are covered by contracts with family doctors, now and a year ago. Special: those in special
// need (I-20).
type Coverage struct {
	Residents, Contracted             int
	ResidentsBefore, ContractedBefore int
	Special, SpecialContracted        int
}

func percent(part, whole int) int64 { return int64(part) * 100 / int64(whole) }

// G-HV-08: the coverage rises every year until it is high.
func coverageRises(s Situation, _ ServiceType) *Refusal {
	c := s.Visit.Coverage
	if c == nil || c.Residents == 0 || c.ResidentsBefore == 0 {
		return nil
	}
	now, before := percent(c.Contracted, c.Residents), percent(c.ContractedBefore, c.ResidentsBefore)
	needed := s.Settings.Int("coverage_rise")
	if now >= s.Settings.Int("coverage_high") || now-before >= needed {
		return nil
	}
	return refuse(CodeGateCoverageFlat, "before", strconv.FormatInt(before, 10), "share", strconv.FormatInt(now, 10), "points", strconv.FormatInt(needed, 10))
}

// G-HV-09: those in special need are covered.
func specialCovered(s Situation, _ ServiceType) *Refusal {
	c := s.Visit.Coverage
	if c == nil || c.Special == 0 {
		return nil
	}
	share, needed := percent(c.SpecialContracted, c.Special), s.Settings.Int("coverage_special")
	if share >= needed {
		return nil
	}
	return refuse(CodeGateCoverageLow, "share", strconv.FormatInt(share, 10), "needed", strconv.FormatInt(needed, 10))
}

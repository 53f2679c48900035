package consult

import "slices"

// purposesOf are what a consultation is usually for, by what it is about.
var purposesOf = map[Reason][]string{
	ReasonChest:     {"DIAGNOSIS", "TREATMENT"},
	ReasonBreath:    {"DIAGNOSIS", "TREATMENT"},
	ReasonFall:      {"DIAGNOSIS", "REFERRAL"},
	ReasonSkin:      {"TREATMENT", "NURSING"},
	ReasonConfusion: {"DIAGNOSIS", "TREATMENT"},
	ReasonPain:      {"DIAGNOSIS", "TREATMENT"},
	ReasonStomach:   {"DIAGNOSIS", "TREATMENT"},
	ReasonBPSugar:   {"MEDICATION", "CHRONIC"},
	ReasonOther:     {"TREATMENT"},
}

// ProposePurposes is the purpose (会诊目的) with which an application (远程会诊申请单, G-RM-08) begins, so that nobody types what
// the reasons already say. In the order of the list; never empty.
func ProposePurposes(reasons []Reason) []string {
	var out []string
	for _, t := range Terms(VocabPurpose) {
		if slices.ContainsFunc(reasons, func(r Reason) bool { return slices.Contains(purposesOf[r], t.Code) }) {
			out = append(out, t.Code)
		}
	}
	if out == nil {
		out = []string{"TREATMENT"}
	}
	return out
}

// WantedTitles are the titles that an application can ask of the invited doctor, the highest first: as the law lists them, every
// one of them above counts as well (拟邀请医师的技术职务任职资格).
func WantedTitles() []string { return []string{"231", "232", "233"} }

// TitleServes says that a doctor's title is at least the one that was wanted; any serves where none was.
func TitleServes(title, wanted string) bool {
	at, want := slices.Index(WantedTitles(), title), slices.Index(WantedTitles(), wanted)
	return wanted == "" || at >= 0 && want >= 0 && at <= want
}

// CheckWritten refuses a written question (书面会诊, store-and-forward) about what cannot wait for an answer in hours
// (written_too_urgent).
func CheckWritten(u Urgency) error {
	if u == Critical || u == Emergent {
		return refuse(CodeWrittenUrgent)
	}
	return nil
}

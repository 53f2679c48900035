package consult

import (
	"errors"
	"slices"
	"strconv"
)

// The vocabularies of family doctors.
const (
	VocabRiskGroup      Vocabulary = "risk_group"
	VocabPackage        Vocabulary = "fd_package"
	VocabPackageItem    Vocabulary = "fd_package_item"
	VocabContractState  Vocabulary = "fd_contract_state"
	VocabContractAction Vocabulary = "fd_contract_action"
	VocabSignedHow      Vocabulary = "fd_signed_how"
	VocabTermination    Vocabulary = "fd_termination"
	VocabMemberPart     Vocabulary = "fd_member_part"
	VocabContactKind    Vocabulary = "contact_kind"
	VocabRecallResult   Vocabulary = "recall_result"
	VocabPlanKind       Vocabulary = "plan_kind"
	VocabPlanDue        Vocabulary = "plan_due"
)

// FamilyLists are the vocabularies from which people choose on the screens of family doctors.
func FamilyLists() []Vocabulary {
	return []Vocabulary{VocabRiskGroup, VocabPackage, VocabPackageItem, VocabContractState, VocabContractAction, VocabSignedHow, VocabTermination,
		VocabMemberPart, VocabContactKind, VocabRecallResult, VocabPlanKind, VocabPlanDue}
}

// Package is a service package of a family-doctor contract.
type Package string

// The packages (家庭医生签约: 基础性 and 个性化).
const (
	PackageBasic        Package = "BASIC"
	PackagePersonalised Package = "PERSONALISED"
)

// PackageItem is one service of a package.
type PackageItem struct {
	Term
	Package Package
	PerYear int // how often at least; 0: as needed
	Source  string
}

var packageItems = loadTable("fd_package_items.csv", func(r record) PackageItem {
	return PackageItem{Term: r.labels(), Package: Package(r.text("package")), PerYear: int(r.number("per_year")), Source: r.text("source")}
})

// ContractState is what a family-doctor contract is on a day. DRAFT, SIGNED, TERMINATED and VOIDED are stored; how a signed one
// stands follows from the day.
type ContractState string

// The states.
const (
	ContractDraft      ContractState = "DRAFT"
	ContractSigned     ContractState = "SIGNED" // stored only
	ContractPending    ContractState = "PENDING"
	ContractInForce    ContractState = "IN_FORCE"
	ContractExpiring   ContractState = "EXPIRING"
	ContractExpired    ContractState = "EXPIRED"
	ContractTerminated ContractState = "TERMINATED"
	ContractVoided     ContractState = "VOIDED"
)

// ContractAlerts are the days before the end of a contract at which its team is told: the project's own choice.
func ContractAlerts() []int { return []int{90, 60, 30} }

// ContractStanding is a contract as far as time matters.
type ContractStanding struct {
	Stored       ContractState // DRAFT, SIGNED, TERMINATED or VOIDED
	Starts, Ends Date          // both days included
	TerminatedOn Date          // the first day on which a terminated contract no longer holds
}

// On is what the contract is on a day. A terminated contract is in force until the day before its termination.
func (c ContractStanding) On(day Date) ContractState {
	switch {
	case c.Stored == ContractDraft || c.Stored == ContractVoided:
		return c.Stored
	case c.Stored == ContractTerminated && !day.Before(c.TerminatedOn):
		return ContractTerminated
	case day.Before(c.Starts):
		return ContractPending
	case day.After(c.Ends):
		return ContractExpired
	case c.Ends.Before(day.AddDays(ContractAlerts()[0])):
		return ContractExpiring
	}
	return ContractInForce
}

// InForce tells whether the contract holds on a day.
func (c ContractStanding) InForce(day Date) bool {
	s := c.On(day)
	return s == ContractInForce || s == ContractExpiring
}

// AlertDue is the nearest of ContractAlerts that a contract in force has reached on a day, 0 for none. A team that was told of it, or
// of a nearer one, is not told again.
func (c ContractStanding) AlertDue(day Date, told int) int {
	if !c.InForce(day) || c.Stored != ContractSigned {
		return 0
	}
	due := 0
	for _, n := range ContractAlerts() {
		if !day.AddDays(n).Before(c.Ends) {
			due = n
		}
	}
	if told != 0 && due >= told {
		return 0
	}
	return due
}

// ContractAction is what people do to a contract.
type ContractAction string

// The actions.
const (
	ContractEdit      ContractAction = "EDIT"
	ContractSign      ContractAction = "SIGN"
	ContractVoid      ContractAction = "VOID"
	ContractRenew     ContractAction = "RENEW"
	ContractTerminate ContractAction = "TERMINATE"
)

type contractEdge struct {
	from   ContractState
	action ContractAction
	to     ContractState
}

// contractEdges says from which state which action leads where. Renewing makes another contract and leaves this one as it is.
func contractEdges() []contractEdge {
	return []contractEdge{
		{ContractDraft, ContractEdit, ContractDraft},
		{ContractDraft, ContractSign, ContractSigned},
		{ContractDraft, ContractVoid, ContractVoided},
		{ContractPending, ContractTerminate, ContractTerminated},
		{ContractInForce, ContractTerminate, ContractTerminated},
		{ContractExpiring, ContractTerminate, ContractTerminated},
		{ContractExpiring, ContractRenew, ContractSigned},
		{ContractExpired, ContractRenew, ContractSigned},
	}
}

// ContractStep gives what is stored after an action on a day (fd_contract_step).
func ContractStep(c ContractStanding, act ContractAction, day Date) (ContractState, error) {
	now := c.On(day)
	for _, e := range contractEdges() {
		if e.from == now && e.action == act {
			return e.to, nil
		}
	}
	return c.Stored, refuse(CodeContractStep, "contract_state", string(now), "contract_action", string(act))
}

// ContractActions lists what may be done on a day.
func ContractActions(c ContractStanding, day Date) []ContractAction {
	out := []ContractAction{}
	for _, e := range contractEdges() {
		if e.from == c.On(day) {
			out = append(out, e.action)
		}
	}
	return out
}

// ContractYears is how long a contract lasts at most (国卫基层发〔2022〕10号: one to three years).
const ContractYears = 3

// ContractAhead is how many days before its beginning a contract may be drawn up: the project's own choice.
const ContractAhead = 120

// CheckTerm judges the term of a contract that is drawn up on a day: fd_contract_order, fd_contract_term, fd_contract_start. Nothing
// is drawn up backwards in time, so that no coverage can be made up later; a paper that was signed within the last month is entered.
func CheckTerm(starts, ends, today Date) error {
	var errs []error
	if !starts.Before(ends) {
		errs = append(errs, refuse(CodeContractOrder))
	} else if !ends.Before(starts.AddYears(ContractYears)) {
		errs = append(errs, refuse(CodeContractTerm, "years", strconv.Itoa(ContractYears)))
	}
	if starts.Before(today.AddDays(-ContractLateDays)) || starts.After(today.AddDays(ContractAhead)) {
		errs = append(errs, refuse(CodeContractStart, "back", strconv.Itoa(ContractLateDays), "ahead", strconv.Itoa(ContractAhead)))
	}
	return errors.Join(errs...)
}

// ContractLateDays is how long after its beginning a contract may still be entered: the project's own choice.
const ContractLateDays = 31

// CheckPackages wants the basic package, with which the personalised one goes, and at least one item of each that is chosen.
func CheckPackages(packages []Package, items []string) error {
	if !slices.Contains(packages, PackageBasic) {
		return refuse(CodeContractBasic)
	}
	for _, p := range packages {
		if p != PackageBasic && p != PackagePersonalised {
			return refuse(CodeUnknownCode, "table", string(VocabPackage))
		}
		if !slices.ContainsFunc(items, func(code string) bool { i, ok := packageItems().get(code); return ok && i.Package == p }) {
			return refuse(CodeContractItems)
		}
	}
	for _, code := range items {
		if i, ok := packageItems().get(code); !ok || !slices.Contains(packages, i.Package) {
			return refuse(CodeUnknownCode, "table", string(VocabPackageItem))
		}
	}
	return nil
}

// SignedHow is how a contract was signed.
type SignedHow string

// The ways. ELECTRONIC is a signature in the contract system of the province (信息化签约), named by its number there.
const (
	SignedDrawn      SignedHow = "DRAWN"
	SignedPaper      SignedHow = "PAPER_SCAN"
	SignedElectronic SignedHow = "ELECTRONIC"
)

// ContractSigning is a signature under a contract, as far as rules look at it.
type ContractSigning struct {
	Consent // signer, capacity, relation, who comes first, whether staff: judged as a consent's
	How     SignedHow
	On      Date   // the day of the signature
	Starts  Date   // of the contract
	Drawn   bool   // the signature was drawn
	Scanned bool   // the paper is stored
	Number  string // in the contract system
}

// CheckContractSigning judges who signs and how. The signer is judged as for a consent (Civil Code arts 28, 33): the resident in
// person, else the guardian in order; a relative of a capable resident does not sign a
// contract. No contract holds before it is signed.
func CheckContractSigning(s ContractSigning, today Date) error {
	var errs []error
	add := func(r *Refusal) {
		if r != nil {
			errs = append(errs, r)
		}
	}
	if s.Signer != SignerSelf && s.Signer != SignerGuardian {
		add(refuse(CodeConsentCapacity, "signer", string(s.Signer)))
	} else {
		add(checkSigner(s.Consent))
	}
	if s.SignerIsStaff && s.Signer != SignerSelf {
		add(refuse(CodeConsentStaff))
	}
	if s.On.After(today) || s.On.Before(today.AddDays(-ContractLateDays)) || s.Starts.Before(s.On) {
		add(refuse(CodeContractEarly, "days", strconv.Itoa(ContractLateDays)))
	}
	switch {
	case s.How == SignedDrawn && !s.Drawn, s.How == SignedPaper && !s.Scanned, s.How == SignedElectronic && isBlank(s.Number):
		add(refuse(CodeContractProof, "signed_how", string(s.How)))
	case s.How != SignedDrawn && s.How != SignedPaper && s.How != SignedElectronic:
		add(refuse(CodeUnknownCode, "table", string(VocabSignedHow)))
	}
	return errors.Join(errs...)
}

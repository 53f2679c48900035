package consult

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Refusal is a rule that was broken. The code is stable; the arguments fill the sentence's placeholders and are codes,
// numbers and dates only.
type Refusal struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

// Error gives the code and the arguments in alphabetical order, for logs.
func (r *Refusal) Error() string {
	if len(r.Args) == 0 {
		return r.Code
	}
	keys := make([]string, 0, len(r.Args))
	for k := range r.Args {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	b.WriteString(r.Code)
	for _, k := range keys {
		b.WriteString(" " + k + "=" + r.Args[k])
	}
	return b.String()
}

// refuse takes the arguments as name, value, name, value.
func refuse(code string, args ...string) *Refusal {
	r := &Refusal{Code: code}
	if len(args) > 0 {
		r.Args = make(map[string]string, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			r.Args[args[i]] = args[i+1]
		}
	}
	return r
}

// Refusals flattens an error into the refusals it holds, those joined with errors.Join included.
func Refusals(err error) []*Refusal {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*Refusal
		for _, e := range joined.Unwrap() {
			out = append(out, Refusals(e)...)
		}
		return out
	}
	var r *Refusal
	if errors.As(err, &r) {
		return []*Refusal{r}
	}
	return nil
}

// argVocabulary says in which code table an argument's value is found.
func argVocabulary(arg string) (Vocabulary, bool) {
	switch arg {
	case "state":
		return VocabState, true
	case "action":
		return VocabAction, true
	case "role":
		return VocabRole, true
	case "service":
		return VocabService, true
	case "urgency", "proposed":
		return VocabUrgency, true
	case "department":
		return VocabDepartment, true
	case "vital", "other_vital":
		return VocabVital, true
	case "signer":
		return VocabConsentSigner, true
	case "relation":
		return VocabRelation, true
	case "method":
		return VocabConsentMethod, true
	case "who":
		return VocabIdentified, true
	case "referral_state":
		return VocabReferralState, true
	case "referral_action":
		return VocabReferralAction, true
	case "scale":
		return VocabScale, true
	case "visit_state":
		return VocabVisitState, true
	case "visit_action":
		return VocabVisitAction, true
	case "bed_state":
		return VocabBedState, true
	case "bed_action":
		return VocabBedAction, true
	case "contract_state":
		return VocabContractState, true
	case "contract_action":
		return VocabContractAction, true
	case "declaration":
		return VocabDeclaration, true
	case "party":
		return VocabParty, true
	case "signed_how":
		return VocabSignedHow, true
	}
	return "", false
}

// LabelArgs returns the refusal's arguments with codes replaced by their labels, ready for the sentence.
func LabelArgs(args map[string]string, l Lang) map[string]string {
	out := make(map[string]string, len(args))
	for k, v := range args {
		if voc, ok := argVocabulary(k); ok {
			v = Label(voc, v, l)
		}
		if k == "refusal" { // the code of another sentence, which has the same arguments
			rest := maps.Clone(args)
			delete(rest, k)
			v = (&Refusal{Code: v, Args: rest}).Sentence(l)
		}
		out[k] = v
	}
	return out
}

// Sentence returns the refusal in the language, or its code when the catalogue lacks it.
func (r *Refusal) Sentence(l Lang) string {
	for _, s := range Catalogue() {
		if s.Code != r.Code {
			continue
		}
		text := s.ZH
		if l == EN {
			text = s.EN
		}
		for k, v := range LabelArgs(r.Args, l) {
			text = strings.ReplaceAll(text, "{"+k+"}", v)
		}
		return text
	}
	return r.Code
}

// Sentence is what a person reads for a refusal's code. Placeholders are names of arguments in braces.
type Sentence struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// The refusal codes.
const (
	CodeUnknownCode      = "unknown_code"
	CodeTransition       = "transition_not_allowed"
	CodeRole             = "role_not_allowed"
	CodeNoDoctor         = "no_doctor_assigned"
	CodeReportRequired   = "report_required"
	CodeAdoptionRequired = "adoption_required"
	CodeReasonRequired   = "reason_required"
	CodeWritten          = "already_written"
	CodeNotWritten       = "not_written"
	CodeNeverCritical    = "never_for_critical"
	CodeCriticalStays    = "critical_stays"
	CodeBegun            = "already_begun"
	CodeNotQualified     = "revisit_not_qualified"
	CodeAlreadyAdopted   = "already_adopted"
	CodeUrgencyLowered   = "urgency_lowered_without_reason"

	CodeSlot           = "slot_not_possible"
	CodeUnsealEarly    = "unseal_too_early"
	CodeUnsealBasis    = "unseal_basis"
	CodeLateReason     = "late_reason_required"
	CodeEvidenceFuture = "evidence_in_the_future"
	CodeEvidenceNoCode = "evidence_without_diagnosis"

	CodeDateFormat = "date_format"

	CodeContractStep  = "fd_contract_step"
	CodeContractOrder = "fd_contract_order"
	CodeContractTerm  = "fd_contract_term"
	CodeContractStart = "fd_contract_start"
	CodeContractBasic = "fd_contract_basic"
	CodeContractItems = "fd_contract_items"
	CodeContractProof = "fd_contract_proof"
	CodeContractText  = "fd_contract_text"
	CodeContractEarly = "fd_contract_early"
	CodeVisitContract = "visit_no_contract"
	CodeVisitEligible = "visit_not_eligible"
	CodePlanInterval  = "plan_interval"
	CodeContactDay    = "contact_day"
	CodeContactNext   = "contact_next"

	CodeIDLength     = "identity_number_length"
	CodeIDCharacters = "identity_number_characters"
	CodeIDProvince   = "identity_number_province"
	CodeIDBirthDate  = "identity_number_birth_date"
	CodeIDFuture     = "identity_number_future"
	CodeIDAge        = "identity_number_age"
	CodeIDChecksum   = "identity_number_checksum"

	CodeCreditLength       = "credit_code_length"
	CodeCreditCharacters   = "credit_code_characters"
	CodeCreditOrganisation = "credit_code_organisation"
	CodeCreditChecksum     = "credit_code_checksum"

	CodePhone          = "phone_format"
	CodePhoneAreaCode  = "phone_area_code"
	CodePhoneMobile    = "phone_not_mobile"
	CodeNameEmpty      = "name_empty"
	CodeNameLength     = "name_too_long"
	CodeNameCharacters = "name_characters"
	CodeNameInterpunct = "name_interpunct"

	CodeVitalUnknown      = "vital_unknown"
	CodeVitalMissing      = "vital_missing_value"
	CodeVitalBoth         = "vital_value_and_qualifier"
	CodeVitalQualifier    = "vital_qualifier_not_allowed"
	CodeVitalImpossible   = "vital_impossible"
	CodeVitalDecimals     = "vital_decimals"
	CodeVitalOption       = "vital_option"
	CodeVitalConfirm      = "vital_needs_confirmation"
	CodeVitalTwice        = "vital_twice"
	CodeVitalPressure     = "vital_pressure_order"
	CodeVitalPressureHalf = "vital_pressure_incomplete"

	CodeConsentTicks        = "consent_ticks_missing"
	CodeConsentStaff        = "consent_staff_cannot_sign"
	CodeConsentCapacity     = "consent_capacity"
	CodeConsentGuardianless = "consent_guardian_not_needed"
	CodeConsentRelation     = "consent_relation"
	CodeConsentOrder        = "consent_guardian_order"
	CodeConsentEndorsement  = "consent_endorsement"
	CodeConsentWhyNotTold   = "consent_not_told_reason"
	CodeConsentEmergency    = "consent_emergency_only_critical"
	CodeConsentApprover     = "consent_approver"
	CodeConsentApproverLate = "consent_approval_late"
	CodeConsentMethod       = "consent_method"
	CodeConsentWitness      = "consent_witness"
	CodeConsentText         = "consent_text"
	CodeConsentTime         = "consent_time"
	CodeConsentNotValid     = "consent_not_valid"

	CodeConsentCode           = "consent_code_needed"
	CodeConsentEvidence       = "consent_evidence"
	CodeConsentSecondWitness  = "consent_second_witness"
	CodeConsentNoWithdrawal   = "consent_no_withdrawal"
	CodeConsentWithdrawalRank = "consent_withdrawal_rank"

	CodeMedicineAllergy  = "medicine_allergy"
	CodeSupplyTooLong    = "rx_supply_too_long"
	CodeSupplyAssessment = "rx_supply_assessment"
	CodeRxReview         = "rx_review_incomplete"
	CodeReferralStep     = "referral_step"
	CodeReferralSide     = "referral_side"
	CodeVisitStep        = "visit_step"
	CodeVisitSide        = "visit_side"
	CodeBedStep          = "bed_step"
	CodeScoreRange       = "score_range"
	CodeScoreMissing     = "score_missing"
	CodeSheetIncomplete  = "sheet_incomplete"
	CodeSignsNeeded      = "signs_needed"

	CodeReportGaps         = "report_incomplete"
	CodeAdoptionItems      = "adoption_items"
	CodeAdoptionDecision   = "adoption_decision"
	CodeAdoptionReason     = "adoption_reason"
	CodeAdoptionUnassessed = "adoption_item_missing"
	CodeAdoptionDiagnosis  = "adoption_diagnosis"
	CodeAdviceHow          = "advice_how"
	CodeWrittenUrgent      = "written_too_urgent"
)

// isBlank tells whether a text says nothing.
func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsControl(r) }) < 0
}

package consult

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
)

// SignerKind is who gives consent.
type SignerKind string

// The signers.
const (
	SignerSelf      SignerKind = "SELF"
	SignerGuardian  SignerKind = "LEGAL_GUARDIAN"
	SignerRelative  SignerKind = "NEAR_RELATIVE"
	SignerEmergency SignerKind = "INSTITUTION_EMERGENCY"
)

// Capacity is the resident's capacity for civil acts.
type Capacity string

// The capacities.
const (
	CapacityFull    Capacity = "FULL"
	CapacityLimited Capacity = "LIMITED"
	CapacityNone    Capacity = "NONE"
)

// Relation is what the signer is to the resident.
type Relation string

// The relations. Near relatives are those of Civil Code art. 1045.
const (
	RelationAppointed   Relation = "APPOINTED" // 意定监护, art. 33: comes before the order of art. 28
	RelationSpouse      Relation = "SPOUSE"
	RelationParent      Relation = "PARENT"
	RelationChild       Relation = "CHILD"
	RelationSibling     Relation = "SIBLING"
	RelationGrandparent Relation = "GRANDPARENT"
	RelationGrandchild  Relation = "GRANDCHILD"
	RelationOther       Relation = "OTHER" // needs the consent of the residents' committee or civil affairs
)

// GuardianRank is the place in the order of guardians (Civil Code arts 28, 33): 0 appointed, 1 spouse, 2 parents and
// children, 3 other near relatives, 4 others; -1 for no relation.
func GuardianRank(r Relation) int {
	switch r {
	case RelationAppointed:
		return 0
	case RelationSpouse:
		return 1
	case RelationParent, RelationChild:
		return 2
	case RelationSibling, RelationGrandparent, RelationGrandchild:
		return 3
	case RelationOther:
		return 4
	}
	return -1
}

func nearRelative(r Relation) bool { rank := GuardianRank(r); return rank >= 1 && rank <= 3 }

// ConsentMethod is how consent was given.
type ConsentMethod string

// The methods. Fingerprint and voice or video need a witness.
const (
	MethodHandwritten ConsentMethod = "DRAWN"
	MethodFingerprint ConsentMethod = "FINGERPRINT"
	MethodCA          ConsentMethod = "CA"
	MethodSMS         ConsentMethod = "SMS_CODE"
	MethodPaper       ConsentMethod = "PAPER_SCAN"
	MethodVoiceVideo  ConsentMethod = "VOICE_VIDEO"
	MethodEmergency   ConsentMethod = "EMERGENCY_APPROVAL"
)

// ConsentTick is one of the separate boxes.
type ConsentTick string

// The ticks. The first three are required; recording and teaching are free and change nothing about the care.
const (
	TickMedical   ConsentTick = "MEDICAL"   // [1] the remote consultation itself
	TickSensitive ConsentTick = "SENSITIVE" // [2] separate consent to sensitive personal data, 个保法 29
	TickProvision ConsentTick = "PROVISION" // [3] separate consent to provision to the partner hospital, 个保法 23
	TickRecording ConsentTick = "RECORDING" // [4]
	TickTeaching  ConsentTick = "TEACHING"  // [5]
)

// RequiredTicks are those without which there is no consent.
func RequiredTicks() []ConsentTick { return []ConsentTick{TickMedical, TickSensitive, TickProvision} }

// Defaults of consent. Both are the project's own choice.
const (
	// ConsentValidDays is how many days a consent lasts unless withdrawn.
	ConsentValidDays = 180
	// EmergencyApprovalWithin is how long the approver of a CRITICAL consultation may take.
	EmergencyApprovalWithin = 24 * time.Hour
)

// Consent is what was signed, as far as rules look at it. Names and signatures are kept elsewhere.
type Consent struct {
	Signer   SignerKind
	Capacity Capacity // the resident's
	Relation Relation // of a guardian or relative
	Ticks    []ConsentTick
	Method   ConsentMethod
	// SignerIsStaff: the signer works for one of the two institutions. A nurse never signs for a resident.
	SignerIsStaff bool
	Witnessed     bool
	// SecondWitness: another person of the staff was present and said so with a password of his own.
	SecondWitness bool
	// CodeConfirmed: the signer repeated the code that was sent to a telephone on file.
	CodeConfirmed bool
	// Evidence: the scan of the paper, or the recording, is stored.
	Evidence bool
	// NoCloserGuardian: those who come first in the order are dead, unable or not to be found; said by the signer.
	NoCloserGuardian bool
	// Endorsed: the residents' committee, the village committee or civil affairs agree to a guardian who is no relative.
	Endorsed bool
	// NotToldReason says why the resident, though capable, is not told (G-RM-07).
	NotToldReason string
	TextVersion   string
	TextHash      string // SHA-256 of the text as shown, hex
	SignedAt      time.Time
	WithdrawnAt   time.Time // zero: not withdrawn
	// Emergency approval: role of the approver, why the family could not be asked, when it was approved (zero: not yet).
	ApproverRole    Role
	EmergencyReason string
	ApprovedAt      time.Time
}

// CheckConsent judges a consent when it is given for a consultation of an urgency; every broken rule is in the error, see
// Refusals. An emergency approval without an approver is accepted for EmergencyApprovalWithin after SignedAt.
func CheckConsent(c Consent, u Urgency, now time.Time) error {
	var errs []error
	add := func(r *Refusal) {
		if r != nil {
			errs = append(errs, r)
		}
	}
	if c.SignedAt.IsZero() || c.SignedAt.After(now.Add(clockSkew)) {
		add(refuse(CodeConsentTime))
	}
	if c.Signer == SignerEmergency {
		add(checkEmergency(c, u, now))
		return errors.Join(errs...)
	}
	if !validHash(c.TextHash) || isBlank(c.TextVersion) {
		add(refuse(CodeConsentText))
	}
	for _, t := range RequiredTicks() {
		if !slices.Contains(c.Ticks, t) {
			add(refuse(CodeConsentTicks))
			break
		}
	}
	if c.SignerIsStaff && c.Signer != SignerSelf {
		add(refuse(CodeConsentStaff))
	}
	add(checkSigner(c))
	add(checkMethod(c))
	return errors.Join(errs...)
}

// clockSkew is what a tablet's clock may be ahead.
const clockSkew = 2 * time.Minute

func checkSigner(c Consent) *Refusal {
	switch c.Capacity {
	case CapacityFull, CapacityLimited, CapacityNone:
	default:
		return refuse(CodeConsentCapacity, "signer", string(c.Signer))
	}
	rank := GuardianRank(c.Relation)
	switch c.Signer {
	case SignerSelf:
		if c.Capacity != CapacityFull {
			return refuse(CodeConsentCapacity, "signer", string(c.Signer))
		}
	case SignerGuardian:
		switch {
		case c.Capacity == CapacityFull:
			return refuse(CodeConsentGuardianless)
		case rank < 0:
			return refuse(CodeConsentRelation, "signer", string(c.Signer))
		case rank > 1 && !c.NoCloserGuardian:
			return refuse(CodeConsentOrder, "relation", string(c.Relation))
		case rank == 4 && !c.Endorsed:
			return refuse(CodeConsentEndorsement)
		}
	case SignerRelative:
		switch {
		case !nearRelative(c.Relation):
			return refuse(CodeConsentRelation, "signer", string(c.Signer))
		case c.Capacity != CapacityFull: // then a guardian signs, in order
			return refuse(CodeConsentCapacity, "signer", string(c.Signer))
		case isBlank(c.NotToldReason):
			return refuse(CodeConsentWhyNotTold)
		}
	default:
		return refuse(CodeUnknownCode, "table", string(VocabConsentSigner))
	}
	return nil
}

func checkMethod(c Consent) *Refusal {
	switch c.Method {
	case MethodHandwritten, MethodCA:
		return nil
	case MethodSMS:
		if !c.CodeConfirmed {
			return refuse(CodeConsentCode)
		}
		return nil
	case MethodPaper:
		if !c.Evidence {
			return refuse(CodeConsentEvidence, "method", string(c.Method))
		}
		return nil
	case MethodFingerprint:
		if !c.Witnessed {
			return refuse(CodeConsentWitness, "method", string(c.Method))
		}
		return nil
	case MethodVoiceVideo:
		switch {
		case !c.Witnessed:
			return refuse(CodeConsentWitness, "method", string(c.Method))
		case !c.SecondWitness:
			return refuse(CodeConsentSecondWitness, "method", string(c.Method))
		case !c.Evidence:
			return refuse(CodeConsentEvidence, "method", string(c.Method))
		}
		return nil
	}
	return refuse(CodeConsentMethod)
}

// checkEmergency: life-saving measures when the family's opinion cannot be had, approved by the person in charge or a
// delegate (G-RM-13). Only for CRITICAL.
func checkEmergency(c Consent, u Urgency, now time.Time) *Refusal {
	switch {
	case u != Critical:
		return refuse(CodeConsentEmergency, "urgency", string(u))
	case c.Method != MethodEmergency:
		return refuse(CodeConsentMethod)
	case isBlank(c.EmergencyReason):
		return refuse(CodeReasonRequired, "action", string(MethodEmergency))
	}
	if c.ApprovedAt.IsZero() {
		if now.Sub(c.SignedAt) > EmergencyApprovalWithin {
			return refuse(CodeConsentApproverLate)
		}
		return nil
	}
	switch {
	case !mayApproveEmergency(c.ApproverRole):
		return refuse(CodeConsentApprover)
	case c.ApprovedAt.Sub(c.SignedAt) > EmergencyApprovalWithin:
		return refuse(CodeConsentApproverLate)
	}
	return nil
}

// mayApproveEmergency: the institution's person in charge or the doctor or administrator delegated by it; never the nurse
// who asks.
func mayApproveEmergency(r Role) bool {
	return r == RoleInstAdmin || r == RoleAttending || r == RoleFamilyDoctor
}

// ValidAt tells whether an accepted consent covers an instant: signed, not withdrawn, not older than ConsentValidDays. An
// emergency approval covers its own consultation only and is not asked here about another.
func (c Consent) ValidAt(at time.Time) bool {
	return !c.SignedAt.IsZero() && !at.Before(c.SignedAt) && at.Before(c.Expires()) &&
		(c.WithdrawnAt.IsZero() || at.Before(c.WithdrawnAt))
}

// Expires is when the consent ends by itself: at the end of its last day in Asia/Shanghai.
func (c Consent) Expires() time.Time { return DateOf(c.SignedAt).AddDays(ConsentValidDays).Start() }

// CheckStanding refuses an earlier consent that no longer covers the instant (consent_not_valid).
func (c Consent) CheckStanding(at time.Time) error {
	if !c.ValidAt(at) {
		return refuse(CodeConsentNotValid)
	}
	return nil
}

// Withdrawal is who takes a consent back, as far as rules look at it.
type Withdrawal struct {
	Given    Consent // that is withdrawn
	Capacity Capacity
	By       SignerKind
	Relation Relation // of a guardian or relative who withdraws
	// ByStaff: the person who is named works for one of the two institutions. Staff write a withdrawal down, they do not make it.
	ByStaff bool
}

// CheckWithdrawal says whether the person may withdraw the consent (personal information law art. 15, Civil Code art. 28): who has
// full capacity, whoever signed; for who has not, a guardian who stands at least as close as the one who signed; the near relative
// who signed in place of somebody who is not told. An emergency approval is no consent and cannot be withdrawn.
func CheckWithdrawal(w Withdrawal) error {
	switch {
	case w.Given.Signer == SignerEmergency:
		return refuse(CodeConsentNoWithdrawal)
	case w.ByStaff && w.By != SignerSelf:
		return refuse(CodeConsentStaff)
	}
	rank := GuardianRank(w.Relation)
	switch w.By {
	case SignerSelf:
		if w.Capacity != CapacityFull {
			return refuse(CodeConsentCapacity, "signer", string(w.By))
		}
	case SignerGuardian:
		switch {
		case w.Capacity == CapacityFull:
			return refuse(CodeConsentGuardianless)
		case rank < 0:
			return refuse(CodeConsentRelation, "signer", string(w.By))
		case w.Given.Signer == SignerGuardian && rank > GuardianRank(w.Given.Relation):
			return refuse(CodeConsentWithdrawalRank, "relation", string(w.Given.Relation))
		}
	case SignerRelative:
		switch {
		case w.Given.Signer != SignerRelative:
			return refuse(CodeConsentCapacity, "signer", string(w.By))
		case !nearRelative(w.Relation):
			return refuse(CodeConsentRelation, "signer", string(w.By))
		}
	default:
		return refuse(CodeUnknownCode, "table", string(VocabConsentSigner))
	}
	return nil
}

// FollowUpConsentWithin is how long after an emergency approval, or after a CRITICAL request that went without any consent, the
// consent of the resident or the guardian is to be taken (G-RM-13).
const FollowUpConsentWithin = 24 * time.Hour

func validHash(h string) bool {
	b, err := hex.DecodeString(h)
	return err == nil && len(b) == sha256.Size
}

// ConsentVersion is the version of the consent text in force. A change of a text is a new version with files of its own.
const ConsentVersion = "2026-01"

// ConsentParties fills the blanks of the consent text.
type ConsentParties struct {
	CareInstitution string
	PartnerHospital string
	Fees            string // what the service costs, in words
	Contact         string // whom to ask and where to withdraw, with telephone
	RecordingNote   string // whether this call is recorded; empty: not without tick [4]
}

// ConsentText is a text as it is shown and signed.
type ConsentText struct {
	Version string `json:"version"`
	Lang    Lang   `json:"lang"`
	Body    string `json:"body"`
	Hash    string `json:"hash"` // SHA-256 of Body in UTF-8, hex
}

// ConsentVersions lists the versions whose text the program still has.
func ConsentVersions() []string { return []string{ConsentVersion} }

// RenderConsent gives the text of a version in a language with the parties' names in it. The hash is that of the very words
// that the signer saw. An unknown version is refused with consent_text.
func RenderConsent(version string, l Lang, p ConsentParties) (ConsentText, error) {
	if !slices.Contains(ConsentVersions(), version) {
		return ConsentText{}, refuse(CodeConsentText)
	}
	if l != EN {
		l = ZH
	}
	raw, err := files.ReadFile("data/consent_" + version + "_" + string(l) + ".md")
	if err != nil {
		return ConsentText{}, refuse(CodeConsentText)
	}
	if isBlank(p.RecordingNote) {
		p.RecordingNote = map[Lang]string{
			ZH: "不会录音录像，除非您勾选第4项",
			EN: "There is no recording unless you tick box 4",
		}[l]
	}
	body := strings.NewReplacer(
		"{care_institution}", p.CareInstitution,
		"{partner_hospital}", p.PartnerHospital,
		"{fees}", p.Fees,
		"{contact}", p.Contact,
		"{recording}", p.RecordingNote,
		"{version}", version,
	).Replace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	sum := sha256.Sum256([]byte(body))
	return ConsentText{Version: version, Lang: l, Body: body, Hash: hex.EncodeToString(sum[:])}, nil
}

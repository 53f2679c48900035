package consult

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func signed() Consent {
	return Consent{
		Signer: SignerSelf, Capacity: CapacityFull, Ticks: RequiredTicks(), Method: MethodHandwritten,
		TextVersion: ConsentVersion, TextHash: strings.Repeat("ab", 32), SignedAt: monday,
	}
}

func TestCheckConsent(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*Consent)
		refused string
	}{
		{"resident signs", func(*Consent) {}, ""},
		{"resident signs with everything ticked", func(c *Consent) { c.Ticks = append(c.Ticks, TickRecording, TickTeaching) }, ""},
		{"a tick missing", func(c *Consent) { c.Ticks = c.Ticks[:2] }, CodeConsentTicks},
		{"the optional do not replace the required", func(c *Consent) {
			c.Ticks = []ConsentTick{TickMedical, TickSensitive, TickRecording, TickTeaching}
		}, CodeConsentTicks},
		{"limited capacity", func(c *Consent) { c.Capacity = CapacityLimited }, CodeConsentCapacity},
		{"no capacity", func(c *Consent) { c.Capacity = CapacityNone }, CodeConsentCapacity},
		{"capacity unknown", func(c *Consent) { c.Capacity = "" }, CodeConsentCapacity},
		{"fingerprint without a witness", func(c *Consent) { c.Method = MethodFingerprint }, CodeConsentWitness},
		{"fingerprint with a witness", func(c *Consent) { c.Method, c.Witnessed = MethodFingerprint, true }, ""},
		{"video without a witness", func(c *Consent) { c.Method = MethodVoiceVideo }, CodeConsentWitness},
		{"no method", func(c *Consent) { c.Method = "" }, CodeConsentMethod},
		{"emergency approval as a method", func(c *Consent) { c.Method = MethodEmergency }, CodeConsentMethod},
		{"no text", func(c *Consent) { c.TextVersion = "" }, CodeConsentText},
		{"no hash", func(c *Consent) { c.TextHash = "abc" }, CodeConsentText},
		{"no time", func(c *Consent) { c.SignedAt = time.Time{} }, CodeConsentTime},
		{"signed tomorrow", func(c *Consent) { c.SignedAt = monday.Add(24 * time.Hour) }, CodeConsentTime},
		{"tablet a minute ahead", func(c *Consent) { c.SignedAt = monday.Add(time.Minute) }, ""},
		{"unknown signer", func(c *Consent) { c.Signer = "NURSE" }, CodeUnknownCode},

		{"nurse for the resident", func(c *Consent) {
			c.Signer, c.Capacity, c.Relation, c.NoCloserGuardian, c.Endorsed, c.SignerIsStaff = SignerGuardian, CapacityNone, RelationOther, true, true, true
		}, CodeConsentStaff},
		{"nurse as a relative of her own", func(c *Consent) {
			c.Signer, c.Relation, c.NotToldReason, c.SignerIsStaff = SignerRelative, RelationChild, "would harm", true
		}, CodeConsentStaff},
		{"spouse as guardian", func(c *Consent) { c.Signer, c.Capacity, c.Relation = SignerGuardian, CapacityNone, RelationSpouse }, ""},
		{"appointed guardian", func(c *Consent) {
			c.Signer, c.Capacity, c.Relation = SignerGuardian, CapacityLimited, RelationAppointed
		}, ""},
		{"child before the spouse", func(c *Consent) { c.Signer, c.Capacity, c.Relation = SignerGuardian, CapacityNone, RelationChild }, CodeConsentOrder},
		{"child of a widow", func(c *Consent) {
			c.Signer, c.Capacity, c.Relation, c.NoCloserGuardian = SignerGuardian, CapacityNone, RelationChild, true
		}, ""},
		{"neighbour", func(c *Consent) {
			c.Signer, c.Capacity, c.Relation, c.NoCloserGuardian = SignerGuardian, CapacityNone, RelationOther, true
		}, CodeConsentEndorsement},
		{"neighbour with the committee's consent", func(c *Consent) {
			c.Signer, c.Capacity, c.Relation, c.NoCloserGuardian, c.Endorsed = SignerGuardian, CapacityNone, RelationOther, true, true
		}, ""},
		{"guardian of somebody capable", func(c *Consent) { c.Signer, c.Relation = SignerGuardian, RelationSpouse }, CodeConsentGuardianless},
		{"guardian without a relation", func(c *Consent) { c.Signer, c.Capacity = SignerGuardian, CapacityNone }, CodeConsentRelation},
		{"relative, resident not told", func(c *Consent) {
			c.Signer, c.Relation, c.NotToldReason = SignerRelative, RelationSibling, "would harm"
		}, ""},
		{"relative without a reason", func(c *Consent) { c.Signer, c.Relation = SignerRelative, RelationSibling }, CodeConsentWhyNotTold},
		{"friend as a relative", func(c *Consent) {
			c.Signer, c.Relation, c.NotToldReason = SignerRelative, RelationOther, "would harm"
		}, CodeConsentRelation},
		{"relative in the guardian's place", func(c *Consent) {
			c.Signer, c.Relation, c.NotToldReason, c.Capacity = SignerRelative, RelationChild, "would harm", CapacityNone
		}, CodeConsentCapacity},
		{"several faults are all told", func(c *Consent) { c.Ticks, c.Method = nil, MethodFingerprint }, CodeConsentTicks + "," + CodeConsentWitness},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := signed()
			tt.change(&c)
			wantCode(t, CheckConsent(c, Urgent, monday), tt.refused)
		})
	}
}

func TestEmergencyApproval(t *testing.T) {
	base := Consent{Signer: SignerEmergency, Method: MethodEmergency, EmergencyReason: "unconscious, family not reached",
		SignedAt: monday, ApproverRole: RoleInstAdmin, ApprovedAt: monday.Add(time.Hour)}
	day := 24 * time.Hour
	tests := []struct {
		name    string
		urgency Urgency
		after   time.Duration
		change  func(*Consent)
		refused string
	}{
		{"approved", Critical, time.Hour, func(*Consent) {}, ""},
		{"not critical", Emergent, time.Hour, func(*Consent) {}, CodeConsentEmergency},
		{"approver to follow", Critical, time.Minute, func(c *Consent) { c.ApprovedAt = time.Time{} }, ""},
		{"approver to follow, 24 hours", Critical, day, func(c *Consent) { c.ApprovedAt = time.Time{} }, ""},
		{"approver did not follow", Critical, day + time.Second, func(c *Consent) { c.ApprovedAt = time.Time{} }, CodeConsentApproverLate},
		{"approved too late", Critical, 2 * day, func(c *Consent) { c.ApprovedAt = monday.Add(day + time.Second) }, CodeConsentApproverLate},
		{"approved by the nurse", Critical, time.Hour, func(c *Consent) { c.ApproverRole = RoleNurse }, CodeConsentApprover},
		{"no reason", Critical, time.Hour, func(c *Consent) { c.EmergencyReason = "" }, CodeReasonRequired},
		{"another method", Critical, time.Hour, func(c *Consent) { c.Method = MethodHandwritten }, CodeConsentMethod},
		{"no time", Critical, time.Hour, func(c *Consent) { c.SignedAt, c.ApprovedAt = time.Time{}, time.Time{} }, CodeConsentTime + "," + CodeConsentApproverLate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := base
			tt.change(&c)
			wantCode(t, CheckConsent(c, tt.urgency, monday.Add(tt.after)), tt.refused)
		})
	}
}

func TestConsentValidity(t *testing.T) {
	c := signed() // Monday 16:00 in Asia/Shanghai
	end := Date{2027, 4, 17}.Start()
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{{monday, true}, {monday.Add(-time.Second), false}, {end.Add(-time.Second), true}, {end, false}} {
		if got := c.ValidAt(tt.at); got != tt.want {
			t.Errorf("%v: %v", tt.at, got)
		}
	}
	c.WithdrawnAt = monday.Add(time.Hour)
	if !c.ValidAt(monday.Add(time.Minute)) || c.ValidAt(monday.Add(time.Hour)) {
		t.Error("withdrawal")
	}
	wantCode(t, c.CheckStanding(monday.Add(time.Hour)), CodeConsentNotValid)
	wantCode(t, c.CheckStanding(monday), "")
	if (Consent{}).ValidAt(monday) {
		t.Error("an unsigned consent is valid")
	}
}

func TestRenderConsent(t *testing.T) {
	p := ConsentParties{CareInstitution: "安康护理院", PartnerHospital: "旗人民医院", Fees: "本次服务不收费。", Contact: "李主任 0471-6946427"}
	hashes := make(map[string]bool)
	for _, l := range []Lang{ZH, EN} {
		text, err := RenderConsent(ConsentVersion, l, p)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text.Body))
		if text.Hash != hex.EncodeToString(sum[:]) || text.Lang != l || text.Version != ConsentVersion {
			t.Errorf("%+v", text)
		}
		if strings.ContainsAny(text.Body, "{}\r") {
			t.Errorf("%s: a blank was left", l)
		}
		for _, want := range []string{p.CareInstitution, p.PartnerHospital, p.Fees, p.Contact, ConsentVersion, "120", "15", "\n5. "} {
			if !strings.Contains(text.Body, want) {
				t.Errorf("%s: %q is missing", l, want)
			}
		}
		if strings.Count(text.Body, "\n## ") != 10 {
			t.Errorf("%s: %d sections", l, strings.Count(text.Body, "\n## "))
		}
		hashes[text.Hash] = true
		p2 := p
		p2.PartnerHospital = "另一家医院"
		other, err := RenderConsent(ConsentVersion, l, p2)
		if err != nil || other.Hash == text.Hash {
			t.Errorf("%s: another hospital, the same hash (%v)", l, err)
		}
	}
	if len(hashes) != 2 {
		t.Error("both languages have one hash")
	}
	_, err := RenderConsent("../../etc/passwd", ZH, p)
	wantCode(t, err, CodeConsentText)
}

// Once signed, a version's words must not change: a new text is a new version, with a line of its own here.
func TestConsentTextIsPinned(t *testing.T) {
	pinned := map[string]string{
		"consent_2026-01_zh.md": "d32b2bf1074ce2b6b3dbe4448382a6da1194ab1f563df2d9adb9df4b4c6fecd0",
		"consent_2026-01_en.md": "0d99ce21072f1af19b9e40a156858c4b00dac05dab996c86b54b73ac3d9ad367",
	}
	for name, want := range pinned {
		b, err := files.ReadFile("data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s changed: %s", name, got)
		}
	}
	if len(pinned) != 2*len(ConsentVersions()) {
		t.Error("a version is not pinned")
	}
}

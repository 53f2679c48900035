package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/api"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// The authorisation matrix: every operation of the contract, for nobody, for every role, and for those whose role would
// do, on an object of theirs, of somebody else, and of a relationship that has ended. An operation without a row fails.

// place is an object that a path names, of ours or of a stranger's.
type place struct {
	consultation, resident, attachment, advice, followUp, user, shift uuid.UUID
	signed                                                            contract.Consultation // with a report
	organisation                                                      uuid.UUID
	nurseShift, swap, browser, channel, delivery                      uuid.UUID // of the nurse, for her, of the organisation
	glass                                                             uuid.UUID // that the nurse broke at the organisation
	key                                                               uuid.UUID // a security key of the nurse
	readBack                                                          uuid.UUID // that was asked in the call
	consent, medication, prescription, allergy                        uuid.UUID // of the resident; the prescription is to be reviewed at the organisation
	referral, complaint, adverse, suspicion, review                   uuid.UUID
	goalSnapshot, task, rectification, sample, export                 uuid.UUID // of the organisation; the sample is of the authority
	agreement, licence, membership, invitation                        uuid.UUID // of the organisation, of its user; for the nurse
	bookable
	family family
	atHome
	reminded
	round                     uuid.UUID // of the doctor at the organisation
	centre, atHomeAppointment uuid.UUID // the institution of the family doctor, and what is booked with her
}

// row says how an operation is called. Object picks the id in its path; Of names the only role whose people it belongs to, when
// it is one person's own. By names the person who holds the role there: the administrator of the family doctors' institution.
type row struct {
	object func(place) uuid.UUID
	of, by string
	not    string // the only role of those that may call it whose people it does not belong to
	query  string
	body   func(s *site, p place) any
}

func consultation(p place) uuid.UUID { return p.consultation }
func signed(p place) uuid.UUID       { return p.signed.Id }
func resident(p place) uuid.UUID     { return p.resident }
func advice(p place) uuid.UUID       { return p.advice }
func readBack(p place) uuid.UUID     { return p.readBack }
func followUp(p place) uuid.UUID     { return p.followUp }
func user(p place) uuid.UUID         { return p.user }
func organisation(p place) uuid.UUID { return p.organisation }

func day(year int, month time.Month, d int) openapi_types.Date {
	return openapi_types.Date{Time: time.Date(year, month, d, 0, 0, 0, 0, time.UTC)}
}
func shift(p place) uuid.UUID      { return p.shift }
func nurseShift(p place) uuid.UUID { return p.nurseShift }
func swap(p place) uuid.UUID       { return p.swap }
func browser(p place) uuid.UUID    { return p.browser }
func channel(p place) uuid.UUID    { return p.channel }
func delivery(p place) uuid.UUID   { return p.delivery }

func goalSnapshot(p place) uuid.UUID  { return p.goalSnapshot }
func task(p place) uuid.UUID          { return p.task }
func rectification(p place) uuid.UUID { return p.rectification }
func sample(p place) uuid.UUID        { return p.sample }
func export(p place) uuid.UUID        { return p.export }
func consent(p place) uuid.UUID       { return p.consent }
func glass(p place) uuid.UUID         { return p.glass }

func same(v any) func(*site, place) any { return func(*site, place) any { return v } }

func epoch(*site, place) any { return contract.EpochRequest{} }

func matrix() map[string]row {
	residentInput := func(_ *site, p place) any {
		return map[string]any{"organisationId": p.organisation, "name": "李玉兰", "idType": "01", "sex": "2", "birthDate": "1941-02-03", "ward": "一病区", "bed": "9", "capacity": "FULL", "admittedOn": "2025-01-01"}
	}
	rows := map[string]row{
		"GetMeta":          {},
		"Login":            {body: same(contract.LoginRequest{Username: "nobody", Password: "nothing"})},
		"RefreshSession":   {},
		"Logout":           {},
		"LogoutEverywhere": {},
		"ChangePassword":   {body: same(contract.ChangePasswordRequest{Current: "wrong", Next: "wrong as well"})},
		"GetMe":            {},
		"GiveOfflineKey":   {},
		"UpdateMe":         {body: same(contract.UpdateMeRequest{Locale: "en"})},

		"GetCatalogue":           {},
		"SearchConditions":       {query: "?q=gxy"},
		"ListOrganisations":      {},
		"CreateOrganisation":     {body: same(contract.OrganisationInput{Kind: "CARE", TypeCode: "CARE_HOME", Name: "新开养老院", RegionCode: "150102", Address: "", Phone: ""})},
		"ListAgreements":         {},
		"CreateAgreement":        {body: func(s *site, _ place) any { return agreement(s) }},
		"TerminateAgreement":     {object: func(p place) uuid.UUID { return p.agreement }, body: same(contract.AgreementEnd{On: day(2027, 6, 1), Reason: "MUTUAL"})},
		"AddProfessionalLicence": {object: user, body: same(contract.ProfessionalLicenceAddition{Licence: contract.ProfessionalLicenceInput{Kind: "NURSE", Number: "201515010200031", ValidFrom: day(2026, 1, 1)}})},
		"EndProfessionalLicence": {object: func(p place) uuid.UUID { return p.licence }, body: same(contract.ProfessionalLicenceEnd{On: day(2026, 3, 10), Reason: "SUSPENDED"})},
		"ListUsers":              {},
		"CreateUser": {body: func(_ *site, p place) any {
			return contract.UserInput{Username: "nurse.new", Name: "新护士", OrganisationId: p.organisation, Role: "NURSE"}
		}},
		"DisableUser": {object: user},
		"AddMembership": {body: func(_ *site, p place) any {
			return contract.MembershipInput{Username: "nobody.here", OrganisationId: p.organisation, Role: "NURSE"}
		}},
		"ListMembershipInvitations":    {},
		"WithdrawMembershipInvitation": {object: func(p place) uuid.UUID { return p.invitation }},
		"ListMyInvitations":            {},
		"AnswerInvitation":             {object: func(p place) uuid.UUID { return p.invitation }, of: "NURSE", body: same(contract.InvitationAnswer{Accept: true})},
		"EndMembership":                {object: func(p place) uuid.UUID { return p.membership }, body: same(contract.MembershipEnd{Reason: "LEFT"})},
		"ActAs":                        {body: same(contract.ActingAs{})},
		"ResetPassword":                {object: user},
		"ListDutyShifts":               {query: "?from=2026-03-01T00:00:00Z&to=2026-03-20T00:00:00Z"},
		"CreateDutyShift": {body: func(s *site, p place) any {
			return contract.DutyShiftInput{UserId: p.user, Role: "NURSE", StartsAt: caretest.Start().AddDate(0, 1, 0), EndsAt: caretest.Start().AddDate(0, 1, 1)}
		}},
		"DeleteDutyShift": {object: shift},
		"ListResidents":   {},
		"CreateResident":  {body: residentInput},
		"GetResident":     {object: resident},
		"UpdateResident": {object: resident, body: func(s *site, p place) any {
			m := residentInput(s, p).(map[string]any)
			delete(m, "organisationId")
			m["revision"] = 1
			return m
		}},
		"GetDuty":           {},
		"GetWorklist":       {},
		"GetQueue":          {},
		"GetSnapshot":       {},
		"ProposeTriage":     {body: same(contract.TriageInput{Reasons: []string{"PAIN"}, RedFlags: []string{}, Readings: []contract.VitalInput{}})},
		"GetConsentText":    {query: "?locale=zh-CN"},
		"ListConsultations": {},
		"CreateConsultation": {not: "FAMILY_DOCTOR", body: func(_ *site, p place) any {
			return contract.ConsultationInput{Id: uuid.New(), ResidentId: p.resident, Reasons: []string{"PAIN"}, RedFlags: []string{}}
		}},
		"GetConsultation":      {object: consultation},
		"UpdateRequest":        {object: consultation, body: same(contract.RequestUpdate{Revision: 1, Reasons: []string{"PAIN"}, RedFlags: []string{}})},
		"AddVitals":            {object: consultation, body: same(contract.VitalsInput{Readings: []contract.VitalInput{{Code: "SPO2", Value: new(float32(97))}}})},
		"AddPhoto":             {object: consultation, body: func(*site, place) any { return photo() }},
		"GetAttachment":        {object: func(p place) uuid.UUID { return p.visitPhoto }},
		"GiveConsent":          {object: consultation, body: func(s *site, _ place) any { return s.ConsentInput(s.Nurse) }},
		"SubmitConsultation":   {object: consultation, body: same(contract.SubmitRequest{Urgency: "ROUTINE"})},
		"CancelConsultation":   {object: consultation, body: same(contract.ReasonRequest{Reason: "BETTER"})},
		"LogEmergencyStep":     {object: signed, body: same(contract.EmergencyStepRequest{Step: "SHEET_OPENED"})},
		"ListMessages":         {object: signed},
		"SendMessage":          {object: signed, body: func(*site, place) any { return contract.MessageInput{Id: uuid.New(), Body: "您好"} }},
		"ClaimConsultation":    {object: consultation, body: epoch},
		"GetBoard":             {},
		"DeclineOffer":         {object: consultation, body: same(contract.DeclineRequest{Reason: "OTHER"})},
		"TakeCharge":           {object: consultation, body: epoch},
		"AssignConsultation":   {object: consultation, body: func(s *site, _ place) any { return contract.AssignRequest{DoctorId: s.Zhao.UserID} }},
		"WidenConsultation":    {object: consultation, body: epoch},
		"MergeConsultation":    {object: consultation, body: func(_ *site, p place) any { return contract.MergeRequest{Why: contract.SAMEPERSON, Into: p.signed.Id} }},
		"ConvertToWritten":     {object: consultation, body: same(contract.ConvertRequest{})},
		"ReturnRequest":        {object: consultation, body: same(contract.ReturnRequest{Epoch: 7, Lacking: []string{"VITALS"}})},
		"ScheduleConsultation": {object: consultation, body: same(contract.ScheduleRequest{From: caretest.Start().AddDate(0, 0, 1), To: caretest.Start().AddDate(0, 0, 1).Add(20 * time.Minute)})},
		"RecordNoShow":         {object: consultation, body: same(contract.EpochCodedReason{Reason: "NOBODY_CAME"})},
		"AbortCall":            {object: consultation, body: same(contract.EpochCodedReason{Reason: "NETWORK"})},
		"TerminateUnsuitable":  {object: consultation, body: same(contract.TerminateRequest{Reason: "CHANGED", Destination: "OUTPATIENT", Place: "市医院", GoWithin: "TODAY"})},
		"DeclineRequest":       {object: consultation, body: same(contract.DeclineRequest{Reason: "OTHER"})},
		"OfferAgain":           {object: consultation, body: same(contract.OfferAgainRequest{})},
		"CloseConsultation":    {object: consultation, body: same(contract.CodedReason{Reason: "OTHER"})},
		"AmendReport":          {object: signed, body: same(contract.AmendReportRequest{Revision: 1, Reason: "日期写错", Password: "wrong"})},
		"SealRecord":           {object: signed, body: same(contract.SealRequest{Reason: "争议", InstitutionSide: "张主任", OtherSide: "王某", OtherRelation: "子女", Password: "wrong"})},
		"UnsealRecord":         {object: signed, body: same(contract.UnsealRequest{Basis: "THREE_YEARS", Password: "wrong"})},
		"ListSealed":           {},
		"CheckIn": {object: consultation, body: func(s *site, _ place) any {
			return contract.CheckInRequest{UserId: s.Attending.UserID, Method: "PIN", Code: "190286"}
		}},
		"CheckOut":           {object: consultation, body: same(contract.CheckOutRequest{CheckInId: uuid.New()})},
		"ListCheckIns":       {object: consultation},
		"AddEvidence":        {object: consultation, body: same(contract.EvidenceInput{Type: "OUTPATIENT_RECORD", IssuingInstitution: "市医院", Dated: day(2026, 1, 5), DiagnosisCode: "I10"})},
		"JudgeEvidence":      {object: signed, body: same(contract.EvidenceJudgement{EvidenceId: uuid.New(), Decision: "QUALIFIED"})},
		"CheckSecondFactor":  {object: signed, body: same(contract.FactorCheckRequest{Purpose: "SIGNATURE", Method: "TOTP", Code: "000000"})},
		"GetSecondFactor":    {},
		"ConfirmSignIn":      {body: same(contract.FactorProof{Method: "TOTP", Code: "000000"})},
		"BeginTotp":          {body: same(contract.FactorChange{Password: "wrong"})},
		"RemoveTotp":         {body: same(contract.FactorChange{Password: "wrong"})},
		"RenewRecoveryCodes": {body: same(contract.FactorChange{Password: "wrong"})},
		"BeginKeyCheck":      {},
		"BeginKey":           {body: same(contract.FactorChange{Password: "wrong"})},
		"AddKey":             {body: same(contract.KeyInput{ChallengeId: uuid.New(), Name: "K", CredentialId: "AA", ClientData: "AA", Attestation: "AA"})},
		"RenameKey":          {object: func(p place) uuid.UUID { return p.key }, of: "NURSE", body: same(contract.KeyName{Name: "K"})},
		"RemoveKey":          {object: func(p place) uuid.UUID { return p.key }, of: "NURSE", body: same(contract.FactorChange{Password: "wrong"})},
		"ConfirmTotp":        {body: same(contract.CodeRequest{Code: "000000"})},
		"SetAdmitsYounger":   {object: organisation, body: same(contract.AdmitsYounger{AdmitsYounger: true})},
		"AddLicence":         {object: organisation, body: same(contract.Licence{Kind: "CARE_FILING", Number: "备2026-1", DepartmentCodes: []string{}, ValidFrom: day(2026, 1, 1)})},
		"DeclareDuty":        {object: organisation, body: same(contract.DeclarationInput{Code: "RECORD_KEEPING", Document: "归档制度2026-1号", DatedOn: day(2026, 1, 5), ValidTo: day(2026, 12, 31)})},
		"SetPracticeSite": {object: organisation, body: func(s *site, _ place) any {
			return contract.PracticeSiteInput{MedicalOrgId: s.Hospital, ValidFrom: day(2026, 1, 1)}
		}},
		"ListExpiries":        {},
		"SetFactorRules":      {object: organisation, body: same(contract.FactorRules{Rules: []contract.FactorRule{{Role: "NURSE", AtSignIn: true}}})},
		"ResetSecondFactor":   {object: user},
		"SetCheckInPin":       {body: same(contract.PinRequest{Pin: "190286", Password: "wrong"})},
		"GetCheckInCode":      {},
		"VoidConsultation":    {object: consultation, body: same(contract.CodedReason{Reason: "BY_MISTAKE"})},
		"ReleaseConsultation": {object: consultation, body: same(contract.EpochReasonRequest{Reason: "OTHER"})},
		"GetTicket":           {object: consultation, body: same(contract.TicketRequest{})},
		"EndCall":             {object: consultation, body: epoch},
		"FinishConsultation":  {object: consultation, body: epoch},
		"SaveReportDraft":     {object: consultation, body: same(contract.ReportDraftInput{Content: contract.ReportContent{}})},
		"SignReport":          {object: consultation, body: same(contract.SignReportRequest{Revision: 1, Password: "wrong"})},
		"AdoptReport":         {object: signed, body: func(_ *site, p place) any { return adoption(p) }},
		"ListColleagues":      {object: signed},
		"OfferHandOver": {object: consultation, body: func(s *site, _ place) any {
			return contract.HandOverRequest{DoctorId: s.Zhao.UserID, Reason: "SHIFT_END"}
		}},
		"AnswerHandOver":     {object: consultation, body: same(contract.HandOverAnswer{Answer: "ACCEPT"})},
		"GetApplication":     {object: consultation},
		"SaveApplication":    {object: consultation, body: same(contract.ApplicationInput{Purposes: []string{"TREATMENT"}})},
		"ReadBackAdvice":     {object: advice},
		"AskReadBack":        {object: consultation, body: same(contract.ReadBackRequest{Items: spoken()})},
		"ConfirmReadBack":    {object: readBack},
		"CompleteAdvice":     {object: advice, body: same(contract.NoteRequest{})},
		"CompleteFollowUp":   {object: followUp, body: same(contract.NoteRequest{})},
		"ListUrgencyTargets": {},
		"SetUrgencyTarget":   {body: same(contract.UrgencyTarget{Urgency: "ROUTINE", AcceptSeconds: new(3600), ReportSeconds: 86400, Revision: 1})},

		"ListShiftColleagues": {object: nurseShift, of: "NURSE"},
		"CopyDutyWeek":        {body: func(*site, place) any { return copyWeek() }},
		"ListDutySwaps":       {query: "?from=2026-03-01T00:00:00Z&to=2026-06-01T00:00:00Z"},
		"RequestDutySwap":     {body: func(_ *site, p place) any { return contract.DutySwapInput{ShiftId: p.nurseShift} }, of: "NURSE"},
		"AcceptDutySwap":      {object: swap, of: "NURSE"},
		"DeclineDutySwap":     {object: swap, of: "NURSE"},
		"WithdrawDutySwap":    {object: swap, of: "NURSE"},

		"GetNotificationSettings":    {},
		"SaveNotificationSettings":   {body: same(contract.NotificationSettingsInput{Revision: 1, Choices: []contract.NotificationChoiceInput{}})},
		"TestMyNotifications":        {body: same(contract.NotificationTestRequest{Channel: "PUSH"})},
		"ListMyNotifications":        {},
		"CreatePushSubscription":     {body: same(contract.PushSubscriptionInput{Endpoint: "https://push.example.com/1", Label: "Chrome"})},
		"DeletePushSubscription":     {object: browser, of: "NURSE"},
		"ListNotificationChannels":   {},
		"CreateNotificationChannel":  {body: func(_ *site, p place) any { return robot(p) }},
		"UpdateNotificationChannel":  {object: channel, body: same(contract.NotificationChannelUpdate{Revision: 1})},
		"TestNotificationChannel":    {object: channel, body: same(contract.ChannelTestRequest{})},
		"ListNotificationDeliveries": {},
		"RetryNotificationDelivery":  {object: delivery},

		"ListGoalScopes":   {},
		"GetGoalDashboard": {query: "?kind=M&day=2026-03-10"},
		"ListGoalFacts":    {query: "?kind=M&day=2026-03-10&base=REFERRALS"},
		"ListGoalRows":     {query: "?kind=M&day=2026-03-10&mark=SUBMITTED"},

		"ListAccesses":   {},
		"Unmask":         {object: resident, body: same(contract.UnmaskRequest{Field: "NAME", Reason: "核对身份"})},
		"ExportResident": {object: resident, body: same(contract.ExportRequest{Reason: "家属书面申请"})},
		"ListBreakGlass": {},
		"OpenBreakGlass": {body: func(s *site, p place) any {
			return contract.BreakGlassInput{Serial: &p.signed.Serial, Reason: "急诊昏迷，需要过敏史"}
		}},
		"GetBreakGlass":          {object: glass, of: "NURSE"},
		"ReviewBreakGlass":       {object: glass, body: same(contract.BreakGlassReview{Justified: true})},
		"GetCheckpoint":          {},
		"AskVerification":        {},
		"ListAudit":              {query: "?kind=SECURITY"},
		"ExportAudit":            {query: "?from=2026-03-01"},
		"GetServices":            {object: consultation},
		"GetCountability":        {object: signed},
		"ProveRecord":            {object: signed},
		"PrintRecord":            {object: signed},
		"SearchConsultations":    {body: same(contract.LogSearch{Text: "血压", From: day(2026, 3, 1), To: day(2026, 3, 31)})},
		"GetRecordEvidence":      {object: signed},
		"CheckRecordPrint":       {body: same(contract.RecordPrintCode{Code: strings.Repeat("0", 20)})},
		"ApproveCountability":    {object: signed, body: same(contract.CountabilityApprovalInput{Code: "NC15", Reason: "停电"})},
		"ListRules":              {},
		"SetRuleSetting":         {body: same(contract.RuleSettingInput{Name: "min_seconds", Value: 120, Reason: "批复"})},
		"ReevaluateCountability": {body: same(contract.ReevaluationInput{Month: "2026-03"})},
		"ListCountMonths":        {},
		"ListGoalSnapshots":      {},
		"CreateGoalSnapshot":     {body: same(map[string]any{"kind": "M", "day": "2026-02-01"})},
		"GetGoalSnapshot":        {object: goalSnapshot, of: "INST_ADMIN"},
		"LockGoalSnapshot":       {object: goalSnapshot, of: "INST_ADMIN"},
		"SignGoalSnapshot":       {object: goalSnapshot, of: "INST_ADMIN"},
		"FileGoalSnapshot":       {object: goalSnapshot, of: "INST_ADMIN", body: same(contract.ReceiptInput{Receipt: "R-1"})},
		"VerifyGoalSnapshot":     {object: goalSnapshot, of: "INST_ADMIN"},
		"ListCampaignTasks":      {},
		"ReportCampaignTask":     {object: task, of: "INST_ADMIN", body: same(map[string]any{"dueOn": "2026-03-31", "doneOn": "2026-03-01"})},
		"GetSelfCheck":           {query: "?year=2026"},
		"SaveSelfCheckItem":      {body: same(contract.SelfCheckItemInput{Year: 2026, Code: "Q1", Result: "MET"})},
		"ListRectifications":     {},
		"CreateRectification":    {body: same(map[string]any{"category": "STAFF", "severity": "MINOR", "finding": "证照未上墙", "owner": "孙主任", "dueOn": "2026-04-30"})},
		"GetRectification":       {object: rectification, of: "INST_ADMIN"},
		"UpdateRectification":    {object: rectification, of: "INST_ADMIN", body: same(contract.RectificationUpdate{Progress: 50, Revision: 1})},
		"VerifyRectification":    {object: rectification, of: "INST_ADMIN", body: same(contract.RectificationVerdict{Accepted: true, Verdict: "已复核"})},
		"ListSamples":            {},
		"DrawSample": {body: func(s *site, _ place) any {
			return map[string]any{"subjectId": s.Authority, "kind": "M", "day": "2026-03-01", "size": 5, "purpose": "季度抽查"}
		}},
		"GetSample":         {object: sample, of: "REG_COUNTY"},
		"ScoreSample":       {object: sample, of: "REG_COUNTY", body: same(contract.SampleScore{Position: 1, Score: 90})},
		"ConcludeSample":    {object: sample, of: "REG_COUNTY", body: same(contract.SampleConclusion{Conclusion: "总体良好"})},
		"ListGoalTodo":      {},
		"ListImports":       {},
		"GetImportTemplate": {query: "?what=DENOMINATORS"},
		"ListExports":       {},
		"ListExportSheets":  {},
		"RequestExport":     {body: same(map[string]any{"sheet": "E8", "format": "xlsx", "kind": "M", "day": "2026-03-01"})},
		"CancelExport":      {object: export, of: "INST_ADMIN"},
		"GetExportFile":     {object: export, of: "INST_ADMIN"},
		"ImportNumbers":     {query: "?what=DENOMINATORS&dryRun=true", of: "INST_ADMIN", body: same([]byte("no workbook"))},

		"ListCodeTables":   {},
		"GetCodeTable":     {query: "?q=tw"},
		"GetCodeTableFile": {},
		"ReplaceCodeTable": {query: "?dryRun=true", body: same([]byte("code,zh"))},
	}
	maps.Copy(rows, surroundingRows())
	maps.Copy(rows, bookingRows())
	maps.Copy(rows, panelRows())
	maps.Copy(rows, visitRows())
	maps.Copy(rows, reminderRows())
	maps.Copy(rows, roundRows())
	return rows
}

func agreement(s *site) contract.AgreementInput {
	in := contract.AgreementInput{Number: "HT-1", InvitingOrgId: s.PureHome, InvitedOrgId: s.OtherHospital, ServiceTypes: []string{"REHAB_CARE_GUIDE"}, DepartmentCodes: []string{"02"},
		Clauses: contract.Clauses{Purpose: "目的", Conditions: "条件", Content: "内容", Process: "流程", Rights: "权利", Liability: "责任"}}
	in.ValidFrom.Time, in.ValidTo.Time = caretest.Start(), caretest.Start().AddDate(1, 0, 0)
	return in
}

func spoken() []contract.AdviceInput {
	return []contract.AdviceInput{{Kind: "NURSING", Text: "每日两次测血压"}}
}

func adoption(p place) contract.AdoptionInput {
	in := caretest.AdoptAll(p.signed)
	in.Password = "wrong"
	return in
}

func photo() []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// settle makes the objects of one side: an open request, and another that is signed with advice and a follow-up.
func settle(s *site, nurse, doctor identity.Actor, org, one, two uuid.UUID) place {
	s.t.Helper()
	p := place{organisation: org, resident: one, user: s.User("helper."+nurse.Username, "某护士", "NURSE", org).UserID}
	c := s.Offered(nurse, one)
	p.consultation = c.Id
	var picture contract.Attachment
	s.send(nurse, http.MethodPost, "/api/v1/consultations/"+c.Id.String()+"/photos", photo()).into(&picture)
	p.attachment = picture.Id

	other := s.Claim(doctor, s.Offered(nurse, two))
	talk := s.Connect(nurse, doctor, other)
	talk.Talk(4 * time.Minute)
	s.send(doctor, http.MethodPost, "/api/v1/consultations/"+other.Id.String()+"/read-backs", contract.ReadBackRequest{Epoch: other.Epoch, Items: spoken()}).into(&other)
	p.readBack = (*other.ReadBacks)[0].Id
	p.signed = s.Sign(doctor, other, s.Content())
	p.advice = p.signed.Advice[0].Id
	if p.signed.FollowUps != nil && len(*p.signed.FollowUps) > 0 {
		p.followUp = (*p.signed.FollowUps)[0].Id
	}
	p.shift = uuid.New()
	s.Exec(`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'NURSE', $4, $5)`,
		p.shift, org, p.user, caretest.Start().AddDate(0, 2, 0), caretest.Start().AddDate(0, 2, 1))
	p.agreement, p.licence = s.Agreement(org, s.Hospital, []string{"REMOTE_CONSULT"}, "02"), uuid.New()
	s.Exec(`UPDATE agreements SET valid_from = '2027-01-01', valid_to = '2028-01-01' WHERE id = $1`, p.agreement)
	p.membership = uuid.New()
	s.Exec(`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) VALUES ($1, $2, $3, 'QC', '2026-01-01')`, p.membership, p.user, org)
	s.Exec(`INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, valid_from) VALUES ($1, $2, $3, 'NURSE', '201515010200031', '2015-01-01')`, p.licence, p.user, org)
	p.invitation = uuid.New()
	s.Exec(`INSERT INTO membership_invitations (id, username, user_id, organisation_id, role, invited_by, invited_at, expires_at) VALUES ($1, 'x', $2, $3, 'QC', $4, $5, $6)`,
		p.invitation, nurse.UserID, org, p.user, s.Clock.Now(), s.Clock.Now().Add(time.Hour))
	s.notifications(&p, nurse)
	s.surroundings(&p, nurse)
	s.returns(&p)
	s.bookings(&p, nurse, doctor)
	s.families(&p, nurse)
	s.homeVisits(&p)
	s.reminders(&p, nurse)
	s.rounds(&p, nurse, doctor)
	return p
}

// returns makes a draft, a finding, an export, the authority's sample, and finds the task of the yearly self-check.
func (s *site) returns(p *place) {
	s.t.Helper()
	p.goalSnapshot, p.task, p.rectification, p.sample, p.export = uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	now, who := s.Clock.Now(), p.user
	if p.organisation == s.Home {
		who = s.HomeAdmin.UserID
		if err := s.Store.Pool.QueryRow(s.t.Context(), `SELECT t.id FROM campaign_tasks t JOIN campaigns c ON c.id = t.campaign_id
			WHERE c.code = 'YEARLY-SELF-CHECK' AND t.level = 'INSTITUTION' AND t.due = '03-31'`).Scan(&p.task); err != nil {
			s.t.Fatal(err)
		}
	}
	s.Exec(`INSERT INTO snapshots (id, organisation_id, kind, starts_on, version, state, created_by, created_at) VALUES ($1, $2, 'M', '2026-01-01', 1, 'DRAFT', $3, $4)`,
		p.goalSnapshot, p.organisation, who, now)
	s.Exec(`INSERT INTO rectifications (id, number, organisation_id, found_by_level, found_on, category, severity, finding_enc, owner_enc, due_on, progress, state, done_on, created_by, created_at)
		VALUES ($1, $2, $3, 'SELF', '2026-03-01', 'STAFF', 'MINOR', $5, $6, '2026-04-01', 100, 'DONE', '2026-03-05', $7, $4)`, p.rectification, p.rectification.String(), p.organisation, now,
		s.Keeper.SealText("rectifications", "finding_enc", p.rectification, "问题"), s.Keeper.SealText("rectifications", "owner_enc", p.rectification, "某人"), who)
	s.Exec(`INSERT INTO samples (id, organisation_id, subject_id, kind, starts_on, seed, size, population, population_hash, purpose, drawn_by, drawn_at)
		VALUES ($1, $2, $3, 'M', '2026-03-01', 1, 1, 1, '', '抽查', $4, $5)`, p.sample, s.Authority, p.organisation, s.County.UserID, now)
	s.Exec(`INSERT INTO sample_rows (sample_id, position, consultation_id, id) VALUES ($1, 1, $2, $3)`, p.sample, p.signed.Id, uuid.New())
	s.Exec(`INSERT INTO export_jobs (id, sheet, format, organisation_id, params, locale, requested_by, requested_at, state)
		VALUES ($1, 'E8', 'xlsx', $2, '{"kind":"M","first":"2026-03-01"}', 'zh-CN', $3, $4, 'WAITING')`, p.export, p.organisation, who, now)
}

// notifications makes a shift, a swap, a browser, a channel and a message.
func (s *site) notifications(p *place, nurse identity.Actor) {
	s.t.Helper()
	p.nurseShift, p.swap, p.browser, p.channel, p.delivery = uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	now := s.Clock.Now()
	s.Exec(`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'NURSE', $4, $5)`,
		p.nurseShift, p.organisation, nurse.UserID, caretest.Start().AddDate(0, 3, 0), caretest.Start().AddDate(0, 3, 1))
	s.Exec(`INSERT INTO duty_swaps (id, organisation_id, role, shift_id, starts_at, ends_at, requested_by, requested_at) VALUES ($1, $2, 'NURSE', $3, $4, $5, $6, $7)`,
		p.swap, p.organisation, p.shift, caretest.Start().AddDate(0, 2, 0), caretest.Start().AddDate(0, 2, 1), p.user, now)
	s.Exec(`INSERT INTO push_subscriptions (id, user_id, endpoint_enc, endpoint_hmac, created_at) VALUES ($1, $2, '\x00', $3, $4)`,
		p.browser, nurse.UserID, p.browser[:], now)
	s.Exec(`INSERT INTO notification_channels (id, organisation_id, kind, name, host, url_enc, events, created_by, created_at, updated_at)
		VALUES ($1, $2, 'WECOM_ROBOT', '群', '127.0.0.1:1', $3, '{RING}', $4, $5, $5)`,
		p.channel, p.organisation, s.Keeper.SealText("notification_channels", "url_enc", p.channel, "http://127.0.0.1:1/"), nurse.UserID, now)
	p.key = uuid.New()
	s.Exec(`INSERT INTO second_factors (id, user_id, kind, secret_enc, credential_id, created_at, confirmed_at) VALUES ($1, $2, 'WEBAUTHN', $3, $4, $5, $5)`,
		p.key, nurse.UserID, s.Keeper.Seal("second_factors", "secret_enc", p.key, []byte(`{"name":"旧钥匙"}`)), p.key[:], now)
	p.glass = uuid.New()
	s.Exec(`INSERT INTO break_glass (id, user_id, role, actor_org_id, resident_id, organisation_id, reason_enc, opened_at, expires_at)
		VALUES ($1, $2, 'NURSE', $3, $4, $3, $5, $6, $7)`, p.glass, nurse.UserID, p.organisation, p.resident, s.Keeper.SealText("break_glass", "reason_enc", p.glass, "急诊"), now, now.Add(time.Hour))
	fact := uuid.New()
	s.Exec(`INSERT INTO notifications (id, key, event, created_at, planned_at) VALUES ($1, $2, 'RING', $3, $3)`, fact, fact.String(), now)
	s.Exec(`INSERT INTO notification_deliveries (id, notification_id, organisation_id, channel, channel_id, series, state, due_at, created_at)
		VALUES ($1, $2, $3, 'WECOM', $4, 'one', 'DEAD', $5, $5)`, p.delivery, fact, p.organisation, p.channel, now)
}

func copyWeek() contract.CopyWeekRequest {
	var in contract.CopyWeekRequest
	in.From.Time, in.To.Time = caretest.Start(), caretest.Start().AddDate(0, 0, 7)
	return in
}

func robot(p place) contract.NotificationChannelInput {
	return contract.NotificationChannelInput{OrganisationId: p.organisation, Kind: "WECOM_ROBOT", Name: "群", Url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
		Events: []contract.NotifyEvent{"RING"}, Locale: "zh-CN"}
}

func (r row) path(o api.Operation, p place) string {
	path := o.Path
	if r.object != nil {
		path = strings.ReplaceAll(path, "{id}", r.object(p).String())
	}
	path = strings.ReplaceAll(path, "{kind}", "VITAL")
	return path + strings.NewReplacer("{signed}", p.signed.Id.String(), "{kind}", p.kind.String(), "{doctor}", p.doctor.String(), "{resident}", p.resident.String(), "{team}", p.family.team.String()).Replace(r.query)
}

func (r row) input(s *site, p place) any {
	if r.body == nil {
		return nil
	}
	return r.body(s, p)
}

// everyRole lists the roles of the product.
func everyRole(t testing.TB) []string {
	t.Helper()
	spec, err := api.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, role := range spec.Components.Schemas["Role"].Value.Enum {
		out = append(out, role.(string))
	}
	return out
}

func operations(t testing.TB) []api.Operation {
	t.Helper()
	spec, err := api.Spec()
	if err != nil {
		t.Fatal(err)
	}
	ops, err := api.Operations(spec)
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestEveryOperationHasARowAndEveryRowAnOperation(t *testing.T) {
	rows := matrix()
	for _, o := range operations(t) {
		r, ok := rows[o.ID]
		if !ok {
			t.Errorf("%s has no row in the authorisation matrix", o.ID)
		}
		if strings.Contains(o.Path, "{id}") != (r.object != nil) {
			t.Errorf("%s: the row names no object for %s", o.ID, o.Path)
		}
		delete(rows, o.ID)
	}
	for id := range rows {
		t.Errorf("%s is no operation", id)
	}
}

// TestWhoIsRefused tries every operation as nobody and as every role that has no business there.
func TestWhoIsRefused(t *testing.T) {
	s := newSite(t)
	ours := settle(s, s.Nurse, s.Wang, s.Home, s.Resident, s.Second)
	roles := map[string]identity.Actor{
		"NURSE": s.Nurse, "ATTENDING": s.Attending, "CONSULTANT": s.Wang, "DISPATCHER": s.Desk, "INST_ADMIN": s.HomeAdmin, "SYS_ADMIN": s.Sys, "REG_COUNTY": s.County,
		"FAMILY_DOCTOR": ours.family.doctor, "QC": s.User("qc.home", "质控", "QC", s.Home), "COMPLAINT_OFFICER": s.User("complaints.home", "投诉", "COMPLAINT_OFFICER", s.Home),
		"PHARMACIST": s.User("rx.home", "药师", "PHARMACIST", s.Home),
		"SEC_ADMIN":  s.Security, "AUDITOR": s.Auditor,
		"REG_LEAGUE": s.User("league", "盟市", "REG_LEAGUE", s.Authority), "REG_REGION": s.User("region", "自治区", "REG_REGION", s.Authority),
	}
	for _, role := range everyRole(t) {
		if _, tried := roles[role]; !tried {
			t.Errorf("nobody tries as %s", role)
		}
	}
	former := s.User("former", "离职护士", "NURSE", s.Home)
	s.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1`, former.UserID, caretest.Start().Add(-time.Hour))
	fresh := s.User("fresh", "新护士", "NURSE", s.Home)
	s.Exec(`UPDATE users SET must_change_password = true WHERE id = $1`, fresh.UserID)

	rows := matrix()
	for _, o := range operations(t) {
		if o.Access.Public {
			continue
		}
		call := func(a identity.Actor) reply {
			return s.send(a, o.Method, rows[o.ID].path(o, ours), rows[o.ID].input(s, ours))
		}
		if r := call(identity.Actor{}); r.status != http.StatusUnauthorized || r.problem().Code != "unauthenticated" {
			t.Errorf("%s without a token: %d %s", o.ID, r.status, r.body)
		}
		if o.Access.SignedIn {
			continue
		}
		for role, who := range roles {
			if slices.Contains(o.Access.Roles, role) {
				continue
			}
			if r := call(who); r.status != http.StatusForbidden || r.problem().Code != "forbidden" {
				t.Errorf("%s as %s: %d %s", o.ID, role, r.status, r.body)
			}
		}
		if r := call(former); r.status != http.StatusForbidden {
			t.Errorf("%s by somebody whose role has ended: %d %s", o.ID, r.status, r.body)
		}
		if r := call(fresh); r.status != http.StatusForbidden || r.problem().Code != "password_change_required" {
			t.Errorf("%s with a first password: %d %s", o.ID, r.status, r.body)
		}
	}
}

// TestForeignObjects tries every operation with a path id as the roles that may call it, on objects that are not theirs, on
// unknown ones, and on those of a relationship that has ended. All look alike: 404.
func TestForeignObjects(t *testing.T) {
	s := newSite(t)
	sibling := s.ResidentOf(s.Stranger, "孙有福", "301-2", "FULL")
	attending := s.User("dr.far", "远陪同", "ATTENDING", s.Stranger)
	s.Professional(attending, "PHYSICIAN", s.Stranger, 10)
	s.Shift(attending, s.Stranger)
	theirs := settle(s, s.StrangerNurse, s.StrangerDoctor, s.Stranger, s.StrangersResident, sibling)
	ours := settle(s, s.Nurse, s.Wang, s.Home, s.Resident, s.Second)
	ended := ours
	s.Exec(`UPDATE audience SET until = $1 WHERE consultation_id IN ($2, $3)`, s.Clock.Now().Add(-time.Second), ours.consultation, ours.signed.Id)

	unknown := uuid.New()
	nowhere := place{consultation: unknown, resident: unknown, attachment: unknown, advice: unknown, followUp: unknown, user: unknown, shift: unknown, agreement: unknown, licence: unknown, membership: unknown, invitation: unknown,
		nurseShift: unknown, swap: unknown, browser: unknown, channel: unknown, delivery: unknown, glass: unknown, key: unknown,
		bookable:     bookable{kind: unknown, doctor: unknown, appointment: unknown, held: unknown, rule: unknown, exception: unknown, series: unknown, waiting: unknown, feed: unknown},
		goalSnapshot: unknown, task: unknown, rectification: unknown, sample: unknown, export: unknown,
		consent: unknown, medication: unknown, prescription: unknown, allergy: unknown, referral: unknown, complaint: unknown, adverse: unknown, suspicion: unknown, review: unknown,
		atHome: atHome{visit: unknown, booked: unknown, bed: unknown, alarm: unknown, visitPhoto: unknown}, centre: unknown, atHomeAppointment: unknown, round: unknown,
		reminded: reminded{familyLink: unknown, callBack: unknown},
		family:   family{team: unknown, contract: unknown, draft: unknown, plan: unknown, recall: unknown, call: unknown, patient: unknown},
		signed:   contract.Consultation{Id: unknown, Reports: theirs.signed.Reports, Advice: theirs.signed.Advice}}
	mine := map[string]identity.Actor{"NURSE": s.Nurse, "ATTENDING": s.Attending, "CONSULTANT": s.Wang, "DISPATCHER": s.Desk, "INST_ADMIN": s.HomeAdmin, "FAMILY_DOCTOR": ours.family.doctor,
		"QC": s.User("qc.home", "质控", "QC", s.Home), "COMPLAINT_OFFICER": s.User("complaints.home", "投诉", "COMPLAINT_OFFICER", s.Home),
		"PHARMACIST": s.User("rx.home", "药师", "PHARMACIST", s.Home)}
	rows := matrix()
	for _, o := range operations(t) {
		r := rows[o.ID]
		if r.object == nil {
			continue
		}
		for _, role := range o.Access.Roles {
			who, bound := mine[role]
			if !bound {
				continue // a system administrator has no relationship to lack
			}
			for name, p := range map[string]place{"foreign": theirs, "unknown": nowhere} {
				if got := s.send(who, o.Method, r.path(o, p), r.input(s, p)); got.status != http.StatusNotFound || got.problem().Code != "not_found" {
					t.Errorf("%s as %s on a %s object: %d %s", o.ID, role, name, got.status, got.body)
				}
			}
			// Gao shares a hospital, but no department, with those who were asked; Zhao's department was asked and no longer is.
			if role == "CONSULTANT" {
				for name, who := range map[string]identity.Actor{"of another department": s.Gao, "whose department's time is over": s.Zhao} {
					if got := s.send(who, o.Method, r.path(o, ended), r.input(s, ended)); got.status != http.StatusNotFound {
						t.Errorf("%s by a doctor %s: %d %s", o.ID, name, got.status, got.body)
					}
				}
			}
		}
	}
	if n := s.Count(`SELECT count(*) FROM consultation_events WHERE actor_id = ANY($1)`, []uuid.UUID{s.Gao.UserID, s.Zhao.UserID}); n != 0 {
		t.Errorf("a refused doctor left %d events", n)
	}
}

// TestOwnObjects: whoever may call an operation on an object of theirs is not refused by authorisation. The rules of care
// may still say no, with a code of their own. Each command meets the world as it was settled, whatever another did to it.
func TestOwnObjects(t *testing.T) {
	rows := matrix()
	s := newSite(t)
	ours := settle(s, s.Nurse, s.Wang, s.Home, s.Resident, s.Second)
	people := map[string]identity.Actor{"NURSE": s.Nurse, "ATTENDING": s.Attending, "CONSULTANT": s.Wang, "DISPATCHER": s.Desk, "INST_ADMIN": s.HomeAdmin, "SYS_ADMIN": s.Sys, "REG_COUNTY": s.County,
		"SEC_ADMIN": s.Security, "AUDITOR": s.Auditor, "QC": s.User("qc.home", "质控", "QC", s.Home), "COMPLAINT_OFFICER": s.User("complaints.home", "投诉", "COMPLAINT_OFFICER", s.Home),
		"PHARMACIST": s.User("rx.home", "药师", "PHARMACIST", s.Home), "REG_LEAGUE": s.User("league", "盟市", "REG_LEAGUE", s.Authority), "REG_REGION": s.User("region", "自治区", "REG_REGION", s.Authority),
		"FAMILY_DOCTOR": ours.family.doctor, "CENTRE": ours.family.admin}
	for _, who := range people {
		s.token(who)
	}
	back := testdb.Rewind(t, s.Store.Pool)
	for _, o := range operations(t) {
		if o.Access.Public || o.ID == "LogoutEverywhere" {
			continue
		}
		for role, who := range people {
			if !o.Access.SignedIn && !slices.Contains(o.Access.Roles, role) || rows[o.ID].not == role || rows[o.ID].of != "" && rows[o.ID].of != role ||
				role == "FAMILY_DOCTOR" && slices.Contains(calledFromHome(), o.ID) {
				continue
			}
			if by := rows[o.ID].by; by != "" {
				who = people[by]
			}
			got := s.send(who, o.Method, rows[o.ID].path(o, ours), rows[o.ID].input(s, ours))
			switch got.status {
			case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
				t.Errorf("%s as %s: %d %s", o.ID, role, got.status, got.body)
			}
			if got.status >= 500 {
				t.Errorf("%s as %s: %d %s", o.ID, role, got.status, got.body)
			}
		}
		if o.Method != http.MethodGet {
			back()
		}
	}

	s.callFromHome(ours)
	colleague := s.User("colleague", "同事", "FAMILY_DOCTOR", ours.centre)
	for _, o := range operations(t) {
		if !slices.Contains(calledFromHome(), o.ID) {
			continue
		}
		for name, who := range map[string]identity.Actor{"who visits": ours.family.doctor, "a colleague who does not": colleague} {
			got := s.send(who, o.Method, rows[o.ID].path(o, ours), rows[o.ID].input(s, ours))
			switch {
			case name == "a colleague who does not":
				if got.status != http.StatusNotFound {
					t.Errorf("%s by %s: %d %s", o.ID, name, got.status, got.body)
				}
			case got.status == http.StatusForbidden, got.status == http.StatusNotFound, got.status >= 500:
				t.Errorf("%s by %s: %d %s", o.ID, name, got.status, got.body)
			}
		}
	}
}

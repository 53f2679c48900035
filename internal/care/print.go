package care

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Printer sets documents for paper.
type Printer interface {
	Set(ctx context.Context, d paper.Document) ([]byte, error)
}

// Print is a record as it was printed.
type Print struct {
	Name string // of the file; names the record and nobody
	PDF  []byte
}

// What a print holds.
const (
	printRecord = "RECORD" // everything
	printCodes  = "CODES"  // codes, numbers and times, for those who read no free text
)

// PrintRecord sets the record of a consultation for paper as the caller may read it, with a code that says whether the paper still agrees
// with the record. Each print is kept and noted as an access. Site is the address under which the code is asked about. Errors: 409
// nothing_to_print before the request was made, 503 print_unavailable without a font.
func (s *Service) PrintRecord(ctx context.Context, a identity.Actor, id uuid.UUID, site string) (Print, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC); err != nil {
		return Print{}, err
	}
	b, err := s.caseFor(ctx, a, id, nil)
	if err != nil {
		return Print{}, err
	}
	if !b.full() && !b.v.oversees() {
		return Print{}, problem.Forbidden()
	}
	if b.c.SubmittedAt == nil {
		return Print{}, problem.New(http.StatusConflict, "nothing_to_print", nil)
	}
	code, err := printCode()
	if err != nil {
		return Print{}, err
	}
	sheet, err := s.recordSheet(ctx, b)
	if err != nil {
		return Print{}, err
	}
	canonical, err := consult.CanonicalJSON(sheet.blocks)
	if err != nil {
		return Print{}, fmt.Errorf("what is printed: %w", err)
	}
	digest := sha256.Sum256(canonical)
	if s.printer == nil {
		return Print{}, problem.New(http.StatusServiceUnavailable, "print_unavailable", nil)
	}
	pdf, err := s.printer.Set(ctx, sheet.document(code, site, digest[:]))
	if errors.Is(err, paper.ErrNoFont) {
		return Print{}, problem.New(http.StatusServiceUnavailable, "print_unavailable", nil).Because(err)
	}
	if err != nil {
		return Print{}, fmt.Errorf("print the record: %w", err)
	}
	if err := s.keepPrint(ctx, b, code, digest[:], pdf); err != nil {
		return Print{}, err
	}
	return Print{Name: b.c.Serial + ".pdf", PDF: pdf}, nil
}

func (s *Service) keepPrint(ctx context.Context, b *caseView, code string, digest, pdf []byte) error {
	file, hash := sha256.Sum256(pdf), sha256.Sum256([]byte(code))
	row := db.AddRecordPrintParams{ID: newID(), ConsultationID: b.c.ID, CodeHash: hash[:], Digest: digest, FileSha256: file[:], PagesOf: printCodes,
		ReportVersion: int32(len(b.out.Reports)), PrintedBy: b.a.UserID, Role: b.v.role(), Now: b.now}
	if b.full() {
		row.PagesOf = printRecord
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		adoption, err := q.CaseAdoption(ctx, b.c.ID)
		switch {
		case err == nil:
			row.AdoptionID = &adoption.ID
		case !store.IsNone(err):
			return fmt.Errorf("adoption: %w", err)
		}
		if err := q.AddRecordPrint(ctx, row); err != nil {
			return fmt.Errorf("keep the print: %w", err)
		}
		return s.logSight(ctx, q, b.a, b.v, "printRecord", b.c)
	})
}

// codeLetters are those of Crockford's base 32: none is taken for another on paper.
var codeLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// printCodeLength is 20 letters of 5 bits.
const printCodeLength = 20

// printCode draws the code of a print: 100 bits, which nobody finds by trying.
func printCode() (string, error) {
	raw := make([]byte, 13)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return codeLetters.EncodeToString(raw)[:printCodeLength], nil
}

// groups writes a code as people read it: in fives.
func groups(code string) string {
	var parts []string
	for i := 0; i < len(code); i += 5 {
		parts = append(parts, code[i:min(i+5, len(code))])
	}
	return strings.Join(parts, "-")
}

// typed is a code as somebody typed it: in small letters, with hyphens or spaces, O and I for 0 and 1.
func typed(code string) string {
	return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(code)))
}

// CheckRecordPrint tells whoever holds a print whether it still says what the record says. It names institutions, times, versions and
// hashes, and no person. An unknown code is 404 print_unknown.
func (s *Service) CheckRecordPrint(ctx context.Context, in contract.RecordPrintCode) (contract.RecordPrintCheck, error) {
	q := s.st.Q()
	hash := sha256.Sum256([]byte(typed(in.Code)))
	p, err := q.RecordPrintByCode(ctx, hash[:])
	if store.IsNone(err) {
		return contract.RecordPrintCheck{}, problem.New(http.StatusNotFound, "print_unknown", nil)
	}
	if err != nil {
		return contract.RecordPrintCheck{}, fmt.Errorf("print: %w", err)
	}
	c, err := q.GetConsultation(ctx, p.ConsultationID)
	if err != nil {
		return contract.RecordPrintCheck{}, fmt.Errorf("consultation: %w", err)
	}
	out := contract.RecordPrintCheck{Serial: c.Serial, PrintedAt: p.At.UTC(), Digest: hex.EncodeToString(p.Digest), FileSha256: hex.EncodeToString(p.FileSha256),
		Scope: contract.RecordPrintCheckScope(p.PagesOf), Agrees: true, Holds: true, Signatures: []contract.PrintedSignature{}}
	home, err := q.CaseOrganisation(ctx, c.InvitingOrgID)
	if err != nil {
		return out, fmt.Errorf("institution: %w", err)
	}
	out.Institution = home.Name
	if c.InvitedOrgID != nil {
		hospital, err := q.CaseOrganisation(ctx, *c.InvitedOrgID)
		if err != nil {
			return out, fmt.Errorf("hospital: %w", err)
		}
		out.Hospital = &hospital.Name
	}
	if err := s.printedSignatures(ctx, q, c, p, &out); err != nil {
		return out, err
	}
	broken, err := recordBroken(ctx, q, c.ID)
	if err != nil {
		return out, err
	}
	out.Holds = out.Holds && !broken
	switch consult.State(c.State) {
	case consult.StateSealed:
		out.Sealed = new(true)
	case consult.StateVoided:
		out.Agrees = false
	}
	return out, nil
}

// printedSignatures are what was signed of a record, each checked now. What was signed after the print makes the paper an old one.
func (s *Service) printedSignatures(ctx context.Context, q *db.Queries, c db.Consultation, p db.RecordPrint, out *contract.RecordPrintCheck) error {
	reports, err := q.CaseReports(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	for _, r := range reports {
		_, err := s.openReport(r)
		if err != nil && !errors.Is(err, errBrokenEvidence) {
			return err
		}
		later := r.Version > p.ReportVersion
		out.Agrees, out.Holds = out.Agrees && !later, out.Holds && err == nil
		version := int(r.Version)
		out.Signatures = append(out.Signatures, contract.PrintedSignature{What: "OPINION", Version: &version, SignedAt: r.SignedAt.UTC(), Digest: hex.EncodeToString(r.Digest),
			Holds: err == nil, Printed: !later})
	}
	adoptions, err := q.CaseAdoptions(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("adoptions: %w", err)
	}
	for _, r := range adoptions {
		holds, err := s.adoptionHolds(r)
		if err != nil {
			return err
		}
		later := r.SignedAt.After(p.At)
		out.Agrees, out.Holds = out.Agrees && !later, out.Holds && holds
		out.Signatures = append(out.Signatures, contract.PrintedSignature{What: "ADOPTION", SignedAt: r.SignedAt.UTC(), Digest: hex.EncodeToString(r.Digest),
			Holds: holds, Printed: !later})
	}
	return nil
}

// adoptionHolds says whether a decision is still what was signed: the digest and the signature fit.
func (s *Service) adoptionHolds(row db.Adoption) (bool, error) {
	canonical, err := s.keep.Open("adoptions", "content_enc", row.ID, row.ContentEnc)
	if err != nil {
		return false, fmt.Errorf("open adoption %s: %w", row.ID, err)
	}
	digest := sha256.Sum256(canonical)
	return string(digest[:]) == string(row.Digest) && s.verifySigned(row.Signer, row.AttendingID, row.SealKid, row.Digest, row.Seal) == nil, nil
}

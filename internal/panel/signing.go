package panel

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetContractText gives the words of a contract: those that were signed, or those to be signed. The read is logged.
func (s *Service) GetContractText(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.FdContractText, error) {
	if err := require(a, roleDoctor, roleNurse, roleAttending); err != nil {
		return contract.FdContractText{}, err
	}
	var out contract.FdContractText
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, role, err := s.readable(ctx, q, a, id)
		if err != nil {
			return err
		}
		if out, err = s.contractText(ctx, q, row); err != nil {
			return err
		}
		return audit(ctx, q, a, role, "getContractText", "resident", row.FdContract.ResidentID)
	})
	return out, err
}

// readable is a contract that somebody may read with names.
func (s *Service) readable(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.ContractsRow, string, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return db.ContractsRow{}, "", err
	}
	_, rows, sights, err := s.contracts(ctx, q, a, &id, nil, consult.DateOf(now))
	if err != nil {
		return db.ContractsRow{}, "", err
	}
	if len(rows) != 1 || !sights[0].clinical {
		return db.ContractsRow{}, "", problem.NotFound()
	}
	role := roleNurse
	switch {
	case sights[0].team:
		role = teamRole(a, rows[0].FdContract.OrganisationID)
	case a.In(rows[0].HomeID, roleAttending):
		role = roleAttending
	}
	return rows[0], role, nil
}

func (s *Service) contractText(ctx context.Context, q *db.Queries, row db.ContractsRow) (contract.FdContractText, error) {
	c := row.FdContract
	if c.TextEnc != nil {
		body, err := s.openText("fd_contracts", "text_enc", c.ID, c.TextEnc)
		return contract.FdContractText{Version: c.TextVersion, Hash: hex.EncodeToString(c.TextHash), Body: body, Signed: true}, err
	}
	r, err := q.ResidentForPanel(ctx, c.ResidentID)
	if err != nil {
		return contract.FdContractText{}, fmt.Errorf("resident: %w", err)
	}
	team, err := q.FdTeamAlone(ctx, c.TeamID)
	if err != nil {
		return contract.FdContractText{}, fmt.Errorf("team: %w", err)
	}
	p := consult.ContractParties{Number: c.Number, Sex: row.Sex, Birth: consult.DateFromTime(row.BirthDate).String(), Home: row.Home, Organisation: row.Organisation,
		Team: row.Team, Leader: row.Leader, Phone: team.Phone, From: consult.DateFromTime(c.StartsOn), To: consult.DateFromTime(c.EndsOn), Items: c.Items}
	if row.Bed != "" {
		p.Bed = row.Bed + "床"
	}
	if p.Resident, err = s.openText("residents", "name_enc", c.ResidentID, row.NameEnc); err != nil {
		return contract.FdContractText{}, err
	}
	number, err := s.openText("residents", "identity_number_enc", c.ResidentID, r.Resident.IdentityNumberEnc)
	if err != nil {
		return contract.FdContractText{}, err
	}
	if number != "" {
		p.Identity = consult.MaskIdentityNumber(number)
	}
	text, err := consult.RenderContract(consult.ContractTextVersion, p)
	if err != nil {
		return contract.FdContractText{}, err
	}
	return contract.FdContractText{Version: text.Version, Hash: text.Hash, Body: text.Body}, nil
}

// GetContractFile opens the drawn signature or the scan; the read is logged.
func (s *Service) GetContractFile(ctx context.Context, a identity.Actor, id uuid.UUID) (contentType string, content []byte, err error) {
	if err := require(a, roleDoctor, roleNurse, roleAttending); err != nil {
		return "", nil, err
	}
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		row, role, err := s.readable(ctx, q, a, id)
		if err != nil {
			return err
		}
		if row.FdContract.AttachmentID == nil {
			return problem.NotFound()
		}
		file, err := q.AttachmentByID(ctx, *row.FdContract.AttachmentID)
		if err := one(err, "the file"); err != nil {
			return err
		}
		sealed, err := q.GetBlob(ctx, file.BlobKey)
		if err != nil {
			return fmt.Errorf("file: %w", err)
		}
		if content, err = s.keep.Open("blobs", "content", file.ID, sealed); err != nil {
			return fmt.Errorf("file: %w", err)
		}
		contentType = file.ContentType
		return audit(ctx, q, a, role, "getContractFile", "attachment", file.ID)
	})
	return contentType, content, err
}

// put seals a file into the blobs and makes its row.
func (ch *change) put(ctx context.Context, r db.Resident, kind, category string, file store.File) (uuid.UUID, error) {
	id := newID()
	if err := ch.q.PutBlob(ctx, db.PutBlobParams{Key: id.String(), Content: ch.s.keep.Seal("blobs", "content", id, file.Content)}); err != nil {
		return id, fmt.Errorf("store the file: %w", err)
	}
	if err := ch.q.AddDocument(ctx, db.AddDocumentParams{ID: id, OrganisationID: r.OrganisationID, ResidentID: &r.ID, Kind: kind, ContentType: file.ContentType, Size: int32(len(file.Content)),
		Width: int32(file.Width), Height: int32(file.Height), Sha256: file.SHA256[:], BlobKey: id.String(), CreatedBy: ch.a.UserID, Now: ch.now, Category: category,
		ScanState: file.ScanState, ScannedAt: file.ScannedAt}); err != nil {
		return id, fmt.Errorf("store the file: %w", err)
	}
	return id, nil
}

// AddContractFile stores the scan of the paper of a contract that is to be signed. It is read and judged before any lock is taken.
func (s *Service) AddContractFile(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, body io.Reader) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	// Who may not store it does not make the server read it.
	if err := s.in(ctx, a, func(ch *change) error { _, _, _, err := ch.lock(ctx, id); return err }); err != nil {
		return contract.FdContract{}, err
	}
	file, err := s.files.ReadScan(ctx, body)
	if err != nil {
		return contract.FdContract{}, err
	}
	request := struct {
		ID     uuid.UUID
		SHA256 [32]byte
	}{id, file.SHA256}
	_, err = s.command(ctx, a, cmd, "addContractFile", request, func(ch *change) (uuid.UUID, error) {
		c, r, role, err := ch.lock(ctx, id)
		if err != nil {
			return id, err
		}
		if _, err := ch.step(c, consult.ContractEdit, int(c.Revision)); err != nil {
			return id, err
		}
		stored, err := ch.put(ctx, r.Resident, "DOCUMENT", "OTHER", file)
		if err != nil {
			return id, err
		}
		n, err := ch.q.SetContractFile(ctx, db.SetContractFileParams{ID: id, AttachmentID: &stored, Now: ch.now})
		if err := stale(n, err, "store the scan"); err != nil {
			return id, err
		}
		if err := ch.record(ctx, c, "scan_added", consult.ContractDraft, role, map[string]any{"attachmentId": stored}); err != nil {
			return id, err
		}
		return id, ch.tell(ctx, c.TeamID, r.Resident.OrganisationID, &c.ResidentID, "contract")
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, id)
}

// SignContract notes that a contract was signed: drawn on the tablet under the words that are shown, on paper that was scanned, or in
// the contract system. Errors: 409 fd_contract_step, fd_contract_overlap, fd_contract_text, revision_stale; 422.
func (s *Service) SignContract(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.FdContractSigning) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	if err := s.in(ctx, a, func(ch *change) error { _, _, _, err := ch.lock(ctx, id); return err }); err != nil {
		return contract.FdContract{}, err
	}
	var ink *store.File
	if in.How == "DRAWN" && in.SignaturePng != nil && len(*in.SignaturePng) > 0 {
		file, err := s.files.ReadSignature(ctx, *in.SignaturePng)
		if err != nil {
			return contract.FdContract{}, err
		}
		ink = &file
	}
	request := struct {
		ID   uuid.UUID
		Body contract.FdContractSigning
	}{id, in}
	_, err := s.command(ctx, a, cmd, "signContract", request, func(ch *change) (uuid.UUID, error) {
		c, r, role, err := ch.lock(ctx, id)
		if err != nil {
			return id, err
		}
		return id, s.sign(ctx, ch, c, r.Resident, role, in, ink)
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, id)
}

func (s *Service) sign(ctx context.Context, ch *change, c db.FdContract, r db.Resident, role string, in contract.FdContractSigning, ink *store.File) error {
	to, err := ch.step(c, consult.ContractSign, in.Revision)
	if err != nil {
		return err
	}
	if r.LeftOn != nil {
		return conflict("resident_left", nil)
	}
	row, _, err := s.readable(ctx, ch.q, ch.a, c.ID)
	if err != nil {
		return err
	}
	text, err := s.contractText(ctx, ch.q, row)
	if err != nil {
		return err
	}
	if in.TextVersion != text.Version || in.TextHash != text.Hash {
		return conflict(consult.CodeContractText, nil)
	}
	hash, err := hex.DecodeString(text.Hash)
	if err != nil {
		return fmt.Errorf("hash of the text: %w", err)
	}
	asked := consult.ContractSigning{How: consult.SignedHow(in.How), On: ch.today, Starts: consult.DateFromTime(c.StartsOn), Drawn: ink != nil,
		Scanned: c.AttachmentID != nil && in.How == "PAPER_SCAN", Number: strings.TrimSpace(value(in.SystemNumber))}
	if in.SignedOn != nil && in.How != "DRAWN" {
		asked.On = dateOf(*in.SignedOn)
	}
	signer, err := s.signer(ctx, ch, c, r, in, &asked)
	if err != nil {
		return err
	}
	var f form
	f.refuse("how", consult.CheckContractSigning(asked, ch.today), signingField)
	if signer == "" {
		f.add("signerName", "required", nil)
	}
	if err := f.err(); err != nil {
		return err
	}
	p := db.SignContractParams{ID: c.ID, Revision: c.Revision, SignedHow: some(string(in.How)), SignerKind: some(string(in.SignerKind)), SignerNameEnc: s.sealText("fd_contracts", "signer_name_enc", c.ID, signer),
		Relation: string(asked.Relation), Capacity: r.Capacity, ReasonEnc: s.sealText("fd_contracts", "reason_enc", c.ID, value(in.Reason)), TextVersion: text.Version, TextHash: hash,
		TextEnc: s.keep.SealText("fd_contracts", "text_enc", c.ID, text.Body), SignedOn: stored(asked.On), Now: &ch.now, SignedBy: &ch.a.UserID}
	switch asked.How {
	case consult.SignedDrawn:
		file, err := ch.put(ctx, r, "SIGNATURE", "", *ink)
		if err != nil {
			return err
		}
		p.AttachmentID = &file
	case consult.SignedPaper:
		p.AttachmentID = c.AttachmentID
	case consult.SignedElectronic:
		p.AttachmentID, p.SystemNumber = c.AttachmentID, asked.Number
	}
	n, err := ch.q.SignContract(ctx, p)
	if store.Violates(err, "fd_contracts_one_in_force") {
		return conflict("fd_contract_overlap", nil)
	}
	if err := stale(n, err, "sign the contract"); err != nil {
		return err
	}
	if err := ch.q.MoveCarePlans(ctx, db.MoveCarePlansParams{ResidentID: r.ID, TeamID: c.TeamID, Now: ch.now}); err != nil {
		return fmt.Errorf("plans: %w", err)
	}
	if err := ch.record(ctx, c, "signed", to, role, map[string]any{"how": in.How, "signerKind": in.SignerKind, "textVersion": text.Version, "signedOn": asked.On.String()}); err != nil {
		return err
	}
	if err := audit(ctx, ch.q, ch.a, role, "signContract", "resident", r.ID); err != nil {
		return err
	}
	return ch.tell(ctx, c.TeamID, r.OrganisationID, &r.ID, "contract")
}

// signer fills in who signs, and looks at the register for guardians who come before the signer (Civil Code art. 28).
func (s *Service) signer(ctx context.Context, ch *change, c db.FdContract, r db.Resident, in contract.FdContractSigning, asked *consult.ContractSigning) (string, error) {
	asked.Signer, asked.Capacity = consult.SignerKind(in.SignerKind), consult.Capacity(r.Capacity)
	if asked.Signer == consult.SignerSelf {
		return s.openText("residents", "name_enc", r.ID, r.NameEnc)
	}
	asked.Relation = consult.Relation(value(in.Relation))
	name := strings.TrimSpace(value(in.SignerName))
	members, err := ch.q.FdTeamMembers(ctx, []uuid.UUID{c.TeamID})
	if err != nil {
		return "", fmt.Errorf("members: %w", err)
	}
	asked.SignerIsStaff = name == ch.a.Name
	for _, m := range members {
		asked.SignerIsStaff = asked.SignerIsStaff || name == m.DisplayName
	}
	known, err := s.guardians(ctx, ch.q, []uuid.UUID{r.ID})
	if err != nil {
		return "", err
	}
	closer, why := false, strings.TrimSpace(value(in.Reason)) != ""
	for _, g := range known[r.ID] {
		if rank := consult.GuardianRank(consult.Relation(g.Relation)); value(g.IsGuardian) && rank >= 0 && rank < consult.GuardianRank(asked.Relation) {
			closer = true
		}
	}
	asked.NoCloserGuardian, asked.Endorsed = !closer || why, why
	return name, nil
}

// signingField is the field to which a refusal belongs.
func signingField(code string) string {
	switch code {
	case consult.CodeConsentCapacity, consult.CodeConsentGuardianless:
		return "signerKind"
	case consult.CodeConsentRelation, consult.CodeConsentOrder:
		return "relation"
	case consult.CodeConsentStaff:
		return "signerName"
	case consult.CodeConsentEndorsement:
		return "reason"
	case consult.CodeContractEarly:
		return "signedOn"
	}
	return ""
}

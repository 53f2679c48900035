package care

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// auditExportMost bounds an export; longer periods are taken in parts.
const auditExportMost = 20000

// ListAudit is the log of the whole installation for its auditor (policy: 三权分立): who signed in, opened, changed and administered what.
// Nothing clinical is in it: residents are masked, and the reasons that people typed stay with the institution that reviews them.
func (s *Service) ListAudit(ctx context.Context, a identity.Actor, in contract.ListAuditParams) (contract.AuditPage, error) {
	out := contract.AuditPage{Rows: []contract.AuditRow{}}
	if err := require(a, RoleAuditor); err != nil {
		return out, err
	}
	p, err := auditFilter(in)
	if err != nil {
		return out, err
	}
	size := int(p.PageSize)
	p.PageSize++ // one more tells whether there is another page
	q := s.st.Q()
	rows, err := q.AuditRows(ctx, p)
	if err != nil {
		return out, fmt.Errorf("audit: %w", err)
	}
	if len(rows) > size {
		rows = rows[:size]
		out.Next = some(cursorOf(rows[size-1].At, rows[size-1].ID))
	}
	for _, r := range rows {
		v, err := s.auditRow(r)
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, v)
	}
	last, err := q.LastVerification(ctx)
	switch {
	case err == nil:
		out.Verification = &contract.ChainVerification{At: last.At.UTC(), Faults: int(last.Faults)}
	case !store.IsNone(err):
		return out, fmt.Errorf("verification: %w", err)
	}
	asked, err := q.VerificationAsked(ctx)
	if err != nil {
		return out, fmt.Errorf("verification: %w", err)
	}
	out.Verifying = some(asked)
	return out, nil
}

// AskVerification asks for a proof of the whole record now; a node begins it within seconds, and ListAudit says what it found.
func (s *Service) AskVerification(ctx context.Context, a identity.Actor, cmd uuid.UUID) error {
	if err := require(a, RoleAuditor); err != nil {
		return err
	}
	_, _, err := s.create(ctx, a, cmd, "askVerification", nil, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		if err := q.AskVerification(ctx, db.AskVerificationParams{ID: id, AskedBy: a.UserID}); err != nil {
			return fmt.Errorf("ask for a proof: %w", err)
		}
		return s.audit(ctx, q, a, now, RoleAuditor, "askVerification", "audit", nil, "")
	})
	return err
}

// ExportAudit gives the same rows as CSV, at most 20,000 of them, and is in the log itself. Error: 422 export_too_long.
func (s *Service) ExportAudit(ctx context.Context, a identity.Actor, in contract.ExportAuditParams) ([]byte, error) {
	if err := require(a, RoleAuditor); err != nil {
		return nil, err
	}
	p, err := auditFilter(contract.ListAuditParams{From: in.From, To: in.To, UserId: in.UserId, Kind: in.Kind, Failed: in.Failed})
	if err != nil {
		return nil, err
	}
	p.PageSize = auditExportMost + 1
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that spreadsheets read it as UTF-8
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		rows, err := q.AuditRows(ctx, p)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		if len(rows) > auditExportMost {
			return problem.New(http.StatusUnprocessableEntity, "export_too_long", problem.Args{"max": fmt.Sprint(auditExportMost)})
		}
		w := csv.NewWriter(&out)
		head := []string{"时间", "人员", "机构", "身份", "动作", "对象类别", "对象", "结果"}
		if a.Locale == "en" {
			head = []string{"Time", "Person", "Institution", "Role", "Action", "Kind of object", "Object", "Result"}
		}
		if err := w.Write(head); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		for _, r := range rows {
			v, err := s.auditRow(r)
			if err != nil {
				return err
			}
			line := []string{v.At.In(consult.Shanghai()).Format(time.DateTime), v.UserName, value(v.UserOrganisation), consult.Label(consult.VocabRole, v.Role, lang(a)),
				consult.Label(consult.VocabAuditedAction, v.Action, lang(a)), consult.Label(consult.VocabAuditedObject, v.ObjectType, lang(a)), v.Object, consult.AuditedResult(v.Result, lang(a))}
			for i, cell := range line {
				line[i] = plainCell(cell)
			}
			if err := w.Write(line); err != nil {
				return fmt.Errorf("audit: %w", err)
			}
		}
		w.Flush()
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, RoleAuditor, "exportAudit", "audit", nil, fmt.Sprintf("%d", len(rows)))
	})
	return out.Bytes(), err
}

// plainCell keeps a spreadsheet from taking a name for a formula, also one in the wide letters of Chinese input.
func plainCell(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + text
	}
	return text
}

func (s *Service) auditRow(r db.AuditRowsRow) (contract.AuditRow, error) {
	v := contract.AuditRow{Id: r.ID, At: r.At.UTC(), UserId: r.UserID, UserName: r.UserName, UserOrganisation: some(r.UserOrganisation), Role: r.Role,
		Action: r.Action, ObjectType: r.ObjectType, Object: r.Object, Result: r.Result}
	if r.ResidentID == nil {
		return v, nil
	}
	name, err := s.openText("residents", "name_enc", *r.ResidentID, r.NameEnc)
	if err != nil {
		return v, err
	}
	v.Object = strings.TrimSpace(v.Object + " " + consult.MaskName(name))
	return v, nil
}

func auditFilter(in contract.ListAuditParams) (db.AuditRowsParams, error) {
	access, err := accessFilter(identity.Actor{}, contract.ListAccessesParams{From: in.From, To: in.To, UserId: in.UserId, Cursor: in.Cursor, Limit: in.Limit})
	p := db.AuditRowsParams{Person: access.Person, Since: access.Since, Before: access.Before, AfterAt: access.AfterAt, AfterID: access.AfterID,
		Failed: value(in.Failed), PageSize: access.PageSize}
	if in.Kind != nil {
		p.Kind = string(*in.Kind)
	}
	return p, err
}

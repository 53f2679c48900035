package care

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The size of a page of the log.
const (
	pageDefault = 50
	pageMost    = 200
)

// totalMost is up to how many rows the log is counted: a reader learns that there are more, and does not wait for a hospital's year.
const totalMost = 10_000

// totalUnknown is the total of pages after the first.
const totalUnknown = -1

// ListConsultations is the log, newest first: what the caller sees one by one (see) is what the log counts. Names of
// residents are masked for everybody. A page begins after the row that the cursor names, so rows that are added meanwhile
// neither repeat nor hide another. The first page has the total, counted up to totalMost.
func (s *Service) ListConsultations(ctx context.Context, a identity.Actor, in contract.ListConsultationsParams) (contract.LogPage, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC); err != nil {
		return contract.LogPage{}, err
	}
	var out contract.LogPage
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		p, err := logFilter(a, in, now)
		if err != nil {
			return err
		}
		if err := q.PlanForArguments(ctx); err != nil {
			return err
		}
		parts := logParts(a, p)
		size := int(p.PageSize)
		p.PageSize++ // one more tells whether there is another page
		var found []db.LogPageRow
		for _, part := range parts {
			p.Part, p.OrganisationID = part.name, part.organisation
			rows, err := q.LogPage(ctx, p)
			if err != nil {
				return fmt.Errorf("page of the log: %w", err)
			}
			found = append(found, rows...)
		}
		slices.SortFunc(found, func(x, y db.LogPageRow) int {
			return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), bytes.Compare(y.ID[:], x.ID[:]))
		})
		out = contract.LogPage{Total: totalUnknown}
		if in.Cursor == nil {
			if out.Total, err = logTotal(ctx, q, p, parts); err != nil {
				return err
			}
			if out.Total > totalMost {
				out.Total, out.TotalExceeded = totalMost, new(true)
			}
		}
		if len(found) > size {
			found = found[:size]
			last := found[size-1]
			out.Next = some(cursorOf(last.CreatedAt, last.ID))
		}
		ids := make([]uuid.UUID, len(found))
		for i, f := range found {
			ids[i] = f.ID
		}
		out.Rows, err = s.logRows(ctx, q, ids, true, now)
		return err
	})
	return out, err
}

// Parts of the log that have to do with visits at home.
const (
	partVisited = "VISITED" // what those who visit asked for
	partMade    = "MADE"    // the records of visits, for who made them
)

// logPart is a part of the log that one index has in its order; parts do not overlap.
type logPart struct {
	name         string
	organisation uuid.UUID
}

func logParts(a identity.Actor, p db.LogPageParams) (parts []logPart) {
	for _, o := range p.Inviting {
		parts = append(parts, logPart{"INVITING", o})
	}
	if len(p.Works)+len(p.Homes) > 0 {
		parts = append(parts, logPart{name: partVisited})
	}
	if len(p.Works) > 0 {
		parts = append(parts, logPart{name: partMade})
	}
	for _, o := range p.Invited {
		parts = append(parts, logPart{"INVITED", o})
	}
	if a.Has(RoleConsultant) {
		parts = append(parts, logPart{name: "HELD"}, logPart{name: "ASKED"})
	}
	return parts
}

// logTotal counts all parts, at least until it is clear that there are more than totalMost.
func logTotal(ctx context.Context, q *db.Queries, p db.LogPageParams, parts []logPart) (total int, err error) {
	for _, part := range parts {
		n, err := q.LogTotal(ctx, db.LogTotalParams{Part: part.name, OrganisationID: part.organisation, Inviting: p.Inviting, Invited: p.Invited, Works: p.Works, Homes: p.Homes, Holds: p.Holds, UserID: p.UserID,
			Departments: p.Departments, Now: p.Now, Since: p.Since, Before: p.Before, States: p.States, Urgencies: p.Urgencies,
			Services: p.Services, Resident: p.Resident, TakenBy: p.TakenBy, SerialPart: p.SerialPart, Countable: p.Countable,
			CountRules: p.CountRules, Most: totalMost + 1})
		if err != nil {
			return 0, fmt.Errorf("size of the log: %w", err)
		}
		if total += int(n); total > totalMost {
			break
		}
	}
	return total, nil
}

func logFilter(a identity.Actor, in contract.ListConsultationsParams, now time.Time) (db.LogPageParams, error) {
	var f form
	p := db.LogPageParams{Inviting: a.Organisations(RoleNurse, RoleAttending, RoleInstAdmin, RoleQC), Invited: a.Organisations(RoleInstAdmin, RoleQC),
		Works: a.Organisations(bedsideRoles()...), Homes: a.Organisations(RoleNurse, RoleAttending), UserID: a.UserID, Holds: a.Has(RoleConsultant), Departments: consultantDepartments(a), Now: now,
		States: texts(in.State), Urgencies: texts(in.Urgency), Services: texts(in.ServiceType), Resident: in.ResidentId, TakenBy: in.DoctorId,
		SerialPart: strings.ToUpper(strings.TrimSpace(value(in.Q))), PageSize: pageDefault}
	p.Countable = string(value(in.Countable))
	for _, rule := range value(in.CountRule) {
		bit := consult.RuleBit(rule)
		if bit == 0 {
			f.add("countRule", "wrong_value")
		}
		p.CountRules |= int32(bit)
	}
	if in.From != nil {
		start := dateOf(*in.From).Start()
		p.Since = &start
	}
	if in.To != nil {
		end := dateOf(*in.To).AddDays(1).Start()
		p.Before = &end
	}
	if p.Since != nil && p.Before != nil && !p.Before.After(*p.Since) {
		f.add("to", "period_order")
	}
	if strings.ContainsRune(p.SerialPart, 0) {
		f.add("q", "wrong_value") // what the database cannot even compare with
	}
	if in.Limit != nil {
		if *in.Limit < 1 || *in.Limit > pageMost {
			f.add("limit", "out_of_range", "min", "1", "max", "200")
		}
		p.PageSize = int32(*in.Limit)
	}
	if in.Cursor != nil {
		at, id, ok := readCursor(*in.Cursor)
		if !ok {
			f.add("cursor", "wrong_value")
		}
		p.AfterAt, p.AfterID = &at, id
	}
	return p, f.err()
}

func texts[T ~string](list *[]T) []string {
	out := []string{}
	if list != nil {
		for _, v := range *list {
			out = append(out, string(v))
		}
	}
	return out
}

// cursorOf names a row of the log by its creation, in microseconds as the database keeps it, and id.
func cursorOf(at time.Time, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro())), id[:]...))
}

func readCursor(s string) (time.Time, uuid.UUID, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 8+len(uuid.UUID{}) {
		return time.Time{}, uuid.Nil, false
	}
	micros := int64(binary.BigEndian.Uint64(raw))
	if micros < 0 || micros > maxCursorMicros {
		return time.Time{}, uuid.Nil, false
	}
	return time.UnixMicro(micros).UTC(), uuid.UUID(raw[8:]), true
}

// maxCursorMicros is the year 9999; PostgreSQL refuses instants far beyond it.
const maxCursorMicros = 253402300799 * 1e6

// logRows gives the rows of a list in the order of the ids.
func (s *Service) logRows(ctx context.Context, q *db.Queries, ids []uuid.UUID, masked bool, now time.Time) ([]contract.LogRow, error) {
	out := make([]contract.LogRow, 0, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := q.LogRows(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("rows of the log: %w", err)
	}
	byID := make(map[uuid.UUID]db.LogRowsRow, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	for _, id := range ids {
		r, ok := byID[id]
		if !ok {
			continue
		}
		v, err := s.logRow(r, masked, now)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Service) logRow(r db.LogRowsRow, masked bool, now time.Time) (contract.LogRow, error) {
	name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
	if err != nil {
		return contract.LogRow{}, err
	}
	if masked {
		name = consult.MaskName(name)
	}
	v := contract.LogRow{Id: r.ID, Serial: r.Serial, State: contract.State(r.State), Urgency: contract.Urgency(r.Urgency),
		ServiceType: r.ServiceType, ResidentId: &r.ResidentID, ResidentName: name, Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), r.CreatedAt), Bed: r.Bed, Institution: r.Institution,
		Hospital: some(r.Hospital), Department: some(r.Department), Doctor: some(r.Doctor), Nurse: some(r.Nurse), Reasons: r.Reasons,
		Outcome: some(r.OutcomeCode), CreatedAt: r.CreatedAt, SubmittedAt: r.SubmittedAt, AcceptedAt: r.AcceptedAt, StartedAt: r.StartedAt,
		EndedAt: r.EndedAt, EffectiveSeconds: int(r.EffectiveSeconds), Consent: r.ConsentID != nil, Reported: r.ReportedAt != nil,
		Adopted: r.AdoptedAt != nil, Drill: some(r.Drill), EndCode: some(r.EndCode), NurseId: &r.CreatedBy, Mode: contract.Mode(r.Mode),
		ReportDueAt: r.ReportDueAt, Slot: slotOf(r.SlotFrom, r.SlotTo)}
	if r.FailedRules != nil {
		rules := consult.RulesOfBitmap(uint32(*r.FailedRules))
		v.Countable, v.CountRules = new(len(rules) == 0), &rules
	}
	if r.OfferedAt != nil && r.AcceptedAt != nil {
		wait := max(int(r.AcceptedAt.Sub(*r.OfferedAt)/time.Second), 0)
		v.WaitSeconds = &wait
	}
	if r.ReportID != nil {
		content, err := s.keep.Open("reports", "content_enc", *r.ReportID, r.ContentEnc)
		if err != nil {
			return contract.LogRow{}, fmt.Errorf("open report %s: %w", *r.ReportID, err)
		}
		v.Diagnosis = some(firstDiagnosis(s.codes(), content, masked, r.CreatedAt))
	}
	return v, nil
}

// firstDiagnosis is the first diagnosis of a signed report in its canonical form, as "I10 原发性高血压". In a masked list it
// is what the code means and not what the doctor wrote: administrators read no free text.
func firstDiagnosis(codes *consult.Codes, content []byte, masked bool, at time.Time) string {
	var report struct {
		Diagnoses []struct{ Code, Text string }
	}
	if json.Unmarshal(content, &report) != nil || len(report.Diagnoses) == 0 {
		return ""
	}
	d := report.Diagnoses[0]
	if masked {
		if _, known := codes.Condition(d.Code); !known {
			return ""
		}
		d.Text = codes.LabelAt(consult.VocabCondition, d.Code, consult.ZH, at)
	}
	return strings.TrimSpace(d.Code + " " + d.Text)
}

package goals

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Returns: draft, lock, sign off, file. A correction is the next version.

// ListGoalSnapshots gives what was drafted, locked and filed of an organisation, newest first.
func (s *Service) ListGoalSnapshots(ctx context.Context, a identity.Actor, in contract.ListGoalSnapshotsParams) ([]contract.GoalSnapshot, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	return s.snapshots(ctx, q, sc.Id, nil)
}

func (s *Service) snapshots(ctx context.Context, q *db.Queries, organisation uuid.UUID, id *uuid.UUID) ([]contract.GoalSnapshot, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.SnapshotsOf(ctx, db.SnapshotsOfParams{OrganisationID: organisation, ID: id})
	if err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	out := make([]contract.GoalSnapshot, 0, len(rows))
	for _, r := range rows {
		p, _ := PeriodOf(Kind(r.Kind), consult.DateFromTime(r.StartsOn))
		v := contract.GoalSnapshot{Id: r.ID, OrganisationId: r.OrganisationID, Organisation: r.Organisation, Kind: contract.GoalKind(r.Kind), First: day(p.First), Label: p.String(), Version: int(r.Version),
			State: contract.GoalSnapshotState(r.State), Ruleset: r.Ruleset, Definitions: r.Definitions, Figures: []contract.SnapshotFigure{}, Differences: []contract.SnapshotDifference{}, RowCount: int(r.RowCount),
			CreatedBy: r.CreatedName, CreatedAt: r.CreatedAt, LockedAt: r.LockedAt, SignedAt: r.SignedAt, FiledAt: r.FiledAt, Over: p.Over(now), Reason: some(r.Reason), Receipt: some(r.Receipt),
			LockedBy: some(r.LockedName), SignedBy: some(r.SignedName), FiledBy: some(r.FiledName), Digest: some(hex.EncodeToString(r.Digest)), SealKey: some(r.SealKid)}
		if err := json.Unmarshal(r.Figures, &v.Figures); err != nil {
			return nil, fmt.Errorf("figures of snapshot %s: %w", r.ID, err)
		}
		if err := json.Unmarshal(r.Differences, &v.Differences); err != nil {
			return nil, fmt.Errorf("differences of snapshot %s: %w", r.ID, err)
		}
		out = append(out, v)
	}
	return out, nil
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// GetGoalSnapshot gives one; the figures of a draft are those of now.
func (s *Service) GetGoalSnapshot(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.GoalSnapshot, error) {
	q := s.st.Q()
	sc, err := s.snapshotScope(ctx, q, a, id)
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	return s.snapshot(ctx, q, sc, id)
}

func (s *Service) snapshot(ctx context.Context, q *db.Queries, sc scope, id uuid.UUID) (contract.GoalSnapshot, error) {
	list, err := s.snapshots(ctx, q, sc.Id, &id)
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	if len(list) != 1 {
		return contract.GoalSnapshot{}, problem.NotFound()
	}
	v := list[0]
	if v.State == "DRAFT" {
		p, _ := PeriodOf(Kind(v.Kind), consult.DateFromTime(v.First.Time))
		if v.Figures, v.Definitions, err = s.freezable(ctx, q, sc, p); err != nil {
			return v, err
		}
	}
	return v, nil
}

// snapshotScope is the scope of a snapshot's organisation; a foreign one is 404.
func (s *Service) snapshotScope(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (scope, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return scope{}, err
	}
	organisation, err := q.SnapshotOrganisation(ctx, id)
	if store.IsNone(err) {
		return scope{}, problem.NotFound()
	}
	if err != nil {
		return scope{}, fmt.Errorf("organisation of a snapshot: %w", err)
	}
	return s.look(ctx, q, a, &organisation)
}

// ownScope is a scope in which the caller acts for the organisation, and not only looks at it from above.
func ownScope(sc scope) error {
	if !sc.Own {
		return problem.Forbidden()
	}
	return nil
}

// CreateGoalSnapshot drafts a period's return, or takes up the draft that there is. After a locked one it is a correction.
func (s *Service) CreateGoalSnapshot(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.GoalSnapshotInput) (contract.GoalSnapshot, error) {
	var sc scope
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	id, err := s.command(ctx, a, cmd, "createGoalSnapshot", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		var err error
		if sc, err = s.look(ctx, q, a, in.OrganisationId); err != nil {
			return uuid.Nil, err
		}
		if err := ownScope(sc); err != nil {
			return uuid.Nil, err
		}
		newest, err := q.NewestSnapshot(ctx, db.NewestSnapshotParams{OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time()})
		version, reason := int32(1), ""
		switch {
		case store.IsNone(err):
		case err != nil:
			return uuid.Nil, fmt.Errorf("newest snapshot: %w", err)
		case newest.State == "DRAFT":
			return newest.ID, nil
		default:
			if reason = strings.TrimSpace(text(in.Reason)); reason == "" {
				return uuid.Nil, refuse("correction_reason", nil)
			}
			version = newest.Version + 1
		}
		id := newID()
		n, err := q.AddSnapshot(ctx, db.AddSnapshotParams{ID: id, OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time(), Version: version, Reason: reason, CreatedBy: a.UserID, Now: now})
		if err != nil {
			return uuid.Nil, fmt.Errorf("draft a snapshot: %w", err)
		}
		if n == 0 { // two began at the same moment: they share one draft
			drafted, err := q.SnapshotVersion(ctx, db.SnapshotVersionParams{OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time(), Version: version})
			if err != nil {
				return uuid.Nil, fmt.Errorf("draft a snapshot: %w", err)
			}
			return drafted.ID, nil
		}
		return id, audit(ctx, q, a, sc.role(a), "DRAFT_RETURN", "snapshot", id)
	})
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	return s.GetGoalSnapshot(ctx, a, id)
}

// freezable are the figures of a period as a snapshot keeps them, and the definitions' label.
func (s *Service) freezable(ctx context.Context, q *db.Queries, sc scope, p Period) ([]contract.SnapshotFigure, string, error) {
	defs, err := loadDefinitions(ctx, q, p.Last())
	if err != nil {
		return nil, "", err
	}
	f, err := s.count(ctx, q, sc, p, sideInviting)
	if err != nil {
		return nil, "", err
	}
	out := []contract.SnapshotFigure{}
	for _, i := range defs.indicators(sc, f, nil, nil) {
		v := contract.SnapshotFigure{Code: i.Code, Version: i.Version, State: string(i.State), Numerator: i.Numerator, Denominator: i.Denominator, Value: i.Value}
		if i.Imported != nil {
			var files []string
			for _, n := range *i.Imported {
				files = append(files, n.File)
			}
			v.Imported = some(strings.Join(files, ", "))
		}
		out = append(out, v)
	}
	return out, defs.label(), nil
}

// LockGoalSnapshot closes a period: rows and figures are frozen, hashed and sealed.
func (s *Service) LockGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.GoalSnapshot, error) {
	if _, err := s.Follow(ctx); err != nil { // what happened until now is in
		return contract.GoalSnapshot{}, err
	}
	return s.moveSnapshot(ctx, a, cmd, id, "lockGoalSnapshot", nil, func(q *db.Queries, sc scope, row db.Snapshot, now time.Time) error {
		p, _ := PeriodOf(Kind(row.Kind), consult.DateFromTime(row.StartsOn))
		if !p.Over(now) {
			return refuse("period_not_over", problem.Args{"period": p.String()})
		}
		if row.State != "DRAFT" {
			return problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		if err := q.LedgerLock(ctx); err != nil { // figures and rows of one instant
			return err
		}
		figures, definitions, err := s.freezable(ctx, q, sc, p)
		if err != nil {
			return err
		}
		if err := freezeRows(ctx, q, s, sc, p, id); err != nil {
			return err
		}
		rulesets, err := q.SnapshotRulesets(ctx, db.SnapshotRulesetsParams{Members: sc.ids(), Since: p.First.Time(), Before: p.Before().Time()})
		if err != nil {
			return fmt.Errorf("rulesets: %w", err)
		}
		freeze := db.FreezeSnapshotParams{ID: id, Ruleset: strings.Join(rulesets, ", "), Definitions: definitions, LockedBy: a.UserID, Now: now}
		if freeze.Figures, err = json.Marshal(figures); err != nil {
			return err
		}
		row.Ruleset, row.Definitions = freeze.Ruleset, definitions
		digest, rows, _, err := snapshotDigest(ctx, q, row, figures)
		if err != nil {
			return err
		}
		freeze.Digest, freeze.RowCount = digest, int32(rows)
		freeze.Seal, freeze.SealKid = s.keep.Sign(digest)
		differences, err := s.differences(ctx, q, row, figures)
		if err != nil {
			return err
		}
		if freeze.Differences, err = json.Marshal(differences); err != nil {
			return err
		}
		n, err := q.FreezeSnapshot(ctx, freeze)
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "LOCK_RETURN")
}

// freezeRows copies what a snapshot stands on: an institution's consultations, an authority's organisations with their figures.
func freezeRows(ctx context.Context, q *db.Queries, s *Service, sc scope, p Period, id uuid.UUID) error {
	if sc.Level == levelInstitution {
		_, err := q.FreezeLedgerRows(ctx, db.FreezeLedgerRowsParams{SnapshotID: id, OrganisationID: sc.Id, Since: p.First.Time(), Before: p.Before().Time()})
		if err != nil {
			return fmt.Errorf("freeze the rows: %w", err)
		}
		return nil
	}
	rows, err := areaRows(ctx, q, s, sc, p)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if err := q.AddSnapshotRow(ctx, db.AddSnapshotRowParams{SnapshotID: id, Position: int32(i + 1), Key: r.key, Content: r.content}); err != nil {
			return fmt.Errorf("freeze the figures of %s: %w", r.key, err)
		}
	}
	return nil
}

type areaRow struct {
	key     string
	content []byte
}

// areaRows are the measures of what is below an authority.
func areaRows(ctx context.Context, q *db.Queries, s *Service, sc scope, p Period) ([]areaRow, error) {
	f, err := s.count(ctx, q, sc, p, sideInviting)
	if err != nil {
		return nil, err
	}
	var out []areaRow
	for _, c := range childrenOf(sc, f) {
		m := f.children[c.Scope.Id]
		if m == nil {
			m = measures{}
		}
		raw, err := json.Marshal(struct {
			ID       uuid.UUID `json:"id"`
			Name     string    `json:"name"`
			Measures measures  `json:"measures"`
		}{c.Scope.Id, c.Scope.Name, m})
		if err != nil {
			return nil, err
		}
		out = append(out, areaRow{c.Scope.Id.String(), raw})
	}
	return out, nil
}

// snapshotDigest hashes what a snapshot says: of what, under which rules and definitions, its figures, and its rows as the database
// gives them back. With per row sums a broken row is found again: sums holds one for each.
func snapshotDigest(ctx context.Context, q *db.Queries, row db.Snapshot, figures []contract.SnapshotFigure) (digest []byte, rows int, sums [][]byte, err error) {
	sum := sha256.New()
	put := func(h hash.Hash, parts ...string) {
		for _, p := range parts {
			_, _ = io.WriteString(h, fmt.Sprintf("%d:", len(p)))
			_, _ = io.WriteString(h, p)
		}
	}
	raw, err := json.Marshal(figures)
	if err != nil {
		return nil, 0, nil, err
	}
	put(sum, "lianzhen/return/1", row.OrganisationID.String(), row.Kind, row.StartsOn.Format(time.DateOnly), fmt.Sprint(row.Version), row.Ruleset, row.Definitions, string(raw))
	for after := int32(0); ; {
		page, err := q.SnapshotRows(ctx, db.SnapshotRowsParams{SnapshotID: row.ID, After: after, Batch: exportBatch})
		if err != nil {
			return nil, 0, nil, fmt.Errorf("rows of a snapshot: %w", err)
		}
		for _, r := range page {
			put(sum, fmt.Sprint(r.Position), r.Key, r.Content)
			rows++
			after = r.Position
		}
		if len(page) < exportBatch {
			return sum.Sum(nil), rows, nil, nil
		}
	}
}

// differences are those of a version against the one before it.
func (s *Service) differences(ctx context.Context, q *db.Queries, row db.Snapshot, figures []contract.SnapshotFigure) ([]contract.SnapshotDifference, error) {
	out := []contract.SnapshotDifference{}
	if row.Version == 1 {
		return out, nil
	}
	before, err := q.SnapshotVersion(ctx, db.SnapshotVersionParams{OrganisationID: row.OrganisationID, Kind: row.Kind, StartsOn: row.StartsOn, Version: row.Version - 1})
	if err != nil {
		return nil, fmt.Errorf("the version before: %w", err)
	}
	var old []contract.SnapshotFigure
	if err := json.Unmarshal(before.Figures, &old); err != nil {
		return nil, fmt.Errorf("figures of the version before: %w", err)
	}
	out = append(out, figureDifferences(old, figures)...)
	rows, err := q.SnapshotRowChanges(ctx, db.SnapshotRowChangesParams{Earlier: before.ID, Later: row.ID})
	if err != nil {
		return nil, fmt.Errorf("changed rows: %w", err)
	}
	for _, r := range rows {
		out = append(out, contract.SnapshotDifference{Kind: "ROW", Key: r.Key, Before: brief(r.Before), After: brief(r.After)})
	}
	return out, nil
}

// brief is what a person reads of a frozen row: its state and whether it counts.
func brief(content string) string {
	if content == "" {
		return ""
	}
	var r struct {
		State     string `json:"state"`
		Countable *bool  `json:"countable"`
		Reasons   int64  `json:"reasons"`
	}
	if json.Unmarshal([]byte(content), &r) != nil {
		return content
	}
	counts := "?"
	if r.Countable != nil {
		counts = map[bool]string{true: "+", false: "-"}[*r.Countable]
	}
	return strings.TrimSpace(r.State + " " + counts + " " + strings.Join(reasonsOf(r.Reasons), " "))
}

func figureDifferences(before, after []contract.SnapshotFigure) []contract.SnapshotDifference {
	out := []contract.SnapshotDifference{}
	show := func(f contract.SnapshotFigure) string {
		if f.Value == nil {
			return f.State
		}
		s := fmt.Sprintf("%.2f", *f.Value)
		if f.Numerator != nil && f.Denominator != nil {
			s += fmt.Sprintf(" (%g / %g)", *f.Numerator, *f.Denominator)
		}
		return s
	}
	for _, f := range after {
		i := slices.IndexFunc(before, func(o contract.SnapshotFigure) bool { return o.Code == f.Code })
		old := ""
		if i >= 0 {
			old = show(before[i])
		}
		if now := show(f); now != old {
			out = append(out, contract.SnapshotDifference{Kind: "FIGURE", Key: f.Code, Before: old, After: now})
		}
	}
	return out
}

// SignGoalSnapshot signs off what was locked; the person who answers for it does so, and the access log has it.
func (s *Service) SignGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.GoalSnapshot, error) {
	return s.moveSnapshot(ctx, a, cmd, id, "signGoalSnapshot", nil, func(q *db.Queries, _ scope, _ db.Snapshot, now time.Time) error {
		n, err := q.SignSnapshot(ctx, db.SignSnapshotParams{ID: id, SignedBy: a.UserID, Now: now})
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "SIGN_RETURN")
}

// FileGoalSnapshot enters the receipt of whoever it was filed with.
func (s *Service) FileGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReceiptInput) (contract.GoalSnapshot, error) {
	return s.moveSnapshot(ctx, a, cmd, id, "fileGoalSnapshot", in, func(q *db.Queries, _ scope, _ db.Snapshot, now time.Time) error {
		n, err := q.FileSnapshot(ctx, db.FileSnapshotParams{ID: id, Receipt: strings.TrimSpace(in.Receipt), FiledBy: a.UserID, Now: now})
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "FILE_RETURN")
}

func (s *Service) moveSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation string, in any,
	do func(q *db.Queries, sc scope, row db.Snapshot, now time.Time) error, action string) (contract.GoalSnapshot, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, operation, request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.snapshotScope(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if err := ownScope(sc); err != nil {
			return id, err
		}
		row, err := q.LockSnapshotRow(ctx, id)
		if err != nil {
			return id, fmt.Errorf("lock the snapshot: %w", err)
		}
		if err := do(q, sc, row, now); err != nil {
			return id, err
		}
		return id, audit(ctx, q, a, sc.role(a), action, "snapshot", id)
	})
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	return s.GetGoalSnapshot(ctx, a, id)
}

// VerifyGoalSnapshot works the digest out again and checks the seal, and says what the ledger has otherwise by now.
func (s *Service) VerifyGoalSnapshot(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.SnapshotVerification, error) {
	out := contract.SnapshotVerification{Changes: []contract.SnapshotDifference{}}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.snapshotScope(ctx, q, a, id)
		if err != nil {
			return err
		}
		row, err := q.LockSnapshotRow(ctx, id)
		if err != nil {
			return fmt.Errorf("load the snapshot: %w", err)
		}
		if row.State == "DRAFT" {
			return problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		if out.CheckedAt, err = s.clock(ctx, q); err != nil {
			return err
		}
		var figures []contract.SnapshotFigure
		if err := json.Unmarshal(row.Figures, &figures); err != nil {
			return fmt.Errorf("figures of a snapshot: %w", err)
		}
		digest, rows, _, err := snapshotDigest(ctx, q, row, figures)
		if err != nil {
			return err
		}
		out.Digest, out.RowCount, out.Intact = hex.EncodeToString(digest), rows, slices.Equal(digest, row.Digest) && rows == int(row.RowCount)
		out.Sealed = s.keep.VerifySeal(row.SealKid, row.Digest, row.Seal) == nil
		p, _ := PeriodOf(Kind(row.Kind), consult.DateFromTime(row.StartsOn))
		now, _, err := s.freezable(ctx, q, sc, p)
		if err != nil {
			return err
		}
		out.Changes = append(out.Changes, figureDifferences(figures, now)...)
		if sc.Level == levelInstitution {
			changed, err := q.LedgerRowChanges(ctx, db.LedgerRowChangesParams{Earlier: id, OrganisationID: sc.Id, Since: p.First.Time(), Before: p.Before().Time()})
			if err != nil {
				return fmt.Errorf("changed rows: %w", err)
			}
			for _, r := range changed {
				out.Changes = append(out.Changes, contract.SnapshotDifference{Kind: "ROW", Key: r.Key, Before: brief(r.Before), After: brief(r.After)})
			}
		}
		return audit(ctx, q, a, sc.role(a), "VERIFY_RETURN", "snapshot", id)
	})
	return out, err
}

// frozenSheet is E3 or E8 of what was locked instead of what is now.
func frozenSheet(code string, snap db.Snapshot, columns []column) ([]column, func(context.Context, *exporting, table) error) {
	if code == "E8" {
		return columns, func(ctx context.Context, x *exporting, t table) error {
			var figures []contract.SnapshotFigure
			if err := json.Unmarshal(snap.Figures, &figures); err != nil {
				return fmt.Errorf("figures of a snapshot: %w", err)
			}
			defs, err := loadDefinitions(ctx, x.q, x.period.Last())
			if err != nil {
				return err
			}
			for _, f := range figures {
				name := ""
				if i := slices.IndexFunc(defs.list, func(d db.IndicatorDefinition) bool { return d.Code == f.Code }); i >= 0 {
					name = x.say(defs.list[i].NameZh, defs.list[i].NameEn)
				}
				var target, source any
				if g := defs.target(f.Code, x.scope.RegionCode); g != nil {
					target, source = g.Value, g.Source
				}
				note := x.stateNote(contract.Indicator{State: contract.IndicatorState(f.State)})
				if f.Imported != nil {
					note = strings.TrimSpace(note + " IMPORTED " + *f.Imported)
				}
				if err := t.row(f.Code, name, float(f.Numerator), float(f.Denominator), float(f.Value), target, source, nil, nil, nil, note); err != nil {
					return err
				}
			}
			return nil
		}
	}
	rows := []column{{"流水号", "Serial", asText, 20}, {"日期", "Day", asDay, 12}, {"服务类型", "Service", asText, 18}, {"目标", "Goal", asText, 6}, {"紧急程度", "Urgency", asText, 8}, {"状态", "State", asText, 14},
		{"有效时长(分)", "Effective minutes", asRate, 10}, {"是否计入", "Countable", asText, 10}, {"不计入原因代码", "Reason codes", asText, 18}, {"原因说明", "Reasons", asText, 40}, {"规则集", "Ruleset", asText, 14}}
	return rows, func(ctx context.Context, x *exporting, t table) error {
		for after := int32(0); ; {
			page, err := x.q.SnapshotRows(ctx, db.SnapshotRowsParams{SnapshotID: snap.ID, After: after, Batch: exportBatch})
			if err != nil {
				return fmt.Errorf("rows of a snapshot: %w", err)
			}
			for _, r := range page {
				after = r.Position
				var v struct {
					Day       consult.Date `json:"day"`
					Service   string       `json:"service"`
					Goal      string       `json:"goal"`
					Urgency   string       `json:"urgency"`
					State     string       `json:"state"`
					Countable *bool        `json:"countable"`
					Reasons   int64        `json:"reasons"`
					Ruleset   string       `json:"ruleset"`
					Effective int          `json:"effective"`
				}
				if err := json.Unmarshal([]byte(r.Content), &v); err != nil {
					return fmt.Errorf("row %d of a snapshot: %w", r.Position, err)
				}
				var on any
				if !v.Day.IsZero() {
					on = v.Day
				}
				if err := t.row(r.Key, on, x.label(consult.VocabService, v.Service), v.Goal, x.label(consult.VocabUrgency, v.Urgency), x.label(consult.VocabState, v.State), float64(v.Effective)/60,
					x.counts(v.Countable, false), strings.Join(reasonsOf(v.Reasons), " "), x.reasons(v.Reasons), v.Ruleset); err != nil {
					return err
				}
			}
			if len(page) < exportBatch {
				return nil
			}
		}
	}
}

// ListCampaignTasks and what belongs to campaigns ---------------------------------------------------------------------------

// soonDays before its safe day a task is shown as near.
const soonDays = 30

// dueDays are the days on which a task is due around a year; a task of every year has one for each.
func dueDays(due string, years ...int) []consult.Date {
	var out []consult.Date
	if d, err := consult.ParseDate(due); err == nil {
		return []consult.Date{d}
	}
	for _, y := range years {
		if d, err := consult.ParseDate(fmt.Sprintf("%04d-%s", y, due)); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// ListCampaignTasks gives what the campaigns in force ask of an organisation, from the tasks of last year that were not done to
// those of the next.
func (s *Service) ListCampaignTasks(ctx context.Context, a identity.Actor, in contract.ListCampaignTasksParams) ([]contract.CampaignTask, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	return s.tasks(ctx, q, sc)
}

func (s *Service) tasks(ctx context.Context, q *db.Queries, sc scope) ([]contract.CampaignTask, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	today := consult.DateOf(now)
	rows, err := q.CampaignTasks(ctx, db.CampaignTasksParams{Since: today.AddDays(-30).Time(), Until: today.AddYears(1).Time()})
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	done, err := q.CampaignReports(ctx, sc.Id)
	if err != nil {
		return nil, fmt.Errorf("reports of tasks: %w", err)
	}
	out := []contract.CampaignTask{}
	for _, r := range rows {
		if r.Level != string(sc.Level) || sc.Level == levelInstitution && *sc.Kind != "CARE" || r.RegionCode != "100000" && !consult.DivisionWithin(sc.RegionCode, r.RegionCode) {
			continue
		}
		for _, due := range dueDays(r.Due, today.Year-1, today.Year, today.Year+1) {
			begins := consult.DateFromTime(r.StartsOn)
			if due.Before(begins) || r.EndsOn != nil && due.After(consult.DateFromTime(*r.EndsOn)) || due.Before(today.AddDays(-366)) || due.After(today.AddYears(2)) {
				continue
			}
			v := contract.CampaignTask{Id: r.ID, CampaignZh: r.CampaignZh, CampaignEn: r.CampaignEn, Source: r.Source, NameZh: r.NameZh, NameEn: r.NameEn, Level: contract.CampaignTaskLevel(r.Level),
				ReceiverZh: r.ReceiverZh, ReceiverEn: r.ReceiverEn, DueOn: day(due), SafeOn: day(due.AddDays(-int(r.SafeDays))), Export: r.Export}
			for _, opens := range dueDays(r.Opens, due.Year) {
				opensOn := day(opens)
				v.OpensOn = &opensOn
			}
			if i := slices.IndexFunc(done, func(d db.CampaignReport) bool { return d.TaskID == r.ID && consult.DateFromTime(d.DueOn) == due }); i >= 0 {
				doneOn := openapi_types.Date{Time: done[i].DoneOn}
				v.State, v.DoneOn, v.Receipt = "DONE", &doneOn, some(done[i].Receipt)
			} else {
				switch {
				case today.After(due):
					v.State = "OVERDUE"
				case !today.Before(due.AddDays(-int(r.SafeDays) - soonDays)):
					v.State = "SOON"
				case v.OpensOn == nil || !today.Before(consult.DateFromTime(v.OpensOn.Time)):
					v.State = "OPEN"
				default:
					v.State = "LATER"
				}
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(x, y contract.CampaignTask) int {
		return cmp.Or(x.DueOn.Compare(y.DueOn.Time), strings.Compare(x.NameZh, y.NameZh))
	})
	return out, nil
}

// ReportCampaignTask notes that a task was done, with the receipt.
func (s *Service) ReportCampaignTask(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.TaskReport) ([]contract.CampaignTask, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, "reportCampaignTask", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return id, err
		}
		if err := ownScope(sc); err != nil {
			return id, err
		}
		list, err := s.tasks(ctx, q, sc)
		if err != nil {
			return id, err
		}
		if !slices.ContainsFunc(list, func(t contract.CampaignTask) bool { return t.Id == id && t.DueOn.Equal(in.DueOn.Time) }) {
			return id, problem.NotFound()
		}
		if consult.DateFromTime(in.DoneOn.Time).After(consult.DateOf(now)) {
			return id, problem.Invalid(problem.Field{Path: "doneOn", Code: "day_in_future"})
		}
		if err := q.AddCampaignReport(ctx, db.AddCampaignReportParams{TaskID: id, OrganisationID: sc.Id, DueOn: in.DueOn.Time, DoneOn: in.DoneOn.Time, Receipt: strings.TrimSpace(text(in.Receipt)),
			DoneBy: a.UserID, Now: now}); err != nil {
			return id, fmt.Errorf("note the task: %w", err)
		}
		return id, audit(ctx, q, a, sc.role(a), "TASK_DONE", "campaign_task", id)
	})
	if err != nil {
		return nil, err
	}
	return s.ListCampaignTasks(ctx, a, contract.ListCampaignTasksParams{OrganisationId: in.OrganisationId})
}

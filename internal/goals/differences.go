package goals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

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

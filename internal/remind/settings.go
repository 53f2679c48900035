package remind

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The audiences of reminders.
const (
	toInstitution = "INSTITUTION"
	toFamily      = "FAMILY"
	toDoctor      = "DOCTOR"
)

// rule is of what and whom is reminded.
type rule struct {
	leads, audiences []string
	quiet            quiet
}

// usual is what holds where nothing was set.
func usual() rule {
	from, to := int16(quietFrom), int16(quietTo)
	return rule{leads: []string{threeDays, oneDay, twoHours}, audiences: []string{toInstitution, toFamily, toDoctor}, quiet: quiet{&from, &to}}
}

// settings are the rows of some organisations.
type settings []db.ReminderSetting

func readSettings(ctx context.Context, q *db.Queries, organisations []uuid.UUID) (settings, error) {
	rows, err := q.ReminderSettings(ctx, organisations)
	if err != nil {
		return nil, fmt.Errorf("reminder settings: %w", err)
	}
	return rows, nil
}

// of is what holds for a kind of an organisation: its own row, that of the organisation, or what is usual. The quiet hours are the organisation's.
func (s settings) of(organisation, kind uuid.UUID) rule {
	out := usual()
	for _, r := range s { // the organisation's row comes first
		if r.OrganisationID != organisation {
			continue
		}
		if r.KindID == nil {
			out = rule{r.Leads, r.Audiences, quiet{r.QuietFrom, r.QuietTo}}
		} else if *r.KindID == kind {
			out.leads, out.audiences = r.Leads, r.Audiences
		}
	}
	return out
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

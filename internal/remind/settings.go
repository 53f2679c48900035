package remind

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
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

func (r rule) view() contract.ReminderRule {
	out := contract.ReminderRule{Leads: []contract.ReminderLead{}, Audiences: []contract.ReminderAudience{}}
	for _, l := range r.leads {
		out.Leads = append(out.Leads, contract.ReminderLead(l))
	}
	for _, a := range r.audiences {
		out.Audiences = append(out.Audiences, contract.ReminderAudience(a))
	}
	return out
}

// GetReminderSettings gives of what the caller's organisations remind, and what the messages say.
func (s *Service) GetReminderSettings(ctx context.Context, a identity.Actor) ([]contract.ReminderSettings, error) {
	if err := require(a, planners()...); err != nil {
		return nil, err
	}
	return s.settingsOf(ctx, a.Organisations(planners()...))
}

func (s *Service) settingsOf(ctx context.Context, organisations []uuid.UUID) ([]contract.ReminderSettings, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	set, err := readSettings(ctx, q, organisations)
	if err != nil {
		return nil, err
	}
	names, err := q.NamesOfOrganisations(ctx, organisations)
	if err != nil {
		return nil, fmt.Errorf("organisations: %w", err)
	}
	out := make([]contract.ReminderSettings, len(names))
	for i, o := range names {
		r := set.of(o.ID, uuid.Nil)
		v := contract.ReminderSettings{OrganisationId: o.ID, OrganisationName: o.Name, Rule: r.view(), Kinds: []contract.ReminderKind{}, Previews: s.previews(now)}
		if r.quiet.from != nil && r.quiet.to != nil {
			v.Quiet = &contract.QuietHours{From: clockWords(*r.quiet.from), To: clockWords(*r.quiet.to)}
		}
		kinds, err := q.KindsOfOrganisation(ctx, o.ID)
		if err != nil {
			return nil, fmt.Errorf("kinds: %w", err)
		}
		for _, k := range kinds {
			kind := contract.ReminderKind{KindId: k.ID, KindName: k.Name}
			for _, row := range set {
				if row.KindID != nil && *row.KindID == k.ID {
					own := rule{leads: row.Leads, audiences: row.Audiences}.view()
					kind.Rule = &own
				}
			}
			v.Kinds = append(v.Kinds, kind)
		}
		for _, row := range set {
			if row.OrganisationID == o.ID && row.KindID == nil {
				v.Revision = int(row.Revision)
			}
		}
		out[i] = v
	}
	return out, nil
}

// previews are the messages of an appointment three days from now at half past two.
func (s *Service) previews(now time.Time) []contract.ReminderPreview {
	local := now.In(consult.Shanghai())
	at := time.Date(local.Year(), local.Month(), local.Day()+3, 14, 30, 0, 0, local.Location())
	text := func(family bool, locale string) string { return s.words.ReminderText(family, locale, at, "HOME") }
	return []contract.ReminderPreview{
		{Audience: contract.ReminderAudienceFAMILY, Zh: text(true, "zh-CN"), En: text(true, "en")},
		{Audience: contract.ReminderAudienceDOCTOR, Zh: text(false, "zh-CN"), En: text(false, "en")},
	}
}

func clockWords(minutes int16) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func minutesOf(clock string) (int16, bool) {
	t, err := time.Parse("15:04", clock)
	return int16(t.Hour()*60 + t.Minute()), err == nil
}

// SaveReminderSettings replaces the settings of one organisation; what is to come is looked at anew. Errors: 404 for another organisation or kind, 409 revision_stale.
func (s *Service) SaveReminderSettings(ctx context.Context, a identity.Actor, in contract.ReminderSettingsInput) (contract.ReminderSettings, error) {
	if err := require(a, planners()...); err != nil {
		return contract.ReminderSettings{}, err
	}
	role := roleIn(a, in.OrganisationId, planners()...)
	if role == "" {
		return contract.ReminderSettings{}, problem.NotFound()
	}
	var from, to *int16
	if in.Quiet != nil {
		f, okFrom := minutesOf(in.Quiet.From)
		t, okTo := minutesOf(in.Quiet.To)
		if !okFrom || !okTo || f == t {
			return contract.ReminderSettings{}, problem.Invalid(problem.Field{Path: "quiet/to", Code: "quiet_hours_empty"})
		}
		from, to = &f, &t
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.LockReminderSettings(ctx, in.OrganisationId); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		set, err := readSettings(ctx, q, []uuid.UUID{in.OrganisationId})
		if err != nil {
			return err
		}
		have := 0
		if len(set) > 0 {
			have = int(set[0].Revision)
		}
		if have != in.Revision {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		kinds, err := q.KindsOfOrganisation(ctx, in.OrganisationId)
		if err != nil {
			return fmt.Errorf("kinds: %w", err)
		}
		if err := q.ClearReminderSettings(ctx, in.OrganisationId); err != nil {
			return fmt.Errorf("reminder settings: %w", err)
		}
		add := func(kind *uuid.UUID, r contract.ReminderRule, from, to *int16) error {
			row := db.AddReminderSettingParams{ID: newID(), OrganisationID: in.OrganisationId, KindID: kind, Leads: []string{}, Audiences: []string{}, QuietFrom: from, QuietTo: to,
				Revision: int32(have + 1), UpdatedBy: a.UserID, Now: now}
			for _, l := range r.Leads {
				row.Leads = append(row.Leads, string(l))
			}
			for _, w := range r.Audiences {
				row.Audiences = append(row.Audiences, string(w))
			}
			if err := q.AddReminderSetting(ctx, row); err != nil {
				return fmt.Errorf("reminder settings: %w", err)
			}
			return nil
		}
		if err := add(nil, in.Rule, from, to); err != nil {
			return err
		}
		seen := []uuid.UUID{}
		for _, k := range in.Kinds {
			if slices.Contains(seen, k.KindId) || !slices.ContainsFunc(kinds, func(r db.KindsOfOrganisationRow) bool { return r.ID == k.KindId }) {
				return problem.NotFound()
			}
			seen = append(seen, k.KindId)
			if err := add(&k.KindId, k.Rule, nil, nil); err != nil {
				return err
			}
		}
		if err := q.RemindAnew(ctx, db.RemindAnewParams{OrganisationID: in.OrganisationId, Now: now}); err != nil {
			return fmt.Errorf("reminder settings: %w", err)
		}
		return audit(ctx, q, a, now, role, "saveReminderSettings", "organisation", in.OrganisationId)
	})
	if err != nil {
		return contract.ReminderSettings{}, err
	}
	list, err := s.settingsOf(ctx, []uuid.UUID{in.OrganisationId})
	if err != nil {
		return contract.ReminderSettings{}, err
	}
	return list[0], nil
}

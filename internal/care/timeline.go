package care

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// timelineNames says in words whom the events of a consultation are about: events hold ids only, people read names. For the ids
// under doctor, doctors, users and departments the data of an event gets doctorNames, userNames and departmentNames.
type timelineNames struct {
	events      []map[string]any
	people      []uuid.UUID
	departments []uuid.UUID
}

// note remembers one event's data for fill.
func (n *timelineNames) note(data map[string]any) {
	before := len(n.people) + len(n.departments)
	for _, key := range []string{"doctor", "doctors", "users"} {
		n.people = append(n.people, idsUnder(data, key)...)
	}
	n.departments = append(n.departments, idsUnder(data, "departments")...)
	if len(n.people)+len(n.departments) > before {
		n.events = append(n.events, data)
	}
}

func idsUnder(data map[string]any, key string) []uuid.UUID {
	var list []any
	switch v := data[key].(type) {
	case string:
		list = []any{v}
	case []any:
		list = v
	}
	var out []uuid.UUID
	for _, one := range list {
		text, _ := one.(string)
		if id, err := uuid.Parse(text); err == nil {
			out = append(out, id)
		}
	}
	return out
}

func (n *timelineNames) fill(ctx context.Context, q *db.Queries) error {
	if len(n.events) == 0 {
		return nil
	}
	people, err := names(ctx, q, n.people)
	if err != nil {
		return err
	}
	places := map[uuid.UUID]string{}
	if len(n.departments) > 0 {
		rows, err := q.DepartmentsByID(ctx, n.departments)
		if err != nil {
			return fmt.Errorf("departments: %w", err)
		}
		for _, d := range rows {
			places[d.ID] = d.Hospital + d.Name
		}
	}
	for _, data := range n.events {
		for name, from := range map[string][]string{"doctorNames": {"doctor", "doctors"}, "userNames": {"users"}, "departmentNames": {"departments"}} {
			known := people
			if name == "departmentNames" {
				known = places
			}
			words := []string{}
			for _, key := range from {
				for _, id := range idsUnder(data, key) {
					if word := known[id]; word != "" && !slices.Contains(words, word) {
						words = append(words, word)
					}
				}
			}
			if len(words) > 0 {
				data[name] = words
			}
		}
	}
	return nil
}

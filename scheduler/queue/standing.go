package queue

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// standing is where one request waits.
type standing struct {
	sinceMS int64
	own     int64 // its own target in seconds; 0: the urgency's
	places  []place
}

// place is one lane of one hospital. Places of a standing are in order.
type place struct {
	hospital uuid.UUID
	lane
}

func (s standing) wide() bool { return len(s.places) > 1 }

func (s standing) equal(o standing) bool {
	return s.sinceMS == o.sinceMS && s.own == o.own && slices.Equal(s.places, o.places)
}

// hospitals lists where it stands.
func (s standing) hospitals() []uuid.UUID {
	var out []uuid.UUID
	for _, p := range s.places {
		if !slices.Contains(out, p.hospital) {
			out = append(out, p.hospital)
		}
	}
	return out
}

// in lists its lanes in one hospital.
func (s standing) in(hospital uuid.UUID) []lane {
	var out []lane
	for _, p := range s.places {
		if p.hospital == hospital {
			out = append(out, p.lane)
		}
	}
	return out
}

// standings puts the rows of a snapshot together.
func standings(rows []db.QueueStandingRow) map[uuid.UUID]standing {
	out := make(map[uuid.UUID]standing, len(rows))
	for _, r := range rows {
		s := out[r.ID]
		s.sinceMS, s.own = r.OfferedAt.UnixMilli(), 0
		if r.OwnTarget != 0 {
			s.own = capped(r.OwnTarget)
		}
		s.places = append(s.places, place{r.Hospital, lane{r.DepartmentID, r.Urgency}})
		out[r.ID] = s
	}
	for id, s := range out {
		slices.SortFunc(s.places, func(a, b place) int { return bytes.Compare(a.department[:], b.department[:]) })
		out[id] = s
	}
	return out
}

// capped bounds a target as consult.OrderKey does.
func capped(seconds int64) int64 {
	return min(max(seconds, 1), int64(consult.MaxOrderedWait/time.Second))
}

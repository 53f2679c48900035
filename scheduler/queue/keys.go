package queue

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// pointer names the generation to read. It has no hash tag: it is read and written alone.
const pointer = "lz:queue:generation"

// part names the keys of one hospital in one generation. The braces keep them in one slot of a cluster.
type part struct{ prefix string }

func partOf(generation int64, hospital uuid.UUID) part {
	return part{"lz:queue:{" + hospital.String() + "}:" + strconv.FormatInt(generation, 10) + ":"}
}

func (p part) live() string    { return p.prefix + "live" }
func (p part) targets() string { return p.prefix + "targets" }
func (p part) own() string     { return p.prefix + "own" }
func (p part) wide() string    { return p.prefix + "wide" }
func (p part) set(l lane) string {
	return p.prefix + "z:" + l.department.String() + ":" + l.urgency
}

// lane is one sorted set: the requests of one urgency that a department is asked.
type lane struct {
	department uuid.UUID
	urgency    string
}

// lanes lists every lane of the departments.
func lanes(departments []uuid.UUID) []lane {
	all := consult.Urgencies()
	out := make([]lane, 0, len(departments)*len(all))
	for _, d := range departments {
		for _, u := range all {
			out = append(out, lane{d, u.Code})
		}
	}
	return out
}

// byHospital groups departments; ok is false when the hospital of one is not known.
func byHospital(departments []uuid.UUID, hospitals map[uuid.UUID]uuid.UUID) (groups map[uuid.UUID][]uuid.UUID, ok bool) {
	groups = make(map[uuid.UUID][]uuid.UUID, 1)
	for _, d := range departments {
		h, known := hospitals[d]
		if !known {
			return nil, false
		}
		if !slices.Contains(groups[h], d) {
			groups[h] = append(groups[h], d)
		}
	}
	return groups, true
}

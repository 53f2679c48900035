package goals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The levels and the kind of organisations that this package tells apart.
const (
	levelInstitution contract.GoalScopeLevel = "INSTITUTION"
	levelCounty      contract.GoalScopeLevel = "COUNTY"
	levelLeague      contract.GoalScopeLevel = "LEAGUE"
	levelRegion      contract.GoalScopeLevel = "REGION"

	kindAuthority contract.GoalScopeKind = "AUTHORITY"
)

// place is an organisation whose figures somebody may see.
type place struct {
	contract.GoalScope
	children []*place
}

// scope is what one look covers: an organisation and, below an authority, everything that reports to it.
type scope struct {
	place
	// authority: seen by an authority, without persons; otherwise by the institution's own administrator.
	authority bool
	// members are the organisations whose tallies add up to the scope.
	members []*place
	// groups names for each member the child of the scope under which it is shown.
	groups map[uuid.UUID]*place
}

func (s scope) ids() []uuid.UUID {
	out := make([]uuid.UUID, len(s.members))
	for i, m := range s.members {
		out[i] = m.Id
	}
	return out
}

// role is the role in which the caller looks.
func (s scope) role(a identity.Actor) string {
	if !s.authority {
		return roleAdmin
	}
	for _, r := range []string{roleRegion, roleLeague, roleCounty} {
		if a.Has(r) {
			return r
		}
	}
	return ""
}

// places are the organisations whose figures the caller may see, in the order of the tree.
func (s *Service) places(ctx context.Context, q *db.Queries, a identity.Actor) (roots []*place, all map[uuid.UUID]*place, err error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return nil, nil, err
	}
	own, above := a.Organisations(roleAdmin), a.Organisations(authorities()...)
	rows, err := q.ReportingTree(ctx, append(slices.Clone(above), own...))
	if err != nil {
		return nil, nil, fmt.Errorf("who reports: %w", err)
	}
	all = map[uuid.UUID]*place{}
	for _, r := range rows {
		mine := slices.Contains(own, r.ID) || slices.Contains(above, r.ID)
		if r.Depth > 0 && !slices.Contains(above, r.Root) || all[r.ID] != nil { // nobody reports to an institution
			continue
		}
		kind := contract.GoalScopeKind(r.Kind)
		p := &place{GoalScope: contract.GoalScope{Id: r.ID, Name: r.Name, Level: levelOf(r.Kind, r.TypeCode), Kind: &kind, RegionCode: r.RegionCode,
			ParentId: r.ReportingParentID, Own: mine}}
		all[r.ID] = p
		if r.Depth == 0 {
			roots = append(roots, p)
		}
	}
	for _, r := range rows {
		p := all[r.ID]
		if p == nil || r.ReportingParentID == nil {
			continue
		}
		if parent := all[*r.ReportingParentID]; parent != nil && *parent.Kind == kindAuthority && !slices.Contains(parent.children, p) {
			parent.children = append(parent.children, p)
		}
	}
	// A root may report to another root: the highest first.
	slices.SortStableFunc(roots, func(x, y *place) int { return rankOf(x.Level) - rankOf(y.Level) })
	return roots, all, nil
}

func levelOf(kind, typeCode string) contract.GoalScopeLevel {
	if kind == "AUTHORITY" {
		switch typeCode {
		case "REGION", "LEAGUE", "COUNTY":
			return contract.GoalScopeLevel(typeCode)
		}
		return levelCounty
	}
	return levelInstitution
}

// ListGoalScopes gives the organisations whose figures the caller may see.
func (s *Service) ListGoalScopes(ctx context.Context, a identity.Actor) ([]contract.GoalScope, error) {
	roots, _, err := s.places(ctx, s.st.Q(), a)
	if err != nil {
		return nil, err
	}
	out, seen := []contract.GoalScope{}, map[uuid.UUID]bool{}
	var walk func(p *place)
	walk = func(p *place) {
		if seen[p.Id] {
			return
		}
		seen[p.Id] = true
		out = append(out, p.GoalScope)
		slices.SortFunc(p.children, func(x, y *place) int { return strings.Compare(x.RegionCode+x.Name, y.RegionCode+y.Name) })
		for _, c := range p.children {
			walk(c)
		}
	}
	for _, r := range roots {
		walk(r)
	}
	return out, nil
}

func rankOf(l contract.GoalScopeLevel) int {
	return slices.Index([]contract.GoalScopeLevel{levelRegion, levelLeague, levelCounty, levelInstitution}, l)
}

// look is the scope of one organisation, or of the first of the caller's own; 404 for one that the caller does not see.
func (s *Service) look(ctx context.Context, q *db.Queries, a identity.Actor, wanted *uuid.UUID) (scope, error) {
	roots, all, err := s.places(ctx, q, a)
	if err != nil {
		return scope{}, err
	}
	var id uuid.UUID
	if wanted != nil {
		id = *wanted
	} else if len(roots) > 0 {
		id = roots[0].Id
	}
	p := all[id]
	if p == nil {
		return scope{}, problem.NotFound()
	}
	sc := scope{place: *p, authority: !a.In(id, roleAdmin), groups: map[uuid.UUID]*place{}}
	seen := map[uuid.UUID]bool{}
	var collect func(p, group *place)
	collect = func(p, group *place) {
		if seen[p.Id] {
			return
		}
		seen[p.Id] = true
		sc.members, sc.groups[p.Id] = append(sc.members, p), group
		for _, c := range p.children {
			g := group
			if p.Id == id {
				g = c
			}
			collect(c, g)
		}
	}
	collect(p, p)
	return sc, nil
}

// counties are the county divisions of an authority's area.
func counties(codes *consult.Codes, area string) []consult.Division {
	var out []consult.Division
	for _, d := range codes.Divisions() {
		if d.Level == "COUNTY" && codes.DivisionWithin(d.Code, area) {
			out = append(out, d)
		}
	}
	return out
}

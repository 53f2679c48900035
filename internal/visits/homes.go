package visits

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetResidentHome gives where a resident is visited; revision 0 where nothing was entered and it is the institution's house.
func (s *Service) GetResidentHome(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.ResidentHome, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return contract.ResidentHome{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.ResidentHome{}, err
	}
	r, err := s.residentFor(ctx, q, a, id, now)
	if err != nil {
		return contract.ResidentHome{}, err
	}
	home, err := q.HomeOf(ctx, id)
	if store.IsNone(err) {
		return contract.ResidentHome{Address: r.OrganisationAddress}, nil
	}
	if err != nil {
		return contract.ResidentHome{}, fmt.Errorf("home: %w", err)
	}
	out, err := s.homeView(home)
	if err != nil {
		return out, err
	}
	return out, logListed(ctx, s, a, "getResidentHome", []db.ResidentForVisitRow{r}, func(r db.ResidentForVisitRow) (uuid.UUID, uuid.UUID) { return id, r.OrganisationID })
}

func (s *Service) homeView(h db.ResidentHome) (contract.ResidentHome, error) {
	out := contract.ResidentHome{Revision: int(h.Revision), DivisionCode: some(h.DivisionCode), Alone: h.Alone}
	var err error
	if out.Address, err = s.openText("resident_homes", "address_enc", h.ResidentID, h.AddressEnc); err != nil {
		return out, err
	}
	note, err := s.openText("resident_homes", "note_enc", h.ResidentID, h.NoteEnc)
	if err != nil {
		return out, err
	}
	out.Note = some(note)
	out.Place, err = s.openPlace("resident_homes", "place_enc", h.ResidentID, h.PlaceEnc, nil)
	return out, err
}

// SaveResidentHome enters it. Error: 409 revision_stale.
func (s *Service) SaveResidentHome(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ResidentHomeInput) (contract.ResidentHome, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return contract.ResidentHome{}, err
	}
	if strings.TrimSpace(in.Address) == "" {
		return contract.ResidentHome{}, invalid("address", "required")
	}
	if code := value(in.DivisionCode); code != "" {
		if _, ok := s.st.Codes().Division(code); !ok {
			return contract.ResidentHome{}, invalid("divisionCode", "wrong_value")
		}
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if _, err := s.residentFor(ctx, q, a, id, now); err != nil {
			return err
		}
		place, _ := s.sealPlace("resident_homes", "place_enc", id, in.Place)
		rows, err := q.SaveHome(ctx, db.SaveHomeParams{ResidentID: id, DivisionCode: value(in.DivisionCode), AddressEnc: s.sealText("resident_homes", "address_enc", id, in.Address),
			PlaceEnc: place, NoteEnc: s.sealText("resident_homes", "note_enc", id, value(in.Note)), Alone: in.Alone, UpdatedBy: a.UserID, Now: now, Revision: int32(in.Revision)})
		if err != nil {
			return fmt.Errorf("home: %w", err)
		}
		if rows != 1 {
			revision := 0
			if h, err := q.HomeOf(ctx, id); err == nil {
				revision = int(h.Revision)
			}
			return problem.Conflict("revision_stale", contract.CurrentState{Revision: &revision})
		}
		return q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: a.RoleIn(a.Organisations()[0]), Action: "saveResidentHome", ObjectType: "resident",
			ObjectID: &id, Detail: "OK"})
	})
	if err != nil {
		return contract.ResidentHome{}, err
	}
	return s.GetResidentHome(ctx, a, id)
}

// GetOrganisationPlace and SaveOrganisationPlace keep where an institution is on the map.
func (s *Service) GetOrganisationPlace(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.OrganisationPlace, error) {
	if !a.In(id, roleFamily, roleDispatcher, roleAdmin) {
		return contract.OrganisationPlace{}, problem.NotFound()
	}
	p, err := s.st.Q().OrganisationPlace(ctx, id)
	if store.IsNone(err) {
		return contract.OrganisationPlace{}, nil
	}
	if err != nil {
		return contract.OrganisationPlace{}, fmt.Errorf("place: %w", err)
	}
	return contract.OrganisationPlace{Place: &contract.GeoPoint{Lon: p.Lon, Lat: p.Lat}}, nil
}

// SaveOrganisationPlace enters it.
func (s *Service) SaveOrganisationPlace(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.OrganisationPlace) (contract.OrganisationPlace, error) {
	if !a.In(id, roleAdmin) {
		return contract.OrganisationPlace{}, problem.NotFound()
	}
	if in.Place == nil {
		return contract.OrganisationPlace{}, invalid("place", "required")
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.SaveOrganisationPlace(ctx, db.SaveOrganisationPlaceParams{OrganisationID: id, Lon: in.Place.Lon, Lat: in.Place.Lat, UpdatedBy: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("place: %w", err)
		}
		return q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: roleAdmin, Action: "saveOrganisationPlace", ObjectType: "organisation", ObjectID: &id, Detail: "OK"})
	})
	if err != nil {
		return contract.OrganisationPlace{}, err
	}
	return s.GetOrganisationPlace(ctx, a, id)
}

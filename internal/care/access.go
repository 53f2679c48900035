package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sight is how an actor stands to one consultation. The zero value sees nothing.
type sight struct {
	nurse      bool // NURSE of the inviting side
	attending  bool // the inviting side's doctor: ATTENDING, of those who visit also FAMILY_DOCTOR
	family     bool // is that doctor as FAMILY_DOCTOR
	consultant bool // CONSULTANT to whose department it is shown, who holds it, or who took part
	desk       bool // DISPATCHER of a hospital that is asked
	admin      bool // INST_ADMIN of either side
	quality    bool // QC of either side, which reads what an administrator reads
	holder     bool // holds the grant
	// glass is the clinical role of somebody who sees it only since they broke the glass of the resident's record; "" otherwise. It lets
	// read and do nothing.
	glass  string
	reader string // the clinical role of somebody who reads it and does nothing to it (see reader); "" otherwise
}

// modeVisit is the mode of a consultation that is the record of a visit at home.
const modeVisit = "VISIT"

// any says that the consultation exists for the actor at all.
func (v sight) any() bool {
	return v.nurse || v.attending || v.consultant || v.desk || v.oversees() || v.reader != "" || v.glass != ""
}

// care says that the actor stands on the inviting side, at the bedside.
func (v sight) care() bool { return v.nurse || v.attending }

// oversees says that the actor administers a side or controls its quality: the record with its times and codes.
func (v sight) oversees() bool { return v.admin || v.quality }

// clinical says that the actor may read free text; a dispatcher, an administrator and quality control may not.
func (v sight) clinical() bool { return v.care() || v.consultant || v.reader != "" || v.glass != "" }

// role is the role in which the actor acts here, the most responsible first.
func (v sight) role() string {
	switch {
	case v.holder:
		return RoleConsultant
	case v.family:
		return RoleFamilyDoctor
	case v.attending:
		return RoleAttending
	case v.nurse:
		return RoleNurse
	case v.consultant:
		return RoleConsultant
	case v.desk:
		return RoleDispatcher
	case v.reader != "":
		return v.reader
	case v.glass != "":
		return v.glass
	case v.admin:
		return RoleInstAdmin
	case v.quality:
		return RoleQC
	}
	return ""
}

// see is the one place that decides who sees a consultation; authorities and system administrators never do. The actor
// carries only memberships that are in force now.
func (s *Service) see(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time) (sight, error) {
	var v sight
	v.nurse, v.attending, v.family = inviting(a, c)
	v.admin = a.In(c.InvitingOrgID, RoleInstAdmin) || c.InvitedOrgID != nil && a.In(*c.InvitedOrgID, RoleInstAdmin)
	v.quality = a.In(c.InvitingOrgID, RoleQC) || c.InvitedOrgID != nil && a.In(*c.InvitedOrgID, RoleQC)
	var err error
	if v.desk, err = s.dispatches(ctx, q, a, c, now); err != nil {
		return sight{}, err
	}
	if a.Has(RoleConsultant) {
		v.holder = c.DoctorID != nil && *c.DoctorID == a.UserID
		v.consultant = v.holder
		if !v.consultant {
			shown, err := q.ConsultationShownTo(ctx, db.ConsultationShownToParams{ConsultationID: c.ID, UserID: a.UserID,
				Departments: consultantDepartments(a), Now: now})
			if err != nil {
				return sight{}, fmt.Errorf("who sees the consultation: %w", err)
			}
			v.consultant = shown
		}
	}
	if !v.clinical() {
		if v.reader, err = reader(ctx, q, a, c); err != nil {
			return sight{}, err
		}
	}
	if !v.clinical() && !v.desk {
		if v.glass, err = s.broken(ctx, q, a, c.ResidentID, now); err != nil {
			return sight{}, err
		}
	}
	return v, nil
}

// reader is the role in which the actor reads a consultation of which a visit at home is part, without doing anything to it: of the house where the
// resident lives, when those who visit asked; of the two who made the visit of which it is the record. "" in none.
func reader(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation) (string, error) {
	if c.Visitors != nil && c.SubmittedAt != nil && a.Has(RoleNurse, RoleAttending) {
		resident, err := q.CaseResident(ctx, c.ResidentID)
		if err != nil {
			return "", fmt.Errorf("where the resident lives: %w", err)
		}
		return roleIn(a, resident.OrganisationID, []string{RoleAttending, RoleNurse}), nil
	}
	if c.Mode == modeVisit && c.InvitedOrgID != nil && a.In(*c.InvitedOrgID, bedsideRoles()...) {
		made, err := q.MadeVisit(ctx, db.MadeVisitParams{ConsultationID: &c.ID, ResidentID: c.ResidentID, UserID: a.UserID})
		if err != nil {
			return "", fmt.Errorf("who made the visit: %w", err)
		}
		if made {
			return roleIn(a, *c.InvitedOrgID, []string{RoleFamilyDoctor, RoleAttending, RoleNurse}), nil
		}
	}
	return "", nil
}

// dispatches says that the actor is a dispatcher of the hospital to which the request went, or of one that is asked while it
// waits. What another hospital answered stays in sight only of who assigned it or took charge.
func (s *Service) dispatches(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time) (bool, error) {
	hospitals := a.Organisations(RoleDispatcher)
	if len(hospitals) == 0 || c.InvitedOrgID == nil {
		return false, nil
	}
	if slices.Contains(hospitals, *c.InvitedOrgID) {
		return true, nil
	}
	if c.State != string(consult.StateOffered) && value(c.AssignedBy) != a.UserID && value(c.DispatcherID) != a.UserID {
		return false, nil
	}
	asked, err := q.AskedHospitals(ctx, db.AskedHospitalsParams{ConsultationID: c.ID, Now: now})
	if err != nil {
		return false, fmt.Errorf("who is asked: %w", err)
	}
	return overlap(hospitals, asked), nil
}

// consultantDepartments lists the departments in which the actor is a CONSULTANT.
func consultantDepartments(a identity.Actor) []uuid.UUID {
	list := []uuid.UUID{}
	for _, m := range a.Memberships {
		if m.Role == RoleConsultant && m.DepartmentID != nil && !slices.Contains(list, *m.DepartmentID) {
			list = append(list, *m.DepartmentID)
		}
	}
	return list
}

// require refuses an actor who has none of the roles, whatever the object.
func require(a identity.Actor, roles ...string) error {
	if !a.Has(roles...) {
		return problem.Forbidden()
	}
	return nil
}

// readConsultation loads a consultation for somebody who sees it; unknown and foreign ids are told apart by nobody.
func (s *Service) readConsultation(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, now time.Time) (db.Consultation, sight, error) {
	c, err := q.GetConsultation(ctx, id)
	return s.seen(ctx, q, a, c, now, err)
}

// lockConsultation is readConsultation with the row locked until the transaction ends. The instant is taken under the lock,
// so that the times of a consultation's events never run backwards.
func (s *Service) lockConsultation(ctx context.Context, q *db.Queries, lock rowLock, a identity.Actor, id uuid.UUID) (db.Consultation, sight, time.Time, error) {
	c, err := lock(q, ctx, id)
	if err != nil && !store.IsNone(err) {
		return c, sight{}, time.Time{}, fmt.Errorf("lock the consultation: %w", err)
	}
	now, clockErr := s.clock(ctx, q)
	if clockErr != nil {
		return c, sight{}, now, clockErr
	}
	c, v, err := s.seen(ctx, q, a, c, now, err)
	if err != nil && problem.Of(err).Code == "not_found" {
		err = s.answeredElsewhere(ctx, q, a, c, now, err)
	}
	return c, v, now, err
}

// answeredElsewhere tells who was asked that another hospital has just answered, as its own colleagues are told, instead of
// that there never was a request.
func (s *Service) answeredElsewhere(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time, notFound error) error {
	if c.DoctorID == nil || c.AcceptedAt == nil || c.AcceptedAt.Before(now.Add(-takenShown)) {
		return notFound
	}
	asked, err := s.inAudience(ctx, q, a, c, now)
	if err == nil && !asked && a.Has(RoleDispatcher) {
		var hospitals []uuid.UUID
		hospitals, err = q.AskedHospitals(ctx, db.AskedHospitalsParams{ConsultationID: c.ID, Now: now})
		asked = overlap(a.Organisations(RoleDispatcher), hospitals)
	}
	if err != nil {
		return fmt.Errorf("who was asked: %w", err)
	}
	if !asked {
		return notFound
	}
	current := s.current(ctx, q, c)
	return problem.New(http.StatusConflict, "already_claimed", problem.Args{"doctor": value(current.DoctorName)}).With(current)
}

func (s *Service) seen(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time, err error) (db.Consultation, sight, error) {
	if store.IsNone(err) {
		return c, sight{}, problem.NotFound()
	}
	if err != nil {
		return c, sight{}, fmt.Errorf("load the consultation: %w", err)
	}
	v, err := s.see(ctx, q, a, c, now)
	if err != nil {
		return c, sight{}, err
	}
	if !v.any() {
		return c, v, problem.NotFound()
	}
	return c, v, nil
}

// logAccess appends one read of personal data to the access log.
func (s *Service) logAccess(ctx context.Context, q *db.Queries, a identity.Actor, role, action, objectType string, object uuid.UUID) error {
	err := q.AppendAccess(ctx, db.AppendAccessParams{ID: newID(), UserID: &a.UserID, Role: role, Action: action,
		ObjectType: objectType, ObjectID: &object})
	if err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

// attachmentRole is the role in which the actor may look at a picture: 404 when in none.
func (s *Service) attachmentRole(ctx context.Context, q *db.Queries, a identity.Actor, row db.Attachment, now time.Time) (string, error) {
	byVisitors, unasked := false, false
	if row.ConsultationID != nil {
		c, err := q.GetConsultation(ctx, *row.ConsultationID)
		if err != nil {
			return "", fmt.Errorf("consultation of the picture: %w", err)
		}
		byVisitors = c.Visitors != nil
		unasked = byVisitors && c.SubmittedAt == nil // nobody's but of those who visit, whatever else of the resident is seen
	}
	if role := roleIn(a, row.OrganisationID, []string{RoleAttending, RoleNurse}); role != "" && !byVisitors {
		return role, nil
	}
	if row.VisitID != nil { // whoever visits sees what was photographed there
		v, err := q.VisitByID(ctx, *row.VisitID)
		if err != nil {
			return "", fmt.Errorf("visit: %w", err)
		}
		for _, role := range []string{string(consult.RoleFamilyDoctor), RoleAttending} {
			if a.In(v.OrganisationID, role) {
				return role, nil
			}
		}
		if (value(v.LeadID) == a.UserID || value(v.SecondID) == a.UserID) && a.In(v.OrganisationID, RoleNurse) {
			return RoleNurse, nil
		}
	}
	through := []uuid.UUID{}
	if row.ConsultationID != nil {
		through = append(through, *row.ConsultationID)
	}
	// A portrait, and a consent that was given earlier, are seen through the resident's present consultations.
	if row.ResidentID != nil && row.Kind != "PHOTO" && !unasked {
		more, err := q.AttachmentShown(ctx, *row.ResidentID)
		if err != nil {
			return "", fmt.Errorf("attachment: %w", err)
		}
		through = append(through, more...)
	}
	for _, id := range through {
		_, v, err := s.readConsultation(ctx, q, a, id, now)
		switch {
		case err == nil && v.clinical():
			return v.role(), nil
		case err != nil && problem.Of(err).Code != "not_found":
			return "", err
		}
	}
	return "", problem.NotFound()
}

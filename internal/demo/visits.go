package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// visited is a visit at home that the demo has asked for; with an appointment it is assessed and booked.
type visited struct {
	resident, by, reason string
	plans, eligibility   []string
	booked               bool
	address, note        string
	alone                bool
	lon, lat             float64
}

func homeVisits() []visited {
	return []visited{
		{resident: "zhao-fugui", by: "dr.su", reason: "骶尾部压疮换药，看创面变化", plans: []string{"PRESSURE_INJURY"}, eligibility: []string{"DISABLED"}, booked: true,
			address: "新城区兴安北路46号院3号楼1单元201", note: "女儿白天在家；楼下有台阶", lon: 111.702, lat: 40.851},
		{resident: "wang-deshun", by: "dr.su", reason: "心衰随访：水肿、体重、用药", plans: []string{"HEART_FAILURE"}, eligibility: []string{"AGED", "CHRONIC"}, booked: true,
			address: "新城区海拉尔东街12号2单元302", note: "听力差，敲门要重；门口有小狗", alone: true, lon: 111.725, lat: 40.838},
		{resident: "guo-meiling", by: "dr.su", reason: "脑卒中后康复指导，测血压", plans: []string{"STROKE"}, eligibility: []string{"DISABLED"}, booked: true,
			address: "新城区成吉思汗东街88号5号楼4单元101", lon: 111.741, lat: 40.846},
		{resident: "zhang-guilan", by: "nurse.li", reason: "回家休养两周，请上门复测血压和血糖", address: "新城区迎宾北路7号1单元402", note: "电梯可用", lon: 111.688, lat: 40.829},
	}
}

// tellVisits tells where the health centre and four homes are, and asks for visits there. The appointments are keyed "visit/resident".
func tellVisits(ctx context.Context, s *visits.Service, people map[string]identity.Actor, now time.Time, appointments map[string]uuid.UUID) error {
	centre := idOf("organisation", haidong)
	if _, err := s.SaveOrganisationPlace(ctx, people["admin.fang"], centre, contract.OrganisationPlace{Place: &contract.GeoPoint{Lon: 111.713, Lat: 40.842}}); err != nil {
		return fmt.Errorf("place of the centre: %w", err)
	}
	today := consult.DateOf(now)
	for _, h := range homeVisits() {
		who, doctor, resident := people[h.by], people["dr.su"], idOf("resident", h.resident)
		v, err := s.RequestVisit(ctx, who, idOf("command", "home visit", h.resident), contract.VisitRequest{OrganisationId: &centre, Kind: "HOME_VISIT", ResidentId: resident, Reason: h.reason, Plans: &h.plans,
			Source: map[bool]contract.VisitRequestSource{true: "PLAN", false: "NURSE"}[h.booked], WantedFrom: date(today), WantedTo: date(today.AddDays(14)), Minutes: new(40)})
		if err != nil {
			return fmt.Errorf("visit to %s: %w", h.resident, err)
		}
		if _, err := s.SaveResidentHome(ctx, who, resident, contract.ResidentHomeInput{Address: h.address, Note: &h.note, Alone: h.alone, Place: &contract.GeoPoint{Lon: h.lon, Lat: h.lat}}); err != nil {
			return fmt.Errorf("home of %s: %w", h.resident, err)
		}
		appointment, found := appointments["visit/"+h.resident]
		if !h.booked || !found {
			continue
		}
		if v, err = s.AssessVisit(ctx, doctor, idOf("command", "assessment", h.resident), v.Id, contract.VisitAssessment{Eligibility: h.eligibility}); err != nil {
			return fmt.Errorf("assessment of %s: %w", h.resident, err)
		}
		if _, err := s.BookVisit(ctx, who, idOf("command", "visit appointment", h.resident), v.Id, contract.VisitBooking{AppointmentId: appointment}); err != nil {
			return fmt.Errorf("appointment of the visit to %s: %w", h.resident, err)
		}
	}
	return nil
}

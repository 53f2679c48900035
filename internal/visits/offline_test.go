package visits_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// A visit was made without network, and everything of it arrives two hours later: each act keeps the device's time beside the server's,
// sending again changes nothing, and what somebody else did meanwhile is refused with what the visit is now.
func TestADayWithoutNetworkArrivesLater(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	s.Clock.Pass(10 * time.Minute)
	began := s.Clock.Now()
	at := func(minute int) *time.Time { then := began.Add(time.Duration(minute) * time.Minute); return &then }
	s.Clock.Pass(2 * time.Hour)
	heard := s.Clock.Now()

	arrive := id()
	for range 2 { // the answer to the first got lost
		got := must(t)(s.v.StepVisit(t.Context(), s.doctor, arrive, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, At: at(5)}))
		if !got.ArrivedAt.Equal(*at(5)) || !got.ArrivedHeardAt.Equal(heard) {
			t.Errorf("arrived %v, heard %v", got.ArrivedAt, got.ArrivedHeardAt)
		}
	}
	must(t)(s.v.SaveVisitRecord(t.Context(), s.doctor, id(), v.Id, contract.VisitRecordInput{Content: record(), At: at(20)}))
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.v.AddVisitPhoto(t.Context(), s.doctor, id(), v.Id, at(22), bytes.NewReader(picture.Bytes())); err != nil {
		t.Fatal(err)
	}
	must(t)(s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitSignature{Kind: "RESIDENT", Name: "张秀英", Png: caretest.Signature(), At: at(25)}))
	got := must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE, At: at(30)}))
	said := map[string]time.Time{}
	for _, e := range got.Events {
		if e.DeviceAt != nil {
			said[e.Type] = *e.DeviceAt
		}
	}
	for kind, minute := range map[string]int{"ARRIVE": 5, "RECORDED": 20, "PHOTO_ADDED": 22, "SIGNED_FOR": 25, "LEAVE": 30} {
		if !said[kind].Equal(*at(minute)) {
			t.Errorf("%s: the device said %v, kept is %v", kind, at(minute), said[kind])
		}
	}
	_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, At: at(4)}) // earlier than what is there
	refused(t, err, 409, "visit_step")
	if now := problem.Of(err).Visit; now == nil || now.State != "LEFT" || !now.ArrivedAt.Equal(*at(5)) {
		t.Errorf("the refusal does not show the visit: %+v", now)
	}
	_, err = s.v.SaveVisitRecord(t.Context(), s.doctor, id(), v.Id, contract.VisitRecordInput{Revision: 1, Content: record(), At: at(-60 * 24 * 8)})
	refused(t, err, 422, "invalid_request")
}

package travel_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/scheduler/route/travel"
)

func hohhot() travel.Place { return travel.Place{Name: "站", Lon: 111.75, Lat: 40.84} }
func baotou() travel.Place { return travel.Place{Name: "家", Lon: 109.84, Lat: 40.66} }

func TestEstimate(t *testing.T) {
	e := travel.Estimate{KmPerHour: 60, RoadFactor: 1, Extra: 30}
	table, err := e.Table(t.Context(), []travel.Place{hohhot(), baotou(), hohhot()})
	if err != nil {
		t.Fatal(err)
	}
	if m := table.Metres[1]; m < 162000 || m > 163000 { // 162.4 km as the crow flies
		t.Errorf("%d metres", m)
	}
	if s := table.Seconds[1]; s != 30+(table.Metres[1]*60+500)/1000 {
		t.Errorf("%d seconds", s)
	}
	if table.Seconds[2] != 0 {
		t.Errorf("%d seconds to where one is", table.Seconds[2])
	}
}

// In a town one is slower; a journey between town and country takes the mean.
func TestAreasHaveTheirOwnSpeed(t *testing.T) {
	e := travel.Estimate{KmPerHour: 60, RoadFactor: 1, Areas: []travel.Area{{West: 111, South: 40, East: 112, North: 41, KmPerHour: 30, RoadFactor: 2}}}
	table, err := e.Table(t.Context(), []travel.Place{hohhot(), baotou()})
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := travel.Estimate{KmPerHour: 45, RoadFactor: 1.5}.Table(t.Context(), []travel.Place{hohhot(), baotou()})
	if table.Seconds[1] != plain.Seconds[1] || table.Metres[1] != plain.Metres[1] {
		t.Errorf("%d s, %d m; want %d s, %d m", table.Seconds[1], table.Metres[1], plain.Seconds[1], plain.Metres[1])
	}
}

func TestPlacesThatAreNowhere(t *testing.T) {
	for _, e := range []travel.Estimate{{}, {KmPerHour: 40, RoadFactor: 0.5}} {
		if _, err := e.Table(t.Context(), []travel.Place{hohhot(), baotou()}); !errors.Is(err, travel.ErrPlace) {
			t.Errorf("%+v: %v", e, err)
		}
	}
	if _, err := travel.Rural().Table(t.Context(), []travel.Place{{Lat: 91}}); !errors.Is(err, travel.ErrPlace) {
		t.Error(err)
	}
}

func TestKnownJourneysGoFirst(t *testing.T) {
	known, err := travel.ReadJourneys(strings.NewReader("from,to,minutes,km\n站,家,100,170.5\n"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := travel.Known{Journeys: known, Else: travel.Rural()}.Table(t.Context(), []travel.Place{hohhot(), baotou()})
	if err != nil {
		t.Fatal(err)
	}
	if table.Seconds[1] != 6000 || table.Seconds[2] != 6000 || table.Metres[1] != 170500 {
		t.Errorf("%+v", table)
	}
	for _, bad := range []string{"", "from,to,minutes\n", "h,h,h,h\n站,家,-1,1\n", "h,h,h,h\n站,家,x,1\n", "h,h,h,h\n站,家,1,1\n站,家,1,1\n"} {
		if _, err := travel.ReadJourneys(strings.NewReader(bad)); !errors.Is(err, travel.ErrJourneys) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestARouteServerIsAskedAndNotNeeded(t *testing.T) {
	answer, status := `{"code":"Ok","durations":[[0,5400.4],[null,0]],"distances":[[0,171000],[171500,0]]}`, http.StatusOK
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
	defer server.Close()
	var failed error
	o := travel.OSRM{Server: server.URL, Else: travel.Rural(), Failed: func(err error) { failed = err }}
	places := []travel.Place{hohhot(), baotou()}
	estimate, _ := travel.Rural().Table(t.Context(), places)

	table, err := o.Table(t.Context(), places)
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if asked != "/table/v1/driving/111.7500,40.8400;109.8400,40.6600?annotations=duration,distance" {
		t.Errorf("asked %s", asked)
	}
	if table.Seconds[1] != 5400 || table.Seconds[2] != estimate.Seconds[2] || table.Metres[2] != 171500 {
		t.Errorf("%+v: what the server does not know is estimated", table)
	}
	for _, c := range []struct {
		answer string
		status int
	}{{`{"code":"NoTable"}`, 400}, {"<html>", 200}, {`{"code":"Ok","durations":[[0]]}`, 200}, {`{"code":"Ok","durations":[[0,1],[0]]}`, 200}} {
		answer, status, failed = c.answer, c.status, nil
		table, err := o.Table(t.Context(), places)
		if err != nil || table.Seconds[1] != estimate.Seconds[1] {
			t.Errorf("%q: %v, %+v", c.answer, err, table)
		}
		if !errors.Is(failed, travel.ErrServer) {
			t.Errorf("%q: nobody was told: %v", c.answer, failed)
		}
	}
	server.Close()
	failed = nil
	if table, err := o.Table(t.Context(), places); err != nil || table.Seconds[1] != estimate.Seconds[1] {
		t.Errorf("%v, %+v", err, table)
	}
	if failed == nil || strings.Contains(failed.Error(), "111.75") {
		t.Errorf("the reason is missing or says where somebody lives: %v", failed)
	}
}

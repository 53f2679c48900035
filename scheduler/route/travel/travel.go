package travel

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
)

// Place is a point on the earth, in degrees (WGS 84), with a name by which a table of journeys may know it.
type Place struct {
	Name     string
	Lon, Lat float64
}

// Matrix makes the table for some places, in their order.
type Matrix interface {
	Table(ctx context.Context, places []Place) (route.Table, error)
}

// Area is a rectangle in degrees with its own speed and roads, such as a town or the mountains.
type Area struct {
	West, South, East, North float64
	KmPerHour                float64
	RoadFactor               float64
}

// Estimate is the Matrix without a map. A journey takes the mean of the areas at its two ends.
type Estimate struct {
	KmPerHour  float64 // outside every area
	RoadFactor float64 // length of the road over the distance as the crow flies
	Areas      []Area  // the first that holds a point counts
	Extra      int64   // seconds for each journey: walking to the car and to the door
}

// Rural is the estimate where nothing is set: 40 km/h on roads 1.4 times as long as the distance, and two minutes to get in and out. The
// factor is what studies of road networks find (1.3 to 1.4); the speed is this project's own choice and a setting.
func Rural() Estimate { return Estimate{KmPerHour: 40, RoadFactor: 1.4, Extra: 120} }

func (e Estimate) at(p Place) (kmh, factor float64) {
	for _, a := range e.Areas {
		if p.Lon >= a.West && p.Lon <= a.East && p.Lat >= a.South && p.Lat <= a.North {
			return a.KmPerHour, a.RoadFactor
		}
	}
	return e.KmPerHour, e.RoadFactor
}

// ErrPlace says that a place is not on the earth, or a speed or factor is not above zero.
var ErrPlace = errors.New("travel: place or speed")

// Table estimates every journey.
func (e Estimate) Table(_ context.Context, places []Place) (route.Table, error) {
	n := len(places)
	t := route.Table{Places: n, Seconds: make([]int64, n*n), Metres: make([]int64, n*n)}
	for i, a := range places {
		if !(math.Abs(a.Lat) <= 90) || !(math.Abs(a.Lon) <= 180) {
			return t, fmt.Errorf("%w: %q at %g, %g", ErrPlace, a.Name, a.Lon, a.Lat)
		}
		speedA, factorA := e.at(a)
		for j, b := range places {
			speedB, factorB := e.at(b)
			if !(speedA > 0 && speedB > 0 && factorA >= 1 && factorB >= 1) {
				return t, fmt.Errorf("%w: %g km/h, factor %g", ErrPlace, min(speedA, speedB), min(factorA, factorB))
			}
			metres := haversine(a, b) * (factorA + factorB) / 2
			if i == j || metres < 1 {
				continue
			}
			t.Metres[i*n+j] = int64(math.Round(metres))
			t.Seconds[i*n+j] = e.Extra + int64(math.Round(metres/((speedA+speedB)/2/3.6)))
		}
	}
	return t, nil
}

// haversine is the distance as the crow flies, in metres.
func haversine(a, b Place) float64 {
	const earth = 6371008.8 // mean radius, IUGG
	rad := math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Known is a table of journeys that somebody has driven, before another Matrix.
type Known struct {
	Journeys map[[2]string]Journey
	Else     Matrix
}

// Journey is one way.
type Journey struct{ Seconds, Metres int64 }

// ErrJourneys is wrapped by every error in a table of journeys; it names the line.
var ErrJourneys = errors.New("travel: journeys")

// ReadJourneys reads CSV with the heading from,to,minutes,km. A journey that is given one way only counts for both.
func ReadJourneys(r io.Reader) (map[[2]string]Journey, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 4
	all := map[[2]string]Journey{}
	given := map[[2]string]bool{}
	for line := 1; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			if line == 1 {
				return nil, fmt.Errorf("%w: empty", ErrJourneys)
			}
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrJourneys, err)
		}
		if line == 1 {
			continue
		}
		minutes, err1 := strconv.ParseFloat(row[2], 64)
		km, err2 := strconv.ParseFloat(row[3], 64)
		if err1 != nil || err2 != nil || !(minutes >= 0 && minutes <= 24*60) || !(km >= 0 && km <= 5000) || row[0] == "" || row[1] == "" {
			return nil, fmt.Errorf("%w: line %d", ErrJourneys, line)
		}
		there, back := [2]string{row[0], row[1]}, [2]string{row[1], row[0]}
		if given[there] {
			return nil, fmt.Errorf("%w: line %d gives a journey again", ErrJourneys, line)
		}
		given[there] = true
		all[there] = Journey{int64(math.Round(minutes * 60)), int64(math.Round(km * 1000))}
		if !given[back] {
			all[back] = all[there]
		}
	}
}

// Table asks Else and puts what is known over it.
func (k Known) Table(ctx context.Context, places []Place) (route.Table, error) {
	t, err := k.Else.Table(ctx, places)
	if err != nil {
		return t, err
	}
	for i, a := range places {
		for j, b := range places {
			if journey, ok := k.Journeys[[2]string{a.Name, b.Name}]; ok && i != j {
				t.Seconds[i*t.Places+j] = journey.Seconds
				if len(t.Metres) > 0 {
					t.Metres[i*t.Places+j] = journey.Metres
				}
			}
		}
	}
	return t, nil
}

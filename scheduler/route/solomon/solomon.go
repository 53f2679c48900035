package solomon

import (
	"embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
)

//go:embed *.csv
var files embed.FS

// Instance is a published problem. Best is in tenths of Solomon's unit, as the problem's travel times are.
type Instance struct {
	Name      string
	Customers int
	Capacity  int64
	Best      int64
}

// Instances are those that are included.
func Instances() []Instance {
	return []Instance{
		{"C101", 25, 200, 1913}, {"R101", 25, 200, 6171}, {"RC101", 25, 200, 4611},
		{"C201", 25, 700, 2147}, {"R201", 25, 1000, 4633}, {"RC201", 25, 1000, 3602},
		{"C101", 100, 200, 8273}, {"R101", 100, 200, 16377}, {"RC101", 100, 200, 16198},
		{"C201", 100, 700, 5891}, {"R201", 100, 1000, 11432}, {"RC201", 100, 1000, 12618},
	}
}

// cars is the fleet of every instance.
const cars = 25

// Problem reads the instance: travel counts, nothing else does.
func (i Instance) Problem() (*route.Problem, error) {
	f, err := files.Open(strings.ToLower(i.Name) + ".csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	rows = rows[1 : i.Customers+2] // without the heading; the first is the depot
	numbers := make([][]int64, len(rows))
	for r, row := range rows {
		for _, cell := range row {
			n, err := strconv.ParseInt(cell, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", i.Name, r+2, err)
			}
			numbers[r] = append(numbers[r], n)
		}
	}
	p := &route.Problem{Weights: route.Weights{Travel: 1}, Travel: route.Table{Places: len(rows)}}
	for _, a := range numbers {
		for _, b := range numbers {
			p.Travel.Seconds = append(p.Travel.Seconds, int64(math.Floor(10*math.Hypot(float64(a[1]-b[1]), float64(a[2]-b[2])))))
		}
	}
	depot := numbers[0]
	for range cars {
		p.Doctors = append(p.Doctors, route.Doctor{Shift: route.Window{From: depot[4] * 10, To: depot[5] * 10}, Capacity: []int64{i.Capacity}})
	}
	for c, n := range numbers[1:] {
		p.Visits = append(p.Visits, route.Visit{ID: n[0], Place: c + 1, Service: n[6] * 10, Doctor: route.Anybody, Load: []int64{n[3]},
			Windows: []route.Window{{From: n[4] * 10, To: n[5] * 10}}})
	}
	return p, p.Check()
}

package travel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
)

// OSRM asks a server that speaks OSRM's table service (https://project-osrm.org/docs/v5.24.0/api/#table-service). Where it does not
// answer, or knows no road, Else does: a day is planned in any case. Nothing but coordinates leaves, rounded to ten metres, so it
// should be a server of the institution's own.
type OSRM struct {
	Server string // such as http://routes.example.org:5000
	Client *http.Client
	Else   Matrix
	Failed func(error) // is told why Else was asked, if it is not nil
}

// ErrServer is wrapped by what Failed is told.
var ErrServer = errors.New("travel: route server")

// largest is how much of an answer is read: a hundred places need some 200 KB.
const largest = 8 << 20

// Table asks the server once.
func (o OSRM) Table(ctx context.Context, places []Place) (route.Table, error) {
	estimate, err := o.Else.Table(ctx, places)
	if err != nil || len(places) < 2 {
		return estimate, err
	}
	answer, err := o.ask(ctx, places)
	if err != nil {
		if o.Failed != nil {
			o.Failed(fmt.Errorf("%w: %w", ErrServer, err))
		}
		return estimate, nil
	}
	n := len(places)
	for i := range n {
		for j := range n {
			if s := answer.Durations[i][j]; i != j && s != nil && *s >= 0 && *s < 1e6 {
				estimate.Seconds[i*n+j] = int64(math.Round(*s))
			}
			if len(answer.Distances) == n && len(answer.Distances[i]) == n {
				if m := answer.Distances[i][j]; i != j && m != nil && *m >= 0 && *m < 1e8 {
					estimate.Metres[i*n+j] = int64(math.Round(*m))
				}
			}
		}
	}
	return estimate, nil
}

type osrmTable struct {
	Code      string       `json:"code"`
	Durations [][]*float64 `json:"durations"`
	Distances [][]*float64 `json:"distances"`
}

func (o OSRM) ask(ctx context.Context, places []Place) (*osrmTable, error) {
	var at []string
	for _, p := range places {
		at = append(at, strconv.FormatFloat(p.Lon, 'f', 4, 64)+","+strconv.FormatFloat(p.Lat, 'f', 4, 64))
	}
	address, err := url.JoinPath(o.Server, "table/v1/driving", strings.Join(at, ";"))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?annotations=duration,distance", nil)
	if err != nil {
		return nil, err
	}
	client := o.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err // without the address: it holds where residents live
		}
		return nil, err
	}
	defer response.Body.Close()
	var t osrmTable
	if err := json.NewDecoder(io.LimitReader(response.Body, largest)).Decode(&t); err != nil {
		return nil, fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	if response.StatusCode != http.StatusOK || t.Code != "Ok" {
		return nil, fmt.Errorf("status %d, code %.40q", response.StatusCode, t.Code)
	}
	if len(t.Durations) != len(places) {
		return nil, fmt.Errorf("%d rows for %d places", len(t.Durations), len(places))
	}
	for _, row := range t.Durations {
		if len(row) != len(places) {
			return nil, errors.New("rows of different length")
		}
	}
	return &t, nil
}

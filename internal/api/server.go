package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/remind"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// Deps is what the HTTP contract stands on.
type Deps struct {
	Care     *care.Service
	Goals    *goals.Service
	Visits   *visits.Service
	Remind   *remind.Service
	Booking  *booking.Service
	Panel    *panel.Service
	Identity *identity.Service
	// Checkpoint makes a signed checkpoint of the hash chains, in the contract's shape.
	Checkpoint func(context.Context) (any, error)
	Log        *slog.Logger
	Now        func() time.Time

	Version, Build string
	ConsultPhone   string
	DemoAccounts   []contract.DemoAccount // shown on the sign-in page; empty outside of a demo
	Origins        []string               // further origins whose pages may use the cookie
	SecureCookies  bool                   // served by HTTPS
	PublicURL      string                 // the address that users type; empty: that of the request
	MaxUpload      int64                  // bytes
}

type server struct {
	Deps
	logins   *throttle
	families *throttle // pages of families
	checks   *throttle // of prints
}

var _ contract.StrictServerInterface = (*server)(nil)

// Spec reads the contract that is built into the program.
func Spec() (*openapi3.T, error) {
	spec, err := contract.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return spec, nil
}

// New gives the handler of everything below /api/.
func New(d Deps) (http.Handler, error) {
	spec, err := Spec()
	if err != nil {
		return nil, err
	}
	g, err := newGate(spec, d.MaxUpload)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}

	s := &server{Deps: d, logins: newThrottle(d.Now), checks: newThrottle(d.Now), families: newThrottle(d.Now)}
	refuse := func(w http.ResponseWriter, r *http.Request, err error) { Refuse(d.Log, w, r, err) }
	strict := contract.NewStrictHandlerWithOptions(s, nil, contract.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  func(w http.ResponseWriter, r *http.Request, err error) { refuse(w, r, refusal(err, maxBody)) },
		ResponseErrorHandlerFunc: refuse,
	})
	routes := contract.HandlerWithOptions(strict, contract.StdHTTPServerOptions{
		BaseRouter:       http.NewServeMux(),
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { refuse(w, r, refusal(err, maxBody)) },
	})
	return noStore(s.authenticate(g.wrap(telemetry.Route(routes), refuse))), nil
}

// writeLimit is the time for an answer, from the request's head to its last byte: the largest photo over a poor line.
const writeLimit = 3 * time.Minute

// noStore keeps answers out of shared caches; a handler may say otherwise.
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		// Whoever does not read holds a connection for so long and no longer.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeLimit))
		next.ServeHTTP(w, r)
	})
}

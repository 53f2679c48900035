package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// awaySeconds is when to try again while the database is away.
const awaySeconds = 2

// Refuse writes an error as a Problem in the caller's language. A status of 500 and above is logged with its cause.
func Refuse(log *slog.Logger, w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	if p.Status == http.StatusInternalServerError && store.IsAway(err) {
		// Commands are known by their key, so trying again does no harm even when this one was carried out.
		p = problem.New(http.StatusServiceUnavailable, "unavailable", nil).Because(err)
		p.RetryAfterSeconds = awaySeconds
	}
	id := telemetry.RequestID(r.Context())
	// Who has left - a page that was closed, a list that was asked for anew - is not waiting, and nothing has failed.
	left := r.Context().Err() != nil && errors.Is(err, context.Canceled)
	if p.Status >= http.StatusInternalServerError && !left {
		log.ErrorContext(r.Context(), "request failed", "code", p.Code, "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.RetryAfterSeconds > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfterSeconds))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Contract(locale(r), id))
}

// locale is the language of sentences: Accept-Language, as far as we have it.
func locale(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch {
		case strings.HasPrefix(strings.ToLower(tag), "zh"):
			return "zh-CN"
		case strings.HasPrefix(strings.ToLower(tag), "en"):
			return "en"
		}
	}
	return "zh-CN"
}

package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A cause is logged as an error when something failed, and not when the caller has gone.
func TestWhoHasLeftIsNoFailure(t *testing.T) {
	t.Parallel()
	logged := func(ctx context.Context, err error) bool {
		var out strings.Builder
		w := httptest.NewRecorder()
		Refuse(slog.New(slog.NewTextHandler(&out, nil)), w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), err)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%v: %d", err, w.Code)
		}
		return strings.Contains(out.String(), "level=ERROR")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if logged(gone, fmt.Errorf("queue: %w", context.Canceled)) {
		t.Error("who has left is logged as a failure")
	}
	if !logged(gone, errors.New("broken")) || !logged(t.Context(), fmt.Errorf("queue: %w", context.Canceled)) {
		t.Error("a failure is not logged")
	}
}

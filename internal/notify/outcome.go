package notify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Outcome is what came of one attempt.
type Outcome struct {
	OK       bool
	Status   int    // of the HTTP answer; 0 without one
	Code     string // of the catalogue, "" when all is well
	Provider string // the provider's own code

	retry bool
	pause time.Duration // the provider asked for one
	gone  bool          // the recipient's address is no more
}

// The codes of failures.
const (
	codeUnreachable = "notify_unreachable"
	codeTimeout     = "notify_timeout"
	codeForbidden   = "notify_address_private"
	codeRedirect    = "notify_redirect"
	codeRateLimited = "notify_rate_limited"
	codeUnavailable = "notify_provider_down"
	codeRefused     = "notify_refused"
	codeCredentials = "notify_credentials"
	codeAnswer      = "notify_answer"
	codeGone        = "notify_subscription_gone"
	codeNoRecipient = "notify_no_recipient"
	codeDisabled    = "notify_channel_disabled"
	codeUnreadable  = "notify_unreadable"
	codeTooLate     = "notify_too_late"
)

// CodeNotPlanned marks the dead letters of a fact of which no messages could be made.
const CodeNotPlanned = "notify_not_planned"

// longestAnswer is what is read of an answer, in bytes.
const longestAnswer = 16 << 10

// unsent says why no answer came.
func unsent(err error) Outcome {
	var timeout net.Error
	switch {
	case errors.Is(err, errForbiddenAddress):
		return Outcome{Code: codeForbidden}
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return Outcome{Code: codeTimeout, retry: true}
	}
	return Outcome{Code: codeUnreachable, retry: true}
}

// exchange sends one request and reads the answer to its bound. The outcome is that of the HTTP status alone.
func exchange(client *http.Client, r *http.Request, now time.Time) ([]byte, Outcome) {
	answer, err := client.Do(r)
	if err != nil {
		return nil, unsent(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if err != nil && answer.StatusCode < 300 {
		o := unsent(err) // a provider that took it may not have: once more, with the same id
		o.Status = answer.StatusCode
		return nil, o
	}
	return body, byStatus(answer, now)
}

func byStatus(answer *http.Response, now time.Time) Outcome {
	o := Outcome{Status: answer.StatusCode}
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		o.OK = true
	case code >= 300 && code < 400:
		o.Code = codeRedirect
	case code == http.StatusTooManyRequests:
		o.Code, o.retry, o.pause = codeRateLimited, true, pauseOf(answer.Header.Get("Retry-After"), now)
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || code >= 500:
		o.Code, o.retry, o.pause = codeUnavailable, true, retryAfterOf(answer.Header.Get("Retry-After"), now)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		o.Code = codeCredentials
	default:
		o.Code = codeRefused
	}
	return o
}

// defaultPause is kept when a provider says "too many" and not until when.
const defaultPause = time.Minute

func pauseOf(header string, now time.Time) time.Duration {
	if d := retryAfterOf(header, now); d > 0 {
		return d
	}
	return defaultPause
}

// retryAfterOf reads seconds or a date; 0 when there is none. No more than longestPause.
func retryAfterOf(header string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(header); err == nil {
		d = time.Duration(min(max(n, 0), int(longestPause/time.Second))) * time.Second
	} else if t, err := http.ParseTime(header); err == nil {
		d = t.Sub(now)
	}
	return min(max(d, 0), longestPause)
}

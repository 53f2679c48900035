package telemetry

import (
	"bufio"
	"net"
	"net/http"
)

// recorder notes what a handler answers. It is a Hijacker and a Flusher itself because the WebSocket upgrade asks for
// these by type.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the head is written; 101 after a hijack
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	// An informational head (1xx) comes before the real one, except 101, which ends HTTP.
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil {
		r.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap lets [http.ResponseController] reach the connection's deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// IsAway says that err comes of a database that cannot serve just now: not reachable, stopping or starting, without room or connections,
// or held up by a lock. The same request may succeed in a moment. Whether a transaction that ended like this was committed is not known.
func IsAway(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch {
		case strings.HasPrefix(pe.Code, "08"), // connection
			strings.HasPrefix(pe.Code, "53"),       // out of disk, memory, connections
			strings.HasPrefix(pe.Code, "58"),       // the operating system failed it
			pe.Code == "57P01", pe.Code == "57P02", // stopped, crashed
			pe.Code == "57P03", pe.Code == "57P05", // cannot connect now, idle for too long
			pe.Code == "55P03", pe.Code == "25P03", // a lock, or an idle transaction, took too long
			pe.Code == "40001", pe.Code == "40P01", pe.Code == "57014": // tried often enough; cancelled
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded)
}

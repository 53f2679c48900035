//go:build !linux

package chaos

// Apart does nothing here.
func Apart() (code int, apart bool) { return 0, false }

package app

import (
	"slices"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/demo"
)

// The demo's password opens accounts on this machine only, with the demo setting or without: a database that a demo has
// filled keeps its accounts.
func TestDemoPasswordIsRefusedBeyondLoopback(t *testing.T) {
	t.Parallel()
	for listen, refused := range map[string]bool{"127.0.0.1:8443": false, "[::1]:8443": false, "localhost:8443": false,
		"0.0.0.0:8443": true, ":8443": true, "192.168.1.5:8443": true, "[::]:8443": true} {
		for _, on := range []bool{true, false} {
			if got := slices.Contains(refusedPasswords(&config.Config{Listen: listen, Demo: on}), demo.Password); got != refused {
				t.Errorf("listen %s: refused %v, want %v", listen, got, refused)
			}
		}
	}
}

//go:build unix && !linux

package embedded

import "syscall"

// setDeathSignal: only Linux tells children of their parent's death. Elsewhere a server that outlives a killed owner is
// ended by the next start.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

//go:build unix && !linux

package embedded

import "syscall"

// namespaceAttr: only Linux has user namespaces; nil says so.
func namespaceAttr(int, int) *syscall.SysProcAttr { return nil }

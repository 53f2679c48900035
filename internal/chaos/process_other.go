//go:build !linux

package chaos

import "syscall"

func onThread(f func()) { f() }

func dieWithParent(*syscall.SysProcAttr) {}

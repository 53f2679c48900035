package chaos

import (
	"runtime"
	"syscall"
)

// onThread runs f on a goroutine that keeps its thread: the kernel ends a child when the thread that started it ends.
func onThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}

func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

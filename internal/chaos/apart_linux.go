package chaos

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// apartKey marks the process that runs in a mount namespace of its own.
const apartKey = "LIANZHEN_CHAOS_APART"

// Apart runs this program again in a mount namespace of its own, so that nothing that is mounted outlives it, and gives the exit code.
// It does nothing, and says so, in that process, and where the right is missing.
func Apart() (code int, apart bool) {
	if os.Getenv(apartKey) != "" || os.Geteuid() != 0 {
		return 0, false
	}
	self, err := os.Executable()
	if err != nil {
		return 0, false
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), apartKey+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGTERM}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	done := make(chan error, 1)
	started := make(chan error, 1)
	go onThread(func() {
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	})
	if <-started != nil {
		return 0, false
	}
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s)
		case err := <-done:
			var exit *exec.ExitError
			switch {
			case err == nil:
				return 0, true
			case errors.As(err, &exit) && exit.ExitCode() > 0:
				return exit.ExitCode(), true
			}
			return 2, true
		}
	}
}

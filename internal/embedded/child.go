package embedded

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// child is a server process with one end: ended is closed after it, whatever the cause.
type child struct {
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended; read after ended
	alone bool  // it ended without being told to, which done has reported; read after ended
	done  chan error
	told  atomic.Bool // it was told to stop, so its end is no news
}

// startChild starts cmd in its own process group, so that an interrupt typed at the terminal reaches us alone and we stop
// the servers after their users. The death signal reaches it when we die.
func startChild(name string, cmd *exec.Cmd, death syscall.Signal) (*child, error) {
	cmd.SysProcAttr.Setpgid = true
	setDeathSignal(cmd.SysProcAttr, death)
	c := &child{name: name, cmd: cmd, ended: make(chan struct{}), done: make(chan error, 1)}
	started := make(chan error)
	go func() {
		// The parent whose death the kernel watches is the thread that forked, not the process: keep the thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		c.alone = !c.told.Load()
		close(c.ended)
		if c.alone {
			c.done <- fmt.Errorf("%s ended by itself: %w", name, orClean(c.err))
		}
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return c, nil
}

func orClean(err error) error {
	if err == nil {
		return errors.New("exit code 0")
	}
	return err
}

// stop asks with polite, waits until the context or stopWait ends, then insists with rude, and at last kills. It returns
// nil only when the polite way was enough, or when the child had ended by itself, which done has reported. It may be called again and by several.
func (c *child) stop(ctx context.Context, polite, rude syscall.Signal) error {
	c.told.Store(true)
	if c.wait(ctx, polite, stopWait) {
		var exit *exec.ExitError
		if c.err == nil || c.alone || (errors.As(c.err, &exit) && signaled(exit, polite)) {
			return nil
		}
		return fmt.Errorf("stop %s: %w", c.name, c.err)
	}
	if !c.wait(context.WithoutCancel(ctx), rude, 5*time.Second) {
		c.wait(context.WithoutCancel(ctx), syscall.SIGKILL, 5*time.Second)
	}
	return fmt.Errorf("%s did not stop in time and was ended; its log has the reason", c.name)
}

func signaled(exit *exec.ExitError, sig syscall.Signal) bool {
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == sig
}

func (c *child) wait(ctx context.Context, sig syscall.Signal, d time.Duration) bool {
	_ = c.cmd.Process.Signal(sig)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.ended:
		return true
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

// ready polls ask until it succeeds, the child ends, or the time is up.
func (c *child) ready(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for {
		one, stop := context.WithTimeout(ctx, 2*time.Second)
		err := ask(one)
		stop()
		if err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("%s ended while it started: %w", c.name, orClean(c.err))
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer: %w (last answer: %w)", c.name, ctx.Err(), err)
		case <-pause.C:
		}
	}
}

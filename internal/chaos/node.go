package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/chaos/wire"
)

// node is one server process with lines of its own to PostgreSQL and to Redis, and one from its clients.
type node struct {
	name            string
	site            *Site
	listen, media   string
	clients         *wire.Line // virtual people connect here
	postgres, redis *wire.Line
	binary          string
	env             []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process of now has ended
	wanted bool          // it should be running
	died   []string      // unexpected ends
}

const (
	startWait = 3 * time.Minute // on a machine that compiles something else at the same time
	stopWait  = 30 * time.Second
)

func (n *node) base() string { return "http://" + n.clients.Address() }

func (n *node) direct() string { return "http://" + n.listen }

// start runs the process and returns when it is ready to serve.
func (n *node) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(n.site.dir, n.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(n.binary, "serve", "-demo", "-node", n.name, "-listen", n.listen, "-media-udp", n.media, "-data-dir", filepath.Join(n.site.dir, n.name),
		"-encryption-key-file", filepath.Join(n.site.dir, "keys"), "-log-format", "text", "-log-level", "info", "-access-token-ttl", "1h", "-shutdown-grace", "10s")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + n.site.dir, "TZ=UTC",
		"DATABASE_URL=" + n.site.databaseThrough(n.postgres), "REDIS_URL=" + n.site.redisThrough(n.redis)}, n.env...)
	cmd.Stdout, cmd.Stderr = log, log
	ended, err := startProcess(cmd)
	if err != nil {
		return fmt.Errorf("start %s: %w", n.name, err)
	}
	n.mu.Lock()
	n.cmd, n.ended, n.wanted = cmd, ended, true
	n.mu.Unlock()
	go n.mourn(cmd, ended)
	return n.ready(ctx, startWait)
}

// startProcess starts a child that dies with this program, and tells when it has ended.
func startProcess(cmd *exec.Cmd) (ended chan struct{}, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	ended = make(chan struct{})
	started := make(chan error)
	go onThread(func() {
		dieWithParent(cmd.SysProcAttr)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(ended)
		}
	})
	return ended, <-started
}

// mourn notes an end that nobody wanted.
func (n *node) mourn(cmd *exec.Cmd, ended <-chan struct{}) {
	<-ended
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == cmd && n.wanted {
		n.wanted = false
		n.died = append(n.died, fmt.Sprintf("%s ended by itself: %s", n.name, cmd.ProcessState))
	}
}

// deaths tells the unexpected ends since the last time.
func (n *node) deaths() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.died
	n.died = nil
	return out
}

// running says whether there is a process.
func (n *node) running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return false
	}
	select {
	case <-n.ended:
		return false
	default:
		return true
	}
}

func (n *node) signal(sig syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		select {
		case <-n.ended: // the number may be somebody else's by now
		default:
			_ = n.cmd.Process.Signal(sig)
		}
	}
}

// end signals and waits for the end; after stopWait it kills.
func (n *node) end(sig syscall.Signal) {
	n.mu.Lock()
	n.wanted = false
	cmd, ended := n.cmd, n.ended
	n.mu.Unlock()
	if cmd == nil {
		return
	}
	n.signal(syscall.SIGCONT)
	n.signal(sig)
	select {
	case <-ended:
		return
	case <-time.After(stopWait):
	}
	n.signal(syscall.SIGKILL)
	<-ended
}

// ready waits until the node says that it can serve.
func (n *node) ready(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var last error
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.direct()+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := n.site.http.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("readyz says %d", res.StatusCode)
		}
		last = err
		if !n.running() {
			return fmt.Errorf("%s ended while it started; its log ends with\n%s", n.name, n.lastWords())
		}
		if !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("%s is not ready: %w", n.name, errors.Join(ctx.Err(), last))
		}
	}
}

// lastWords are the last lines of the node's log.
func (n *node) lastWords() string {
	text, err := os.ReadFile(filepath.Join(n.site.dir, n.name+".log"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// sample reads the node's metrics.
func (n *node) sample(ctx context.Context) (check.Sample, error) {
	s := check.Sample{Node: n.name}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.direct()+"/metrics", nil)
	if err != nil {
		return s, err
	}
	res, err := n.site.http.Do(req)
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, text, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if labels := strings.LastIndexByte(lines.Text(), '}'); labels > 0 {
			name, text = lines.Text()[:labels+1], strings.TrimSpace(lines.Text()[labels+1:])
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		bare, _, _ := strings.Cut(name, "{")
		switch bare {
		case "go_goroutines":
			s.Goroutines = int(value)
		case "process_open_fds":
			s.Files = int(value)
		case "process_resident_memory_bytes":
			s.Resident = int64(value)
		case "lianzhen_signaling_sockets", "lianzhen_ws_sockets":
			s.Sockets += int(value)
		case "lianzhen_queue_index_drift":
			s.Drift += value
		}
	}
	return s, nil
}

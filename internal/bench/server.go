package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// server is the real server in a process of its own, on the run's databases.
type server struct {
	addr    string // host:port
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	client  *http.Client
	log     string
	waiting chan error
}

// startServer starts it: the program itself, with the arguments that lead to [Child].
func startServer(ctx context.Context, p *place, child []string) (_ *server, err error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &server{addr: addr, log: filepath.Join(p.dir, "server.log"), waiting: make(chan error, 1),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256}}}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := append(append([]string{}, child[1:]...), "--listen", addr, "--media-udp", "127.0.0.1:0", "--data-dir", filepath.Join(p.dir, "server"),
		"--encryption-key-file", p.keyFile, "--log-level", "warn", "--log-format", "text", "--consult-phone", "0471-0000000")
	s.cmd = exec.Command(child[0], args...)
	s.cmd.Env = append(os.Environ(), "DATABASE_URL="+p.dsn, "REDIS_URL="+p.redisURL)
	s.cmd.Stderr = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	go func() { s.waiting <- s.cmd.Wait() }()
	for deadline := time.Now().Add(time.Minute); ; {
		answer, err := s.client.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		select {
		case err := <-s.waiting:
			text, _ := os.ReadFile(s.log)
			return nil, fmt.Errorf("the server ended: %w\n%s", err, text)
		default:
		}
		if time.Now().After(deadline) {
			_ = s.cmd.Process.Kill()
			return nil, fmt.Errorf("the server is not ready after a minute: %w", err)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			_ = s.cmd.Process.Kill()
			return nil, err
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// ask puts one line to the child and reads its answer.
func (s *server) ask(command string, into any) error {
	if _, err := fmt.Fprintln(s.in, command); err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	return json.Unmarshal(line, into)
}

func (s *server) memory() (m memory, err error) { return m, s.ask("memory", &m) }

// stop ends the server and waits for it.
func (s *server) stop() error {
	_ = s.in.Close()
	s.client.CloseIdleConnections()
	select {
	case err := <-s.waiting:
		return err
	case <-time.After(closeTime):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("the server did not stop in %v", closeTime)
	}
}

// command gives one command on a consultation by HTTP, as a page does.
func (s *server) command(ctx context.Context, who person, id uuid.UUID, name string, body any) (c contract.Consultation, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return c, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://%s/api/v1/consultations/%s/%s", s.addr, id, name), bytes.NewReader(raw))
	if err != nil {
		return c, err
	}
	r.Header.Set("Authorization", "Bearer "+who.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", newID().String())
	answer, err := s.client.Do(r)
	if err != nil {
		return c, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return c, err
	}
	if answer.StatusCode != http.StatusOK {
		return c, fmt.Errorf("%s: %s: %.300s", name, answer.Status, text)
	}
	return c, json.Unmarshal(text, &c)
}

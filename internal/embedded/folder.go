package embedded

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// lockFolder takes the folder's lock, or says who has it. The lock belongs to the open file, which children do not
// inherit, so it ends with this process and with nothing else.
func lockFolder(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		text, _ := io.ReadAll(io.LimitReader(f, 32))
		pid, _ := strconv.Atoi(string(bytes.TrimSpace(text)))
		return nil, &InUseError{Dir: dir, PID: pid}
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(strconv.AppendInt(nil, int64(os.Getpid()), 10), 0)
	}
	return func() { _ = f.Close() }, nil
}

// socketPathMax is what the kernel takes in sun_path, less its closing zero byte.
const socketPathMax = 107

// socketDir gives a folder for the socket file name: inside dir when the whole path is short enough, else in the
// temporary directory under a name that only dir decides. It belongs to the user who runs the server.
func socketDir(dir, name string, who ordinary) (string, error) {
	sockets := filepath.Join(dir, "s")
	if len(sockets)+1+len(name) > socketPathMax {
		sockets = filepath.Join("/tmp", fmt.Sprintf("lianzhen-%d-%s", os.Geteuid(), shortHash(dir)))
	}
	if err := who.private(sockets); err != nil {
		return "", err
	}
	return sockets, who.takeOver(sockets)
}

func shortHash(s string) string {
	h := sha256.Sum256([]byte(s))
	return fmt.Sprintf("%x", h[:6])
}

// openLog opens the server's own log for appending; one that has grown past 16 MiB becomes the single older one.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > 16<<20 {
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	return f, nil
}

// lastLines gives the end of a log for an error message.
func lastLines(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

package embedded

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// leftOverWait is how long an orphan may take for the clean stop that its owner's death already asked of it.
const leftOverWait = 15 * time.Second

// endLeftOvers ends the processes with one of these names whose working folder is dir, and returns how many there were.
// Both servers work in their data folder, which tells ours from all others. The caller holds the folder's lock, so
// whatever still runs there is an orphan: usually a postmaster that is finishing its clean stop, sometimes a session that
// outlived a killed postmaster and keeps the shared memory, with which no new start is possible.
func endLeftOvers(dir string, polite syscall.Signal, names ...string) int {
	found := inFolder(dir, names)
	if len(found) == 0 {
		return 0
	}
	for _, pid := range found {
		_ = syscall.Kill(pid, polite)
	}
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	killAt := time.Now().Add(leftOverWait)
	giveUp := killAt.Add(5 * time.Second)
	for now := time.Now(); now.Before(giveUp); now = <-pause.C {
		left := inFolder(dir, names)
		if len(left) == 0 {
			break
		}
		// Sessions without their postmaster have nobody to end them.
		if now.After(killAt) || !hasParentAmong(left) {
			for _, pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	return len(found)
}

func inFolder(dir string, names []string) []int {
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if to, err := os.Readlink(link); err != nil || to != dir {
			continue
		}
		proc := filepath.Dir(link)
		comm, _ := os.ReadFile(filepath.Join(proc, "comm"))
		if pid, err := strconv.Atoi(filepath.Base(proc)); err == nil && pid > 1 && slices.Contains(names, strings.TrimSpace(string(comm))) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// hasParentAmong says whether the group still has its head: a process that is the parent of another, or a lone server.
func hasParentAmong(pids []int) bool {
	for _, pid := range pids {
		if slices.Contains(pids, parentOf(pid)) {
			return true
		}
	}
	return len(pids) == 1 && isServerHead(pids[0])
}

// parentOf reads the fourth field of /proc/PID/stat, which stands second after the name in brackets.
func parentOf(pid int) int {
	text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if i := strings.LastIndexByte(string(text), ')'); i >= 0 {
		if fields := strings.Fields(string(text[i+1:])); len(fields) > 1 {
			parent, _ := strconv.Atoi(fields[1])
			return parent
		}
	}
	return 0
}

// isServerHead tells a server's first process from a PostgreSQL session, which renames itself "postgres: …".
func isServerHead(pid int) bool {
	line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	return !strings.HasPrefix(string(line), "postgres: ")
}

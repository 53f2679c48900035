package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the kernel's processor times (USER_HZ, the same on all of Linux's usual machines).
const tick = 10 * time.Millisecond

// cpuOf is the time that processes have used: their own, that of their children, and that of children who have ended. Others who
// use the machine at the same time make requests slower, but hardly dearer.
func cpuOf(pids ...int) time.Duration {
	var all time.Duration
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// After the name in brackets: parent is field 4; utime, stime, cutime and cstime are 14 to 17.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(fields) < 15 {
			continue
		}
		parent, err := strconv.Atoi(fields[1])
		if err != nil || !slices.Contains(pids, pid) && !slices.Contains(pids, parent) {
			continue
		}
		for _, f := range fields[11:15] {
			if ticks, err := strconv.ParseInt(f, 10, 64); err == nil {
				all += time.Duration(ticks) * tick
			}
		}
	}
	return all
}

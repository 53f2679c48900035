package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	memoryDir  = "/dev/shm"
	memoryNeed = 1 << 30 // bytes free; containers often have 64 MiB there
	fastPrefix = "lianzhen-fast-"
)

// fastDir makes a new folder for a fast server: in memory when there is room, else under base (or the temporary
// directory). Folders that killed owners left in memory are removed on the way.
func fastDir(base, kind string) (string, error) {
	if hasRoom(memoryDir) {
		base = memoryDir
		sweep(base)
	}
	if base == "" {
		base = os.TempDir()
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for fast servers: %w", err)
	}
	return os.MkdirTemp(base, fastPrefix+kind+"-")
}

func hasRoom(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && uint64(st.Bavail)*uint64(st.Bsize) >= memoryNeed
}

// sweepAge keeps sweep away from a start that is under way: it has made its folder or lock file and not yet locked it.
const sweepAge = time.Minute

// sweep removes fast folders that nobody holds.
func sweep(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, fastPrefix+"*"))
	for _, dir := range dirs {
		if info, err := os.Stat(filepath.Join(dir, "lock")); err != nil || time.Since(info.ModTime()) < sweepAge {
			continue
		}
		unlock, err := lockFolder(dir)
		if err != nil {
			continue
		}
		// An orphan that is still shutting down must be gone before its files are.
		endLeftOvers(filepath.Join(dir, "cluster", "data"), postgresStop, "postgres")
		endLeftOvers(dir, redisStop, redisNames...)
		_ = os.RemoveAll(dir)
		unlock()
	}
}

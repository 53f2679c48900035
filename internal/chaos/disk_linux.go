package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small file system of its own in memory, which can be filled.
type disk struct{ dir string }

const diskSize = "512m"

// mountDisk needs the right to mount. The command takes a mount namespace of its own first, where it may, so that a mount never
// outlives it.
func mountDisk(dir string) (*disk, error) {
	if !ownNamespace() {
		return nil, fmt.Errorf("this process has no mount namespace of its own")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+diskSize+",mode=0700"); err != nil {
		return nil, err
	}
	return &disk{dir}, nil
}

// ownNamespace compares with the namespace of our parent.
func ownNamespace() bool {
	ours, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return false
	}
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", os.Getppid()))
	return err == nil && ours != theirs
}

// fill takes all the room there is.
func (d *disk) fill() error {
	f, err := os.Create(filepath.Join(d.dir, "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for len(block) >= 512 {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	return nil
}

func (d *disk) free() error { return os.Remove(filepath.Join(d.dir, "filler")) }

func (d *disk) close() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) }

//go:build !linux

package chaos

import "errors"

type disk struct{ dir string }

func mountDisk(string) (*disk, error) {
	return nil, errors.New("a small file system is made on Linux only")
}

func (d *disk) fill() error { return nil }
func (d *disk) free() error { return nil }
func (d *disk) close()      {}

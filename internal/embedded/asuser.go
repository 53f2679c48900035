package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// userMode is how PostgreSQL, which refuses to run as root, gets an ordinary user.
type userMode string

const (
	userAuto      userMode = ""
	userSelf      userMode = "self"      // we are an ordinary user already
	userNamespace userMode = "namespace" // root here, an ordinary number in a user namespace of the child
	userDrop      userMode = "drop"      // the child really becomes postgres or nobody
)

// ordinary is the user that the child runs as.
type ordinary struct {
	mode     userMode
	uid, gid int // as the file system sees them
	attr     func() *syscall.SysProcAttr
}

// chooseUser finds the way that works here. The namespace comes first for root: the files stay ours, so neither a data
// folder under /root nor one with mode 0700 is an obstacle.
func chooseUser(want userMode) (ordinary, error) {
	self := ordinary{userSelf, os.Geteuid(), os.Getegid(), func() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }}
	if want == userSelf || (want == userAuto && os.Geteuid() != 0) {
		return self, nil
	}
	uid, gid, err := servantAccount()
	if err != nil {
		return ordinary{}, err
	}
	inNamespace := ordinary{userNamespace, os.Geteuid(), os.Getegid(), func() *syscall.SysProcAttr { return namespaceAttr(uid, gid) }}
	if want == userNamespace || (want == userAuto && namespaceWorks(uid, gid)) {
		return inNamespace, nil
	}
	return ordinary{userDrop, uid, gid, func() *syscall.SysProcAttr {
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}}, nil
}

// servantAccount is the account whose number the child carries. It must be in the account list: initdb looks its own
// user up there and gives up when it finds nothing.
func servantAccount() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID == nil && errGID == nil && uid > 0 {
			return uid, gid, nil
		}
	}
	return 0, 0, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody: " +
		"start this program as an ordinary user, or set DATABASE_URL")
}

func namespaceWorks(uid, gid int) bool {
	probe := exec.Command("/bin/sh", "-c", "id -u")
	if probe.SysProcAttr = namespaceAttr(uid, gid); probe.SysProcAttr == nil {
		return false
	}
	out, err := probe.Output()
	return err == nil && strings.TrimSpace(string(out)) == strconv.Itoa(uid)
}

// homeFor gives the folder for a cluster: dir/cluster, or, when this user cannot walk there, a folder in /var/tmp that
// only dir's path decides. A cluster that an earlier start had to keep there is found again by every later one. The
// folder and what is in it belong to this user afterwards.
func (o ordinary) homeFor(dir string) (string, error) {
	near := filepath.Join(dir, "cluster")
	far := filepath.Join("/var/tmp", "lianzhen-"+shortHash(dir))
	home := near
	switch {
	case o.mode == userSelf || clusterMajor(filepath.Join(near, "data")) > 0 && o.mode == userNamespace:
	case clusterMajor(filepath.Join(far, "data")) > 0:
		home = far
	case o.mode == userDrop:
		// Passing through shows nothing: everything in the folder is private itself.
		if err := os.Chmod(dir, 0o711); err != nil {
			return "", fmt.Errorf("let the database's user through: %w", err)
		}
		if !canEnter(near, o.uid, o.gid) {
			home = far
		}
	}
	if err := o.private(home); err != nil {
		return "", err
	}
	return home, o.takeOver(home)
}

// private makes a folder that only we and this user can enter, and refuses one that somebody else made: whoever owns it
// could put a socket or a database of his own there.
func (o ordinary) private(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a private folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	known := owner == os.Geteuid() || owner == o.uid
	if servant, _, err := servantAccount(); os.Geteuid() == 0 && err == nil {
		known = known || owner == servant
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !known {
		return fmt.Errorf("%s is not a private folder of ours (owner %d, mode %v): remove it", dir, owner, info.Mode())
	}
	return nil
}

// takeOver gives a folder to this user when an earlier start ran in another way.
func (o ordinary) takeOver(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || int(info.Sys().(*syscall.Stat_t).Uid) == o.uid {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, o.uid, o.gid)
	})
}

// canEnter says whether a user may walk to dir: each folder on the way needs his x bit. The last one is given to him.
func canEnter(dir string, uid, gid int) bool {
	for d := filepath.Dir(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			return false
		}
		st := info.Sys().(*syscall.Stat_t)
		mode := info.Mode().Perm()
		switch {
		case int(st.Uid) == uid:
			mode >>= 6
		case int(st.Gid) == gid:
			mode >>= 3
		}
		if mode&1 == 0 {
			return false
		}
		if d == filepath.Dir(d) {
			return true
		}
	}
}

package embedded

import "fmt"

// MissingError says that a server program is not installed, or not in a version that can be used.
type MissingError struct {
	Program string // for example "PostgreSQL 15 or newer"
	Found   string // what was found instead; empty when nothing was
	Install string // the command, or the advice, that puts it right
}

func (e *MissingError) Error() string {
	if e.Found != "" {
		return fmt.Sprintf("%s is needed, found %s: %s", e.Program, e.Found, e.Install)
	}
	return fmt.Sprintf("%s is not installed: %s", e.Program, e.Install)
}

// InUseError says that another process runs the servers of this folder.
type InUseError struct {
	Dir string
	PID int // of the owner; 0 when it is not known
}

func (e *InUseError) Error() string {
	owner := "another process"
	if e.PID > 0 {
		owner = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("the data folder %s is in use by %s: stop that one first, or choose another data folder", e.Dir, owner)
}

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
)

// memory is what a process holds after a collection.
type memory struct {
	Heap       uint64 `json:"heap"`   // live objects, bytes
	Stacks     uint64 `json:"stacks"` // bytes
	Resident   uint64 `json:"resident"`
	Goroutines int    `json:"goroutines"`
}

// Child is the server's side of a run: it serves until its standard input ends, and answers what the other side asks there, a line
// each: "memory" collects and tells what is left; "heap FILE" writes a profile of that; "profile FILE" begins a processor profile, "profile"
// ends it.
func Child(ctx context.Context, in io.Reader, out io.Writer, serve func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- serve(ctx) }()
	asked := make(chan error, 1)
	go func() { asked <- answer(in, out) }()
	select {
	case err := <-served:
		return errors.Join(errors.New("the server ended by itself"), err)
	case err := <-asked:
		stop()
		return errors.Join(err, <-served)
	}
}

func answer(in io.Reader, out io.Writer) error {
	var profile *os.File
	reply := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		command, file, _ := strings.Cut(lines.Text(), " ")
		switch {
		case command == "memory":
			runtime.GC()
			debug.FreeOSMemory()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if err := reply.Encode(memory{Heap: m.HeapAlloc, Stacks: m.StackInuse, Resident: resident(), Goroutines: runtime.NumGoroutine()}); err != nil {
				return err
			}
		case command == "heap" && file != "":
			if err := errors.Join(heap(file), reply.Encode("written")); err != nil {
				return err
			}
		case command == "profile" && file != "":
			var err error
			if profile, err = os.Create(file); err != nil {
				return err
			}
			if err := errors.Join(pprof.StartCPUProfile(profile), reply.Encode("begun")); err != nil {
				return err
			}
		case command == "profile":
			pprof.StopCPUProfile()
			if err := errors.Join(profile.Close(), reply.Encode("ended")); err != nil {
				return err
			}
		default:
			return fmt.Errorf("what is %q?", command)
		}
	}
	return nil
}

// resident is the memory of this process that is in RAM.
func resident() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages uint64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// heap writes what is live after a collection.
func heap(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	runtime.GC()
	return pprof.Lookup("heap").WriteTo(f, 0)
}

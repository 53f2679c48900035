package wire_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lianzhen-health/lianzhen/internal/chaos/wire"
)

// echo answers with what it gets, until its clients go.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func line(t *testing.T) (*wire.Line, net.Conn) {
	t.Helper()
	server := echo(t)
	l, err := wire.New(1, func() (string, string) { return "tcp", server })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return l, c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("heard %q, %v; want %q", got, err, text)
	}
}

func TestAGoodLineCarriesEverything(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		_, c := line(t)
		sent := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB
		go func() {
			_, _ = c.Write(sent)
			_ = c.(*net.TCPConn).CloseWrite()
		}()
		got, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d of %d bytes, %v", len(got), len(sent), err)
		}
	})
}

func TestADelayIsAtLeastAsLong(t *testing.T) {
	l, c := line(t)
	l.Set(wire.Conditions{Up: wire.Way{Delay: 60 * time.Millisecond}, Down: wire.Way{Delay: 40 * time.Millisecond}})
	began := time.Now()
	say(t, c, "x")
	hear(t, c, "x")
	if d := time.Since(began); d < 100*time.Millisecond {
		t.Fatalf("there and back in %v", d)
	}
}

func TestARateIsAtMostAsFast(t *testing.T) {
	l, c := line(t)
	l.Set(wire.Conditions{Up: wire.Way{Rate: 10_000}})
	began := time.Now()
	text := string(bytes.Repeat([]byte("r"), 2000))
	say(t, c, text)
	hear(t, c, text)
	if d := time.Since(began); d < 200*time.Millisecond {
		t.Fatalf("2000 bytes at 10000 a second in %v", d)
	}
}

func TestADeadLineSaysNothingAndLosesNothing(t *testing.T) {
	l, c := line(t)
	say(t, c, "before")
	hear(t, c, "before")
	l.Set(wire.Dead())
	say(t, c, "during")
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == io.EOF {
		t.Fatalf("a dead line carried %d bytes, %v", n, err)
	}
	l.Set(wire.Conditions{})
	hear(t, c, "during")
}

func TestOneDirectionMayBeDead(t *testing.T) {
	l, c := line(t)
	l.Set(wire.Conditions{Down: wire.Way{Dead: true}})
	say(t, c, "x")
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _ := c.Read(make([]byte, 1)); n != 0 {
		t.Fatal("heard over a dead direction")
	}
}

func TestCutEndsWhatIsConnectedAndRefuseWhatComes(t *testing.T) {
	l, c := line(t)
	say(t, c, "x")
	hear(t, c, "x")
	l.Set(wire.Conditions{Refuse: true})
	l.Cut()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("a cut connection went on")
	}
	again, err := net.Dial("tcp", l.Address())
	if err != nil {
		return // refused at once is as good
	}
	defer again.Close()
	_ = again.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := again.Read(make([]byte, 1)); err == nil {
		t.Fatal("a refused connection was served")
	}
}

func TestCloseEndsADeadLine(t *testing.T) {
	l, c := line(t)
	l.Set(wire.Dead())
	say(t, c, "x")
	l.Close()
	l.Close()
	if n := l.Open(); n != 0 {
		t.Fatalf("%d connections are left", n)
	}
}

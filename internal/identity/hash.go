package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// HashCost is what an argon2id hash costs. Changing it rehashes each password at its next sign-in.
type HashCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultHashCost is 64 MiB and three passes.
func DefaultHashCost() HashCost { return HashCost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1} }

const (
	saltSize = 16
	hashSize = 32

	// hashQueue and hashPatience bound who may wait for a place; beyond, people are asked to try again.
	hashQueue    = 128
	hashPatience = 20 * time.Second
)

// hasher makes and checks PHC strings, a bounded number at a time, so that many sign-ins cannot exhaust the memory.
type hasher struct {
	cost   HashCost
	places chan struct{} // that work
	queue  chan struct{} // that work or wait
	dummy  string        // what unknown users are checked against
}

func newHasher(cost HashCost) *hasher {
	if cost == (HashCost{}) {
		cost = DefaultHashCost()
	}
	h := &hasher{
		cost:   cost,
		places: make(chan struct{}, min(max(runtime.GOMAXPROCS(0), 1), 8)),
		queue:  make(chan struct{}, hashQueue),
	}
	// Any bytes do: nobody can know a password for a random hash.
	salt, sum := make([]byte, saltSize), make([]byte, hashSize)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(sum)
	h.dummy = phc(cost, salt, sum)
	return h
}

// enter waits for a place; the caller calls leave.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	busy := func(cause error) error {
		p := problem.New(http.StatusServiceUnavailable, "sign_in_busy", nil)
		p.RetryAfterSeconds = 10
		return p.Because(cause)
	}
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, busy(errors.New("too many passwords are waiting to be checked"))
	}
	timer := time.NewTimer(hashPatience)
	defer timer.Stop()
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	case <-timer.C:
		<-h.queue
		return nil, busy(errors.New("waited too long for a place to check a password"))
	}
}

// canonical makes full-width digits and letters of an input method the same as plain ones.
func canonical(password string) []byte { return []byte(norm.NFKC.String(password)) }

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	return phc(h.cost, salt, argon2.IDKey(canonical(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, hashSize)), nil
}

// verify says whether the password fits and whether its hash was made at another cost than today's. An empty hash takes
// the same time and never fits.
func (h *hasher) verify(ctx context.Context, hash, password string) (fits, outdated bool, err error) {
	if hash == "" {
		hash = h.dummy
	}
	cost, salt, want, err := parsePHC(hash)
	if err != nil {
		return false, false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	got := argon2.IDKey(canonical(password), salt, cost.Passes, cost.MemoryKiB, cost.Lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, cost != h.cost, nil
}

func phc(c HashCost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errPHC = errors.New("password hash: not an argon2id string within bounds")

// parsePHC refuses costs that only somebody who writes to the database could have put there.
func parsePHC(s string) (c HashCost, salt, sum []byte, err error) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPHC
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); n != 3 || err != nil {
		return c, nil, nil, errPHC
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(part[4])
	sum, sumErr := base64.RawStdEncoding.Strict().DecodeString(part[5])
	if saltErr != nil || sumErr != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 64 ||
		c.MemoryKiB < 8 || c.MemoryKiB > 1<<20 || c.Passes < 1 || c.Passes > 16 || c.Lanes < 1 || c.Lanes > 16 ||
		c.MemoryKiB < 8*uint32(c.Lanes) {
		return c, nil, nil, errPHC
	}
	if phc(c, salt, sum) != s {
		return c, nil, nil, errPHC
	}
	return c, salt, sum, nil
}

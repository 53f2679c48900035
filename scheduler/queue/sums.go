package queue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// sum is count and XOR over a set, as sums.lua has it: four words of the ids and one of the numbers.
type sum struct {
	count int
	words [5]uint32
}

func (s *sum) add(id uuid.UUID, number int64) {
	s.count++
	for i := range 4 {
		s.words[i] ^= binary.BigEndian.Uint32(id[4*i:])
	}
	s.words[4] ^= uint32(uint64(number))
}

func (s sum) text() string {
	return fmt.Sprintf("%d:%08x%08x%08x%08x%08x", s.count, s.words[0], s.words[1], s.words[2], s.words[3], s.words[4])
}

// contents are the sets of one hospital as they should be: own, wide, then its lanes. A number is a score or an own target.
func (l *leader) contents(hospital uuid.UUID, in []lane) []map[uuid.UUID]int64 {
	out := make([]map[uuid.UUID]int64, 2+len(in))
	at := make(map[lane]int, len(in))
	for i := range out {
		out[i] = map[uuid.UUID]int64{}
	}
	for i, one := range in {
		at[one] = i + 2
	}
	for id, s := range l.standing {
		for _, p := range s.places {
			if p.hospital != hospital {
				continue
			}
			if i, known := at[p.lane]; known {
				out[i][id] = s.sinceMS
			}
			if s.own != 0 {
				out[0][id] = s.own
			}
			if s.wide() {
				out[1][id] = 0
			}
		}
	}
	return out
}

// compareRedis compares what Redis holds with what this leader wrote, by count and XOR, and repairs what differs. The leader
// alone writes, and does nothing else meanwhile, so there is nothing to race with. It gives the number of entries repaired.
func (l *leader) compareRedis(ctx context.Context) (drift int, err error) {
	for hospital, departments := range l.parts {
		p, in := partOf(l.term, hospital), lanes(departments)
		keys := append([]string{p.live(), p.own(), p.wide()}, l.sets(p, departments)...)
		texts, err := l.sums.Run(ctx, l.redis, keys).StringSlice()
		switch {
		case errors.Is(err, redis.Nil):
			return 0, fmt.Errorf("%w: hospital %s is not live", errLost, hospital)
		case err != nil:
			return 0, fmt.Errorf("sums: %w", err)
		case len(texts) != len(keys)-1:
			return 0, fmt.Errorf("sums: %d answers for %d keys", len(texts), len(keys)-1)
		}
		for i, want := range l.contents(hospital, in) {
			var s sum
			for id, number := range want {
				s.add(id, number)
			}
			if s.text() == texts[i] {
				continue
			}
			n, err := l.repair(ctx, keys[i+1], i, want)
			if err != nil {
				return drift, err
			}
			drift += n
		}
	}
	return drift, nil
}

// repair makes one key what it should be and gives the number of entries that differed. Kind 0 is the hash of own targets, 1 the
// set of those that stand in several departments, others are sorted sets.
func (l *leader) repair(ctx context.Context, key string, kind int, want map[uuid.UUID]int64) (int, error) {
	found := map[string]int64{}
	switch kind {
	case 0:
		all, err := l.redis.HGetAll(ctx, key).Result()
		if err != nil {
			return 0, fmt.Errorf("repair: %w", err)
		}
		for id, text := range all {
			found[id], _ = strconv.ParseInt(text, 10, 64)
		}
	case 1:
		all, err := l.redis.SMembers(ctx, key).Result()
		if err != nil {
			return 0, fmt.Errorf("repair: %w", err)
		}
		for _, id := range all {
			found[id] = 0
		}
	default:
		all, err := l.redis.ZRangeWithScores(ctx, key, 0, -1).Result()
		if err != nil {
			return 0, fmt.Errorf("repair: %w", err)
		}
		for _, z := range all {
			id, _ := z.Member.(string)
			found[id] = int64(z.Score)
		}
	}
	right := make(map[string]int64, len(want))
	for id, number := range want {
		right[id.String()] = number
	}
	pipe, n := l.redis.Pipeline(), 0
	for id, number := range right {
		if has, there := found[id]; there && has == number {
			continue
		}
		n++
		switch kind {
		case 0:
			pipe.HSet(ctx, key, id, number)
		case 1:
			pipe.SAdd(ctx, key, id)
		default:
			pipe.ZAdd(ctx, key, redis.Z{Score: float64(number), Member: id})
		}
	}
	maps.DeleteFunc(found, func(id string, _ int64) bool { _, keep := right[id]; return keep })
	for id := range found {
		n++
		switch kind {
		case 0:
			pipe.HDel(ctx, key, id)
		case 1:
			pipe.SRem(ctx, key, id)
		default:
			pipe.ZRem(ctx, key, id)
		}
	}
	if n == 0 {
		return 0, nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, fmt.Errorf("repair: %w", err)
	}
	return n, nil
}

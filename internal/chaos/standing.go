package chaos

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

// standing reads the queue's index from Redis by the keys that scheduler/queue/doc.go names, and the queue from PostgreSQL.
func (s *Site) standing(ctx context.Context) (out check.Standing, err error) {
	if out.Kept, out.Indexed, err = s.indexed(ctx); err != nil {
		return out, err
	}
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err != nil {
		return out, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT c.id, a.department_id, c.urgency, floor(extract(epoch FROM c.offered_at) * 1000)::bigint
		FROM consultations c JOIN audience a ON a.consultation_id = c.id
		WHERE c.state = 'OFFERED' AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp())`)
	if err != nil {
		return out, err
	}
	var e check.Entry
	_, err = pgx.ForEachRow(rows, []any{&e.Case, &e.Department, &e.Urgency, &e.SinceMS}, func() error {
		out.Queued = append(out.Queued, e)
		return nil
	})
	return out, err
}

func (s *Site) indexed(ctx context.Context) (kept bool, out []check.Entry, err error) {
	c, err := s.redisClient(ctx)
	if err != nil {
		return false, nil, err
	}
	defer c.Close()
	generation, err := c.Get(ctx, "lz:queue:generation").Result()
	if errors.Is(err, redis.Nil) {
		return false, nil, nil
	}
	if err != nil {
		return false, nil, err
	}
	live, err := c.Keys(ctx, "lz:queue:*:"+generation+":live").Result()
	if err != nil {
		return false, nil, err
	}
	lanes, err := c.Keys(ctx, "lz:queue:*:"+generation+":z:*").Result()
	if err != nil {
		return false, nil, err
	}
	for _, lane := range lanes {
		parts := strings.Split(lane, ":")
		if len(parts) < 2 {
			continue
		}
		department, err := uuid.Parse(parts[len(parts)-2])
		if err != nil {
			continue
		}
		places, err := c.ZRangeWithScores(ctx, lane, 0, -1).Result()
		if err != nil {
			return false, nil, err
		}
		for _, p := range places {
			name, _ := p.Member.(string)
			id, err := uuid.Parse(name)
			if err != nil {
				return false, nil, errors.New("the index has a member " + strconv.Quote(name))
			}
			out = append(out, check.Entry{Case: id, Department: department, Urgency: parts[len(parts)-1], SinceMS: int64(p.Score)})
		}
	}
	return len(live) > 0, out, nil
}

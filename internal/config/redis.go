package config

import (
	"fmt"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long one step of talking to Redis may take. Everything that is kept there can be done without, so what takes longer is
// done without: a caller's own deadline counts as well, also while a command is being answered.
const (
	redisDial = time.Second
	redisWait = 2 * time.Second

	// redisBuffer is for reading and for writing of each connection. What is kept there is small; the client's own default of 32 KiB
	// each cost a node more memory than a thousand sockets.
	redisBuffer = 4 << 10
)

// RedisOptions reads a Redis URL for [redis.NewUniversalClient]: one server (redis, rediss, unix), a cluster when the URL
// names further nodes as ?addr=host:port or says ?cluster=true (one address for all nodes), or a Sentinel set when it has
// ?master_name=NAME; its further Sentinels are then named as ?addr=.
func RedisOptions(raw string) (*redis.UniversalOptions, error) {
	o, err := redisKind(raw)
	if err != nil {
		return nil, err
	}
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.DialerRetries = redisDial, 1
	o.ReadBufferSize, o.WriteBufferSize = redisBuffer, redisBuffer
	o.PipelineReadBufferSize, o.PipelineWriteBufferSize = redisBuffer, redisBuffer
	o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisWait, redisWait, redisDial
	return o, nil
}

func redisKind(raw string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("redis URL: not a URL") // the parser's own error quotes the password
	}
	query := u.Query()
	one := query.Get("cluster")
	if query.Has("cluster") {
		if one != "true" || query.Has("master_name") {
			return nil, fmt.Errorf("redis URL: cluster is true or absent, and without master_name")
		}
		query.Del("cluster")
		u.RawQuery = query.Encode()
		raw = u.String()
	}
	switch {
	case query.Has("master_name"):
		o, err := redis.ParseFailoverURL(raw)
		if err != nil {
			return nil, fmt.Errorf("redis URL of a Sentinel set: %w", err)
		}
		return &redis.UniversalOptions{MasterName: o.MasterName, Addrs: o.SentinelAddrs, SentinelUsername: o.SentinelUsername,
			SentinelPassword: o.SentinelPassword, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig}, nil
	case query.Has("addr") || one != "":
		o, err := redis.ParseClusterURL(raw)
		if err != nil {
			return nil, fmt.Errorf("redis URL of a cluster: %w", err)
		}
		return &redis.UniversalOptions{Addrs: o.Addrs, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
			IsClusterMode: true}, nil
	}
	o, err := redis.ParseURL(raw)
	if err != nil {
		return nil, fmt.Errorf("redis URL: %w", err)
	}
	return &redis.UniversalOptions{Addrs: []string{o.Addr}, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig}, nil
}

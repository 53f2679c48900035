-- What a user said, and a sign of life from the node that heard it.
-- KEYS[1]  the user's hash: state, until (ms), said (ms); and n:<node> = last sign of life (ms) for each node
-- ARGV[1]  node; '' gives no sign of life
-- ARGV[2]  state, '' when there is nothing to say
-- ARGV[3]  until, ms since 1970, 0 without
-- ARGV[4]  when it was said, ms since 1970
-- ARGV[5]  connected for, ms
-- ARGV[6]  remembered for, ms
-- Returns 1. A statement older than the one that is known changes nothing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] ~= '' then
  local said = tonumber(redis.call('HGET', KEYS[1], 'said') or '0')
  if tonumber(ARGV[4]) >= said then
    redis.call('HSET', KEYS[1], 'state', ARGV[2], 'until', ARGV[3], 'said', ARGV[4])
  end
end
if ARGV[1] ~= '' then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'n:' and now - tonumber(all[i + 1]) >= tonumber(ARGV[5]) then
      redis.call('HDEL', KEYS[1], all[i])
    end
  end
  redis.call('HSET', KEYS[1], 'n:' .. ARGV[1], string.format('%.0f', now))
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1

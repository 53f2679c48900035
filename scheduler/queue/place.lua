-- Puts one request where it stands now in one hospital, or takes it away.
-- KEYS[1]   live
-- KEYS[2]   own targets
-- KEYS[3]   wide
-- KEYS[4…]  sorted sets: first those where it stands, then those where it stood
-- ARGV[1]   id
-- ARGV[2]   offered at, Unix ms
-- ARGV[3]   its own target (s), '' when the urgency has one
-- ARGV[4]   1 when it stands in several departments
-- ARGV[5]   in how many of the sets it stands
-- ARGV[6]   how long keys live that nobody keeps, ms
-- Returns 0 when the generation is not live: it was flushed, and all of it has to be written anew. Else 1.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local stands = tonumber(ARGV[5])
for i = 4, #KEYS do
  if i - 3 <= stands then
    redis.call('ZADD', KEYS[i], ARGV[2], ARGV[1])
    redis.call('PEXPIRE', KEYS[i], ARGV[6])
  else
    redis.call('ZREM', KEYS[i], ARGV[1])
  end
end
if stands > 0 and ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
if stands > 0 and ARGV[4] == '1' then
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[3], ARGV[6])
else
  redis.call('SREM', KEYS[3], ARGV[1])
end
return 1

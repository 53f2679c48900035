-- Points readers to a generation, unless they are pointed to a later one.
-- KEYS[1]  the pointer
-- ARGV[1]  the generation
-- ARGV[2]  how long the pointer lives, ms: the database may have been set back, and its numbers with it
-- Returns {1 when the pointer is ours, else 0; what it was before or ''}.
local was = redis.call('GET', KEYS[1]) or ''
if was ~= '' and tonumber(was) > tonumber(ARGV[1]) then return { 0, was } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 1, was }

-- How many in some departments of one hospital are served before a request, in the order of consult.Less.
-- KEYS[1]   live
-- KEYS[2]   targets
-- KEYS[3]   own targets
-- KEYS[4]   wide: ids that stand in several departments
-- KEYS[5…]  sorted sets
-- ARGV[1]   now, Unix ms
-- ARGV[2]   the request: 1 for CRITICAL
-- ARGV[3]   … waited, ms, capped
-- ARGV[4]   … target, s, capped
-- ARGV[5]   … offered at, Unix ms
-- ARGV[6]   … id
-- ARGV[7…]  the urgency of each sorted set, in the order of KEYS
-- Returns nothing when the generation is not live, else a list: the number of those that stand in one department only, then the
-- ids of those that stand in several, each once, for the caller to add up over hospitals. Writes nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local MOST = 2592000
local now, critical, waited, target = tonumber(ARGV[1]), ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local since, id = tonumber(ARGV[5]), ARGV[6]
local wide = redis.call('SMEMBERS', KEYS[4])

local function text(n) return string.format('%.0f', n) end

local function before(theirs, their_target, their_id)
  local w = math.min(math.max(now - theirs, 0), MOST * 1000)
  local x, y = w * target, waited * their_target
  if x ~= y then return x > y end
  if theirs ~= since then return theirs < since end
  return their_id < id
end

-- count: how many of a set with one target are before, by rank instead of one by one.
local function count(key, t)
  -- They are before when w * target > waited * t, that is w > q; they tie when w == q and nothing remains.
  local product = waited * t
  local remains = product % target
  local q = (product - remains) / target
  local n = 0
  if q + 1 <= MOST * 1000 then n = redis.call('ZCOUNT', key, '-inf', text(now - q - 1)) end
  if remains ~= 0 or q > MOST * 1000 then return n end
  -- Those who tie were offered at one instant, but for the two ends where waiting is capped.
  local low, high = now - q, now - q
  if q == 0 then high = math.huge end
  if q == MOST * 1000 then low = -math.huge end
  if low < since then
    n = n + redis.call('ZCOUNT', key, low == -math.huge and '-inf' or text(low), high < since and text(high) or '(' .. text(since))
  end
  if low <= since and since <= high then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', key, text(since), text(since))) do
      if other < id then n = n + 1 end
    end
  end
  return n
end

local total, marked = 0, {}
for i = 5, #KEYS do
  local urgency = ARGV[i + 2]
  local lane = urgency == 'CRITICAL'
  if lane or not critical then
    local t = tonumber(redis.call('HGET', KEYS[2], urgency) or '')
    local all = lane and not critical
    if all then
      total = total + redis.call('ZCARD', KEYS[i])
    elseif t then
      total = total + count(KEYS[i], t)
    else
      local list = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
      for j = 1, #list, 2 do
        local own = tonumber(redis.call('HGET', KEYS[3], list[j]) or '') or 86400
        if before(tonumber(list[j + 1]), own, list[j]) then total = total + 1 end
      end
    end
    for _, other in ipairs(wide) do
      local s = redis.call('ZSCORE', KEYS[i], other)
      if s then
        local own = t or tonumber(redis.call('HGET', KEYS[3], other) or '') or 86400
        if all or before(tonumber(s), own, other) then
          total = total - 1
          marked[other] = true
        end
      end
    end
  end
end
local out = { total }
for other in pairs(marked) do out[#out + 1] = other end
return out

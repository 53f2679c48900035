-- The first of what waits in some departments of one hospital, in the order of consult.Less.
-- KEYS[1]   live
-- KEYS[2]   targets
-- KEYS[3]   own targets
-- KEYS[4…]  sorted sets
-- ARGV[1]   now, Unix ms
-- ARGV[2]   how many
-- ARGV[3…]  the urgency of each sorted set, in the order of KEYS
-- Returns nothing when the generation is not live, else a flat list: id, offered at (Unix ms), target (s), 1 for CRITICAL.
-- Products stay below 2^53 (waited and target are capped at 30 days), so doubles are exact. Writes nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local MOST = 2592000
local now, n = tonumber(ARGV[1]), tonumber(ARGV[2])
local found, seen = {}, {}
for i = 4, #KEYS do
  local urgency = ARGV[i - 1]
  local target = tonumber(redis.call('HGET', KEYS[2], urgency) or '')
  local critical = urgency == 'CRITICAL' and 1 or 0
  -- With one target for all, no more than the first n of a set can be among the first n.
  local list = redis.call('ZRANGE', KEYS[i], 0, target and n - 1 or -1, 'WITHSCORES')
  for j = 1, #list, 2 do
    local id = list[j]
    if not seen[id] then
      seen[id] = true
      local since = tonumber(list[j + 1])
      local t = target or tonumber(redis.call('HGET', KEYS[3], id) or '') or 86400
      found[#found + 1] = { id = id, since = since, target = t, critical = critical,
        waited = math.min(math.max(now - since, 0), MOST * 1000) }
    end
  end
end
table.sort(found, function(a, b)
  if a.critical ~= b.critical then return a.critical > b.critical end
  local x, y = a.waited * b.target, b.waited * a.target
  if x ~= y then return x > y end
  if a.since ~= b.since then return a.since < b.since end
  return a.id < b.id
end)
local out = {}
for i = 1, math.min(n, #found) do
  local f = found[i]
  out[#out + 1] = f.id
  out[#out + 1] = string.format('%.0f', f.since)
  out[#out + 1] = string.format('%.0f', f.target)
  out[#out + 1] = tostring(f.critical)
end
return out

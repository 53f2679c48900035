-- Count and XOR of what stands in each sorted set of one hospital, to be compared without sending it.
-- KEYS[1]   live
-- KEYS[2]   own targets
-- KEYS[3]   wide
-- KEYS[4…]  sorted sets
-- Returns nothing when the generation is not live, else a list of texts 'count:XOR', for own, wide and each set: the XOR of the
-- four words of the ids and, as a fifth word, of the scores (or own targets) modulo 2^32. Writes nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local xor, tohex = bit.bxor, bit.tohex

local function sum(list, step)
  local a, b, c, d, e = 0, 0, 0, 0, 0
  for i = 1, #list, step do
    local hex = string.gsub(list[i], '-', '')
    a = xor(a, tonumber(string.sub(hex, 1, 8), 16) or 0)
    b = xor(b, tonumber(string.sub(hex, 9, 16), 16) or 0)
    c = xor(c, tonumber(string.sub(hex, 17, 24), 16) or 0)
    d = xor(d, tonumber(string.sub(hex, 25, 32), 16) or 0)
    if step == 2 then e = xor(e, tonumber(list[i + 1]) % 4294967296) end
  end
  return (#list / step) .. ':' .. tohex(a) .. tohex(b) .. tohex(c) .. tohex(d) .. tohex(e)
end

local out = { sum(redis.call('HGETALL', KEYS[2]), 2), sum(redis.call('SMEMBERS', KEYS[3]), 1) }
for i = 4, #KEYS do out[#out + 1] = sum(redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES'), 2) end
return out

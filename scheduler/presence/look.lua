-- What is known of a user now. Writes nothing.
-- KEYS[1]  the user's hash, see say.lua
-- ARGV[1]  connected for, ms
-- Returns {state or '', until (ms), said (ms), connected 0 or 1}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state, till, said, connected = '', '0', '0', 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local field, value = all[i], all[i + 1]
  if field == 'state' then
    state = value
  elseif field == 'until' then
    till = value
  elseif field == 'said' then
    said = value
  elseif string.sub(field, 1, 2) == 'n:' and now - tonumber(value) < tonumber(ARGV[1]) then
    connected = 1
  end
end
return { state, tonumber(till), tonumber(said), connected }

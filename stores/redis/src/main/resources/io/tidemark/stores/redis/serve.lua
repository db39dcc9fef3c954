-- Says which generation readers are given, unless a later decision did.
-- KEYS: the name under which that is said, the generation's bookkeeping. ARGV: generation, decision, form.
-- Returns 1, or 0 when a later decision was made.

local decided = KEYS[1] .. ':decision'
local stored = redis.call('GET', decided)
if stored and tonumber(stored) > tonumber(ARGV[2]) then return 0 end
-- Who finds its claims gone fills from the beginning, and so invalidates all keys.
if ARGV[3] == 'invalidate' and (redis.call('GET', KEYS[1]) or '1') ~= ARGV[1] then
  for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
    if string.match(field, '^%d+$') then redis.call('HDEL', KEYS[2], field) end
  end
end
redis.call('SET', decided, ARGV[2])
redis.call('SET', KEYS[1], ARGV[1])
return 1

-- Says which generation readers are given, unless a later decision did.
-- KEYS: the name under which that is said, what is known of that decision, the generation's bookkeeping.
-- ARGV: generation, decision, lineage of the capture that counts decisions, model, form, and what is said beside the
-- generation as long as it takes keys over; empty where it has keys of its own.
-- Returns 0 when a later decision was made, 2 when it has all keys already, else 1.

-- Another model that had these keys before counted decisions of its own.
local decided = redis.call('HMGET', KEYS[2], 'decision', 'lineage', 'model')
local others = decided[3] and decided[3] ~= ARGV[4]
local counts = not others and decided[1] and decided[2] == ARGV[3]
if counts and tonumber(decided[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], 'decision', ARGV[2], 'lineage', ARGV[3], 'model', ARGV[4])

local serving = redis.call('GET', KEYS[1])
if serving == ARGV[1] then return 2 end
-- Who finds its claims gone fills from the beginning, and so invalidates all keys.
if ARGV[5] == 'invalidate' then
  for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
    if string.match(field, '^%d+$') then redis.call('HDEL', KEYS[3], field) end
  end
end

local said = ARGV[1] .. ARGV[6]
if others and ARGV[6] ~= '' then
  redis.call('SET', KEYS[1], said .. ' ' .. decided[3])
elseif not serving or string.sub(serving .. ' ', 1, #said + 1) ~= said .. ' ' then
  -- Else it goes on with what was interrupted, and whose keys these are is said already.
  redis.call('SET', KEYS[1], said)
end
return 1

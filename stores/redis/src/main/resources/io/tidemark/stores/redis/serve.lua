-- Says which generation readers are given, unless a later decision did.
-- KEYS: the name under which that is said, what is known of that decision, the generation's bookkeeping.
-- ARGV: generation, decision, lineage of the capture that counts decisions, form.
-- Returns 0 when a later decision was made, 2 when all keys were taken over by this one already, else 1.

local decided = redis.call('HMGET', KEYS[2], 'decision', 'lineage', 'taken')
local same = decided[2] == ARGV[3]
if same and decided[1] and tonumber(decided[1]) > tonumber(ARGV[2]) then return 0 end

local serving = redis.call('GET', KEYS[1])
-- Who finds its claims gone fills from the beginning, and so invalidates all keys.
if ARGV[4] == 'invalidate' and (serving or '1') ~= ARGV[1] then
  for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
    if string.match(field, '^%d+$') then redis.call('HDEL', KEYS[3], field) end
  end
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'decision', ARGV[2], 'lineage', ARGV[3])
if serving == ARGV[1] and (ARGV[2] == '0' or (same and decided[3] == ARGV[2])) then return 2 end
redis.call('HDEL', KEYS[2], 'taken')
return 1

-- Says which generation readers are given, unless a later decision did.
-- KEYS: the name under which that is said, what is known of that decision, the generation's bookkeeping.
-- ARGV: generation, decision, lineage of the capture that counts decisions, form, and what is said beside the generation
-- as long as it takes keys over; empty where it has keys of its own.
-- Returns 0 when a later decision was made, 2 when it has all keys already, else 1.

local decided = redis.call('HMGET', KEYS[2], 'decision', 'lineage')
if decided[2] == ARGV[3] and decided[1] and tonumber(decided[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], 'decision', ARGV[2], 'lineage', ARGV[3])

local serving = redis.call('GET', KEYS[1])
if serving == ARGV[1] then return 2 end
-- Who finds its claims gone fills from the beginning, and so invalidates all keys.
if ARGV[4] == 'invalidate' then
  for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
    if string.match(field, '^%d+$') then redis.call('HDEL', KEYS[3], field) end
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ARGV[5])
return 1

-- All keys are taken over. KEYS: what is known of the decision. ARGV: decision, lineage.

local decided = redis.call('HMGET', KEYS[1], 'decision', 'lineage')
if decided[1] == ARGV[1] and decided[2] == ARGV[2] then redis.call('HSET', KEYS[1], 'taken', ARGV[1]) end
return 1

-- All keys are taken over.
-- KEYS: the name under which the generation is said, what is known of the decision. ARGV: generation, decision, lineage,
-- what was said beside the generation.

local decided = redis.call('HMGET', KEYS[2], 'decision', 'lineage')
local same = decided[1] == ARGV[2] and decided[2] == ARGV[3]
if same and redis.call('GET', KEYS[1]) == ARGV[1] .. ARGV[4] then redis.call('SET', KEYS[1], ARGV[1]) end
return 1

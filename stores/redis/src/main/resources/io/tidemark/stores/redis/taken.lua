-- All keys are taken over.
-- KEYS: the name under which the generation is said, what is known of the decision. ARGV: generation, decision, lineage,
-- model, what was said beside the generation.

local decided = redis.call('HMGET', KEYS[2], 'decision', 'lineage', 'model')
local same = decided[1] == ARGV[2] and decided[2] == ARGV[3] and decided[3] == ARGV[4]
local said = ARGV[1] .. ARGV[5] .. ' '
local serving = (redis.call('GET', KEYS[1]) or '') .. ' '
if same and string.sub(serving, 1, #said) == said then redis.call('SET', KEYS[1], ARGV[1]) end
return 1

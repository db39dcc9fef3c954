-- Confirms a writer's writes so far and saves applied tidemarks; one with a lower number than what is there changes nothing.
-- KEYS: the generation's bookkeeping, the writer's count.
-- ARGV: the count the server must know at least, the count now, its life in ms; then field, number, value and the number
-- the server must have there at least, empty for none; and so on.
-- Returns 1, or 0 when the server does not know the count, since it lost writes, and then what was claimed before is not
-- true; or when a claim it must have is gone.

local function at_least(a, b)
  if #a ~= #b then return #a > #b end
  return a >= b
end

local known = redis.call('GET', KEYS[2])
if not known or not at_least(known, ARGV[1]) then
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.match(field, '^%d+$') then redis.call('HDEL', KEYS[1], field) end
  end
  return 0
end

local stored = {}
for i = 4, #ARGV, 4 do
  local claim = redis.call('HGET', KEYS[1], ARGV[i])
  stored[i] = claim and string.match(claim, '^(%d+)@')
  if ARGV[i + 3] ~= '' and not (stored[i] and at_least(stored[i], ARGV[i + 3])) then return 0 end
end

redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
for i = 4, #ARGV, 4 do
  if not stored[i] or at_least(ARGV[i + 1], stored[i]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  end
end
return 1

-- Saves applied tidemarks; one with a lower number than what is there changes nothing.
-- KEYS: the generation's bookkeeping.  ARGV: field, number, value; and so on.

local function at_least(a, b)
  if #a ~= #b then return #a > #b end
  return a >= b
end

for i = 1, #ARGV, 3 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  local number = stored and string.match(stored, '^(%d+)@')
  if not number or at_least(ARGV[i + 1], number) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  end
end
return 1

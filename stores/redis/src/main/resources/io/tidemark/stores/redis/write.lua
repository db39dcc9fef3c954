-- Writes or deletes one document, unless the store knows it as new or newer.
-- KEYS: document, tombstone.  ARGV: position, generation, value ('' deletes), tombstone's life in ms.
-- Returns 1 when written, 0 when stale.

-- Versions are decimal numbers as text: as numbers Lua would round them.
local function at_least(a, b)
  if #a ~= #b then return #a > #b end
  return a >= b
end

-- Positions compare within a generation; a newer generation takes keys over whatever their positions.
local function fences(position, generation)
  if not position then return false end
  if generation ~= ARGV[2] then return at_least(generation, ARGV[2]) end
  return at_least(position, ARGV[1])
end

-- The longest head is 81 bytes. A value without one is somebody else's: it has no version, so ours is newer.
local head = redis.call('GETRANGE', KEYS[1], 0, 90)
if fences(string.match(head, '^{"_tidemark":(%d+),"_tidemark_generation":(%d+)[,}]')) then return 0 end

local deleted = redis.call('GET', KEYS[2])
if deleted and fences(string.match(deleted, '^(%d+) (%d+)$')) then return 0 end

if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[3])
  redis.call('DEL', KEYS[2])
end
return 1

-- Writes or deletes one document, unless the store knows it as new or newer.
-- KEYS: document, marker: both in one hash slot.
-- ARGV: position, generation, how long a delete is remembered in ms, form (json, hash or invalidate), the document's
-- life in ms (0: for ever); then nothing to delete, or of json the value, of hash each field and its value.
-- Returns 1 when written, 0 when stale.

local position, generation, form = ARGV[1], ARGV[2], ARGV[4]
local FIRST = 6

-- Versions are decimal numbers as text: as numbers Lua would round them.
local function at_least(a, b)
  if #a ~= #b then return #a > #b end
  return a >= b
end

-- Positions compare within a generation; a newer generation takes keys over whatever their positions.
local function fences(stored_position, stored_generation)
  if not stored_position or not stored_generation then return false end
  if stored_generation ~= generation then return at_least(stored_generation, generation) end
  return at_least(stored_position, position)
end

local function number(text)
  return text and string.match(text, '^%d+$')
end

-- What has no version is somebody else's: ours is newer. What is invalidated is always somebody else's.
local function fenced_by_document()
  if form == 'json' then
    -- The longest head is 81 bytes.
    local head = redis.call('GETRANGE', KEYS[1], 0, 90)
    return fences(string.match(head, '^{"_tidemark":(%d+),"_tidemark_generation":(%d+)[,}]'))
  elseif form == 'hash' then
    local head = redis.call('HMGET', KEYS[1], '_tidemark', '_tidemark_generation')
    return fences(number(head[1]), number(head[2]))
  end
  return false
end

-- Fields that are no more go last: a server without room refuses the first write, and nothing has changed then.
local function replace_hash()
  local new = {}
  for i = FIRST, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    new[ARGV[i]] = true
  end
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if not new[field] then redis.call('HDEL', KEYS[1], field) end
  end
end

if fenced_by_document() then return 0 end
local known = redis.call('GET', KEYS[2])
if known and fences(string.match(known, '^(%d+) (%d+)')) then return 0 end

local version = position .. ' ' .. generation
local life = tonumber(ARGV[5])
if #ARGV < FIRST then
  redis.call('DEL', KEYS[1])
  -- Where documents expire, a delete must not look like a document that did.
  redis.call('SET', KEYS[2], life > 0 and version .. ' deleted' or version, 'PX', ARGV[3])
  return 1
end

if form == 'hash' then
  replace_hash()
  redis.call('PERSIST', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[FIRST])
end
if life > 0 then
  -- The marker outlives the document, so that nothing older comes after it.
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('SET', KEYS[2], version, 'PX', string.format('%d', life + tonumber(ARGV[3])))
else
  redis.call('DEL', KEYS[2])
end
return 1

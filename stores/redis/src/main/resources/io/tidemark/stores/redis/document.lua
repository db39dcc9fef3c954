-- What the scripts about one document share.
-- KEYS: document, marker: both in one hash slot.
-- ARGV: position, generation, how long a delete is remembered in ms, form (json, hash or invalidate), the document's
-- life in ms (0: for ever); then nothing to delete, or of json the value, of hash each field and its value.

local position, generation, form = ARGV[1], ARGV[2], ARGV[4]
local FIRST = 6

-- Versions are decimal numbers as text: as numbers Lua would round them.
local function at_least(a, b)
  if #a ~= #b then return #a > #b end
  return a >= b
end

local function number(text)
  return text and string.match(text, '^%d+$')
end

-- Position and generation the document says; nil where it says none, as somebody else's does. What is invalidated is
-- always somebody else's.
local function version_of_document()
  if form == 'json' then
    -- The longest head is 81 bytes.
    local head = redis.call('GETRANGE', KEYS[1], 0, 90)
    return string.match(head, '^{"_tidemark":(%d+),"_tidemark_generation":(%d+)[,}]')
  elseif form == 'hash' then
    local head = redis.call('HMGET', KEYS[1], '_tidemark', '_tidemark_generation')
    return number(head[1]), number(head[2])
  end
end

local function version_of_marker()
  local known = redis.call('GET', KEYS[2])
  if known then return string.match(known, '^(%d+) (%d+)') end
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

local function put()
  local version = position .. ' ' .. generation
  local life = tonumber(ARGV[5])
  if #ARGV < FIRST then
    redis.call('DEL', KEYS[1])
    -- Where documents expire, a delete must not look like a document that did.
    redis.call('SET', KEYS[2], life > 0 and version .. ' deleted' or version, 'PX', ARGV[3])
    return
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
end


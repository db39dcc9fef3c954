-- What the scripts about one document share: where this generation has it, and what is known of it there.
-- KEYS: document, marker; then, where there may be several generations, the same aside of this generation, all in one
-- hash slot, and the name under which it says which generation readers are given.
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

-- Each gives nothing, and whether the key has another type.
local function version_of_string(key)
  -- The longest head is 81 bytes.
  local head = redis.pcall('GETRANGE', key, 0, 90)
  if type(head) ~= 'string' then return nil, nil, true end
  return string.match(head, '^{"_tidemark":(%d+),"_tidemark_generation":(%d+)[,}]')
end

local function version_of_hash(key)
  local fields = redis.pcall('HMGET', key, '_tidemark', '_tidemark_generation')
  if fields.err then return nil, nil, true end
  if number(fields[1]) and number(fields[2]) then return fields[1], fields[2] end
  return nil
end

-- Position and generation a document says; nil where it says none, as somebody else's does. Another generation may have it
-- in another form than this one. A key of any other type is refused in the server's words.
local function version_of(key)
  local here, there = version_of_string, version_of_hash
  if form == 'hash' then here, there = there, here end
  local said, of, other = here(key)
  if other then said, of = there(key) end
  if other and not said then
    if form == 'json' then redis.call('GETRANGE', key, 0, 0) end
    if form == 'hash' then redis.call('HLEN', key) end
  end
  return said, of
end

local function marked(key)
  local known = redis.call('GET', key)
  if known then return string.match(known, '^(%d+) (%d+)') end
  return nil
end

local document, marker = KEYS[1], KEYS[2]
-- Which generation has the keys; while it takes them over, with a word more, and with the model that it takes them over
-- from if that is another one.
local serving, taking, whose
if KEYS[5] then
  serving, taking = string.match(redis.call('GET', KEYS[5]) or '', '^(%d+)(.*)$')
  whose = taking and string.match(taking, '^ taking (.+)$')
  taking = whose or taking == ' taking'
end
local serves = not KEYS[5] or (serving or '1') == generation

local function aside_of(key, other)
  return (string.gsub(key, '_tidemark:of:%d+:([^:]+):', function(model)
    return '_tidemark:of:' .. other .. ':' .. (whose or model) .. ':'
  end, 1))
end

-- What another generation has here stays its own; unless it has something newer aside already, or has deleted it since.
local function put_aside()
  local said, of = version_of(document)
  if of and of ~= generation then
    local deleted = marked(aside_of(KEYS[4], of))
    if (deleted and at_least(deleted, said)) or redis.call('RENAMENX', document, aside_of(KEYS[3], of)) == 0 then
      redis.call('DEL', document)
    end
  end
  local _, by = marked(marker)
  if by and by ~= generation and redis.call('RENAMENX', marker, aside_of(KEYS[4], by)) == 0 then
    redis.call('DEL', marker)
  end
end

local function bring(from, to, version)
  local ours = version(from)
  if ours then
    local there, of = version(to)
    if there and of == generation and at_least(there, ours) then
      redis.call('DEL', from)
    else
      redis.call('RENAME', from, to)
    end
  end
end

local function take()
  put_aside()
  if form == 'invalidate' and redis.call('EXISTS', KEYS[4]) == 1 then
    -- What was cached meanwhile may be from before what this generation has seen since.
    redis.call('DEL', document)
  end
  bring(KEYS[3], document, version_of)
  bring(KEYS[4], marker, marked)
end

-- From here on document and marker are where this generation has them.
if taking and serves then
  take()
elseif KEYS[5] and not serves then
  document, marker = KEYS[3], KEYS[4]
end

-- What is invalidated is always somebody else's.
local function held(key)
  if form ~= 'invalidate' then return version_of(key) end
  return nil
end

-- What fences says of one of the versions this generation has of the key: here, and, until another generation takes it
-- over, where readers have it.
local function any(fences)
  if document ~= KEYS[1] then
    local said, of = held(KEYS[1])
    if of == generation and fences(said, of) then return true end
    local known, by = marked(KEYS[2])
    if by == generation and fences(known, by) then return true end
  end
  return fences(held(document)) or fences(marked(marker))
end

-- Fields that are no more go last: a server without room refuses the first write, and nothing has changed then.
local function replace_hash()
  local new = {}
  for i = FIRST, #ARGV, 2 do
    redis.call('HSET', document, ARGV[i], ARGV[i + 1])
    new[ARGV[i]] = true
  end
  for _, field in ipairs(redis.call('HKEYS', document)) do
    if not new[field] then redis.call('HDEL', document, field) end
  end
end

local function put()
  local version = position .. ' ' .. generation
  local life = tonumber(ARGV[5])
  if #ARGV < FIRST then
    redis.call('DEL', document)
    -- Where documents expire, a delete must not look like a document that did.
    redis.call('SET', marker, life > 0 and version .. ' deleted' or version, 'PX', ARGV[3])
    return
  end
  if form == 'hash' then
    replace_hash()
    redis.call('PERSIST', document)
  else
    redis.call('SET', document, ARGV[FIRST])
  end
  if life > 0 then
    -- The marker outlives the document, so that nothing older comes after it.
    redis.call('PEXPIRE', document, ARGV[5])
    redis.call('SET', marker, version, 'PX', string.format('%d', life + tonumber(ARGV[3])))
  else
    redis.call('DEL', marker)
  end
end


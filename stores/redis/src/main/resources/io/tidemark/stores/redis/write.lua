-- Writes or deletes the document, unless the store knows it as new or newer. What has no version is somebody else's: ours
-- is newer. The position 'take' writes nothing, and gives readers what this generation has of the key.
-- Returns 1 when written, 0 when stale, or when readers are given another generation and nothing is taken; -1 when the
-- server does not say which one they are given: it was emptied since that was said.

if KEYS[5] and not serving then return -1 end
if position == 'take' then return serves and 1 or 0 end

-- Positions compare within a generation. Of two generations the one that readers are given has the keys; where that is not
-- said, a newer one takes them over.
local function fences(stored_position, stored_generation)
  if not stored_position or not stored_generation then return false end
  if stored_generation ~= generation then
    return not serving and at_least(stored_generation, generation)
  end
  return at_least(stored_position, position)
end

if any(fences) then return 0 end
put()
return 1

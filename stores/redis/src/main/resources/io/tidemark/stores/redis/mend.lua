-- Writes or deletes the document where the store holds nothing newer.
-- One argument more, the sixth: the position that the document was found with, which is replaced whatever it is.
-- Returns 1 when written, 0 when there is something newer, 2 when it would delete what does not say it is Tidemark's.

local found = table.remove(ARGV, 6)

local function newer(stored_position, stored_generation)
  if not stored_position or not stored_generation then return false end
  if stored_generation ~= generation then
    return not serving and at_least(stored_generation, generation)
  end
  return stored_position ~= found and not at_least(position, stored_position)
end

if #ARGV < FIRST and redis.call('EXISTS', document) == 1 and not held(document) then return 2 end
if any(newer) then return 0 end
put()
return 1

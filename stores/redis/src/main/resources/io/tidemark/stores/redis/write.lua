-- Writes or deletes the document, unless the store knows it as new or newer. What has no version is somebody else's: ours
-- is newer.
-- Returns 1 when written, 0 when stale.

-- Positions compare within a generation; a newer generation takes keys over whatever their positions.
local function fences(stored_position, stored_generation)
  if not stored_position or not stored_generation then return false end
  if stored_generation ~= generation then return at_least(stored_generation, generation) end
  return at_least(stored_position, position)
end

if fences(version_of_document()) then return 0 end
if fences(version_of_marker()) then return 0 end
put()
return 1

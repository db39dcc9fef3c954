-- Deletes the document, and what is remembered of it, where they are this generation's.

local _, of = version_of(document)
if of == generation then redis.call('DEL', document) end
local _, by = marked(marker)
if by == generation then redis.call('DEL', marker) end
return 1

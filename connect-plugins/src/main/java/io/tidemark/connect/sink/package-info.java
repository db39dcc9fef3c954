/**
 * What the sink connectors of all stores share: reading records, the version that fences them, writing and offsets. It
 * knows stores through the SPI only.
 */
@NullMarked
package io.tidemark.connect.sink;

import org.jspecify.annotations.NullMarked;

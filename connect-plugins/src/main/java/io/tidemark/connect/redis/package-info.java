/** The sink into Redis. */
@NullMarked
package io.tidemark.connect.redis;

import org.jspecify.annotations.NullMarked;

/** The sink into PostgreSQL. */
@NullMarked
package io.tidemark.connect.sql;

import org.jspecify.annotations.NullMarked;

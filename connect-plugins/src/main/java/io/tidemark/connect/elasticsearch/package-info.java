/** The sink into Elasticsearch. */
@NullMarked
package io.tidemark.connect.elasticsearch;

import org.jspecify.annotations.NullMarked;

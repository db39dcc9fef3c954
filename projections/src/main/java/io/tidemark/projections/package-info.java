/**
 * Projections: documents assembled from the change topics by Kafka Streams, mirrors that apply whole tidemarks, and
 * their delivery to stores. The source is never queried.
 */
@NullMarked
package io.tidemark.projections;

import org.jspecify.annotations.NullMarked;

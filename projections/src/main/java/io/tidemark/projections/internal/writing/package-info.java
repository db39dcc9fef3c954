/**
 * Delivery of documents and mirrored rows to stores, and the applied tidemarks that follow from it.
 * Stores are known through the SPI only.
 */
@NullMarked
package io.tidemark.projections.internal.writing;

import org.jspecify.annotations.NullMarked;

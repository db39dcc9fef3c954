/**
 * Read models in a service of one's own: defined in Java, kept in step within the service's process. What the language of
 * documents means is docs/configuration.md; docs/embedding.md shows how.
 */
@NullMarked
package io.tidemark.app.embed;

import org.jspecify.annotations.NullMarked;

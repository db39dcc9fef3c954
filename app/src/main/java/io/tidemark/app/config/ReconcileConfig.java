package io.tidemark.app.config;

import java.time.Duration;

/**
 * When read models are compared with the source by themselves.
 *
 * @param every from one comparison's beginning to the next one's
 * @param repairs whether what drifted is mended
 */
public record ReconcileConfig(Duration every, boolean repairs) {}

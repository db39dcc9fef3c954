/**
 * What a running command shows of itself: metrics for Prometheus, and health judged by progress.
 * The only package that knows Micrometer; the parts are read, or their writers wrapped, and know nothing of it.
 */
@NullMarked
package io.tidemark.app.monitor;

import org.jspecify.annotations.NullMarked;

/**
 * How capture works inside: start-up checks, the snapshot, and the session that turns WAL messages into changes.
 * Everything here serves {@link io.tidemark.capture.CaptureRunner}.
 */
@NullMarked
package io.tidemark.capture.internal;

import org.jspecify.annotations.NullMarked;

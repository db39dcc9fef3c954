/**
 * The {@code tidemark} command: the only place that knows every module and wires them.
 * Results go to stdout, everything else to stderr; every failure is one clear message and an exit code.
 */
@NullMarked
package io.tidemark.app;

import org.jspecify.annotations.NullMarked;

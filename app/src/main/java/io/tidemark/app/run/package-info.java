/**
 * Wires a configuration to running parts: capture, projections, stores and reconciliation.
 * The only place where the modules meet.
 */
@NullMarked
package io.tidemark.app.run;

import org.jspecify.annotations.NullMarked;

/**
 * The demo's shop: its schema, its seed data and its traffic, all seeded so that runs can be repeated.
 * Everything keeps one invariant at every commit: an order's total is the sum over its lines.
 */
@NullMarked
package io.tidemark.app.demo;

import org.jspecify.annotations.NullMarked;

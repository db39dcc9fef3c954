/**
 * What the tests of all modules share: real servers, one set for each test JVM, and the rules the code is checked by.
 * Used in test scope only.
 */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;

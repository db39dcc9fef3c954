/**
 * What is looked at before and beside a capture: small examiners, each with the SQL that mends what it finds.
 * They only read; queries are for PostgreSQL 14 to 18, columns of newer versions asked for as JSON so that they may lack.
 */
@NullMarked
package io.tidemark.capture.internal.doctor;

import org.jspecify.annotations.NullMarked;

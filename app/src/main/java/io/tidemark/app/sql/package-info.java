/**
 * Runs SQL files of users and of the demo, statement by statement, against PostgreSQL.
 * What only psql understands is refused with the line it is on.
 */
@NullMarked
package io.tidemark.app.sql;

import org.jspecify.annotations.NullMarked;

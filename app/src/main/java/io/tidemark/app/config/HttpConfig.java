package io.tidemark.app.config;

import java.time.Duration;

/**
 * The HTTP endpoint of a command that runs for long.
 *
 * @param host name or address it listens on, an IPv6 address without brackets; loopback when the file does not say
 * @param port 0 for any that is free; 8085 when the file does not say
 * @param unhealthyAfter a part that has work and has not moved for this long is unhealthy; a minute when the file does not
 *     say
 */
public record HttpConfig(String host, int port, Duration unhealthyAfter) {}

package dev.sluice.egress;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A checked URL.
 *
 * @param host lower case, without brackets
 * @param literal the host as an address, where it is one
 * @param uri path and query, at least {@code /}
 */
public record Target(boolean tls, String host, int port, String uri, Optional<InetAddress> literal) {}

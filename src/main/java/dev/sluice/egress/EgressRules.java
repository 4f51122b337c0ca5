package dev.sluice.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the operator lets out beyond https to public addresses.
 *
 * @param allowHttp plain http too
 * @param allowPrivate names without a dot, loopback, private (RFC 1918), carrier (RFC 6598) and unique-local addresses;
 *     link-local addresses stay shut because cloud metadata lives there
 * @param hosts names or literal addresses that may be anything: any port, http, any address
 * @param ranges addresses that may be reached although not public
 */
public record EgressRules(boolean allowHttp, boolean allowPrivate, Set<String> hosts, List<Cidr> ranges) {
    /** Public https alone. */
    public static final EgressRules STRICT = new EgressRules(false, false, Set.of(), List.of());
    /** For demos and tests, whose receivers run on this machine. */
    public static final EgressRules LOCAL = new EgressRules(true, true, Set.of(), List.of());

    public EgressRules {
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        ranges = List.copyOf(ranges);
    }

    boolean trusts(String host) {
        return hosts.contains(host);
    }
}

package dev.sluice.egress;

import dev.sluice.kernel.Failure;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Decides which addresses may be connected to. Ranges follow the IANA registries of special-purpose addresses for IPv4
 * and IPv6; in IPv6 only global unicast ({@code 2000::/3}) can be public at all, which shuts mapped, NAT64,
 * unique-local, link-local and multicast forms without naming them.
 */
public final class AddressGuard {
    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

    /** What {@code allowPrivate} opens. */
    private static final List<Cidr> LOCAL = cidrs(
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7");

    private static final List<Cidr> METADATA = cidrs("169.254.169.254/32", "100.100.100.200/32", "fd00:ec2::254/128");

    private static final List<Cidr> SPECIAL_V4 = cidrs(
            "0.0.0.0/8", // this network
            "169.254.0.0/16", // link-local, cloud metadata
            "192.0.0.0/24", // protocol assignments
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays
            "198.18.0.0/15", // benchmarking
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "168.63.129.16/32", // a cloud's host, public by form only
            "224.0.0.0/4", // multicast
            "240.0.0.0/4"); // reserved, broadcast

    private static final List<Cidr> SPECIAL_V6 = cidrs(
            "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32", // documentation
            "2002::/16", // 6to4 carries any IPv4 address
            "3fff::/20"); // documentation

    private final EgressRules rules;

    public AddressGuard(EgressRules rules) {
        this.rules = rules;
    }

    /**
     * The address to connect to: the first, IPv4 before IPv6, when every address of the name may be reached. One that
     * may not spoils all, or a name with two answers would be a way in.
     *
     * @throws dev.sluice.kernel.FailureException {@code Rejected("address-refused")}; the message names no address
     */
    public InetAddress choose(String host, List<InetAddress> resolved) {
        if (resolved.isEmpty()) {
            throw refused("The host has no address");
        }
        if (!rules.trusts(host) && !resolved.stream().allMatch(this::allows)) {
            throw refused("The host's address is not public");
        }
        Optional<InetAddress> v4 =
                resolved.stream().filter(Inet4Address.class::isInstance).findFirst();
        return v4.orElse(resolved.getFirst());
    }

    /** Whether an address may be reached under the operator's rules. */
    public boolean allows(InetAddress address) {
        return isPublic(address) || within(rules.ranges(), address) || (rules.allowPrivate() && isLocal(address));
    }

    /** Whether an address belongs to the public internet. */
    public static boolean isPublic(InetAddress address) {
        if (address instanceof Inet4Address) {
            return !within(LOCAL, address) && !within(SPECIAL_V4, address);
        }
        return GLOBAL_UNICAST.contains(address) && !within(SPECIAL_V6, address);
    }

    private static boolean isLocal(InetAddress address) {
        return within(LOCAL, address) && !within(METADATA, address);
    }

    private static boolean within(List<Cidr> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    private static List<Cidr> cidrs(String... texts) {
        return List.of(texts).stream().map(Cidr::parse).toList();
    }

    private static RuntimeException refused(String message) {
        return new Failure.Rejected("address-refused", message).exception();
    }
}

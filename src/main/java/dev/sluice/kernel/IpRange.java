package dev.sluice.kernel;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** A block of addresses: {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or one address. Never asks a name server. */
public record IpRange(InetAddress network, int prefix) {
    private static final Pattern DOTTED_QUAD = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    /** An address and an optional prefix length; empty where the text is neither. */
    public static Optional<IpRange> parse(String text) {
        int slash = text.indexOf('/');
        return address(slash < 0 ? text : text.substring(0, slash)).flatMap(network -> {
            int bits = network.getAddress().length * 8;
            String length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
                return Optional.empty();
            }
            return Optional.of(new IpRange(network, Integer.parseInt(length)));
        });
    }

    /** Whether an address given as text lies inside; false for what is none. */
    public boolean contains(String remoteAddress) {
        return address(remoteAddress).filter(this::contains).isPresent();
    }

    /** Whether an address lies inside; those of the other family never do. */
    public boolean contains(InetAddress address) {
        byte[] own = network.getAddress();
        byte[] other = address.getAddress();
        int whole = prefix / 8;
        int mask = 0xff00 >> (prefix % 8);
        return own.length == other.length
                && Arrays.equals(own, 0, whole, other, 0, whole)
                && (prefix % 8 == 0 || ((own[whole] ^ other[whole]) & mask & 0xff) == 0);
    }

    /** What one person can be assumed to hold: an IPv4 address, or the /64 of an IPv6 one. */
    public static String block(String remoteAddress) {
        return address(remoteAddress)
                .map(InetAddress::getAddress)
                .map(bytes -> HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 8)))
                .orElse(remoteAddress);
    }

    private static Optional<InetAddress> address(String literal) {
        if (literal.indexOf(':') < 0 && !DOTTED_QUAD.matcher(literal).matches()) { // the JDK takes 10.1 and 7 as well
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}

package dev.sluice.egress;

import dev.sluice.kernel.Check;
import java.net.InetAddress;

/**
 * A range of addresses, IPv4 or IPv6.
 *
 * @param network the first address; bits after the prefix are ignored
 * @param prefixBits 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefixBits) {
    public Cidr {
        int width = network.getAddress().length * Byte.SIZE;
        Check.require(prefixBits >= 0 && prefixBits <= width, "prefix of an address range");
    }

    /** Parses {@code 10.0.0.0/8}, {@code fd00::/8} or a single address; throws {@link IllegalArgumentException}. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int width = network.getAddress().length * Byte.SIZE;
        return new Cidr(network, slash < 0 ? width : Integer.parseInt(text.substring(slash + 1)));
    }

    /** Whether an address of the same family lies inside. */
    public boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = prefixBits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != other[i]) {
                return false;
            }
        }
        int rest = prefixBits % Byte.SIZE;
        return rest == 0 || (mine[whole] ^ other[whole]) >> (Byte.SIZE - rest) == 0;
    }
}

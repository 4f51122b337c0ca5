package dev.sluice.http;

import dev.sluice.kernel.IpRange;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Finds out who is calling: the peer, or what a trusted proxy says about it. */
final class ClientAddress {
    /** Proxies in a row that are believed; a longer list is somebody playing. */
    private static final int HOPS_MAX = 10;

    private final List<IpRange> trusted;

    ClientAddress(List<String> trustedProxies) {
        this.trusted = trustedProxies.stream()
                .map(text ->
                        IpRange.parse(text).orElseThrow(() -> new IllegalArgumentException("trusted proxy " + text)))
                .toList();
    }

    /**
     * Who is at the other end of a connection.
     *
     * @param trusted whether it is a proxy that is believed what it says of others
     */
    record Peer(String address, boolean trusted) {}

    /** What a connection's peer is to us; asked once, for it holds for all of its requests. */
    Peer peer(String address) {
        Optional<InetAddress> literal = trusted.isEmpty() ? Optional.empty() : literal(address);
        return literal.map(parsed -> new Peer(parsed.getHostAddress(), isTrusted(parsed)))
                .orElseGet(() -> new Peer(address, false));
    }

    /**
     * The caller's address as text. {@code forwardedFor}, all lines of the header in order, is read from its end, and
     * only as far as each hop is a trusted proxy: what stands before was written by the caller. Proxies lengthen the
     * caller's line or add one of their own (RFC 9110, 5.3: both mean the same).
     */
    String of(Peer peer, List<String> forwardedFor) {
        if (!peer.trusted() || forwardedFor.isEmpty()) {
            return peer.address();
        }
        String hops = forwardedFor.size() == 1 ? forwardedFor.getFirst() : String.join(",", forwardedFor);
        InetAddress address = null;
        int end = hops.length();
        for (int hop = 0; hop < HOPS_MAX && end > 0 && (address == null || isTrusted(address)); hop++) {
            int comma = hops.lastIndexOf(',', end - 1);
            Optional<InetAddress> before =
                    literal(hops.substring(comma + 1, end).strip());
            if (before.isEmpty()) {
                break;
            }
            address = before.get();
            end = comma;
        }
        return address == null ? peer.address() : address.getHostAddress();
    }

    /** What is limited as one caller: an IPv4 address, or the /64 that an IPv6 subscriber has to itself. */
    static String subscriber(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        byte[] bytes = literal(address).map(InetAddress::getAddress).orElse(new byte[0]);
        if (bytes.length != 16) {
            return address;
        }
        Arrays.fill(bytes, 8, 16, (byte) 0);
        return HexFormat.of().formatHex(bytes, 0, 8) + "::/64";
    }

    private boolean isTrusted(InetAddress address) {
        for (IpRange network : trusted) { // no stream: this is asked for each request that came through a proxy
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }
}

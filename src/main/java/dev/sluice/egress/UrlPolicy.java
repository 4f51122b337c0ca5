package dev.sluice.egress;

import dev.sluice.kernel.Failure;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides which URLs may be asked for, before any name is resolved. Forms that parsers read differently (octal and
 * integer addresses, user names, zone ids, backslashes, trailing dots) are refused, not interpreted.
 */
public final class UrlPolicy {
    /** More than any receiver needs; keeps request lines below common server limits (8 KiB). */
    static final int URL_CHARS_MAX = 2_000;

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final int NAME_CHARS_MAX = 253;

    /** Names that never mean a host of the public internet (RFC 6761, RFC 6762, RFC 8375, ICANN's internal). */
    private static final List<String> INTERNAL_SUFFIXES = List.of(
            ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa", ".localdomain");

    /** Services that could be talked to through the body of an HTTP request, above the system ports. */
    private static final Set<Integer> OTHER_SERVICES = Set.of(
            1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 6379, 6443, 8332, 8333, 9042, 9200, 9735, 10009,
            11211, 18332, 18443, 27017, 28332, 28333, 38332);

    private final EgressRules rules;

    public UrlPolicy(EgressRules rules) {
        this.rules = rules;
    }

    /**
     * Parses and checks a URL.
     *
     * @throws dev.sluice.kernel.FailureException {@code Rejected("url-refused")} with the reason
     */
    public Target check(String url) {
        URI uri = parse(url);
        if (uri.getRawUserInfo() != null) {
            throw refused("The URL must not carry a user name");
        }
        String host = hostOf(uri);
        boolean trusted = rules.trusts(host);
        boolean tls = tlsOf(uri, trusted);
        Optional<InetAddress> literal = literal(host);
        if (literal.isEmpty()) {
            checkName(host, trusted);
        }
        int port = uri.getPort() < 0 ? (tls ? 443 : 80) : uri.getPort();
        if (!trusted && !isWebPort(port)) {
            throw refused("The URL's port is not one for the web");
        }
        return new Target(tls, host, port, pathOf(uri), literal);
    }

    private static URI parse(String url) {
        if (url.length() > URL_CHARS_MAX) {
            throw refused("The URL is longer than " + URL_CHARS_MAX + " characters");
        }
        try {
            return new URI(url);
        } catch (URISyntaxException malformed) {
            throw refused("The URL is malformed");
        }
    }

    private boolean tlsOf(URI uri, boolean trusted) {
        return switch (uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "https" -> true;
            case "http" -> {
                if (!rules.allowHttp() && !trusted) {
                    throw refused("The URL must use https");
                }
                yield false;
            }
            default -> throw refused("The URL must use https");
        };
    }

    private static String hostOf(URI uri) {
        String host = uri.getHost();
        if (host == null || host.isEmpty()) {
            throw refused("The URL has no valid host");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return bare.toLowerCase(Locale.ROOT);
    }

    private static Optional<InetAddress> literal(String host) {
        if (host.indexOf('%') >= 0) {
            throw refused("The URL's address must not name a zone");
        }
        boolean literal = host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
        return literal ? Optional.of(InetAddress.ofLiteral(host)) : Optional.empty();
    }

    private void checkName(String host, boolean trusted) {
        String[] labels = host.split("\\.", -1);
        boolean wellFormed = host.length() <= NAME_CHARS_MAX
                && List.of(labels).stream()
                        .allMatch(label -> LABEL.matcher(label).matches())
                && !Character.isDigit(labels[labels.length - 1].charAt(0));
        if (!wellFormed) {
            throw refused("The URL has no valid host");
        }
        if (host.endsWith(".onion")) {
            throw refused("Onion addresses cannot be reached");
        }
        boolean internal = labels.length == 1 || INTERNAL_SUFFIXES.stream().anyMatch(host::endsWith);
        if (internal && !trusted && !rules.allowPrivate()) {
            throw refused("The URL names an internal host");
        }
    }

    private static boolean isWebPort(int port) {
        boolean system = port < 1024;
        return system ? port == 443 || port == 80 : port <= 65_535 && !OTHER_SERVICES.contains(port);
    }

    private static String pathOf(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    private static RuntimeException refused(String message) {
        return new Failure.Rejected("url-refused", message).exception();
    }
}

package dev.sluice.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where the gateway is reached from outside: as it was set, or by the address on which it listens. */
final class PublicUrl {
    private static final String KEY = "public_url";
    private static final int PORT_MAX = 65_535;
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\..*|\\[::1]");

    private PublicUrl() {}

    /** Without a trailing slash. */
    static String of(Values values, SluiceConfig.Http http, boolean demo) {
        String text = values.text(KEY);
        if (text.isEmpty()) {
            return ofListener(values, http, demo);
        }
        try {
            check(values, text, new URI(text));
        } catch (URISyntaxException malformed) {
            values.problem(KEY, "'" + text + "' is not http(s)://host[:port]");
        }
        return text.replaceFirst("/$", "");
    }

    /** Who listens on every address has not said by which buyers come; a demonstration's are on this machine. */
    private static String ofListener(Values values, SluiceConfig.Http http, boolean demo) {
        boolean everywhere = isEverywhere(http.host());
        if (everywhere && !demo) {
            values.problem(KEY, "must be set where http.host is " + http.host() + ": links and cards carry it");
        }
        String host = everywhere ? "127.0.0.1" : http.host();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + http.port();
    }

    private static boolean isEverywhere(String host) {
        try {
            return InetAddress.ofLiteral(host).isAnyLocalAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    private static void check(Values values, String text, URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("https") || scheme.equals("http");
        if (!web || uri.getHost() == null || uri.getPort() > PORT_MAX) {
            values.problem(KEY, "'" + text + "' is not http(s)://host[:port]");
        } else if (!uri.getPath().isEmpty() && !uri.getPath().equals("/")) {
            values.problem(KEY, "must have no path; serve the gateway at the root of a host");
        } else if (uri.getQuery() != null || uri.getFragment() != null || uri.getUserInfo() != null) {
            values.problem(KEY, "must be scheme, host and port alone");
        } else if (scheme.equals("http") && !LOOPBACK.matcher(uri.getHost()).matches()) {
            values.warn(KEY, "http without TLS lets others on the way read keys and change addresses");
        }
    }
}

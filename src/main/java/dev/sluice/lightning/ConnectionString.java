package dev.sluice.lightning;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Hex;
import dev.sluice.kernel.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the connection strings of BTCPay Server: {@code type=lnd-grpc;server=https://host:10009;certfilepath=..;
 * macaroonfilepath=..} and {@code type=lnd-rest;..}, whose node is reached at its gRPC port ({@code grpcport=})
 * instead.
 */
public final class ConnectionString {
    private static final int LENGTH_MAX = 4_096;
    private static final int GRPC_PORT = 10_009;
    private static final Pattern HEX = Pattern.compile("([0-9a-f]{2})+");
    private static final Set<String> KEYS = Set.of(
            "type",
            "server",
            "certfilepath",
            "certthumbprint",
            "macaroon",
            "macaroonfilepath",
            "macaroondirectorypath",
            "allowinsecure",
            "grpcport");
    private static final Set<String> OTHER_TYPES = Set.of(
            "clightning",
            "clightning-rest",
            "eclair",
            "charge",
            "lndhub",
            "phoenixd",
            "lnbank",
            "blink",
            "flash",
            "nwc",
            "strike",
            "boltz",
            "breez");

    private ConnectionString() {}

    /** Where an LND is and how to be let in; exactly one of {@code macaroonFile} and {@code macaroon} is given. */
    public record Lnd(
            String host,
            int port,
            @Nullable Path certFile,
            @Nullable String certThumbprint,
            @Nullable Path macaroonFile,
            @Nullable Secret macaroon) {}

    /** Reads a connection string, or fails with {@link Failure.Rejected} that says what to write instead. */
    public static Lnd parse(String text) {
        if (text.length() > LENGTH_MAX) {
            throw refuse("it is longer than " + LENGTH_MAX + " characters");
        }
        Map<String, String> values = split(text);
        String type = values.getOrDefault("type", "").toLowerCase(Locale.ROOT);
        return switch (type) {
            case "lnd-grpc" -> lnd(values, false);
            case "lnd-rest" -> lnd(values, true);
            case "" -> throw refuse("it does not say type=lnd-grpc or type=lnd-rest");
            default ->
                throw refuse(
                        OTHER_TYPES.contains(type)
                                ? "connections of type " + type
                                        + " are not supported; use an LND node with type=lnd-grpc"
                                : "its type is unknown; use type=lnd-grpc");
        };
    }

    private static Lnd lnd(Map<String, String> values, boolean rest) {
        for (String key : values.keySet()) {
            if (!KEYS.contains(key)) {
                throw refuse("it has an unknown key: " + printable(key));
            }
        }
        URI server = server(values.get("server"));
        Path certFile = path(values.get("certfilepath"));
        String thumbprint = thumbprint(values.get("certthumbprint"));
        boolean unpinned = certFile == null && thumbprint == null;
        if (unpinned && Boolean.parseBoolean(values.get("allowinsecure"))) {
            throw refuse("allowinsecure would hand the macaroon to whoever answers; pin the node's certificate with "
                    + "certfilepath= or certthumbprint= (SHA-256) instead");
        }
        Path macaroonFile = macaroonFile(values);
        Secret macaroon = macaroon(values.get("macaroon"));
        if ((macaroonFile == null) == (macaroon == null)) {
            throw refuse("give one of macaroonfilepath= and macaroon=");
        }
        return new Lnd(
                host(server), port(server, values.get("grpcport"), rest), certFile, thumbprint, macaroonFile, macaroon);
    }

    private static Map<String, String> split(String text) {
        Map<String, String> values = new HashMap<>();
        for (String part : text.strip().split(";")) {
            if (part.isBlank()) {
                continue;
            }
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw refuse("it must be key=value pairs separated by semicolons");
            }
            String key = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            if (values.put(key, part.substring(equals + 1).strip()) != null) {
                throw refuse("it gives a key twice: " + printable(key));
            }
        }
        return values;
    }

    private static URI server(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw refuse("server= is missing");
        }
        try {
            URI server = new URI(value);
            if (server.getHost() == null || server.getRawUserInfo() != null) {
                throw refuse("server= must look like https://host:10009");
            }
            if (!"https".equalsIgnoreCase(server.getScheme())) {
                throw refuse("server= must use https: LND speaks gRPC over TLS only");
            }
            return server;
        } catch (URISyntaxException malformed) {
            throw refuse("server= must look like https://host:10009");
        }
    }

    private static String host(URI server) {
        String host = server.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(URI server, @Nullable String grpcPort, boolean rest) {
        if (grpcPort != null) {
            return portNumber(grpcPort);
        }
        if (rest) {
            throw refuse("Sluice speaks gRPC, not REST: add grpcport=" + GRPC_PORT
                    + " (the port of LND's rpclisten), or write type=lnd-grpc;server=https://host:" + GRPC_PORT);
        }
        return server.getPort() < 0 ? GRPC_PORT : portNumber(Integer.toString(server.getPort()));
    }

    private static int portNumber(String value) {
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > 65_535) {
            throw refuse("the port must be a number from 1 to 65535");
        }
        return Integer.parseInt(value);
    }

    private static @Nullable Path macaroonFile(Map<String, String> values) {
        Path directory = path(values.get("macaroondirectorypath"));
        Path file = path(values.get("macaroonfilepath"));
        if (directory != null && file != null) {
            throw refuse("give one of macaroonfilepath= and macaroondirectorypath=");
        }
        return directory == null ? file : directory.resolve("invoice.macaroon");
    }

    private static @Nullable Path path(@Nullable String value) {
        if (value == null) {
            return null;
        }
        if (value.isEmpty() || value.indexOf('\0') >= 0 || !Path.of(value).isAbsolute()) {
            throw refuse("file paths must be absolute");
        }
        return Path.of(value);
    }

    private static @Nullable Secret macaroon(@Nullable String value) {
        if (value == null) {
            return null;
        }
        String hex = value.toLowerCase(Locale.ROOT);
        if (!HEX.matcher(hex).matches()) {
            throw refuse("macaroon= must be hex");
        }
        return new Secret(hex);
    }

    private static @Nullable String thumbprint(@Nullable String value) {
        if (value == null) {
            return null;
        }
        String hex = value.replace(":", "").toLowerCase(Locale.ROOT);
        if (!Hex.isLower(hex, 64)) {
            throw refuse("certthumbprint= must be the certificate's SHA-256 in hex");
        }
        return hex;
    }

    /** Keys are the writer's own text: show a few harmless characters only. */
    private static String printable(String key) {
        return key.replaceAll("[^a-z-]", "?").substring(0, Math.min(24, key.length()));
    }

    private static RuntimeException refuse(String why) {
        return new Failure.Rejected("invalid-connection-string", "The connection string cannot be used: " + why)
                .exception();
    }
}

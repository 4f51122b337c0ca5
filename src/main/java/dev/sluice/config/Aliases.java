package dev.sluice.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Takes BTCPay Server's environment names where they mean the same here: BTCPAY_NETWORK, BTCPAY_BIND, BTCPAY_PORT,
 * BTCPAY_POSTGRES and BTCPAY_BTCLIGHTNING. Our own names win over them.
 */
final class Aliases {
    private static final Map<String, String> PLAIN =
            Map.of("BTCPAY_NETWORK", "network", "BTCPAY_BIND", "http.host", "BTCPAY_PORT", "http.port");
    /** Npgsql's names, lower case without spaces. */
    private static final Map<String, String> POSTGRES = Map.of(
            "host",
            "database.host",
            "server",
            "database.host",
            "port",
            "database.port",
            "database",
            "database.name",
            "userid",
            "database.user",
            "username",
            "database.user",
            "password",
            "database.password");

    private final Map<String, Setting> found = new LinkedHashMap<>();
    private final List<String> problems;

    private Aliases(List<String> problems) {
        this.problems = problems;
    }

    static Map<String, Setting> read(Map<String, String> environment, List<String> problems) {
        Aliases aliases = new Aliases(problems);
        PLAIN.forEach((name, key) -> {
            String value = environment.get(name);
            if (value != null) {
                aliases.put(key, name.equals("BTCPAY_NETWORK") ? value.toLowerCase(Locale.ROOT) : value, name);
            }
        });
        aliases.postgres(environment.getOrDefault("BTCPAY_POSTGRES", ""));
        aliases.lightning(environment.getOrDefault("BTCPAY_BTCLIGHTNING", ""));
        return aliases.found;
    }

    private void put(String key, String value, String name) {
        found.put(key, new Setting(key, value.strip(), Setting.Source.ENVIRONMENT, "environment " + name));
    }

    private void postgres(String text) {
        if (text.isBlank()) {
            return;
        }
        put("database.mode", "external", "BTCPAY_POSTGRES");
        pairs(text).forEach((name, value) -> {
            String key = POSTGRES.get(name.replace(" ", ""));
            if (key != null) {
                put(key, value, "BTCPAY_POSTGRES");
            }
        });
    }

    private void lightning(String text) {
        if (text.isBlank()) {
            return;
        }
        Map<String, String> pairs = pairs(text);
        String type = pairs.getOrDefault("type", "");
        if (!type.equals("lnd-grpc") && !type.equals("lnd-rest")) {
            problems.add("BTCPAY_BTCLIGHTNING: only type=lnd-grpc and type=lnd-rest can be taken; use lightning.*");
            return;
        }
        put("lightning.mode", "lnd", "BTCPAY_BTCLIGHTNING");
        server(type, pairs.getOrDefault("server", ""));
        file(pairs, "macaroonfilepath", "lightning.invoice_macaroon_file");
        file(pairs, "certfilepath", "lightning.tls_cert_file");
        if (pairs.containsKey("macaroon")) {
            problems.add("BTCPAY_BTCLIGHTNING: a macaroon in the text cannot be taken; use macaroonfilepath=");
        }
    }

    private void server(String type, String server) {
        String address = server.replaceFirst("^[a-z]+://", "").replaceFirst("/+$", "");
        if (type.equals("lnd-rest") && !address.endsWith(":8080")) {
            problems.add("BTCPAY_BTCLIGHTNING: gRPC is needed and its port cannot be told from this REST address; "
                    + "set lightning.lnd_grpc_url");
            return;
        }
        // LND's documented defaults: REST on 8080, gRPC on 10009.
        put(
                "lightning.lnd_grpc_url",
                type.equals("lnd-rest") ? address.replaceFirst(":8080$", ":10009") : address,
                "BTCPAY_BTCLIGHTNING");
    }

    private void file(Map<String, String> pairs, String name, String key) {
        String path = pairs.get(name);
        if (path != null) {
            put(key, path, "BTCPAY_BTCLIGHTNING");
        }
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String part : text.split(";")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                pairs.put(
                        part.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        part.substring(equals + 1).strip());
            }
        }
        return pairs;
    }
}

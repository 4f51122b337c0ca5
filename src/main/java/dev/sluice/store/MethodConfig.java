package dev.sluice.store;

import dev.sluice.chain.ChainService;
import dev.sluice.http.Fields;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the configuration of a payment method and hides its secrets. */
public final class MethodConfig {
    /** The operator's node, in BTCPay's words. */
    public static final String INTERNAL_NODE = "Internal Node";
    /** The operator's wallet: ours, BTCPay has none. */
    public static final String INTERNAL_WALLET = "Internal Wallet";

    static final String HIDDEN = "***";

    /** Parts of a connection string that are no secret; whatever else there is, is taken for one. */
    private static final Set<String> SHOWN = Set.of(
            "type",
            "server",
            "macaroonfilepath",
            "macaroondirectorypath",
            "certthumbprint",
            "certfilepath",
            "allowinsecure");

    /** Fifteen keys of a multi-signature descriptor need about 2,000. */
    private static final int DESCRIPTOR_MAX = 4_096;
    /** A baked macaroon in hex has some hundreds of characters. */
    private static final int CONNECTION_MAX = 8_192;

    private static final int LABEL_MAX = 200;
    private static final int KEY_PATH_MAX = 100;
    private static final Pattern USER_INFO = Pattern.compile("://[^/@]*@");
    private static final Pattern PRIVATE_KEY = Pattern.compile("\\b[xyztuvXYZTUV]prv");

    private MethodConfig() {}

    /** Whether a normalised configuration names the operator's own wallet or node. */
    public static boolean isInternal(Rail rail, JsonObject config) {
        return internal(rail).equals(config.getString(main(rail)));
    }

    /** Whether a configuration makes the server read its own files: a connection string that names one. */
    static boolean namesFiles(JsonObject config) {
        return Stream.of(config.getString("connectionString", "").split(";"))
                .map(part -> part.substring(0, Math.max(0, part.indexOf('='))))
                .anyMatch(name -> name.strip().toLowerCase(Locale.ROOT).endsWith("path"));
    }

    /**
     * The normalised form of what a request says in {@code config}, an object or the scheme or connection string alone;
     * errors go to {@code fields}.
     */
    static JsonObject parse(Rail rail, Fields fields) {
        Fields config = fields.object("config", main(rail));
        return switch (rail) {
            case CHAIN -> chain(config);
            case LIGHTNING -> lightning(config);
            case CARD -> throw rail.isNotSetUp();
        };
    }

    /** The configuration as an answer may show it. */
    static JsonObject masked(JsonObject config) {
        String connection = config.getString("connectionString");
        return connection == null ? config : config.copy().put("connectionString", maskedConnection(connection));
    }

    /** What to store: the secrets that are kept, where a request sends their masked form back unchanged. */
    static JsonObject unmasked(JsonObject wanted, JsonObject kept, Fields fields) {
        String connection = wanted.getString("connectionString", "");
        if (!connection.contains(HIDDEN)) {
            return wanted;
        }
        if (wanted.equals(masked(kept))) {
            return kept;
        }
        fields.object("config", "connectionString").reject("connectionString", "Hidden parts must be given again");
        return wanted;
    }

    private static JsonObject chain(Fields config) {
        String scheme = required(config, "derivationScheme", DESCRIPTOR_MAX);
        if (PRIVATE_KEY.matcher(scheme).find()) {
            config.reject("derivationScheme", "Private keys are not taken: give the public account key");
        }
        JsonObject chain = new JsonObject().put("derivationScheme", named(Rail.CHAIN, scheme));
        String label = config.text("label", LABEL_MAX);
        String keyPath = config.text("accountKeyPath", KEY_PATH_MAX);
        Long startIndex = config.integer("startIndex", 0, ChainService.START_INDEX_MAX);
        if (label != null) {
            chain.put("label", label);
        }
        if (keyPath != null) {
            chain.put("accountKeyPath", keyPath);
        }
        if (startIndex != null) {
            chain.put("startIndex", startIndex.intValue());
        }
        return chain;
    }

    private static JsonObject lightning(Fields config) {
        String reference = config.text("internalNodeRef", CONNECTION_MAX); // BTCPay 2's own spelling
        String connection = reference != null ? reference : required(config, "connectionString", CONNECTION_MAX);
        return new JsonObject().put("connectionString", named(Rail.LIGHTNING, connection));
    }

    private static String required(Fields config, String name, int lengthMax) {
        String text = config.text(name, lengthMax);
        if (text == null || text.isBlank()) {
            config.reject(name, "This is needed");
            return "";
        }
        return text.strip();
    }

    private static String named(Rail rail, String text) {
        String internal = internal(rail);
        return internal.equalsIgnoreCase(text) ? internal : text;
    }

    private static String main(Rail rail) {
        return switch (rail) {
            case CHAIN -> "derivationScheme";
            case LIGHTNING -> "connectionString";
            case CARD -> throw rail.isNotSetUp();
        };
    }

    private static String internal(Rail rail) {
        return switch (rail) {
            case CHAIN -> INTERNAL_WALLET;
            case LIGHTNING -> INTERNAL_NODE;
            case CARD -> throw rail.isNotSetUp();
        };
    }

    private static String maskedConnection(String connection) {
        if (connection.equals(INTERNAL_NODE)) {
            return connection;
        }
        return Stream.of(connection.split(";")).map(MethodConfig::maskedPart).collect(Collectors.joining(";"));
    }

    private static String maskedPart(String part) {
        int equals = part.indexOf('=');
        if (equals < 0) {
            return part.isBlank() ? part : HIDDEN;
        }
        String name = part.substring(0, equals);
        if (!SHOWN.contains(name.strip().toLowerCase(Locale.ROOT))) {
            return name + "=" + HIDDEN;
        }
        return USER_INFO.matcher(part).replaceAll(Matcher.quoteReplacement("://" + HIDDEN + "@"));
    }
}

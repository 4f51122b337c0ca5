package dev.sluice.card;

import dev.sluice.kernel.Msat;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What another issuer's card offers to pay (LUD-03), amounts in millisatoshi.
 *
 * @param pinFrom a PIN is asked from this amount on; {@code Long.MAX_VALUE} for never
 */
record ForeignOffer(String callback, String k1, long min, long max, long pinFrom) {
    private static final int K1_MAX = 1_024;
    /** Longer ones are not asked either. */
    private static final int CALLBACK_MAX = 2_048;

    /** Reads an issuer's answer; empty where it is no offer. */
    static Optional<ForeignOffer> of(JsonObject answer) {
        return "withdrawRequest".equals(answer.getValue("tag"))
                        && answer.getValue("callback") instanceof String callback
                        && callback.length() <= CALLBACK_MAX
                        && answer.getValue("k1") instanceof String k1
                        && k1.length() <= K1_MAX
                        && answer.getValue("minWithdrawable") instanceof Number min
                        && answer.getValue("maxWithdrawable") instanceof Number max
                ? Optional.of(new ForeignOffer(callback, k1, min.longValue(), max.longValue(), pinFrom(answer)))
                : Optional.empty();
    }

    private static long pinFrom(JsonObject answer) {
        return answer.getValue("pinLimit") instanceof Number limit ? limit.longValue() : Long.MAX_VALUE;
    }

    boolean covers(Msat due) {
        return min <= due.value() && due.value() <= max;
    }

    boolean asksPin(Msat due) {
        return pinFrom <= due.value();
    }

    /** Where the issuer is asked to pay; the PIN only where it asks for one. */
    String request(String bolt11, Msat due, Optional<String> pin) {
        return callback + (callback.contains("?") ? "&" : "?") + "k1=" + encoded(k1) + "&pr=" + bolt11
                + (asksPin(due) ? "&pin=" + encoded(pin.orElseThrow()) : "");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

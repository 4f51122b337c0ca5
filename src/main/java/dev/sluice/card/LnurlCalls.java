package dev.sluice.card;

import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How wallets are answered: status 200 whatever came of it, errors as LUD-01 writes them, for pages of any origin. */
final class LnurlCalls {
    private static final Logger log = LoggerFactory.getLogger(LnurlCalls.class);
    private static final Map<String, String> HEADERS =
            Map.of("Access-Control-Allow-Origin", "*", "Cache-Control", "no-store");

    private LnurlCalls() {}

    static Function<Call, Future<Reply>> guarded(Function<Call, Future<JsonObject>> handler) {
        return call -> Future.succeededFuture()
                .compose(go -> handler.apply(call))
                .otherwise(LnurlCalls::error)
                .map(body -> new Reply(200, body.encode(), HEADERS));
    }

    /** A parameter; {@code Rejected} where it is given twice: two readers would not read the same. */
    static Optional<String> one(Call call, String name) {
        List<String> all = call.queries(name);
        if (all.size() > 1) {
            throw new Failure.Rejected("repeated-parameter", "The parameter " + name + " is given twice").exception();
        }
        return all.stream().findFirst();
    }

    private static JsonObject error(Throwable cause) {
        String reason = switch (cause) {
            case Declined declined -> {
                log.info("card.lnurl.declined why={}", declined.why());
                yield text(declined.why().code());
            }
            case FailureException expected -> {
                log.info("card.lnurl.refused why={}", expected.failure().code());
                yield text(expected.failure());
            }
            default -> {
                log.error("card.lnurl.failed", cause);
                yield "Something broke on our side; try again";
            }
        };
        return new JsonObject().put("status", "ERROR").put("reason", reason);
    }

    /** What a tap lacks and where rates come from stays with us. */
    private static String text(Failure failure) {
        return switch (failure.code()) {
            case "malformed-tap" -> text("tap-not-valid");
            case "rate-unavailable" -> "There is no exchange rate at the moment; try again later";
            default -> failure.message();
        };
    }

    /** For whoever stands at the terminal. */
    static String text(String code) {
        return switch (code) {
            case "tap-not-valid" -> "This tap is not valid; tap the card again";
            case "insufficient-funds" -> "Not enough on the card";
            case "pin-required" -> "PIN required";
            case "pin-wrong" -> "Invalid PIN";
            case "pin-locked" -> "The PIN is locked";
            case "card-expired" -> "The card has expired";
            case "card-not-active" -> "The card is not active yet";
            case "invoice-not-payable" -> "The invoice cannot be paid any more";
            case "limit-per-tap", "limit-daily", "limit-weekly", "limit-monthly", "too-many-taps" ->
                "A limit of the card is reached";
            default -> "The card was declined";
        };
    }
}

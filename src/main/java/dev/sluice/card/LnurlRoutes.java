package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a card's link answers: LNURL-withdraw (LUD-03, 14, 17, 19); errors as LUD-01 writes them, with status 200. */
final class LnurlRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(LnurlRoutes.class);
    private static final Map<String, String> HEADERS =
            Map.of("Access-Control-Allow-Origin", "*", "Cache-Control", "no-store");

    private final WithdrawService withdrawals;
    private final CardService cards;

    LnurlRoutes(WithdrawService withdrawals, CardService cards) {
        this.withdrawals = withdrawals;
        this.cards = cards;
    }

    @Override
    public void mount(Api api) {
        api.get("/boltcard", Access.ANYONE, this::answer);
        api.get("/ln", Access.ANYONE, this::answer); // where boltcard's cards lead
        api.get("/boltcards/api/v1/scan/{externalId}", Access.ANYONE, this::answer); // and LNbits'
    }

    /** One path for both requests, as BTCPay has it: with {@code pr} it is the second. */
    private Future<Reply> answer(Call call) {
        Future<JsonObject> answer =
                Future.succeededFuture().compose(go -> call.query("pr").isPresent() ? pay(call) : offer(call));
        return answer.otherwise(LnurlRoutes::error).map(body -> new Reply(200, body.encode(), HEADERS));
    }

    private Future<JsonObject> offer(Call call) {
        Optional<String> k1 = call.query("k1");
        if (k1.isPresent()) {
            return withdrawals.again(k1.get()).compose(offer -> shown(call, offer));
        }
        Tap tap = Tap.of(call.query("p").orElse(""), call.query("c").orElse(""))
                .named(call.hasPath("externalId") ? Optional.of(call.path("externalId")) : Optional.empty());
        return withdrawals
                .offer(tap)
                .compose(offer -> shown(call, offer)
                        .map(body -> CardService.takesMoney(offer.card(), offer.programme())
                                ? body.put("payLink", Lnurl.withScheme("lnurlp", payLink(call, tap, offer.card())))
                                : body));
    }

    /** Who reads {@code p} with a K1 that is the card's own must know the card; its link names it as it is. */
    private static String payLink(Call call, Tap tap, Card card) {
        return tap.name().isEmpty()
                ? CardFeature.topUpLink(call.publicUrl(), tap.p())
                : call.publicUrl() + "/.well-known/lnurlp/" + card.handle();
    }

    private Future<JsonObject> shown(Call call, WithdrawService.Offer offer) {
        JsonObject body = new JsonObject()
                .put("tag", "withdrawRequest")
                .put("callback", call.publicUrl() + "/boltcard")
                .put("k1", offer.k1())
                .put("minWithdrawable", Msat.PER_SAT)
                .put("maxWithdrawable", offer.max().value())
                .put("defaultDescription", offer.programme().name());
        if (offer.pinFrom() != null) {
            body.put("pinLimit", offer.pinFrom().value());
        }
        Programme programme = offer.programme();
        return programme.showsBalance() && programme.money().currency().isBitcoin()
                ? cards.balance(offer.card(), programme)
                        .map(units -> body.put("currentBalance", units)
                                .put("balanceCheck", call.publicUrl() + "/boltcard?k1=" + offer.k1())) // LUD-14
                : Future.succeededFuture(body);
    }

    private Future<JsonObject> pay(Call call) {
        Optional<String> pin = call.query("pin").filter(text -> !text.isEmpty());
        return withdrawals
                .pay(call.query("k1").orElse(""), call.query("pr").orElse(""), pin)
                .map(charge -> new JsonObject().put("status", "OK"));
    }

    private static JsonObject error(Throwable cause) {
        String reason = switch (cause) {
            case Declined declined -> {
                log.info("card.lnurl.declined why={}", declined.why());
                yield text(declined.why());
            }
            case FailureException expected -> expected.failure().message();
            default -> {
                log.error("card.lnurl.failed", cause);
                yield "Something broke on our side; tap again";
            }
        };
        return new JsonObject().put("status", "ERROR").put("reason", reason);
    }

    /** For whoever stands at the terminal; what is wrong with a tap stays with us. */
    static String text(Decline why) {
        return switch (why.code()) {
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

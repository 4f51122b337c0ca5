package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Function;

/** What a card's link answers: LNURL-withdraw (LUD-03, 14, 17, 19); errors as LUD-01 writes them, with status 200. */
final class LnurlRoutes implements Routes {
    private final WithdrawService withdrawals;
    private final CardService cards;

    LnurlRoutes(WithdrawService withdrawals, CardService cards) {
        this.withdrawals = withdrawals;
        this.cards = cards;
    }

    @Override
    public void mount(Api api) {
        Function<Call, Future<Reply>> answer = LnurlCalls.guarded(this::answer);
        api.get("/boltcard", Access.ANYONE_TAPS, answer);
        api.get("/ln", Access.ANYONE_TAPS, answer); // where boltcard's cards lead
        api.get("/boltcards/api/v1/scan/{externalId}", Access.ANYONE_TAPS, answer); // and LNbits'
    }

    /** One path for both requests, as BTCPay has it: with {@code pr} it is the second. */
    private Future<JsonObject> answer(Call call) {
        return LnurlCalls.one(call, "pr").isPresent() ? pay(call) : offer(call);
    }

    private Future<JsonObject> offer(Call call) {
        Optional<String> k1 = LnurlCalls.one(call, "k1");
        if (k1.isPresent()) {
            return withdrawals.again(k1.get()).compose(offer -> shown(call, offer));
        }
        Tap tap = Tap.of(
                        LnurlCalls.one(call, "p").orElse(""),
                        LnurlCalls.one(call, "c").orElse(""))
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
                .put("minWithdrawable", WithdrawService.LEAST.value())
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
        Optional<String> pin = LnurlCalls.one(call, "pin").filter(text -> !text.isEmpty());
        return withdrawals
                .pay(
                        LnurlCalls.one(call, "k1").orElse(""),
                        LnurlCalls.one(call, "pr").orElse(""),
                        pin)
                .map(charge -> new JsonObject().put("status", "OK"));
    }
}

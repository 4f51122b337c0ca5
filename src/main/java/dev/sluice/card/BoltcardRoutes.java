package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.http.StoreResolver;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the apps call that write and wipe chips. Beside links of our own there are BTCPay's two paths: with a pull
 * payment an operator's key is asked for, and an app id is the secret of a card factory.
 */
final class BoltcardRoutes implements Routes, StoreResolver {
    private static final Access ISSUE = Access.needs("btcpay.store.cancreatepullpayments");
    private static final String MANAGE = "btcpay.store.canmanagepullpayments";
    private static final String PULL_PAYMENT = "pullPaymentId";
    private static final int LINK_MAX = 512;
    private static final int UID_MAX = 32;
    private static final int WORD_MAX = 20;

    private final KeyRelease keys;
    private final CardFactories factories;
    private final CardRepository cards;

    BoltcardRoutes(KeyRelease keys, CardFactories factories, CardRepository cards) {
        this.keys = keys;
        this.factories = factories;
        this.cards = cards;
    }

    @Override
    public void mount(Api api) {
        api.post("/boltcards/links/{token}", Access.ANYONE, this::byLink);
        api.post("/apps/{appId}/boltcards", Access.ANYONE, this::byFactory);
        api.post("/api/v1/pull-payments/{pullPaymentId}/boltcards", ISSUE, this::byPullPayment);
    }

    @Override
    public String parameter() {
        return PULL_PAYMENT;
    }

    @Override
    public Future<Optional<StoreId>> storeOf(String id) {
        return cards.storeOfPullPayment(id);
    }

    /** {@code UID} to write a chip, {@code LNURLW} to wipe one; once. */
    private Future<Reply> byLink(Call call) {
        return keys.release(call.path("token"), ask(call, false))
                .map(found -> reply(CardViews.keys(found, call.publicUrl())));
    }

    private Future<Reply> byFactory(Call call) {
        return factories.release(call.path("appId"), ask(call, true)).map(found -> btcpay(call, found));
    }

    private Future<Reply> byPullPayment(Call call) {
        String id = call.path(PULL_PAYMENT);
        String by = call.principal().user().value();
        KeyAsk ask = ask(call, true);
        return storeOf(id)
                .map(store -> store.orElseThrow(KeyRelease::refused))
                .compose(
                        store -> ask instanceof KeyAsk.Wipe && !call.principal().allows(MANAGE, store)
                                ? Future.failedFuture(missing())
                                : keys.release(store, id, ask, by))
                .map(found -> btcpay(call, found));
    }

    /** As for a reset link: who may write chips may not take them from cards. */
    private static RuntimeException missing() {
        return new Failure.Forbidden("missing-permission", "This call needs the permission " + MANAGE, MANAGE)
                .exception();
    }

    /** BTCPay's {@code version} is that of the keys; elsewhere it is that of the format. */
    private static Reply btcpay(Call call, ChipKeys.Keys keys) {
        return reply(CardViews.keys(keys, call.publicUrl()).put("version", keys.version()));
    }

    private static Reply reply(JsonObject keys) {
        return new Reply(200, keys.encode(), Map.of("Cache-Control", "no-store"));
    }

    /**
     * What the app wants, as BTCPay reads it: {@code onExisting} says whether the chip gets new keys
     * ({@code UpdateVersion}, also where nothing is said) or loses those it has ({@code KeepVersion}).
     *
     * @param says whether {@code onExisting} counts; else a UID means to write, and a tap means to wipe
     */
    private static KeyAsk ask(Call call, boolean says) {
        Fields fields = new Fields(call.body());
        String uid = fields.text("UID", UID_MAX);
        String link = fields.text("LNURLW", LINK_MAX);
        String word = fields.text("onExisting", WORD_MAX);
        fields.check();
        if ((uid == null) == (link == null)) {
            throw Failure.invalid("UID", "Either UID or LNURLW is needed").exception();
        }
        boolean keeps = says && keeps(word == null ? call.query("onExisting").orElse("UpdateVersion") : word);
        if (link != null) {
            Tap tap = Tap.ofLink(link);
            return keeps || !says ? new KeyAsk.Wipe(tap) : new KeyAsk.Rewrite(tap);
        }
        if (keeps) {
            throw Failure.invalid("LNURLW", "Keys that a chip has are told for a fresh tap of it only")
                    .exception();
        }
        return new KeyAsk.Write(uid(java.util.Objects.requireNonNull(uid)));
    }

    private static boolean keeps(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "keepversion" -> true;
            case "updateversion" -> false;
            default ->
                throw Failure.invalid("OnExisting", "This must be KeepVersion or UpdateVersion")
                        .exception();
        };
    }

    private static Uid uid(String text) {
        try {
            return Uid.given(text);
        } catch (IllegalArgumentException malformed) {
            throw Failure.invalid("UID", "A UID has 14 hexadecimal digits, not all 0 or F")
                    .exception();
        }
    }
}

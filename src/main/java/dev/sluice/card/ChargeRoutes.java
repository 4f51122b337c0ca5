package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.Optional;

/** What terminals call. */
final class ChargeRoutes implements Routes {
    private static final Access VIEW = Access.needs("btcpay.store.canviewinvoices");
    private static final Access CHARGE = Access.needs("btcpay.store.cancreateinvoice");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifyinvoices");
    private static final String TERMINAL = "/api/v1/stores/{storeId}/terminals/{terminalId}";
    private static final String ONE = "/api/v1/stores/{storeId}/charges/{chargeId}";
    private static final String FOREIGN = "/api/v1/stores/{storeId}/invoices/{invoiceId}/lnurl-withdraw";
    private static final Map<String, String> REPLAYED = Map.of("Idempotency-Replayed", "true");

    private final ChargeService charges;
    private final Settlements settlements;
    private final Refunds refunds;
    private final StoreService stores;
    private final RequestNames names;
    private final ForeignCards foreignCards;
    private final Runnable afterCommit;

    ChargeRoutes(
            ChargeService charges,
            Settlements settlements,
            Refunds refunds,
            StoreService stores,
            RequestNames names,
            ForeignCards foreignCards,
            Runnable afterCommit) {
        this.charges = charges;
        this.settlements = settlements;
        this.refunds = refunds;
        this.stores = stores;
        this.names = names;
        this.foreignCards = foreignCards;
        this.afterCommit = afterCommit;
    }

    @Override
    public void mount(Api api) {
        api.get(TERMINAL + "/charges", VIEW, this::list);
        api.postNamed(TERMINAL + "/charges", CHARGE, call -> charge(call, true));
        api.postNamed(TERMINAL + "/authorizations", CHARGE, call -> charge(call, false));
        api.post(FOREIGN, CHARGE, this::foreign);
        api.get(ONE, VIEW, this::get);
        api.post(
                ONE + "/capture",
                CHARGE,
                call -> settle(call, (tx, store, id, amount) -> settlements.capture(tx, store, id, amount)));
        api.post(
                ONE + "/void",
                CHARGE,
                call -> settle(call, (tx, store, id, amount) -> settlements.voiding(tx, store, id)));
        api.post(
                ONE + "/refund",
                MODIFY,
                call -> settle(call, (tx, store, id, amount) -> refunds.refund(tx, store, id, amount)));
    }

    private Future<Reply> charge(Call call, boolean capture) {
        StoreId store = call.store();
        return currency(store)
                .compose(currency -> charges.charge(CardRequests.charge(call, currency, capture, names)))
                .map(ChargeRoutes::reply);
    }

    private static Reply reply(ChargeService.Answer answer) {
        Charge charge = answer.charge();
        JsonObject body = charge == null
                ? CardViews.refusal(java.util.Objects.requireNonNull(answer.decline()))
                : CardViews.charge(charge, null);
        if (answer.triesLeft() != null) {
            body.put("pinTriesLeft", answer.triesLeft());
        }
        return new Reply(200, body.encode(), answer.replayed() ? REPLAYED : Map.of());
    }

    private Future<Currency> currency(StoreId id) {
        return stores.get(id).map(store -> store.settings().defaultCurrency());
    }

    private Future<Reply> foreign(Call call) {
        InvoiceId invoice = InvoiceService.id(call.path("invoiceId"));
        Fields fields = new Fields(call.body());
        String link = CardRequests.required(fields, "link", CardRequests.LINK_MAX);
        String pin = fields.text("pin", CardRequests.TEXT_MAX);
        fields.check();
        return foreignCards
                .ask(call.store(), invoice, link, Optional.ofNullable(pin))
                .map(accepted -> Reply.json(new JsonObject().put("status", "Accepted")));
    }

    private Future<Reply> list(Call call) {
        return charges.list(call.store(), call.path("terminalId"), CardRequests.before(call), CardRequests.limit(call))
                .map(found -> {
                    JsonArray all = new JsonArray();
                    found.forEach(charge -> all.add(CardViews.charge(charge, null)));
                    return Reply.json(all);
                });
    }

    private Future<Reply> get(Call call) {
        return find(call).map(charge -> Reply.json(CardViews.charge(charge, null)));
    }

    private Future<Charge> find(Call call) {
        return charges.find(call.store(), call.path("chargeId")).map(found -> found.orElseThrow(Settlements::unknown));
    }

    /** One step of a charge after its tap. */
    private interface Step {
        Future<Charge> take(SqlConnection tx, StoreId store, String id, Optional<Money> amount);
    }

    private Future<Reply> settle(Call call, Step step) {
        return find(call).compose(charge -> {
            Optional<Money> amount = CardRequests.part(call.body())
                    .map(part -> ChargeService.price(part, charge.price().currency()));
            return call.effect(tx -> step.take(tx, charge.store(), charge.id(), amount)
                            .map(after -> Reply.json(CardViews.charge(after, null))))
                    .onSuccess(reply -> afterCommit.run());
        });
    }
}

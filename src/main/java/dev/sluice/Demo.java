package dev.sluice;

import dev.sluice.http.Pages;
import dev.sluice.identity.IdentityService;
import dev.sluice.invoice.CreateInvoice;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.NodeId;
import dev.sluice.ops.Cli;
import dev.sluice.ops.Foundation;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import dev.sluice.store.StoreServiceLive;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The demonstration: a store with both rails, a key and an invoice ({@link DemoStore} remembers what was made); and,
 * where the networks are simulated, a buyer who pays when asked to.
 */
final class Demo {
    private final Foundation f;
    private final InvoiceService invoices;
    private final Optional<ChainParts> chain;
    private final LightningParts lightning;
    private final JsonObject made;

    private Demo(
            Foundation f,
            InvoiceService invoices,
            Optional<ChainParts> chain,
            LightningParts lightning,
            JsonObject made) {
        this.f = f;
        this.invoices = invoices;
        this.chain = chain;
        this.lightning = lightning;
        this.made = made;
    }

    /** Makes or finds the demonstration; empty where none is asked for. */
    static Future<Optional<Demo>> prepare(
            Foundation f,
            IdentityService identity,
            StoreServiceLive stores,
            InvoiceService invoices,
            Optional<ChainParts> chain,
            LightningParts lightning) {
        if (!f.config().demo().enabled()) {
            return Future.succeededFuture(Optional.empty());
        }
        DemoStore store = new DemoStore(
                f.vertx(),
                f.db(),
                identity.admin(),
                stores,
                f.entropy(),
                f.config().dataFolder());
        return store.open((tx, id) -> putMethods(stores, tx, id, chain, lightning))
                .compose(made -> invoice(invoices, new StoreId(made.getString("store")))
                        .map(id -> made.copy().put("invoice", id.value())))
                .map(made -> Optional.of(new Demo(f, invoices, chain, lightning, made)));
    }

    private static Future<Void> putMethods(
            StoreServiceLive stores,
            SqlConnection tx,
            StoreId store,
            Optional<ChainParts> chain,
            LightningParts lightning) {
        Future<Void> put = Future.succeededFuture();
        Optional<String> wallet = chain.flatMap(ChainParts::operatorWallet).map(id -> id.value());
        if (wallet.isPresent()) {
            JsonObject config = new JsonObject().put("derivationScheme", "Internal Wallet");
            put = put.compose(done -> stores.putMethod(
                    tx, store, new PaymentMethod(Rail.CHAIN, true, Holder.OPERATOR, wallet.get(), config)));
        }
        if (lightning.hasOperatorNode()) {
            JsonObject config = new JsonObject().put("connectionString", "Internal Node");
            put = put.compose(done -> stores.putMethod(
                    tx,
                    store,
                    new PaymentMethod(Rail.LIGHTNING, true, Holder.OPERATOR, NodeId.OPERATOR.value(), config)));
        }
        return put;
    }

    private static Future<InvoiceId> invoice(InvoiceService invoices, StoreId store) {
        CreateInvoice request = new CreateInvoice(
                Currency.USD,
                Money.of(Currency.USD, new BigDecimal("12.50")),
                new JsonObject().put("orderId", "demo-1").put("itemDesc", "Two grilled snappers"),
                CreateInvoice.Checkout.STORE_DEFAULTS,
                new JsonObject(),
                List.of());
        return invoices.issue(store, request);
    }

    /** Tells a person what to try; the one thing besides logs that the server prints. */
    void announce() {
        String url = f.config().publicUrl();
        String create = "curl -s -X POST " + url + "/api/v1/stores/" + made.getString("store")
                + "/invoices -H 'Authorization: token " + made.getString("key")
                + "' -H 'Content-Type: application/json' -d '{\"amount\":\"3.20\",\"currency\":\"USD\"}'";
        StringBuilder text = new StringBuilder("\n")
                .append("  Checkout   ")
                .append(url)
                .append("/i/")
                .append(made.getString("invoice"))
                .append('\n')
                .append("  API docs   ")
                .append(url)
                .append("/docs\n")
                .append("  API key    ")
                .append(made.getString("key"))
                .append('\n')
                .append("  Create     ")
                .append(create)
                .append('\n');
        if (f.config().simulated()) {
            text.append("  Pay        curl -s -X POST ")
                    .append(url)
                    .append("/demo/pay/")
                    .append(made.getString("invoice"))
                    .append("\n             (add ?rail=BTC-CHAIN to pay on chain; everything here is simulated)\n");
        } else {
            text.append("  Pay        scripts/regtest pay \"$(curl -s ")
                    .append(url)
                    .append("/i/")
                    .append(made.getString("invoice"))
                    .append("/status | sed 's/.*\"paymentLink\":\"\\([^\"]*\\)\".*/\\1/')\"\n");
        }
        Cli.say(text.toString());
    }

    /** The buyer, where the networks are simulated. */
    Optional<Pages> buyer() {
        return f.config().simulated() ? Optional.of(new DemoRoutes(invoices, chain, lightning)) : Optional.empty();
    }
}

package dev.sluice;

import dev.sluice.http.Pages;
import dev.sluice.invoice.Checkout;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.Optional;

/** The buyer of a simulated demonstration: pays an invoice when asked to. */
final class DemoRoutes implements Pages {
    private final InvoiceService invoices;
    private final Optional<ChainParts> chain;
    private final LightningParts lightning;

    DemoRoutes(InvoiceService invoices, Optional<ChainParts> chain, LightningParts lightning) {
        this.invoices = invoices;
        this.chain = chain;
        this.lightning = lightning;
    }

    @Override
    public void mount(Router router) {
        router.post("/demo/pay/:invoiceId").handler(this::pay);
    }

    private void pay(RoutingContext context) {
        String id = context.pathParam("invoiceId");
        Rail rail = Optional.ofNullable(context.request().getParam("rail"))
                .flatMap(Rail::find)
                .orElse(Rail.LIGHTNING);
        if (!Ids.isId(id)) {
            context.fail(404);
            return;
        }
        invoices.checkout(new InvoiceId(id))
                .compose(invoice -> pay(invoice, rail))
                .onSuccess(said -> context.json(
                        new JsonObject().put("paid", rail.methodId()).put("proof", said)))
                .onFailure(context::fail);
    }

    private Future<String> pay(Checkout invoice, Rail rail) {
        Optional<Checkout.Option> option = invoice.options().stream()
                .filter(o -> o.rail() == rail && o.destination().isPresent())
                .findFirst();
        if (option.isEmpty()) {
            return Future.succeededFuture("nothing to pay on " + rail.methodId());
        }
        String destination = option.get().destination().orElseThrow();
        return switch (rail) {
            case LIGHTNING ->
                lightning.customer().orElseThrow().pay(destination, null).map(Object::toString);
            case CARD -> throw rail.isNotSetUp();
            case CHAIN ->
                chain.flatMap(ChainParts::simulated)
                        .orElseThrow()
                        .payTo(
                                destination,
                                new BigDecimal(option.get().dueBtc())
                                        .movePointRight(8)
                                        .longValueExact())
                        .compose(txid -> chain.flatMap(ChainParts::simulated)
                                .orElseThrow()
                                .mine(1)
                                .map(txid));
        };
    }
}

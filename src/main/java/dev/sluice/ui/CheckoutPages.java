package dev.sluice.ui;

import dev.sluice.http.Pages;
import dev.sluice.http.StaticFiles;
import dev.sluice.invoice.Checkout;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.Rail;
import dev.sluice.store.StoreService;
import dev.sluice.store.StoreSettings;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The checkout page at {@code /i/{id}} with BTCPay's neighbours of it, and the receipt. */
public final class CheckoutPages implements Pages {
    private static final String STYLE = "/static/checkout.css";
    private static final String SCRIPT = "/static/checkout.js";

    private final InvoiceService invoices;
    private final StoreService stores;
    private final String publicUrl;
    private final boolean simulated;
    private final Clock clock;
    private final StaticFiles files;
    private final Html pages = new Html("*"); // shops frame the checkout; it holds no session

    /** Reads files; blocking, for start-up. */
    public CheckoutPages(
            InvoiceService invoices, StoreService stores, String publicUrl, boolean simulated, Clock clock) {
        this.invoices = invoices;
        this.stores = stores;
        this.publicUrl = publicUrl;
        this.simulated = simulated;
        this.clock = clock;
        this.files = new StaticFiles(Map.of(STYLE, "web/checkout/checkout.css", SCRIPT, "web/checkout/checkout.js"));
    }

    @Override
    public void mount(Router router) {
        files.mount(router);
        new BrandStyle().mount(router);
        router.get("/invoice")
                .handler(context ->
                        legacy(context, Optional.ofNullable(context.request().getParam("id"))));
        router.get("/invoices/:invoiceId")
                .handler(context -> legacy(context, Optional.ofNullable(context.pathParam("invoiceId"))));
        router.get("/i/:invoiceId/receipt").handler(this::receipt);
        router.post("/i/:invoiceId/:method/activate").handler(this::activate);
        router.get("/i/:invoiceId").handler(context -> page(context, pageOf(context)));
        router.get("/i/:invoiceId/:method").handler(context -> page(context, pageOf(context)));
    }

    private static String pageOf(RoutingContext context) {
        return context.request().getParam("fragment") == null ? "checkout.jte" : "invoice.jte";
    }

    private void page(RoutingContext context, String template) {
        show(context, model -> pages.show(context, 200, template, Map.of("m", model)));
    }

    /** Who has none sees what became of the invoice. */
    private void receipt(RoutingContext context) {
        show(context, model -> {
            if (model.hasReceipt()) {
                pages.show(context, 200, "receipt.jte", Map.of("m", model));
            } else {
                seeOther(context, "/i/" + model.invoice().id() + "?lang=" + model.lang());
            }
        });
    }

    private void show(RoutingContext context, Consumer<CheckoutModel> page) {
        Html.answer(context, model(context), page, failure -> {
            if (failure instanceof FailureException known && known.failure() instanceof Failure.NotFound) {
                pages.notFound(context, "notfound", files.url(STYLE), simulated);
            } else {
                context.fail(failure);
            }
        });
    }

    private Future<CheckoutModel> model(RoutingContext context) {
        Optional<String> method = Optional.ofNullable(context.pathParam("method"));
        return Future.succeededFuture(context.pathParam("invoiceId"))
                .map(InvoiceService::id)
                .compose(invoices::checkout)
                .compose(invoice -> settings(invoice)
                        .map(settings -> new CheckoutModel(
                                invoice,
                                Texts.choose(
                                        Html.asked(context),
                                        invoice.language(),
                                        Html.accepted(context),
                                        Optional.of(settings.defaultLanguage())),
                                CheckoutModel.chosen(method, invoice),
                                settings,
                                publicUrl + "/i/" + invoice.id(),
                                clock.now(),
                                simulated,
                                files.url(STYLE),
                                settings.brandColour().map(BrandStyle::url),
                                files.url(SCRIPT))));
    }

    private Future<StoreSettings> settings(Checkout invoice) {
        return stores.find(new StoreId(invoice.storeId()))
                .map(found -> found.orElseThrow().settings());
    }

    private void activate(RoutingContext context) {
        Optional<InvoiceId> id = id(context);
        Optional<Rail> rail = Optional.ofNullable(context.pathParam("method")).flatMap(Rail::find);
        if (id.isEmpty() || rail.isEmpty()) {
            context.fail(404);
            return;
        }
        invoices.activate(id.get(), rail.get())
                .onSuccess(done -> seeOther(
                        context,
                        "/i/" + id.get() + "/" + rail.get().methodId()
                                + Html.language(context)
                                        .map(lang -> "?lang=" + lang)
                                        .orElse("")))
                .onFailure(context::fail);
    }

    /** Where shops' plugins for BTCPay Server lead buyers, and merchants, who see here what their buyers do. */
    private static void legacy(RoutingContext context, Optional<String> invoice) {
        invoice.filter(Ids::isId).ifPresentOrElse(id -> seeOther(context, "/i/" + id), () -> context.fail(404));
    }

    private static void seeOther(RoutingContext context, String path) {
        context.response().setStatusCode(303).putHeader("Location", path).end();
    }

    private static Optional<InvoiceId> id(RoutingContext context) {
        return Optional.ofNullable(context.pathParam("invoiceId"))
                .filter(Ids::isId)
                .map(InvoiceId::new);
    }
}

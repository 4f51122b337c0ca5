package dev.sluice.invoice;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Changes;
import dev.sluice.http.Conditional;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.http.StoreResolver;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The invoice group of the Greenfield API, with the store-nested aliases that released plugins still call. */
final class InvoiceRoutes implements Routes, StoreResolver {
    private static final Access VIEW = Access.needs("btcpay.store.canviewinvoices");
    private static final Access CREATE = Access.needs("btcpay.store.cancreateinvoice");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifyinvoices");

    private final InvoiceService invoices;
    private final InvoiceCancel cancel;
    private final StoreService stores;
    private final Changes<InvoiceId> changes;
    private final LongSupplier feeRateSatPerKvb;

    InvoiceRoutes(
            InvoiceService invoices,
            InvoiceCancel cancel,
            StoreService stores,
            Changes<InvoiceId> changes,
            LongSupplier feeRateSatPerKvb) {
        this.invoices = invoices;
        this.cancel = cancel;
        this.stores = stores;
        this.changes = changes;
        this.feeRateSatPerKvb = feeRateSatPerKvb;
    }

    @Override
    public void mount(Api api) {
        api.get("/api/v1/stores/{storeId}/invoices", VIEW, this::list);
        api.post("/api/v1/stores/{storeId}/invoices", CREATE, this::create);
        for (String base : List.of("/api/v1/invoices/{invoiceId}", "/api/v1/stores/{storeId}/invoices/{invoiceId}")) {
            api.get(base, VIEW, nested(this::get));
            api.put(base, MODIFY, nested(this::replaceMetadata));
            api.delete(base, MODIFY, nested(call -> archive(call, true)));
            api.post(base + "/unarchive", MODIFY, nested(call -> archive(call, false)));
            api.post(base + "/status", MODIFY, nested(this::mark));
            api.get(base + "/payment-methods", VIEW, nested(this::paymentMethods));
            api.post(base + "/payment-methods/{paymentMethodId}/activate", VIEW, nested(this::activate));
        }
        api.post("/api/v1/invoices/{invoiceId}/cancel", CREATE, this::cancel);
    }

    @Override
    public String parameter() {
        return "invoiceId";
    }

    @Override
    public Future<Optional<StoreId>> storeOf(String id) {
        return invoices.storeOf(id);
    }

    private Future<Reply> list(Call call) {
        InvoiceFilter filter = InvoiceRequests.filter(call, call.store());
        boolean withMethods = InvoiceRequests.flag(call, "includePaymentMethods");
        return invoices.list(filter.andOne()).compose(found -> {
            boolean more = found.size() > filter.take();
            return views(call, more ? found.subList(0, filter.take()) : found, withMethods)
                    .map(views -> new Reply(
                            200,
                            new JsonArray(views).encode(),
                            more ? Map.of("Link", InvoiceRequests.next(call, filter)) : Map.of()));
        });
    }

    private Future<Reply> create(Call call) {
        StoreId storeId = call.store();
        return stores.get(storeId).compose(store -> {
            CreateInvoice request =
                    InvoiceRequests.create(call.body(), store.settings().defaultCurrency());
            AtomicReference<InvoiceId> made = new AtomicReference<>();
            return invoices.draft(storeId, request)
                    .compose(draft ->
                            call.effect(tx -> invoices.create(tx, draft).map(invoice -> {
                                made.set(invoice.id());
                                return Reply.json(InvoiceView.invoice(invoice, call.publicUrl()));
                            })))
                    .compose(reply -> made.get() == null
                            ? Future.succeededFuture(reply)
                            : invoices.created(made.get()).otherwiseEmpty().map(reply));
        });
    }

    private Future<Reply> get(Call call) {
        InvoiceId id = InvoiceRequests.invoiceId(call);
        return changes.look(
                        id,
                        Changes.wait(call),
                        call.longPoll(),
                        () -> invoices.find(id),
                        seen -> Conditional.holds(call.header("If-None-Match"), tag(seen)))
                .compose(invoice -> views(call, List.of(invoice), InvoiceRequests.flag(call, "includePaymentMethods"))
                        .map(views -> Conditional.reply(call, tag(invoice), views.getFirst()::encode)));
    }

    private Future<Reply> replaceMetadata(Call call) {
        JsonObject metadata = InvoiceRequests.metadataUpdate(call.body());
        return change(call, (tx, id) -> invoices.replaceMetadata(tx, id, metadata));
    }

    private Future<Reply> archive(Call call, boolean archived) {
        return change(call, (tx, id) -> invoices.archive(tx, id, archived));
    }

    private Future<Reply> mark(Call call) {
        InvoiceStatus status = InvoiceRequests.mark(call.body());
        return change(call, (tx, id) -> invoices.mark(tx, id, status));
    }

    private Future<Reply> cancel(Call call) {
        return cancel.ask(InvoiceRequests.invoiceId(call)).compose(asked -> change(call, cancel::cancel));
    }

    private Future<Reply> paymentMethods(Call call) {
        boolean onlyAccounted = call.query("onlyAccountedPayments")
                .map(v -> !v.equalsIgnoreCase("false"))
                .orElse(true);
        return invoices.whole(InvoiceRequests.invoiceId(call))
                .map(whole ->
                        Reply.json(InvoiceView.paymentMethods(whole, onlyAccounted, feeRateSatPerKvb.getAsLong())));
    }

    private Future<Reply> activate(Call call) {
        return invoices.activate(InvoiceRequests.invoiceId(call), InvoiceRequests.rail(call))
                .map(done -> Reply.done());
    }

    private Future<Reply> change(Call call, BiFunction<SqlConnection, InvoiceId, Future<Invoice>> work) {
        InvoiceId id = InvoiceRequests.invoiceId(call);
        return call.effect(tx ->
                        work.apply(tx, id).map(invoice -> Reply.json(InvoiceView.invoice(invoice, call.publicUrl()))))
                .onSuccess(reply -> invoices.committed());
    }

    private Future<List<JsonObject>> views(Call call, List<Invoice> found, boolean withMethods) {
        return withMethods
                ? invoices.whole(found)
                        .map(wholes -> wholes.stream()
                                .map(whole -> withMethods(call, whole))
                                .toList())
                : Future.succeededFuture(found.stream()
                        .map(invoice -> InvoiceView.invoice(invoice, call.publicUrl()))
                        .toList());
    }

    private JsonObject withMethods(Call call, InvoiceView.Whole whole) {
        return InvoiceView.invoice(whole.invoice(), call.publicUrl())
                .put("paymentMethods", InvoiceView.paymentMethods(whole, true, feeRateSatPerKvb.getAsLong()));
    }

    /** Under a store's path only that store's invoices exist. */
    private Function<Call, Future<Reply>> nested(Function<Call, Future<Reply>> handler) {
        return call -> invoices.storeOf(call.path("invoiceId")).compose(owner -> {
            Optional<String> asked = storeInPath(call);
            boolean foreign = asked.isPresent() && !owner.map(StoreId::value).equals(asked);
            return foreign ? Future.failedFuture(InvoiceService.notFound()) : handler.apply(call);
        });
    }

    private static Optional<String> storeInPath(Call call) {
        return call.hasPath("storeId") ? Optional.of(call.path("storeId")) : Optional.empty();
    }

    private static String tag(Invoice invoice) {
        return Conditional.tag(invoice.id().value(), invoice.version());
    }
}

package dev.sluice.invoice;

import dev.sluice.http.Changes;
import dev.sluice.http.Conditional;
import dev.sluice.http.EventStream;
import dev.sluice.http.LongPoll;
import dev.sluice.http.OpenStreams;
import dev.sluice.http.PokeSocket;
import dev.sluice.http.PolledPages;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The public status of an invoice, for checkout pages and pollers: JSON with an entity tag and {@code ?wait=},
 * server-sent events, and BTCPay's web socket that only says when to look again.
 */
final class InvoiceStatusRoutes implements PolledPages {
    private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
    private static final CharSequence ANYONE = HttpHeaders.createOptimized("*");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json; charset=utf-8");

    private final InvoiceService invoices;
    private final InvoiceBoard board;
    private final InvoiceNews news;
    private final OpenStreams streams;

    InvoiceStatusRoutes(InvoiceService invoices, InvoiceBoard board, InvoiceNews news, OpenStreams streams) {
        this.invoices = invoices;
        this.board = board;
        this.news = news;
        this.streams = streams;
    }

    @Override
    public void mount(Router router) {
        router.get("/i/:invoiceId/status").handler(this::status);
        router.get("/i/:invoiceId/events").handler(this::events);
        router.get("/i/:invoiceId/status/ws").handler(this::socket);
    }

    /** Most polls end here: {@code /i/{id}/status} of an invoice that the board holds. */
    @Override
    public boolean answer(RoutingContext context, List<String> segments) {
        HttpServerRequest request = context.request();
        boolean poll = segments.size() == 3
                && segments.get(2).equals("status")
                && segments.getFirst().equals("i")
                && request.method() == HttpMethod.GET
                && request.query() == null
                && Ids.isId(segments.get(1));
        Optional<InvoiceBoard.Rendered> held = poll ? board.find(new InvoiceId(segments.get(1))) : Optional.empty();
        held.ifPresent(rendered -> send(context, rendered));
        return held.isPresent();
    }

    private void status(RoutingContext context) {
        Optional<InvoiceId> id = id(context);
        if (id.isEmpty()) {
            context.fail(404);
            return;
        }
        news.changes()
                .look(
                        id.get(),
                        wait(context),
                        LongPoll.of(context),
                        () -> render(id.get()),
                        seen -> holds(context, seen))
                .onSuccess(rendered -> send(context, rendered))
                .onFailure(context::fail);
    }

    private static void send(RoutingContext context, InvoiceBoard.Rendered rendered) {
        HttpServerResponse response = context.response()
                .putHeader(HttpHeaders.ETAG, rendered.etag())
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE)
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE);
        if (holds(context, rendered)) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(rendered.json());
        }
    }

    private void events(RoutingContext context) {
        Optional<InvoiceId> id = id(context);
        if (id.isEmpty()) {
            context.fail(404);
            return;
        }
        render(id.get())
                .map(first -> {
                    listen(EventStream.open(context, streams), id.get(), first);
                    return first;
                })
                .onFailure(context::fail);
    }

    /** Sends each version once, the first unless the listener saw it before it lost us. */
    private void listen(EventStream stream, InvoiceId id, InvoiceBoard.Rendered first) {
        AtomicLong sent = new AtomicLong(
                stream.lastEventId()
                                .filter(Long.toString(first.version())::equals)
                                .isPresent()
                        ? first.version()
                        : 0);
        send(stream, sent, first);
        Context loop = Vertx.currentContext();
        Runnable look = () -> loop.runOnContext(go -> render(id)
                .onSuccess(next -> send(stream, sent, next))
                .onFailure(unread -> stream.close())); // who comes again is told what this one was not
        stream.onClose(news.hear(id, look));
        look.run(); // what changed between the first look and hearing
    }

    private static void send(EventStream stream, AtomicLong sent, InvoiceBoard.Rendered rendered) {
        if (rendered.version() > sent.get()) {
            sent.set(rendered.version());
            stream.send(rendered.version(), "status", rendered.json().toString());
        }
    }

    private void socket(RoutingContext context) {
        Optional<InvoiceId> id = id(context);
        if (id.isEmpty()) {
            context.fail(404);
            return;
        }
        Context loop = Vertx.currentContext();
        PokeSocket.open(context, streams)
                .onSuccess(socket -> socket.onClose(news.hear(id.get(), () -> loop.runOnContext(go -> socket.poke()))))
                .onFailure(refused -> context.request().connection().close());
    }

    private Future<InvoiceBoard.Rendered> render(InvoiceId id) {
        return board.get(id, () -> invoices.whole(id));
    }

    private static Optional<InvoiceId> id(RoutingContext context) {
        String text = context.pathParam("invoiceId");
        return text != null && Ids.isId(text) ? Optional.of(new InvoiceId(text)) : Optional.empty();
    }

    private static boolean holds(RoutingContext context, InvoiceBoard.Rendered rendered) {
        return Conditional.holds(
                Optional.ofNullable(context.request().getHeader(HttpHeaders.IF_NONE_MATCH)), rendered.etag());
    }

    private static Duration wait(RoutingContext context) {
        String query = context.request().query();
        String seconds = query == null ? null : context.request().getParam("wait");
        return Changes.wait(Optional.ofNullable(seconds));
    }
}

package dev.sluice.http;

import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A feature that does nothing useful: what the edge needs to be tested. */
final class Toy implements Routes, Authenticator {
    static final String VIEW = "btcpay.store.canviewinvoices";
    static final int FLOOD = 2_000;
    static final String ALICE = "token alice";

    /** Handlers that ran: must not grow when a request is refused. */
    final AtomicInteger calls = new AtomicInteger();
    /** Web sockets that were closed or lost. */
    final AtomicInteger gone = new AtomicInteger();

    /** Things that are not there any more. */
    final Set<String> deleted = ConcurrentHashMap.newKeySet();
    /** People who may not see their store any more. */
    final Set<String> expelled = ConcurrentHashMap.newKeySet();
    /** Whether the first one was made, after which nobody is asked in. */
    final AtomicBoolean closed = new AtomicBoolean();

    /** What {@code /api/v1/waits} waits for. */
    final Changes<String> waits = new Changes<>(100, 100);
    /** Requests that came as far as {@link #parked}. */
    final AtomicInteger inside = new AtomicInteger();

    final AtomicReference<Future<Reply>> parked = new AtomicReference<>(Future.succeededFuture(Reply.done()));

    @Override
    public void mount(Api api) {
        api.get(
                "/api/v1/toys",
                Access.ANYONE,
                call -> reply(new JsonObject()
                        .put("order", new JsonArray(call.queries("orderId")))
                        .put("take", call.query("take").orElse(null))
                        .put("address", call.remoteAddress())
                        .put("url", call.publicUrl())));
        api.post("/api/v1/toys", Access.AUTHENTICATED, this::create);
        api.post("/api/v1/orders", Access.ANYONE, this::echo);
        api.get("/api/v1/stores/{storeId}/toys/{toyId}", Access.needs(VIEW), this::names);
        api.delete("/api/v1/things/{thingId}", Access.needs(VIEW), this::delete);
        api.post("/api/v1/stores/{storeId}/toys", Access.needs(VIEW), this::create);
        api.post("/api/v1/firsts", Access.ANYONE, this::first);
        api.get(
                "/api/v1/stores/{storeId}/payment-methods/{paymentMethodId}/wallet/preview",
                Access.needs(VIEW),
                this::names);
        api.get(
                "/api/v1/me",
                Access.needs("btcpay.user.canviewprofile"),
                call -> reply(
                        new JsonObject().put("user", call.principal().user().value())));
        api.get("/api/v1/failures/{kind}", Access.ANYONE, Toy::fail);
        api.get("/api/v1/parked", Access.ANYONE, call -> park());
        api.post("/api/v1/parked", Access.ANYONE, call -> park());
        api.get(
                "/api/v1/waits",
                Access.ANYONE,
                call -> waits.look(
                        "toy",
                        Changes.wait(call),
                        call.longPoll(),
                        () -> Future.succeededFuture(Reply.done()),
                        seen -> call.header("If-None-Match").isPresent()));
        api.get(
                "/api/v1/tagged",
                Access.ANYONE,
                call -> Future.succeededFuture(Conditional.reply(call, Conditional.tag("toy", 7), () -> "{}")));
    }

    PolledPages pages(OpenStreams streams) {
        return new PolledPages() {
            @Override
            public boolean answer(RoutingContext context, List<String> segments) {
                boolean polled = segments.equals(List.of("toy", "polled"));
                if (polled) {
                    context.response().end("polled");
                }
                return polled;
            }

            @Override
            public void mount(Router router) {
                toyPages(router, streams);
            }
        };
    }

    private void toyPages(Router router, OpenStreams streams) {
        router.get("/toy/events").handler(context -> {
            EventStream stream = EventStream.open(context, streams);
            stream.send(3, "status", "{\"last\":\"" + stream.lastEventId().orElse("") + "\"}");
        });
        router.get("/toy/flood").handler(context -> {
            EventStream stream = EventStream.open(context, streams);
            for (int id = 1; id <= FLOOD; id++) {
                stream.send(id, "status", "x".repeat(10_000));
            }
        });
        router.get("/toy/page")
                .handler(context -> context.end("<p>" + context.request().getParam("lang") + "</p>"));
        router.get("/toy/ws")
                .handler(context -> PokeSocket.open(context, streams).onSuccess(socket -> {
                    socket.onClose(gone::incrementAndGet);
                    socket.poke();
                }));
    }

    StoreResolver things() {
        return new StoreResolver() {
            @Override
            public String parameter() {
                return "thingId";
            }

            @Override
            public Future<Optional<StoreId>> storeOf(String id) {
                return Future.succeededFuture(
                        switch (id) {
                            case "fleeting" -> Optional.of(new StoreId("S1")).filter(there -> !deleted.contains(id));
                            case "mine" -> Optional.of(new StoreId("S1"));
                            case "theirs" -> Optional.of(new StoreId("S2"));
                            default -> Optional.empty();
                        });
            }
        };
    }

    @Override
    public Future<Optional<Principal>> authenticate(Optional<String> authorization, String remoteAddress) {
        return switch (authorization.orElse("")) {
            case "" -> Future.succeededFuture(Optional.empty());
            case ALICE -> Future.succeededFuture(Optional.of(new Person("alice", expelled)));
            case "token bob" -> Future.succeededFuture(Optional.of(new Person("bob", expelled)));
            default -> Future.failedFuture(new Failure.Unauthenticated("unauthenticated", "wrong key").exception());
        };
    }

    /** May see store S1 and nothing else. */
    record Person(String name, Set<String> expelled) implements Principal {
        @Override
        public UserId user() {
            return new UserId(name);
        }

        @Override
        public String credentialId() {
            return name;
        }

        @Override
        public boolean allows(String permission, @Nullable StoreId store) {
            return permission.equals(VIEW) && store != null && store.value().equals("S1") && !expelled.contains(name);
        }

        @Override
        public List<StoreId> storesAllowing(String permission) {
            return List.of(new StoreId("S1"));
        }
    }

    private Future<Reply> park() {
        inside.incrementAndGet();
        return parked.get();
    }

    private Future<Reply> create(Call call) {
        JsonObject body = call.body();
        return call.effect(tx -> Db.run(tx, "insert into toy (name) values ($1)", Tuple.of(body.encode()))
                .map(rows -> Reply.json(new JsonObject().put("run", calls.incrementAndGet()))));
    }

    /** Takes its thing away from who asks again. */
    private Future<Reply> delete(Call call) {
        return call.effect(tx -> ran(Reply.done())).onSuccess(done -> deleted.add(call.path("thingId")));
    }

    /** Asks first what its own effect changes, as the making of the first account does. */
    private Future<Reply> first(Call call) {
        return closed.get()
                ? Future.failedFuture(AccessControl.unauthenticated().exception())
                : call.effect(tx -> reply(new JsonObject().put("first", true))).onSuccess(made -> closed.set(true));
    }

    private Future<Reply> echo(Call call) {
        Fields fields = new Fields(call.body());
        BigDecimal amount = fields.decimal("amount", BigDecimal.ZERO, BigDecimal.TEN.pow(15));
        JsonObject read = new JsonObject()
                .put("amount", amount == null ? null : amount.toString())
                .put("count", fields.integer("count", 0, 1_000))
                .put("flag", fields.flag("flag"))
                .put("name", fields.text("name", 100));
        fields.check();
        return reply(read);
    }

    private Future<Reply> names(Call call) {
        String last = call.query("none").orElse("");
        return reply(new JsonObject().put("store", call.path("storeId")).put("last", last));
    }

    private Future<Reply> reply(JsonObject body) {
        return ran(Reply.json(body));
    }

    private Future<Reply> ran(Reply reply) {
        calls.incrementAndGet();
        return Future.succeededFuture(reply);
    }

    private static Future<Reply> fail(Call call) {
        Failure failure = switch (call.path("kind")) {
            case "invalid" -> Failure.invalid("Checkout.SpeedPolicy", "Unknown value");
            case "rejected" -> new Failure.Rejected("c", "m");
            case "unauthenticated" -> new Failure.Unauthenticated("unauthenticated", "m");
            case "forbidden" -> new Failure.Forbidden("missing-permission", "m", VIEW);
            case "missing" -> new Failure.NotFound("c", "m");
            case "conflict" -> new Failure.Conflict("c", "m");
            case "gone" -> new Failure.Gone("c", "m");
            case "mismatch" -> new Failure.Mismatch("c", "m");
            case "large" -> new Failure.TooLarge("c", "m");
            case "limited" -> new Failure.Limited("c", "m", 7);
            case "unavailable" -> new Failure.Unavailable("c", "m", 8);
            default -> throw new IllegalStateException("secret detail");
        };
        return Future.failedFuture(failure.exception());
    }
}

package dev.sluice.store;

import dev.sluice.db.Db;
import dev.sluice.db.Recent;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.identity.StoreMembers;
import dev.sluice.identity.StoreRole;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stores in the database, remembered for moments. Mutations run in the caller's transaction; after its commit the
 * caller says {@link #changed()}.
 */
public final class StoreServiceLive implements StoreService {
    /** How long this process may still see a store as it was before another process changed it. */
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(2);

    private static final int REMEMBERED_MAX = 5_000;

    private final StoreRepository repository;
    private final StoreMembers members;
    private final EventLog eventLog;
    private final Clock clock;
    private final Ids ids;
    private final Recent<StoreId, Store> remembered;

    public StoreServiceLive(Db db, EventLog eventLog, StoreMembers members, Clock clock, Entropy entropy) {
        this.repository = new StoreRepository(db);
        this.members = members;
        this.eventLog = eventLog;
        this.clock = clock;
        this.ids = new Ids(clock, entropy);
        this.remembered = new Recent<>(clock, REMEMBERED_FOR, REMEMBERED_MAX, repository::find);
    }

    @Override
    public Future<Optional<Store>> find(StoreId id) {
        return remembered.get(id);
    }

    /** Those of the stores that exist, oldest first, read afresh. */
    Future<List<Store>> list(List<StoreId> ids) {
        return repository.list(ids);
    }

    /** The stores that a user owns, oldest first. */
    public Future<List<StoreId>> ownedBy(SqlConnection tx, UserId user) {
        return members.ownedBy(tx, user);
    }

    /** Makes a store owned by {@code owner}; {@code body} is Greenfield's document. Fails with {@code Invalid}. */
    public Future<Store> create(SqlConnection tx, UserId owner, JsonObject body) {
        JsonObject document = StoreDocument.parse(body);
        StoreId id = new StoreId(ids.next());
        return repository
                .insert(tx, id, document, clock.now())
                .compose(inserted -> members.put(tx, id, owner, StoreRole.OWNER))
                .compose(owned -> append(tx, "store.created", id, 1, new JsonObject().put("owner", owner.value())))
                .map(new Store(id, new StoreSettings(document), List.of()));
    }

    /** Replaces a store's settings. */
    Future<JsonObject> update(SqlConnection tx, StoreId id, JsonObject body) {
        JsonObject document = StoreDocument.parse(body);
        return repository
                .update(tx, id, document)
                .compose(version -> append(tx, "store.updated", id, version, new JsonObject()))
                .map(document);
    }

    /** Ends the caller's membership; a store that nobody owns then is archived. Nothing of a store is ever deleted. */
    Future<Void> leave(SqlConnection tx, StoreId id, UserId user) {
        return repository
                .touch(tx, id)
                .compose(version -> members.remove(tx, id, user)
                        .compose(owned ->
                                owned ? Future.succeededFuture(version) : repository.close(tx, id, clock.now()))
                        .compose(last ->
                                append(tx, "store.updated", id, last, new JsonObject().put("left", user.value()))));
    }

    /** The Lightning nodes that stores brought, for following them from the start. */
    public Future<Set<String>> lightningSources() {
        return repository.lightningSources();
    }

    /** Sets how one rail of a store is paid. */
    public Future<Void> putMethod(SqlConnection tx, StoreId id, PaymentMethod method) {
        return repository.touch(tx, id).compose(version -> putMethod(tx, id, version, method));
    }

    private Future<Void> putMethod(SqlConnection tx, StoreId id, long version, PaymentMethod method) {
        return repository
                .putMethod(tx, id, method)
                .compose(put -> append(tx, "paymentmethod.changed", id, version, event(method)));
    }

    /**
     * The same for a change that was prepared while nothing was locked: fails with {@code Conflict} where the rail is
     * paid otherwise by now, so that of two changes neither undoes the other unseen.
     *
     * @param before how it was when the change was prepared
     */
    Future<Void> changeMethod(SqlConnection tx, StoreId id, Optional<PaymentMethod> before, PaymentMethod method) {
        return repository
                .touch(tx, id)
                .compose(version -> repository
                        .find(tx, id)
                        .compose(found -> found.flatMap(store -> store.method(method.rail()))
                                        .equals(before)
                                ? putMethod(tx, id, version, method)
                                : Future.failedFuture(new Failure.Conflict(
                                                "changed-meanwhile",
                                                "The payment method was changed meanwhile; look at it and ask again")
                                        .exception())));
    }

    /** Takes a rail away from a store; what was received on it stays. */
    Future<Void> deleteMethod(SqlConnection tx, StoreId id, Rail rail) {
        JsonObject body =
                new JsonObject().put("paymentMethodId", rail.methodId()).put("deleted", true);
        return repository
                .touch(tx, id)
                .compose(version -> repository
                        .deleteMethod(tx, id, rail)
                        .compose(deleted -> append(tx, "paymentmethod.changed", id, version, body)));
    }

    /** A mutation was committed: nothing remembered is believed any more, and readers of the event log look now. */
    public void changed() {
        remembered.forget();
        members.changed();
        eventLog.hint();
    }

    private Future<Void> append(SqlConnection tx, String kind, StoreId id, long version, JsonObject body) {
        return eventLog.append(tx, List.of(new Event(clock.now(), kind, id, "store:" + id, version, body)));
    }

    private static JsonObject event(PaymentMethod method) {
        return new JsonObject()
                .put("paymentMethodId", method.rail().methodId())
                .put("enabled", method.enabled())
                .put("holder", method.holder().name())
                .put("source", method.source());
    }
}

package dev.sluice;

import dev.sluice.db.Db;
import dev.sluice.identity.IdentityAdmin;
import dev.sluice.identity.User;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import dev.sluice.store.StoreServiceLive;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user, the store and the key of the demonstration, remembered in a file of the data folder. The file is written
 * last: whatever a start that was killed left behind is found in the database and used, and its secrets are made again.
 */
final class DemoStore {
    static final String FILE = "demo.json";

    private static final Logger log = LoggerFactory.getLogger(DemoStore.class);
    private static final String EMAIL = "demo@sluice.example";
    private static final List<String> FIELDS = List.of("email", "password", "store", "key");
    private static final int PASSWORD_BYTES = 12;

    private final Vertx vertx;
    private final Db db;
    private final IdentityAdmin identity;
    private final StoreServiceLive stores;
    private final Entropy entropy;
    private final Path file;

    DemoStore(Vertx vertx, Db db, IdentityAdmin identity, StoreServiceLive stores, Entropy entropy, Path folder) {
        this.vertx = vertx;
        this.db = db;
        this.identity = identity;
        this.stores = stores;
        this.entropy = entropy;
        this.file = folder.resolve(FILE);
    }

    /** Sets how a new store is paid, in the transaction that makes it. */
    interface Rails {
        Future<Void> put(SqlConnection tx, StoreId store);
    }

    /** {@code email}, {@code password}, {@code store} and {@code key}, as remembered or made now. */
    Future<JsonObject> open(Rails rails) {
        return vertx.executeBlocking(this::read)
                .compose(this::ifThere)
                .compose(found -> found.isPresent() ? Future.succeededFuture(found.get()) : make(rails));
    }

    private Optional<JsonObject> read() throws IOException {
        try {
            return Json.decodeValue(Files.readString(file)) instanceof JsonObject read && isWhole(read)
                    ? Optional.of(read)
                    : damaged("incomplete");
        } catch (NoSuchFileException first) {
            return Optional.empty();
        } catch (DecodeException | CharacterCodingException broken) {
            return damaged("no-json");
        }
    }

    private static boolean isWhole(JsonObject read) {
        return FIELDS.stream().allMatch(name -> read.getValue(name) instanceof String)
                && Ids.isId(read.getString("store"));
    }

    private Optional<JsonObject> damaged(String problem) {
        log.warn("demo.damaged file={} problem={}: made again, with a new key and password", file, problem);
        return Optional.empty();
    }

    /** What the file tells is of use only where the database is still the one that it was written for. */
    private Future<Optional<JsonObject>> ifThere(Optional<JsonObject> read) {
        if (read.isEmpty()) {
            return Future.succeededFuture(read);
        }
        return stores.find(new StoreId(read.get().getString("store")))
                .map(store -> store.isPresent() ? read : damaged("unknown-store"));
    }

    private Future<JsonObject> make(Rails rails) {
        String password = HexFormat.of().formatHex(entropy.bytes(PASSWORD_BYTES));
        return user(new Secret(password))
                .compose(user -> db.tx(tx -> store(tx, user.id(), rails))
                        .onSuccess(made -> stores.changed())
                        .compose(store -> identity.createApiKey(
                                        user.id().value(), "demo", List.of("unrestricted"), List.of(), null)
                                .map(key -> new JsonObject()
                                        .put("email", EMAIL)
                                        .put("password", password)
                                        .put("store", store.value())
                                        .put("key", key.secret().value()))))
                .compose(made -> vertx.executeBlocking(() -> {
                    write(made);
                    return made;
                }));
    }

    private Future<User> user(Secret password) {
        return identity.users()
                .compose(users -> users.stream().anyMatch(user -> user.email().equals(EMAIL))
                        ? identity.resetPassword(EMAIL, password)
                        : identity.createUser(EMAIL, password, "Demo", true));
    }

    private Future<StoreId> store(SqlConnection tx, UserId owner, Rails rails) {
        return stores.ownedBy(tx, owner)
                .compose(owned -> owned.isEmpty()
                        ? stores.create(tx, owner, settings())
                                .compose(made -> rails.put(tx, made.id()).map(made.id()))
                        : Future.succeededFuture(owned.getFirst()));
    }

    private static JsonObject settings() {
        return new JsonObject()
                .put("name", "Reef & Rum")
                .put("defaultCurrency", "USD")
                .put("brandColor", "#0b6e8f");
    }

    /** Whole or not at all; readable by its owner from the first byte on. */
    private void write(JsonObject made) throws IOException {
        Path draft = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, made.encodePrettily());
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The issuer keys of this gateway, opened at start; the newest of our own writes new cards, all read taps. */
final class IssuerKeys {
    private final Map<Integer, IssuerKey> byId;
    private final Map<IssuerKey, Integer> ids = new IdentityHashMap<>();
    private final Seal seal;
    private final CardReader reader;
    private final Set<Integer> writing;
    private final int newest;

    private IssuerKeys(Map<Integer, IssuerKey> byId, Set<Integer> writing, Seal seal) {
        this.byId = byId;
        this.writing = Set.copyOf(writing);
        this.seal = seal;
        byId.forEach((id, key) -> ids.put(key, id));
        this.reader = new CardReader(new ArrayList<>(byId.values()));
        this.newest = Collections.max(writing);
    }

    /** Opens the sealed keys; makes the first one. Fails where the seal is not the one they were sealed with. */
    static Future<IssuerKeys> open(Db db, Seal seal, Clock clock, Entropy entropy) {
        IssuerRepository repository = new IssuerRepository(db);
        return repository
                .all()
                .compose(found -> found.stream().anyMatch(IssuerRepository.Sealed::writes)
                        ? Future.succeededFuture(found)
                        : repository
                                .add(
                                        seal,
                                        entropy.bytes(AesKey.BYTES),
                                        IssuerRepository.Use.WRITES,
                                        clock.now(),
                                        entropy)
                                .compose(added -> repository.all()))
                .map(rows -> opened(rows, seal));
    }

    private static IssuerKeys opened(List<IssuerRepository.Sealed> rows, Seal seal) {
        Map<Integer, IssuerKey> keys = new LinkedHashMap<>();
        Set<Integer> writing = new HashSet<>();
        for (IssuerRepository.Sealed row : rows) {
            keys.put(row.id(), IssuerRepository.open(row, seal));
            if (row.writes()) {
                writing.add(row.id());
            }
        }
        return new IssuerKeys(keys, writing, seal);
    }

    CardReader reader() {
        return reader;
    }

    List<IssuerKey> all() {
        return List.copyOf(byId.values());
    }

    /** Whether chips may be written with its keys; not those of issuers that were taken over. */
    boolean writes(int id) {
        return writing.contains(id);
    }

    /** The key that new cards get. */
    int newest() {
        return newest;
    }

    IssuerKey key(int id) {
        IssuerKey key = byId.get(id);
        if (key == null) {
            throw new IllegalStateException("no issuer key " + id + "; was it added while this process ran?");
        }
        return key;
    }

    /** All keys of a card's chip, of a version. */
    CardKeys keys(CardId card, Card.Chip chip, Uid uid, int version) {
        return chip.own() == null
                ? key(chip.issuer()).cardKeys(uid, version, Optional.ofNullable(chip.extra()))
                : OwnKeys.open(chip.own(), card, seal);
    }

    /** Those of a chip whose keys follow from nothing. */
    CardKeys own(CardId card, Card.Chip chip) {
        return OwnKeys.open(Objects.requireNonNull(chip.own(), "keys of its own"), card, seal);
    }

    /** K2 alone, which a tap needs. */
    AesKey tapKey(CardId card, Card.Chip chip, Uid uid, int version) {
        return chip.own() == null
                ? key(chip.issuer()).tapKey(uid, version, Optional.ofNullable(chip.extra()))
                : OwnKeys.open(chip.own(), card, seal).k2();
    }

    int idOf(IssuerKey key) {
        return Objects.requireNonNull(ids.get(key), "one of ours");
    }
}

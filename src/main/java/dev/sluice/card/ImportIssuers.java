package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The issuers of cards that are taken over: which are here, and what is to be added for the rest. */
final class ImportIssuers {
    /** Any: two issuers that know it by the same name are one. */
    private static final Uid PROBE = new Uid("0".repeat(2 * Uid.BYTES));

    private final Seal seal;
    private final Clock clock;
    private final Entropy entropy;
    private final IssuerRepository repository;

    ImportIssuers(Db db, Seal seal, Clock clock, Entropy entropy) {
        this.seal = seal;
        this.clock = clock;
        this.entropy = entropy;
        this.repository = new IssuerRepository(db);
    }

    /** Where a card comes from. */
    sealed interface Origin {
        /** All its keys follow from one. */
        record Derived(AesKey issuer) implements Origin {}

        /** Its keys follow from nothing, but for a K1 that it shares with others. */
        record Shared(AesKey k1) implements Origin {}

        /** Its link names it, and all its keys are its own. */
        record Named() implements Origin {}
    }

    /** An issuer as it is known here; {@code id} is null where it is not added yet. */
    record Known(@org.jspecify.annotations.Nullable Integer id, IssuerKey key) {}

    static Origin origin(ImportedCard card, Optional<AesKey> issuer) {
        if (card.own().isEmpty()) {
            return new Origin.Derived(issuer.orElseThrow(() -> new Failure.Rejected(
                            "issuer-key-needed", "These cards' keys follow from an issuer key, which is needed")
                    .exception()));
        }
        return card.name().isPresent()
                ? new Origin.Named()
                : new Origin.Shared(card.own().get().k1());
    }

    /**
     * What is here.
     *
     * @param of the issuers of the origins that were asked for, as far as they are here
     * @param keys of all issuers
     */
    record Here(Map<Origin, Known> of, List<IssuerKey> keys) {}

    Future<Here> find(Set<Origin> origins) {
        return repository.all().map(rows -> {
            Map<Origin, Known> found = new HashMap<>();
            List<IssuerKey> keys = new ArrayList<>();
            for (IssuerRepository.Sealed row : rows) {
                IssuerKey key = IssuerRepository.open(row, seal);
                keys.add(key);
                origins.stream()
                        .filter(origin -> isOf(origin, row, key))
                        .forEach(origin -> found.put(origin, new Known(row.id(), key)));
            }
            return new Here(found, keys);
        });
    }

    private static boolean isOf(Origin origin, IssuerRepository.Sealed row, IssuerKey key) {
        return switch (origin) {
            case Origin.Derived derived ->
                Arrays.equals(new IssuerKey(derived.issuer()).cardId(PROBE), key.cardId(PROBE)); // K1 alone is not all
            case Origin.Shared shared -> shared.k1().equals(key.encryption());
            case Origin.Named named -> row.use() == IssuerRepository.Use.NAMES;
        };
    }

    /** The keys that a card has by its line. */
    static CardKeys keys(ImportedCard card, Origin origin) {
        return origin instanceof Origin.Derived derived
                ? new IssuerKey(derived.issuer()).cardKeys(card.uid(), card.version(), card.pullPayment())
                : card.own().orElseThrow();
    }

    /** Adds what is missing; fails with {@code Rejected}, and adds nothing, where so many do not fit. */
    Future<Map<Origin, Known>> complete(Set<Origin> origins, Map<Origin, Known> found) {
        List<Origin> missing =
                origins.stream().filter(origin -> !found.containsKey(origin)).toList();
        return repository.all().compose(rows -> {
            if (rows.size() + missing.size() > CardReader.ISSUERS_MAX) {
                return Future.failedFuture(new Failure.Rejected(
                                "too-many-issuers",
                                "No more than " + CardReader.ISSUERS_MAX + " issuers fit, and each K1 is one")
                        .exception());
            }
            Future<Map<Origin, Known>> chain = Future.succeededFuture(new HashMap<>(found));
            for (Origin origin : missing) {
                chain = chain.compose(all -> add(origin).map(known -> {
                    all.put(origin, known);
                    return all;
                }));
            }
            return chain;
        });
    }

    private Future<Known> add(Origin origin) {
        byte[] key = switch (origin) {
            case Origin.Derived derived -> derived.issuer().bytes();
            case Origin.Shared shared ->
                ByteBuffer.allocate(2 * AesKey.BYTES)
                        .put(entropy.bytes(AesKey.BYTES))
                        .put(shared.k1().bytes())
                        .array();
            case Origin.Named named -> entropy.bytes(AesKey.BYTES);
        };
        IssuerRepository.Use use =
                origin instanceof Origin.Named ? IssuerRepository.Use.NAMES : IssuerRepository.Use.READS;
        return repository
                .add(seal, key, use, clock.now(), entropy)
                .map(id -> new Known(id, IssuerRepository.opened(key)));
    }
}

package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/** Issuer keys to an operator: which there are, and another one for new cards. */
public final class CardIssuers {
    private static final int SALT_BYTES = 16;

    private final IssuerRepository repository;
    private final Clock clock;
    private final Entropy entropy;

    public CardIssuers(Db db, Clock clock, Entropy entropy) {
        this.repository = new IssuerRepository(db);
        this.clock = clock;
        this.entropy = entropy;
    }

    /**
     * An issuer key; never the key itself.
     *
     * @param writes whether chips are written with keys that follow from it; the newest of these is for new cards
     * @param sealedWith fingerprint of the master key
     * @param cards that have it now
     */
    public record Issuer(int id, boolean writes, String sealedWith, long cards, Instant createdAt) {}

    public Future<List<Issuer>> list() {
        return repository.list();
    }

    /** The salt with which a passphrase makes this database's master key; the same at each start. */
    public Future<byte[]> masterSalt() {
        return repository.masterSalt(entropy.bytes(SALT_BYTES));
    }

    /** Adds a key for new cards; cards keep the one they have. Its id; fails with {@code Rejected} where none fits. */
    public Future<Integer> add(Seal seal) {
        return list().compose(all -> all.size() >= CardReader.ISSUERS_MAX
                ? Future.failedFuture(new Failure.Rejected(
                                "too-many-issuers", "No more than " + CardReader.ISSUERS_MAX + " issuers fit")
                        .exception())
                : repository.add(seal, entropy.bytes(AesKey.BYTES), IssuerRepository.Use.WRITES, clock.now(), entropy));
    }
}

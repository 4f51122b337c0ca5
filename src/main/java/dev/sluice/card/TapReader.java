package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.Batcher;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the card of a tap and proves that it signed it. Reads only: nothing is written and nothing is locked for a tap
 * whose MAC does not hold.
 */
final class TapReader {
    /** One read after another; few that come after one wait a moment for more. */
    private static final Batcher.Bounds BOUNDS = new Batcher.Bounds(1, 500, 10_000, 32);

    /** Versions of keys that are looked back, as BTCPay Server does; a few microseconds each, for wrong taps alone. */
    private static final int VERSIONS_BACK = 5;

    private final CardRepository cards;
    private final IssuerKeys issuers;
    private final Batcher<List<String>, Map<String, CardRepository.Found>> finder;

    TapReader(Vertx vertx, Db db, IssuerKeys issuers) {
        this.cards = new CardRepository(db);
        this.issuers = issuers;
        this.finder = Batcher.free(vertx, BOUNDS, cards::byTags);
    }

    /** What a tap is. */
    sealed interface Reading {
        /** A card of ours signed it. */
        record Proved(Shown tap) implements Reading {}

        /** It is nobody's, or not what its card would sign. */
        record Refused(Decline why) implements Reading {}
    }

    Future<Reading> read(Tap tap) {
        return tap.name().isEmpty()
                ? byClaims(tap)
                : cards.byExternalName(tap.name().get())
                        .compose(named ->
                                named.isEmpty() ? byClaims(tap) : Future.succeededFuture(ofNamed(tap, named.get())));
    }

    /** The tap where a card of ours signed it; fails with what {@code refused} makes of why not. */
    Future<Shown> proved(Tap tap, Function<Decline, Throwable> refused) {
        return read(tap).compose(reading -> switch (reading) {
            case Reading.Refused no -> Future.failedFuture(refused.apply(no.why()));
            case Reading.Proved yes -> Future.succeededFuture(yes.tap());
        });
    }

    /** The link says which card it is, and that card has a K1 of its own. */
    private Reading ofNamed(Tap tap, Card card) {
        Card.Chip chip = Objects.requireNonNull(card.chip(), "it was taken over with its chip");
        CardKeys keys = issuers.own(card.id(), chip);
        return PiccData.read(tap, keys.k1())
                .filter(said -> said.isProvedBy(tap, keys.k2()))
                .<Reading>map(said -> new Reading.Proved(new Shown(card, said.uid(), chip.version(), said.counter())))
                .orElseGet(() -> new Reading.Refused(Decline.WRONG_MAC));
    }

    private Future<Reading> byClaims(Tap tap) {
        List<CardReader.Claim> claims = issuers.reader().claims(tap);
        if (claims.isEmpty()) {
            return Future.succeededFuture(new Reading.Refused(Decline.UNKNOWN_CARD));
        }
        List<String> tags = claims.stream().map(CardReader.Claim::cardId).toList();
        return finder.submit(tags).map(found -> prove(tap, claims, tags, found));
    }

    private Reading prove(
            Tap tap, List<CardReader.Claim> claims, List<String> tags, Map<String, CardRepository.Found> found) {
        boolean known = false;
        for (int i = 0; i < claims.size(); i++) {
            Optional<CardRepository.Found> row = Optional.ofNullable(found.get(tags.get(i)));
            known |= row.isPresent();
            CardReader.Claim claim = claims.get(i);
            Optional<Shown> shown = row.flatMap(it -> proved(tap, claim, it));
            if (shown.isPresent()) {
                return new Reading.Proved(shown.get());
            }
        }
        return new Reading.Refused(known ? Decline.WRONG_MAC : Decline.UNKNOWN_CARD);
    }

    /**
     * Keys that were handed out and not seen yet are tried first: a chip that has them lost the old ones. Those that it
     * had before pay nothing; the rules say so, and the issuer hears of it.
     */
    private Optional<Shown> proved(Tap tap, CardReader.Claim claim, CardRepository.Found row) {
        Card card = row.card();
        Card.Chip chip = Objects.requireNonNull(card.chip(), "it was found by its chip");
        for (int version : versions(chip)) {
            AesKey key = issuers.tapKey(card.id(), chip, claim.said().uid(), version);
            if (claim.said().isProvedBy(tap, key)) {
                return Optional.of(new Shown(
                        card, claim.said().uid(), version, claim.said().counter(), row.place()));
            }
        }
        return Optional.empty();
    }

    private static List<Integer> versions(Card.Chip chip) {
        List<Integer> versions = new ArrayList<>(2 + VERSIONS_BACK);
        if (chip.next() != null) {
            versions.add(chip.next());
        }
        if (chip.version() > 0 || chip.next() == null) {
            versions.add(chip.version());
        }
        int least = chip.own() == null ? Math.max(0, chip.version() - VERSIONS_BACK) : chip.version();
        for (int before = chip.version() - 1; before >= least; before--) {
            versions.add(before);
        }
        return versions;
    }
}

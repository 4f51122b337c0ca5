package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.ShortLived;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Chips in software, so that anyone can tap a card without hardware where no real money is at stake. A card has one
 * chip of this kind; its UID follows from the card's id, and is kept nowhere.
 */
final class VirtualChips {
    private static final byte NXP = 0x04;

    private final Db db;
    private final CardRepository cards;
    private final CardService service;
    private final ChipKeys keys;
    private final IssuerKeys issuers;
    private final RootSecret root;
    private final Entropy entropy;
    private final boolean allowed;
    /** The newest count that was handed out: a chip counts its readings, shown or not. */
    private final ShortLived<CardId, Integer> counts;

    /** @param allowed not where bitcoin is real */
    VirtualChips(
            Db db,
            CardService service,
            ChipKeys keys,
            IssuerKeys issuers,
            RootSecret root,
            Clock clock,
            Entropy entropy,
            boolean allowed) {
        this.db = db;
        this.cards = new CardRepository(db);
        this.service = service;
        this.keys = keys;
        this.issuers = issuers;
        this.root = root;
        this.entropy = entropy;
        this.allowed = allowed;
        this.counts = new ShortLived<>(clock, Duration.ofHours(1), 10_000);
    }

    /** What the chip of a card shows now; writes the chip first where the card has none. */
    Future<Tap> tap(StoreId store, String id, String by) {
        if (!allowed) {
            return Future.failedFuture(
                    new Failure.Rejected("sandbox-only", "Chips in software exist on test networks only").exception());
        }
        return db.tx(tx -> service.locked(tx, store, id).compose(card -> written(tx, card, by)));
    }

    private Future<Tap> written(SqlConnection tx, Card card, String by) {
        Uid uid = uid(card.id());
        Card.Chip chip = card.chip();
        if (chip == null) {
            return keys.program(tx, new CardRepository.Link(card.id(), LinkPurpose.PROGRAM, by), uid, null)
                    .map(made -> tap(card, uid, made.keys()));
        }
        return cards.ofChip(tx, List.of(issuers.key(chip.issuer()).cardId(uid))).compose(owners -> {
            if (owners.stream().noneMatch(owner -> owner.id().equals(card.id()))) {
                return Future.failedFuture(
                        new Failure.Conflict("card-has-chip", "This card has a real chip; tap that one").exception());
            }
            int version = chip.next() == null ? chip.version() : chip.next();
            return Future.succeededFuture(tap(card, uid, issuers.keys(card.id(), chip, uid, version)));
        });
    }

    private Tap tap(Card card, Uid uid, CardKeys known) {
        int count = Math.max(card.counter(), counts.get(card.id()).orElse(0)) + 1;
        if (count > PiccData.COUNTER_MAX) {
            throw new Failure.Rejected("card-worn-out", "This chip has counted to its end").exception();
        }
        counts.put(card.id(), count, counts.generation());
        return new VirtualCard(known, uid, count, entropy).tap();
    }

    private Uid uid(CardId card) {
        byte[] bytes = Arrays.copyOf(root.derived("virtual chip " + card.value()), Uid.BYTES);
        bytes[0] = NXP;
        return new Uid(HexFormat.of().formatHex(bytes));
    }
}

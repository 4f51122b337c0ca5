package dev.sluice.card;

import dev.sluice.kernel.CardId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A card with something of it changed; its version grows once. */
final class CardChange {
    private final Card card;
    private Card.@Nullable Chip chip;
    private CardState state;
    private int counter;
    private boolean tapOpen;
    private @Nullable Instant tappedAt;
    private @Nullable String holder;
    private @Nullable String label;
    private @Nullable String pinHash;
    private int pinTries;
    private Limits limits;
    private @Nullable Instant expiresAt;
    private @Nullable CardId replacedBy;
    private long version;

    private CardChange(Card card) {
        this.card = card;
        this.chip = card.chip();
        this.state = card.state();
        this.counter = card.counter();
        this.tapOpen = card.tapOpen();
        this.tappedAt = card.tappedAt();
        this.holder = card.holder();
        this.label = card.label();
        this.pinHash = card.pinHash();
        this.pinTries = card.pinTries();
        this.limits = card.limits();
        this.expiresAt = card.expiresAt();
        this.replacedBy = card.replacedBy();
        this.version = card.version() + 1;
    }

    static CardChange of(Card card) {
        return new CardChange(card);
    }

    /** The version grew before. */
    CardChange sameVersion() {
        version = card.version();
        return this;
    }

    CardChange chip(Card.Chip next) {
        chip = next;
        return this;
    }

    CardChange state(CardState next) {
        state = next;
        return this;
    }

    CardChange tapped(int count, boolean open, @Nullable Instant at) {
        counter = count;
        tapOpen = open;
        tappedAt = at;
        return this;
    }

    CardChange owner(@Nullable String nextHolder, @Nullable String nextLabel) {
        holder = nextHolder;
        label = nextLabel;
        return this;
    }

    /** A new PIN, or none; its tries begin anew. */
    CardChange pin(@Nullable String hash) {
        pinHash = hash;
        pinTries = Card.PIN_TRIES;
        return this;
    }

    CardChange limits(Limits next) {
        limits = next;
        return this;
    }

    CardChange replacedBy(CardId next) {
        replacedBy = next;
        return this;
    }

    Card done() {
        return new Card(
                card.id(),
                card.store(),
                card.programme(),
                chip,
                state,
                counter,
                tapOpen,
                tappedAt,
                holder,
                label,
                pinHash,
                pinTries,
                limits,
                expiresAt,
                replacedBy,
                card.handle(),
                version,
                card.createdAt());
    }
}

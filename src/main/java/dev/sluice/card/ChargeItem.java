package dev.sluice.card;

import dev.sluice.eventlog.Event;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Transfer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One charge while its batch is decided: what was asked, what is locked, and what follows from both. */
final class ChargeItem {
    /** An authorisation that nobody captures ends: a week is what card schemes give a merchant. */
    static final Duration HELD_FOR = Duration.ofDays(7);

    static final String KIND = "card.charge";
    static final String SPREAD_KIND = "card.spread";

    final ChargeAsk ask;
    final TapRepository.Held held;
    final Programme programme;
    final Spent spent;
    final long spread;
    final long units;

    @Nullable
    Decline no;

    ChargeBook.@Nullable Result done;

    ChargeItem(ChargeAsk ask, TapRepository.Held held, Programme programme, Spent spent) {
        this.ask = ask;
        this.held = held;
        this.programme = programme;
        this.spent = spent;
        this.spread = ask.spread(programme);
        this.units = Math.addExact(ask.quote().fair(), spread);
    }

    boolean isOpen() {
        return done == null && no == null;
    }

    /** When its tap was first shown, where that was before; null for a new one. */
    @Nullable
    Instant shownBefore() {
        Card card = held.card();
        Card.Chip chip = Objects.requireNonNull(card.chip(), "it was tapped");
        boolean again = chip.version() == ask.tap().keyVersion() && ask.tap().counter() == card.counter();
        return again ? card.tappedAt() : null;
    }

    boolean isAtTerminal() {
        return !ask.terminal().id().equals(Charge.LNURL);
    }

    /** From the card to the store, what the exchange costs included. */
    Transfer transfer() {
        String asset = programme.money().asset();
        Account from = Account.card(held.card().id(), asset);
        Account to = ask.payee(asset);
        return ask.capture()
                ? Transfer.single(transferId(), from, to, units, KIND, subject())
                : Transfer.pending(transferId(), from, to, units, KIND, subject());
    }

    /** From the store to the operator; the store has just received it. */
    Transfer spreadTransfer() {
        String asset = programme.money().asset();
        return Transfer.single(
                transferId() + ":spread",
                Account.store(ask.terminal().store(), asset),
                Account.spread(asset),
                spread,
                SPREAD_KIND,
                subject());
    }

    private String transferId() {
        return Charge.transferId(
                held.card().id(), ask.tap().keyVersion(), ask.tap().counter());
    }

    private String subject() {
        return Charge.subject(ask.id());
    }

    Charge charge(Instant now) {
        boolean approved = no == null;
        Charge.Status status =
                !approved ? Charge.Status.DECLINED : ask.capture() ? Charge.Status.CAPTURED : Charge.Status.AUTHORIZED;
        return new Charge(
                ask.id(),
                held.card().id(),
                ask.terminal().store(),
                ask.terminal().id(),
                ask.tap().keyVersion(),
                ask.tap().counter(),
                status,
                no,
                ask.price(),
                programme.money().asset(),
                units,
                spread,
                ask.payout() == null ? null : ask.judged(programme),
                approved && ask.capture() ? units : 0,
                0,
                approved ? programme.money().counted(units) : 0,
                ask.invoice(),
                ask.capture() || ask.payout() != null ? null : now.plus(HELD_FOR),
                1,
                now);
    }

    /** The card after its tap. */
    Card after(Instant now) {
        return ChargeRules.shown(held.card(), programme, ask.tap(), no != null, now);
    }

    List<Event> events(Card after, Charge charge, Instant now) {
        List<Event> events = new ArrayList<>(CardEvents.ofTap(now, held.card(), after));
        String kind = no != null ? CardEvents.DECLINED : ask.capture() ? CardEvents.CHARGED : CardEvents.AUTHORIZED;
        events.add(CardEvents.ofCharge(now, kind, after, charge));
        if (no == null) {
            ChargeRules.nearLimits(held.card(), programme, spent, units)
                    .forEach(limit -> events.add(near(now, after, limit)));
        }
        return events;
    }

    private Event near(Instant now, Card after, ChargeRules.Near limit) {
        JsonObject facts = new JsonObject()
                .put("limit", limit.name())
                .put("amount", programme.money().text(limit.units()));
        return CardEvents.of(now, CardEvents.LIMIT_NEAR, after, facts);
    }

    Event suspected(Instant now, String why) {
        return CardEvents.suspected(
                now, held.card(), why, ask.tap().counter(), ask.terminal().id());
    }
}

package dev.sluice.card;

import dev.sluice.eventlog.Event;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is announced of cards. Merchants hear of charges; only the issuer hears which card it was. */
final class CardEvents {
    static final String ISSUED = "card.issued";
    static final String PROGRAMMED = "card.programmed";
    static final String KEYS_RELEASED = "card.keysReleased";
    static final String ACTIVATED = "card.activated";
    static final String TAPPED = "card.tapped";
    static final String CHARGED = "card.charged";
    static final String AUTHORIZED = "card.authorized";
    static final String CAPTURED = "card.captured";
    static final String VOIDED = "card.voided";
    static final String REFUNDED = "card.refunded";
    static final String DECLINED = "card.declined";
    static final String TOPPED_UP = "card.toppedUp";
    static final String TAKEN_BACK = "card.topUpReversed";
    static final String FROZEN = "card.frozen";
    static final String UNFROZEN = "card.unfrozen";
    static final String LOST = "card.lost";
    static final String REPLACED = "card.replaced";
    static final String EXPIRED = "card.expired";
    static final String RESET = "card.reset";
    static final String CHANGED = "card.changed";
    static final String LIMIT_NEAR = "card.limitNear";
    static final String SUSPECTED = "card.cloneSuspected";

    private CardEvents() {}

    /** Of a card, to its issuer. */
    static Event of(Instant at, String kind, Card card, JsonObject facts) {
        JsonObject body = new JsonObject()
                .put("cardId", card.id().value())
                .put("programmeId", card.programme())
                .put("state", card.state().apiName())
                .mergeIn(facts);
        return new Event(at, kind, card.store(), Card.subject(card.id()), card.version(), body);
    }

    /** What a tap that is the newest does to its card, wherever it is shown. */
    static List<Event> ofTap(Instant now, Card before, Card after) {
        Card.Chip was = Objects.requireNonNull(before.chip(), "it was tapped");
        boolean confirms =
                was.next() != null && Objects.requireNonNull(after.chip()).next() == null;
        List<Event> events = new ArrayList<>();
        if (confirms) {
            events.add(of(now, PROGRAMMED, after, new JsonObject()));
        }
        if (after.state() == CardState.ACTIVE && before.state() != CardState.ACTIVE) {
            events.add(of(now, ACTIVATED, after, new JsonObject()));
        }
        if (!confirms && before.counter() >= 0 && after.counter() - before.counter() > ChargeRules.JUMP_MAX) {
            events.add(suspected(now, before, "counter-jump", after.counter(), null));
        }
        return events;
    }

    /**
     * A chip may have been copied, or somebody kept what it said.
     *
     * @param card as it was before
     * @param counter of the tap
     */
    static Event suspected(Instant now, Card card, String why, int counter, @Nullable String terminal) {
        JsonObject facts =
                new JsonObject().put("why", why).put("counter", counter).put("newestCounter", card.counter());
        if (terminal != null) {
            facts.put("terminalId", terminal);
        }
        return of(now, SUSPECTED, card, facts);
    }

    /** Of a charge: to the merchant, and to the issuer, who alone hears which card it was. */
    static Event ofCharge(Instant at, String kind, Card card, Charge charge) {
        JsonObject issuers = new JsonObject().put("cardId", card.id().value()).put("programmeId", card.programme());
        boolean own = charge.store().equals(card.store());
        return new Event(
                at,
                kind,
                charge.store(),
                charge.subject(),
                charge.version(),
                own ? facts(charge).mergeIn(issuers) : facts(charge),
                own ? null : new Event.Also(card.store(), issuers));
    }

    private static JsonObject facts(Charge charge) {
        CardCurrency money = CardCurrency.ofAsset(charge.asset());
        JsonObject facts = new JsonObject()
                .put("chargeId", charge.id())
                .put("terminalId", charge.terminal())
                .put("status", charge.status().apiName())
                .put("amount", charge.price().decimal().toPlainString())
                .put("currency", charge.price().currency().code())
                .put("cardAmount", money.text(charge.units()))
                .put("cardCurrency", money.currency().code())
                .put("captured", money.text(charge.captured()))
                .put("refunded", money.text(charge.refunded()));
        if (charge.reason() != null) {
            facts.put("reason", charge.reason().code());
        }
        if (charge.invoice() != null) {
            facts.put("invoiceId", charge.invoice().value());
        }
        return facts;
    }
}

package dev.sluice.card;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Secret;
import dev.sluice.secret.KeyedHash;
import dev.sluice.secret.SlowHash;
import io.vertx.core.Future;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PINs of cards. Ten thousand of them are quickly tried where the hash is known, so a key that is not in the database
 * goes in before Argon2id does; and where it is not known there are three tries.
 */
final class Pins {
    private static final Pattern FORM = Pattern.compile("[0-9]{4,12}");

    private final CardRepository cards;
    private final SlowHash hash;
    private final KeyedHash pepper;

    Pins(CardRepository cards, SlowHash hash, RootSecret root) {
        this.cards = cards;
        this.hash = hash;
        this.pepper = root.keyedHash("card pin");
    }

    /**
     * What came of a PIN.
     *
     * @param triesLeft after a wrong one, as its own try left them: others may have been taken since; null otherwise
     */
    record Typed(ChargeAsk.Pin pin, @Nullable Integer triesLeft) {
        private static Typed of(ChargeAsk.Pin pin) {
            return new Typed(pin, null);
        }
    }

    static boolean isPin(String text) {
        return FORM.matcher(text).matches();
    }

    Future<String> hash(CardId card, String pin) {
        return hash.hash(peppered(card, pin));
    }

    /**
     * Holds a PIN against a card's. Takes a try first, whatever it is; a wrong PIN alone costs it: a right one gives
     * all back, and one that could not be looked at its own.
     */
    Future<Typed> verify(Shown tap, Optional<String> pin) {
        if (tap.card().pinHash() == null) {
            return Future.succeededFuture(Typed.of(ChargeAsk.Pin.NOT_SET));
        }
        if (pin.isEmpty()) {
            return Future.succeededFuture(Typed.of(ChargeAsk.Pin.NOT_GIVEN));
        }
        return cards.takeTry(tap)
                .compose(taken -> taken.isEmpty()
                        ? Future.succeededFuture(Typed.of(ChargeAsk.Pin.LOCKED))
                        : judged(tap.card().id(), pin.get(), taken.get()));
    }

    private Future<Typed> judged(CardId card, String pin, CardRepository.Try taken) {
        String set = taken.hash();
        return hash.verify(peppered(card, pin), set).transform(looked -> {
            if (looked.failed()) {
                return cards.giveTriesBack(card, set, 1).transform(back -> Future.failedFuture(looked.cause()));
            }
            return looked.result()
                    ? cards.giveTriesBack(card, set, Card.PIN_TRIES).map(Typed.of(ChargeAsk.Pin.RIGHT))
                    : Future.succeededFuture(new Typed(ChargeAsk.Pin.WRONG, taken.left()));
        });
    }

    private Secret peppered(CardId card, String pin) {
        return new Secret(HexFormat.of().formatHex(pepper.of(card + ":" + pin)));
    }
}

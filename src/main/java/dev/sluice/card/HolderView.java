package dev.sluice.card;

import dev.sluice.ledger.Entry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A card as its holder sees it; amounts as people read them, in {@code currency}.
 *
 * @param handle name of its Lightning address
 * @param address on chain, where it has one that was not paid yet
 * @param confirmations that a payment to it needs
 * @param canHaveAddress whether it may be given one
 * @param canBeLoaded whether money may still be put on it
 * @param logo picture of the programme, a data URI
 * @param colour of the programme, six hexadecimal digits
 */
public record HolderView(
        String programme,
        String state,
        boolean canBeFrozen,
        String balance,
        String currency,
        List<Limit> limits,
        List<Movement> movements,
        Optional<Instant> expiresAt,
        String handle,
        Optional<String> address,
        int confirmations,
        boolean canHaveAddress,
        boolean canBeLoaded,
        Optional<String> logo,
        Optional<String> colour) {
    /** What may be spent: {@code perTap}, {@code daily}, {@code weekly} or {@code monthly}. */
    public record Limit(String name, String amount) {}

    /** Money that came ({@code +}) or went ({@code -}). */
    public record Movement(String kind, String amount, Instant at) {}

    static HolderView of(
            Card card,
            Programme terms,
            long units,
            List<Entry> entries,
            Optional<DepositRepository.UnpaidAddress> address,
            Instant now) {
        CardCurrency money = terms.money();
        boolean loadable = CardService.takesMoney(card, terms);
        Limits limits = card.limits().and(terms.limits());
        List<Limit> shown = new ArrayList<>();
        add(shown, "perTap", limits.tap(), money);
        add(shown, "daily", limits.day(), money);
        add(shown, "weekly", limits.week(), money);
        add(shown, "monthly", limits.month(), money);
        return new HolderView(
                terms.name(),
                card.stateAt(now).apiName(),
                card.state() == CardState.ACTIVE || card.state() == CardState.ISSUED,
                money.text(units),
                money.currency().code(),
                List.copyOf(shown),
                entries.stream()
                        .map(entry -> new Movement(entry.kind(), money.text(entry.amount()), entry.at()))
                        .toList(),
                Optional.ofNullable(card.expiresAt()),
                card.handle(),
                address.filter(given -> loadable).map(DepositRepository.UnpaidAddress::address),
                address.map(DepositRepository.UnpaidAddress::confirmations).orElse(0),
                address.isEmpty() && money.currency().isBitcoin() && loadable,
                loadable,
                terms.logo(),
                terms.colour());
    }

    private static void add(List<Limit> limits, String name, @Nullable Long units, CardCurrency money) {
        if (units != null) {
            limits.add(new Limit(name, money.text(units)));
        }
    }

    /**
     * The same as JSON.
     *
     * @param topUp where wallets load the card (LUD-06)
     * @param lightningAddress the card's (LUD-16); empty for none
     */
    public JsonObject json(String topUp, String lightningAddress) {
        JsonObject all = new JsonObject();
        limits.forEach(limit -> all.put(limit.name(), limit.amount()));
        JsonArray history = new JsonArray();
        movements.forEach(m -> history.add(
                new JsonObject().put("kind", m.kind()).put("amount", m.amount()).put("time", m.at().getEpochSecond())));
        return new JsonObject()
                .put("programme", programme)
                .put("state", state)
                .put("balance", balance)
                .put("currency", currency)
                .put("limits", all)
                .put("canBeFrozen", canBeFrozen)
                .put("topUp", canBeLoaded ? topUp : null)
                .put("lightningAddress", canBeLoaded && !lightningAddress.isEmpty() ? lightningAddress : null)
                .put("address", address.orElse(null))
                .put("expiresTime", expiresAt.map(Instant::getEpochSecond).orElse(null))
                .put("history", history);
    }
}

package dev.sluice.ledger;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Check;
import dev.sluice.kernel.StoreId;
import java.util.Locale;

/**
 * An account by its code. It is opened by the first transfer that credits it, or debits it unguarded.
 *
 * @param code unique, {@code owner:thing:asset}
 * @param asset what it counts: {@code BTC} in msat, a currency by its code in its smallest unit
 * @param guarded whether its debits may never exceed its credits
 */
public record Account(String code, String asset, Kind kind, boolean guarded) {
    /** The asset of every bitcoin account, counted in msat. */
    public static final String BTC = "BTC";

    /** What the account stands for in the books. */
    public enum Kind {
        ASSET,
        LIABILITY,
        INCOME,
        EXPENSE,
        MEMO
    }

    public Account {
        Check.require(!code.isBlank() && code.length() <= 120, "account code");
        Check.require(!asset.isBlank() && asset.length() <= 16, "account asset");
    }

    /** Bitcoin that the gateway's own node or wallet holds on a rail. */
    public static Account custody(String rail) {
        return new Account("custody:" + rail + ":btc", BTC, Kind.ASSET, false);
    }

    /** What the operator owes a store in bitcoin; never negative. */
    public static Account store(StoreId store) {
        return store(store, BTC);
    }

    /** What the operator owes a store in one asset; never negative. */
    public static Account store(StoreId store, String asset) {
        return new Account("store:" + store + suffix(asset), asset, Kind.LIABILITY, true);
    }

    /** What the operator owes the holder of a card; never negative. */
    public static Account card(CardId card, String asset) {
        return new Account("card:" + card + suffix(asset), asset, Kind.LIABILITY, true);
    }

    /** What the operator has set aside to load the cards of a programme with; never negative. */
    public static Account funding(String programme, String asset) {
        return new Account("funding:" + programme + suffix(asset), asset, Kind.LIABILITY, true);
    }

    /** Money of the operator outside these books (a till, a bank) that stands for what was funded with it. */
    public static Account cash(String asset) {
        return new Account("operator:cash" + suffix(asset), asset, Kind.ASSET, false);
    }

    /** What the operator earns by exchanging between a price and a card's currency. */
    public static Account spread(String asset) {
        return new Account("operator:spread" + suffix(asset), asset, Kind.INCOME, false);
    }

    /** What the operator has of an asset from exchanging; above or below zero, by turns. */
    public static Account exchange(String asset) {
        return new Account("operator:exchange" + suffix(asset), asset, Kind.ASSET, false);
    }

    private static String suffix(String asset) {
        return ":" + asset.toLowerCase(Locale.ROOT);
    }

    /** What a store received into its own node or wallet: recorded, nothing is owed. */
    public static Account received(StoreId store) {
        return new Account("received:" + store + ":btc", BTC, Kind.MEMO, false);
    }

    /** The other side of {@link #received}: the store's own node or wallet, outside our books. */
    public static Account outside(StoreId store) {
        return new Account("outside:" + store + ":btc", BTC, Kind.MEMO, false);
    }

    /** Money that arrived at the gateway's node or wallet and belongs to nothing we know. */
    public static Account unclaimed() {
        return new Account("operator:unclaimed:btc", BTC, Kind.LIABILITY, false);
    }

    /** What a reorganisation took back after a store had spent it; the operator bears it. */
    public static Account reorgLoss() {
        return new Account("operator:reorg-loss:btc", BTC, Kind.EXPENSE, false);
    }
}

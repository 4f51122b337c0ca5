package dev.sluice.ledger;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.StoreId;

/**
 * An account by its code. It is opened by the first transfer that names it.
 *
 * @param code unique, {@code owner:thing:asset}
 * @param asset what it counts: {@code BTC} in msat
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

    /** What the operator owes a store; never negative. */
    public static Account store(StoreId store) {
        return new Account("store:" + store + ":btc", BTC, Kind.LIABILITY, true);
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

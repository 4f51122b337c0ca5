package dev.sluice.kernel;

/**
 * An amount of bitcoin in millisatoshi, 0 to {@link #MAX}. The unit of every bitcoin account in the ledger; 21 million
 * bitcoin are 2.1e18 msat and fit a signed 64-bit integer.
 */
public record Msat(long value) implements Comparable<Msat> {
    /** One satoshi in msat. */
    public static final long PER_SAT = 1_000;
    /** One bitcoin in msat. */
    public static final long PER_BTC = 100_000_000_000L;
    /** All bitcoin there will ever be. */
    public static final long MAX = 21_000_000L * PER_BTC;

    public static final Msat ZERO = new Msat(0);

    public Msat {
        Check.require(value >= 0, "negative amount");
        Check.require(value <= MAX, "amount above 21 million bitcoin");
    }

    /** The amount of {@code sat} satoshi. */
    public static Msat ofSat(long sat) {
        return new Msat(Math.multiplyExact(sat, PER_SAT));
    }

    /** For an asked amount above {@link #MAX}. */
    public static FailureException tooMuch() {
        return Failure.invalid("Amount", "The amount is above 21 million bitcoin")
                .exception();
    }

    public Msat plus(Msat other) {
        return new Msat(Math.addExact(value, other.value));
    }

    /** The difference; {@code other} must not be larger. */
    public Msat minus(Msat other) {
        return new Msat(value - other.value);
    }

    /** The difference, or zero where {@code other} is larger. */
    public Msat minusOrZero(Msat other) {
        return other.value >= value ? ZERO : new Msat(value - other.value);
    }

    /** Whole satoshi, rounded up: what an on-chain output must carry to cover this amount. */
    public long satCeil() {
        return Math.ceilDiv(value, PER_SAT);
    }

    /** Whole satoshi, rounded down. */
    public long satFloor() {
        return value / PER_SAT;
    }

    @Override
    public int compareTo(Msat other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value + " msat";
    }
}

package dev.sluice.http;

import dev.sluice.kernel.Check;

/**
 * How often one caller may ask.
 *
 * @param address all requests of one network address (an IPv6 /64)
 * @param credential requests with one key or session
 * @param anonymousWrite changes by one address without credentials, such as public invoices
 */
public record Limits(Zone address, Zone credential, Zone anonymousWrite) {
    /**
     * @param name appears in headers
     * @param perMinute requests a minute in the long run, 1 to a thousand million (which is no limit)
     * @param burst requests at once after a pause; an empty bucket is full again within a day
     */
    public record Zone(String name, int perMinute, int burst) {
        private static final int PER_MINUTE_MAX = 1_000_000_000;
        private static final long MINUTES_OF_DAY = 1_440;

        public Zone {
            Check.require(name.matches("[a-z-]{1,32}"), "name of a rate limit");
            Check.require(perMinute >= 1 && perMinute <= PER_MINUTE_MAX, "rate limit per minute");
            Check.require(burst >= 1 && burst <= perMinute * MINUTES_OF_DAY, "burst of a rate limit");
        }
    }

    /**
     * Wide enough for several tills behind one address. Public invoices: BTCPay allows 4 a minute with a burst of 10,
     * which shops outgrow (its issue 4837); here 30 and 30.
     */
    public static Limits standard() {
        return new Limits(
                new Zone("address", 6_000, 1_000), new Zone("credential", 6_000, 1_000), new Zone("anonymous", 30, 30));
    }
}

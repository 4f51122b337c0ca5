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
     * @param perMinute requests a minute in the long run, 1 to 1,000,000
     * @param burst requests at once after a pause, 1 to 1,000,000
     */
    public record Zone(String name, int perMinute, int burst) {
        private static final int MAX = 1_000_000;

        public Zone {
            Check.require(name.matches("[a-z-]{1,32}"), "name of a rate limit");
            Check.require(perMinute >= 1 && perMinute <= MAX, "rate limit per minute is 1 to 1,000,000");
            Check.require(burst >= 1 && burst <= MAX, "burst of a rate limit is 1 to 1,000,000");
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

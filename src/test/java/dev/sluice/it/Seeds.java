package dev.sluice.it;

/** Seeds of random tests: printed, and repeated by {@code SLUICE_SEED=<seed>}. */
final class Seeds {
    private Seeds() {}

    static long next(String test) {
        String given = System.getenv("SLUICE_SEED");
        long seed = given == null ? System.nanoTime() : Long.parseLong(given);
        System.err.println(test + " SLUICE_SEED=" + seed);
        return seed;
    }
}

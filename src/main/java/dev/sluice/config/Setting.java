package dev.sluice.config;

/**
 * The effective value of a key.
 *
 * @param value as written; items of a list joined by commas; empty for not set
 * @param source which layer won
 * @param origin the place for people: {@code sluice.yaml:12}, {@code environment SLUICE_HTTP_PORT}
 */
record Setting(String key, String value, Source source, String origin) {
    /** The layers, weakest first. */
    enum Source {
        DEFAULT,
        FILE,
        ENVIRONMENT,
        FLAG
    }
}

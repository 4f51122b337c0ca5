package dev.sluice.rate;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;

/** Somebody who says what currencies cost. */
public interface RateSource {
    /** Its name in scripts and in the API: lower-case letters and digits. */
    String id();

    /** Its name for people. */
    String name();

    /** How often its figures change; it is not asked more often. */
    Duration period();

    /** Whether the operator wrote the figures: they are then a decision and pass every bound. */
    boolean trusted();

    /** All pairs it quotes. Values are as the source says them and not yet judged. */
    Future<Map<CurrencyPair, BidAsk>> fetch();
}

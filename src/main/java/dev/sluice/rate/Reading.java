package dev.sluice.rate;

import java.time.Instant;

/** What a source said, and when it was heard. */
public record Reading(BidAsk quote, Instant at) {}

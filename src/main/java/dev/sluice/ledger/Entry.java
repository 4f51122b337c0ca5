package dev.sluice.ledger;

import java.time.Instant;

/**
 * A posted movement as one account sees it.
 *
 * @param id of the transfer
 * @param amount smallest units; above 0 what it gained, below 0 what it gave
 */
public record Entry(String id, String kind, String subject, long amount, Instant at) {}

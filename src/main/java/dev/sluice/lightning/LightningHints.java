package dev.sluice.lightning;

import dev.sluice.bus.Topic;

/** Hints of Lightning on the bus; for display only. */
public final class LightningHints {
    /** Something moved on a channel of a node: a payment may be about to settle. */
    public static final Topic<Arriving> ARRIVING = new Topic<>("lightning.arriving", Arriving.class);

    private LightningHints() {}

    /** LND names channel and HTLC, not the invoice. */
    public record Arriving(NodeId node, LightningNode.HtlcHint hint) {}
}

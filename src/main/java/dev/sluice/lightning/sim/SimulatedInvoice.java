package dev.sluice.lightning.sim;

import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.LightningNode.NodeInvoice.State;
import dev.sluice.lightning.LightningNode.Settle;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** An invoice as a simulated node keeps it; {@code preimage} is null while a hold invoice is not settled. */
record SimulatedInvoice(
        PaymentHash hash,
        @Nullable Preimage preimage,
        @Nullable Msat amount,
        Instant expiresAt,
        State state,
        Msat received,
        long addIndex,
        long settleIndex,
        @Nullable Instant settledAt,
        String bolt11) {
    private static final String NONE = "-";

    SimulatedInvoice accepted(Msat paid) {
        return new SimulatedInvoice(hash, preimage, amount, expiresAt, State.ACCEPTED, paid, addIndex, 0, null, bolt11);
    }

    SimulatedInvoice canceled() {
        return new SimulatedInvoice(
                hash, preimage, amount, expiresAt, State.CANCELED, Msat.ZERO, addIndex, 0, null, bolt11);
    }

    SimulatedInvoice settled(Preimage secret, Msat paid, long index, Instant at) {
        return new SimulatedInvoice(hash, secret, amount, expiresAt, State.SETTLED, paid, addIndex, index, at, bolt11);
    }

    NodeInvoice view() {
        return new NodeInvoice(
                hash, state, state == State.SETTLED ? received : Msat.ZERO, addIndex, settleIndex, settledAt, bolt11);
    }

    Settle settle() {
        return new Settle(hash, received, settleIndex, settledAt == null ? Instant.EPOCH : settledAt);
    }

    String toLine() {
        return String.join(
                " ",
                hash.hex(),
                preimage == null ? NONE : preimage.hex(),
                amount == null ? NONE : Long.toString(amount.value()),
                Long.toString(expiresAt.getEpochSecond()),
                state.name(),
                Long.toString(received.value()),
                Long.toString(addIndex),
                Long.toString(settleIndex),
                settledAt == null ? NONE : Long.toString(settledAt.getEpochSecond()),
                bolt11);
    }

    static SimulatedInvoice ofLine(String line) {
        String[] part = line.split(" ");
        return new SimulatedInvoice(
                new PaymentHash(part[0]),
                part[1].equals(NONE) ? null : Preimage.of(HexFormat.of().parseHex(part[1])),
                part[2].equals(NONE) ? null : new Msat(Long.parseLong(part[2])),
                Instant.ofEpochSecond(Long.parseLong(part[3])),
                State.valueOf(part[4]),
                new Msat(Long.parseLong(part[5])),
                Long.parseLong(part[6]),
                Long.parseLong(part[7]),
                part[8].equals(NONE) ? null : Instant.ofEpochSecond(Long.parseLong(part[8])),
                part[9]);
    }

    @Override
    public String toString() {
        return "SimulatedInvoice(" + hash + ", " + state + ")";
    }
}

package dev.sluice.it;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Bolt11;
import fr.acinq.bitcoin.PrivateKey;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;

/** Invoices for an hour of a node that nobody runs, signed by it. */
final class ForeignInvoice {
    static final Duration EXPIRY = Duration.ofHours(1);
    static final String SECRET = "22".repeat(32);

    private static final PrivateKey KEY = PrivateKey.fromHex("11".repeat(32));

    private ForeignInvoice() {}

    static String of(Msat amount) {
        return of(Preimage.random(Entropy.secure()).hash(), amount);
    }

    /** {@code hash} may be another node's. */
    static String of(PaymentHash hash, Msat amount) {
        return of("bcrt", amount, Instant.now(), hash, SECRET, BigInteger.ZERO);
    }

    static String of(String network, Msat amount, Instant at, String secret, BigInteger features) {
        return of(network, amount, at, Preimage.random(Entropy.secure()).hash(), secret, features);
    }

    private static String of(
            String network, Msat amount, Instant at, PaymentHash hash, String secret, BigInteger features) {
        return new Bolt11(network, amount, at, hash, "x", null, EXPIRY, secret, features, "").sign(KEY);
    }
}

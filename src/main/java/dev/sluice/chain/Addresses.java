package dev.sluice.chain;

import dev.sluice.kernel.Failure;
import fr.acinq.bitcoin.Bitcoin;
import fr.acinq.bitcoin.BitcoinError;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptElt;
import fr.acinq.bitcoin.utils.Either;
import java.util.HexFormat;
import java.util.List;

/** Reads addresses that people typed. */
public final class Addresses {
    /** BIP 173: a bech32 text has at most 90 characters; base58 addresses are shorter. */
    private static final int LENGTH_MAX = 90;

    private Addresses() {}

    /**
     * The output script, lower-case hex, that an address of this network stands for.
     *
     * @throws dev.sluice.kernel.FailureException {@code Rejected} (invalid-address) for anything else
     */
    public static String parse(Network network, String text) {
        String address = text.strip();
        if (address.isEmpty() || address.length() > LENGTH_MAX) {
            throw invalid();
        }
        try {
            Either<BitcoinError, List<ScriptElt>> script = Bitcoin.addressToPublicKeyScript(network.genesis(), address);
            if (script.isLeft() || script.getRight() == null) {
                throw invalid();
            }
            return HexFormat.of().formatHex(Script.write(script.getRight()));
        } catch (IllegalArgumentException malformed) {
            throw invalid();
        }
    }

    private static RuntimeException invalid() {
        return new Failure.Rejected("invalid-address", "This is not an address of the network in use").exception();
    }
}

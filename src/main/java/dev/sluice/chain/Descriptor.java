package dev.sluice.chain;

import dev.sluice.kernel.Check;
import fr.acinq.bitcoin.DeterministicWallet;
import fr.acinq.bitcoin.DeterministicWallet.ExtendedPublicKey;
import fr.acinq.bitcoin.PublicKey;
import java.util.HexFormat;

/**
 * A single-key output descriptor (BIP 380 to 386) with a receive chain 0 and a change chain 1 below its account key.
 * Holds no private key: there is no way to make one from an {@code xprv}.
 */
public final class Descriptor {
    private final ScriptType type;
    private final String origin;
    private final ExtendedPublicKey account;
    private final ExtendedPublicKey[] chains;
    private final boolean mainnet;

    /** @param origin {@code [fingerprint/path]} or empty */
    Descriptor(ScriptType type, String origin, ExtendedPublicKey account, boolean mainnet) {
        this.type = type;
        this.origin = origin;
        this.account = account;
        this.mainnet = mainnet;
        this.chains = new ExtendedPublicKey[] {account.derivePublicKey(0), account.derivePublicKey(1)};
    }

    /**
     * Reads an extended public key (BIP 32 or SLIP-132, with BTCPay's {@code -[legacy]}, {@code -[p2sh]} and
     * {@code -[taproot]}) or an output descriptor.
     *
     * @throws dev.sluice.kernel.FailureException {@code Rejected} (invalid-derivation-scheme) with a message for the
     *     person who typed it, which never repeats what was typed
     */
    public static Descriptor parse(Network network, String text) {
        return DescriptorParser.parse(network, text);
    }

    public ScriptType type() {
        return type;
    }

    /**
     * Where an output of this wallet is paid to.
     *
     * @param chain 0 receives, 1 is change
     * @param index 0 to 2^31 - 1
     */
    public String address(Network network, int chain, int index) {
        Check.require((network == Network.MAIN) == mainnet, "key of another network");
        return type.address(key(chain, index), network);
    }

    /** The output script of an address, lower-case hex. */
    public String script(int chain, int index) {
        return HexFormat.of().formatHex(scriptBytes(chain, index));
    }

    byte[] scriptBytes(int chain, int index) {
        return type.script(key(chain, index));
    }

    private PublicKey key(int chain, int index) {
        Check.require(chain == 0 || chain == 1, "chain is 0 or 1");
        Check.require(index >= 0, "index is 0 to 2^31 - 1");
        return chains[chain].derivePublicKey(index).getPublicKey();
    }

    /** The account key as xpub or tpub, whatever form it was given in. */
    public String accountKey() {
        return account.encode(mainnet ? DeterministicWallet.xpub : DeterministicWallet.tpub);
    }

    /** {@code [fingerprint/path]} or empty. */
    public String origin() {
        return origin;
    }

    /** One chain alone with checksum: {@code wpkh(xpub.../0/*)#...}, as wallets without BIP 389 read it. */
    public String chain(int chain) {
        return withChecksum(type.wrap(origin + accountKey() + "/" + chain + "/*"));
    }

    /** The same scripts have the same text, whoever declared them: the receive chain without its origin. */
    String keychain() {
        return withChecksum(type.wrap(accountKey() + "/0/*"));
    }

    /** The canonical text: both chains (BIP 389), origin where known, checksum. */
    @Override
    public String toString() {
        return withChecksum(type.wrap(origin + accountKey() + "/<0;1>/*"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Descriptor that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    private static String withChecksum(String text) {
        return text + "#" + fr.acinq.bitcoin.Descriptor.checksum(text);
    }
}

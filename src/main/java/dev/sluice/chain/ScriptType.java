package dev.sluice.chain;

import fr.acinq.bitcoin.Bitcoin;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PublicKey;
import fr.acinq.bitcoin.Script;

/** The four single-key output scripts a wallet can have, with the BIP that gives each its account path. */
public enum ScriptType {
    /** pkh(), BIP 44. */
    LEGACY(44, "pkh(", ")"),
    /** sh(wpkh()), BIP 49. */
    WRAPPED(49, "sh(wpkh(", "))"),
    /** wpkh(), BIP 84. */
    SEGWIT(84, "wpkh(", ")"),
    /** tr() spent by key alone, BIP 86. */
    TAPROOT(86, "tr(", ")");

    private final int purpose;
    private final String open;
    private final String close;

    ScriptType(int purpose, String open, String close) {
        this.purpose = purpose;
        this.open = open;
        this.close = close;
    }

    /** First step of the account's key path. */
    public int purpose() {
        return purpose;
    }

    /** How a descriptor of this type begins. */
    String open() {
        return open;
    }

    String wrap(String key) {
        return open + key + close;
    }

    byte[] script(PublicKey key) {
        return switch (this) {
            case LEGACY -> Script.write(Script.pay2pkh(key));
            case WRAPPED -> Script.write(Script.pay2sh(Script.pay2wpkh(key)));
            case SEGWIT -> Script.write(Script.pay2wpkh(key));
            case TAPROOT -> Script.write(Script.pay2tr(key.xOnly(), Crypto.TaprootTweak.KeyPathTweak.INSTANCE));
        };
    }

    String address(PublicKey key, Network network) {
        return switch (this) {
            case LEGACY -> Bitcoin.computeBIP44Address(key, network.genesis());
            case WRAPPED -> Bitcoin.computeBIP49Address(key, network.genesis());
            case SEGWIT -> Bitcoin.computeBIP84Address(key, network.genesis());
            case TAPROOT -> Bitcoin.computeBIP86Address(key, network.genesis());
        };
    }
}

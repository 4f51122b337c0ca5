package dev.sluice.store;

import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the chain feature does for people who set a wallet up. */
public interface WalletTools {
    /**
     * Receiving addresses of a descriptor from {@code offset} on; fails with {@code Invalid} at {@code
     * DerivationScheme}.
     */
    Future<List<Preview>> preview(String descriptor, int offset, int count);

    /**
     * Makes keys, or takes those of a mnemonic; keeps neither. Fails with {@code Invalid} at {@code
     * ExistingMnemonic}.
     */
    Future<Generated> generate(Request request);

    /** @param keyPath relative to the account: {@code 0/5} */
    record Preview(String keyPath, String address) {}

    /** Kinds of scripts by Greenfield's names. */
    enum ScriptType {
        LEGACY("Legacy"),
        SEGWIT("Segwit"),
        SEGWIT_P2SH("SegwitP2SH"),
        TAPROOT("TaprootBIP86");

        private final String apiName;

        ScriptType(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }

    /**
     * @param existingMnemonic null for a new one
     * @param accountNumber hardened index of the account, 0 to 2^31 - 1
     * @param wordList Greenfield's name of a BIP39 list ({@code English})
     * @param wordCount 12, 15, 18, 21 or 24
     */
    record Request(
            @Nullable Secret existingMnemonic,
            Secret passphrase,
            int accountNumber,
            String wordList,
            int wordCount,
            ScriptType scriptType) {}

    /**
     * @param derivationScheme as {@link RailConnector} takes it
     * @param accountKeyPath fingerprint and path: {@code abcd82a1/84'/0'/0'}
     */
    record Generated(Secret mnemonic, String derivationScheme, String accountKeyPath) {}
}

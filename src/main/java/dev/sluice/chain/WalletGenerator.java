package dev.sluice.chain;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import fr.acinq.bitcoin.DeterministicWallet;
import fr.acinq.bitcoin.DeterministicWallet.ExtendedPrivateKey;
import fr.acinq.bitcoin.MnemonicCode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes and restores wallets: BIP 39 words, BIP 32 account keys at the paths of BIP 44, 49, 84 and 86. */
public final class WalletGenerator {
    /** BIP 39: every 3 words carry 32 bits. */
    private static final Map<Integer, Integer> ENTROPY_BYTES = Map.of(12, 16, 15, 20, 18, 24, 21, 28, 24, 32);
    /** Account numbers are hardened steps. */
    private static final long ACCOUNT_MAX = DeterministicWallet.hardenedKeyIndex - 1;

    private final Entropy entropy;

    public WalletGenerator(Entropy entropy) {
        this.entropy = entropy;
    }

    /**
     * What a person must write down, and what we watch.
     *
     * @param mnemonic words separated by spaces
     * @param accountPrivateKey xprv or tprv of the account; whoever has it can spend
     * @param accountPath {@code 84h/0h/0h}
     * @param fingerprint of the master key, 8 hex digits
     */
    public record Generated(
            Secret mnemonic, Secret accountPrivateKey, Descriptor descriptor, String accountPath, String fingerprint) {}

    /** Fresh words; {@code words} is 12, 15, 18, 21 or 24. */
    public Secret mnemonic(String wordList, int words) {
        requireEnglish(wordList);
        Integer bytes = ENTROPY_BYTES.get(words);
        if (bytes == null) {
            throw Failure.invalid("WordCount", "A recovery phrase has 12, 15, 18, 21 or 24 words")
                    .exception();
        }
        return new Secret(String.join(" ", MnemonicCode.toMnemonics(entropy.bytes(bytes))));
    }

    /** The account that words, passphrase and number lead to. */
    public Generated account(Network network, Secret mnemonic, Secret passphrase, long account, ScriptType type) {
        if (account < 0 || account > ACCOUNT_MAX) {
            throw Failure.invalid("AccountNumber", "The account number is 0 to 2147483647")
                    .exception();
        }
        String words = String.join(
                " ", mnemonic.value().strip().toLowerCase(Locale.ROOT).split("\\s+"));
        try {
            MnemonicCode.validate(words);
        } catch (RuntimeException wrong) {
            throw Failure.invalid("ExistingMnemonic", "This is not a valid English recovery phrase")
                    .exception();
        }
        ExtendedPrivateKey master = DeterministicWallet.generate(MnemonicCode.toSeed(words, passphrase.value()));
        String path = type.purpose() + "h/" + network.coinType() + "h/" + account + "h";
        ExtendedPrivateKey key = master.derivePrivateKey(List.of(
                DeterministicWallet.hardened(type.purpose()),
                DeterministicWallet.hardened(network.coinType()),
                DeterministicWallet.hardened(account)));
        boolean mainnet = network == Network.MAIN;
        String fingerprint = String.format(Locale.ROOT, "%08x", master.fingerprint() & 0xffffffffL);
        Descriptor descriptor =
                new Descriptor(type, "[" + fingerprint + "/" + path + "]", key.getExtendedPublicKey(), mainnet);
        Secret spending = new Secret(key.encode(mainnet ? DeterministicWallet.xprv : DeterministicWallet.tprv));
        return new Generated(new Secret(words), spending, descriptor, path, fingerprint);
    }

    private static void requireEnglish(String wordList) {
        if (!wordList.equalsIgnoreCase("english")) {
            throw Failure.invalid("WordList", "Only the English word list is available")
                    .exception();
        }
    }
}

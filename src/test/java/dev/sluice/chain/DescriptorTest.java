package dev.sluice.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.DeterministicWallet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorTest {
    private static final String WORDS =
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    // BIP 84 and BIP 86 test vectors for these words.
    private static final String ZPUB =
            "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtK"
                    + "sAYz2oz2AGutZYs";
    private static final String XPUB_86 =
            "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDE"
                    + "HGCtMMj92pReUsQ";
    private static final String XPRV =
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBe"
                    + "Jgk33yuGBxrMPHi";

    private final WalletGenerator generator = new WalletGenerator(Entropy.secure());

    @ParameterizedTest
    @CsvSource({
        "0, 0, bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        "0, 1, bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
        "1, 0, bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"
    })
    void zpubGivesTheAddressesOfBip84(int chain, int index, String address) {
        assertThat(Descriptor.parse(Network.MAIN, " " + ZPUB + "\n").address(Network.MAIN, chain, index))
                .isEqualTo(address);
    }

    @Test
    void taprootSuffixGivesTheAddressesOfBip86() {
        Descriptor descriptor = Descriptor.parse(Network.MAIN, XPUB_86 + "-[taproot]");
        assertThat(descriptor.address(Network.MAIN, 0, 0))
                .isEqualTo("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr");
        assertThat(descriptor.address(Network.MAIN, 1, 0))
                .isEqualTo("bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7");
    }

    @Test
    void generatedAccountIsTheOneOfTheVectors() {
        WalletGenerator.Generated segwit =
                generator.account(Network.MAIN, new Secret(WORDS), new Secret(""), 0, ScriptType.SEGWIT);
        assertThat(segwit.descriptor().accountKey())
                .isEqualTo(Descriptor.parse(Network.MAIN, ZPUB).accountKey());
        assertThat(segwit.descriptor().origin()).isEqualTo("[73c5da0a/84h/0h/0h]");
        WalletGenerator.Generated taproot =
                generator.account(Network.MAIN, new Secret(WORDS), new Secret(""), 0, ScriptType.TAPROOT);
        assertThat(taproot.descriptor().accountKey()).isEqualTo(XPUB_86);
        assertThat(segwit.toString()).doesNotContain("abandon").doesNotContain("xprv");
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 15, 18, 21, 24})
    void generatedPhraseHasTheWordsAskedForAndLeadsToAWallet(int words) {
        Secret mnemonic = generator.mnemonic("English", words);
        assertThat(mnemonic.value().split(" ")).hasSize(words);
        WalletGenerator.Generated one =
                generator.account(Network.REGTEST, mnemonic, new Secret("one"), 3, ScriptType.WRAPPED);
        WalletGenerator.Generated other =
                generator.account(Network.REGTEST, mnemonic, new Secret("other"), 3, ScriptType.WRAPPED);
        assertThat(one.descriptor()).isNotEqualTo(other.descriptor());
        assertThat(one.accountPath()).isEqualTo("49h/1h/3h");
    }

    @Test
    void otherWordCountsListsAndBrokenPhrasesAreRefused() {
        assertThatThrownBy(() -> generator.mnemonic("English", 13)).hasMessageContaining("12, 15, 18, 21 or 24");
        assertThatThrownBy(() -> generator.mnemonic("Japanese", 12)).hasMessageContaining("English");
        assertThatThrownBy(() -> generator.account(
                        Network.MAIN,
                        new Secret(WORDS.replace("about", "abandon")),
                        new Secret(""),
                        0,
                        ScriptType.SEGWIT))
                .hasMessageContaining("not a valid English recovery phrase")
                .hasMessageNotContaining("abandon");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-[legacy]", "-[p2sh]", "-[taproot]"})
    void canonicalTextReadsBackAsTheSameWallet(String suffix) {
        Descriptor descriptor = Descriptor.parse(Network.MAIN, XPUB_86 + suffix);
        Descriptor again = Descriptor.parse(Network.MAIN, descriptor.toString());
        assertThat(again).isEqualTo(descriptor);
        assertThat(again.script(0, 7)).isEqualTo(descriptor.script(0, 7));
        assertThat(Addresses.parse(Network.MAIN, descriptor.address(Network.MAIN, 0, 7)))
                .isEqualTo(descriptor.script(0, 7));
        assertThat(Descriptor.parse(Network.MAIN, descriptor.chain(0)).script(0, 7))
                .isEqualTo(descriptor.script(0, 7));
    }

    @Test
    void originIsKeptInOneSpellingAndDoesNotChangeTheKeychain() {
        Descriptor quoted = Descriptor.parse(Network.MAIN, "wpkh([73C5DA0A/84'/0'/0']" + XPUB_86 + "/0/*)");
        Descriptor plain = Descriptor.parse(Network.MAIN, XPUB_86);
        assertThat(quoted.origin()).isEqualTo("[73c5da0a/84h/0h/0h]");
        assertThat(quoted).isNotEqualTo(plain);
        assertThat(quoted.keychain()).isEqualTo(plain.keychain());
    }

    @Test
    void publicKeyThatSpellsPrivateByChanceIsTaken() {
        String key = "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcTprv3QJjSxarj2afYWcLrp8tmVRTdEDhpqqgTC7JuP2ANmASCdhCaf1Q"
                + "4hDoLTSWXsy2BFv";
        assertThat(Descriptor.parse(Network.MAIN, key).accountKey()).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                | Enter an extended public key",
                "XPRV                              | private key",
                "wpkh(XPRV/0/*)                    | private key",
                "zprv00000000000000000000000000000 | Expected an extended public key",
                "ZPRV                              | private key",
                "XPUB XPUB                         | Expected an extended public key",
                "XPUB?                             | Expected an extended public key",
                "wpkh(L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ) | private key",
                "WORDS                             | recovery phrase",
                "hello                             | Expected an extended public key",
                "XPUBX                             | a character is missing or wrong",
                "XPUB-[nested]                     | suffix",
                "ZPUB-[legacy]                     | prefix and its suffix",
                "2-of-XPUB-XPUB                    | several keys",
                "wsh(sortedmulti(1,XPUB/0/*))      | several keys",
                "sh(multi(1,XPUB/0/*))             | several keys",
                "raw(deadbeef)                     | no addresses to hand out",
                "addr(bc1q)                        | no addresses to hand out",
                "wpkh(XPUB)                        | /0/*",
                "wpkh(XPUB/0/5)                    | /0/*",
                "wpkh(XPUB/2147483648/*)           | /0/*",
                "wpkh(XPUB/0'/*)                   | Hardened",
                "wpkh(XPUB/0/*h)                   | Hardened",
                "wpkh(XPUB/0/*))                   | brackets",
                "sh(wpkh(XPUB/0/*)                 | brackets",
                "wpkh(ZPUB/0/*)                    | begins with xpub",
                "wpkh(XPUB/0/*)#aaaaaaaa           | checksum",
                "wpkh(XPUB/0/*)#                   | checksum",
                "tr(XPUB/0/*,pk(XPUB/0/*))         | Expected",
                "wpkh([73c5da0a/4294967296]XPUB/0/*) | 2^31 or more"
            })
    void whatIsNoWalletIsRefusedWithoutRepeatingIt(String template, String message) {
        String input = template.replace("XPRV", XPRV)
                .replace("ZPRV", "z" + XPRV.substring(1))
                .replace("ZPUB", ZPUB)
                .replace("XPUB", XPUB_86)
                .replace("WORDS", WORDS);
        FailureException refused =
                catchThrowableOfType(FailureException.class, () -> Descriptor.parse(Network.MAIN, input));
        assertThat(refused).isNotNull();
        assertThat(refused.failure()).isInstanceOf(Failure.Rejected.class);
        assertThat(refused)
                .hasMessageContaining(message)
                .hasMessageNotContaining(XPRV)
                .hasMessageNotContaining("abandon");
    }

    @ParameterizedTest
    @CsvSource({"3, true", "253, true", "254, false", "255, false"})
    void keyMustLeaveRoomForTwoLevels(int depth, boolean taken) {
        byte[] raw = Base58Check.decodeWithIntPrefix(XPUB_86)
                .getSecond(); // depth, parent (4), number (4), chain (32), key (33)
        raw[0] = (byte) depth;
        String key = Base58Check.encode(DeterministicWallet.xpub, raw);
        if (taken) {
            assertThat(Descriptor.parse(Network.MAIN, key).address(Network.MAIN, 0, 0))
                    .startsWith("bc1q");
        } else {
            assertThatThrownBy(() -> Descriptor.parse(Network.MAIN, key)).hasMessageContaining("too deep");
        }
    }

    @Test
    void keysOfAnotherNetworkAreRefused() {
        assertThatThrownBy(() -> Descriptor.parse(Network.REGTEST, ZPUB))
                .hasMessageContaining("another bitcoin network");
        String vpub = generator
                .account(Network.REGTEST, new Secret(WORDS), new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .accountKey();
        assertThatThrownBy(() -> Descriptor.parse(Network.MAIN, vpub)).hasMessageContaining("another bitcoin network");
        assertThatThrownBy(() -> Descriptor.parse(Network.MAIN, "x".repeat(2_000)))
                .hasMessageContaining("too long");
        assertThatThrownBy(() -> Descriptor.parse(Network.MAIN, ZPUB).address(Network.MAIN, 0, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Descriptor.parse(Network.MAIN, ZPUB).address(Network.REGTEST, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5",
                "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
                "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
                "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
                "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
                "lnbc1qqqqqq",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4aaaaaaaaaaaaaa"
            })
    void whatIsNoAddressOfThisNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Addresses.parse(Network.MAIN, text)).isInstanceOf(FailureException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4, 0014751e76e8199196d454941c45d1b3a323f1433bd6",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4, 0014751e76e8199196d454941c45d1b3a323f1433bd6",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2, 76a91477bff20c60e522dfaa3350c39b030a5d004e839a88ac"
    })
    void addressesOfEveryFormAreRead(String address, String script) {
        assertThat(Addresses.parse(Network.MAIN, address)).isEqualTo(script);
    }
}

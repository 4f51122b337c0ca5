package dev.sluice.lightning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import fr.acinq.bitcoin.Bech32;
import fr.acinq.bitcoin.ByteVector64;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors are BOLT 11's own, "Examples". */
class Bolt11Test {
    private static final PrivateKey KEY =
            PrivateKey.fromHex("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734");
    private static final String PAYEE = "03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad";
    private static final PaymentHash HASH =
            new PaymentHash("0001020304050607080900010203040506070809000102030405060708090102");
    private static final Instant AT = Instant.ofEpochSecond(1_496_314_658);

    private static final String COFFEE_BEANS =
            "lnbc25m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5vdhkven9v5sxyetpdeessp5"
                    + "zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs9q5sqqqqqqqqqqqqqqqpqsq67gye39hfg3zd8rgc80k3"
                    + "2tvy9xk2xunwm5lzexnvpx6fd77en8qaq424dxgt56cag2dpt359k3ssyhetktkpqh24jqnjyw6uqd08sgptq44qu";
    private static final String DONATION =
            "lnbc1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjyp"
                    + "eh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq8rkx3yf5tcsyz3d73gafnh3cax9rn449d9p5uxz9ezhhypd0elx87sjle52"
                    + "x86fux2ypatgddc6k63n7erqz25le42c4u4ecky03ylcqca784w";
    private static final String COFFEE =
            "lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsx"
                    + "qzpuaztrnwngzn3kdzw5hydlzf03qdgm2hdq27cqv3agm2awhz5se903vruatfhq77w3ls4evs3ch9zw97j25emudupq63ny"
                    + "w24cg27h2rspfj9srp";
    private static final String LIST_OF_ITEMS =
            "lnbc20m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqhp58yjmdan79s6qqdhdzgynm4z"
                    + "wqd5d7xmw5fk98klysy043l2ahrqscc6gd6ql3jrc5yzme8v4ntcewwz5cnw92tz0pc8qcuufvq7khhr8wpald05e92xw006"
                    + "sq94mg8v2ndf4sefvf9sygkshp5zfem29trqq2yxxz7";

    @Test
    void vectorsAreReadAsTheSpecificationSays() {
        Bolt11 donation = Bolt11.parse(DONATION);
        assertThat(donation.amount()).isNull();
        assertThat(donation.description()).isEqualTo("Please consider supporting this project");
        Bolt11 coffee = Bolt11.parse(COFFEE);
        assertThat(coffee.amount()).isEqualTo(new Msat(250_000_000));
        assertThat(coffee.expiry()).isEqualTo(Duration.ofSeconds(60));
        Bolt11 items = Bolt11.parse(LIST_OF_ITEMS);
        assertThat(items.description()).isNull();
        assertThat(items.descriptionHash())
                .isEqualTo("3925b6f67e2c340036ed12093dd44e0368df1b6ea26c53dbe4811f58fd5db8c1");
        Bolt11 beans = Bolt11.parse(COFFEE_BEANS);
        assertThat(beans.paymentSecret()).isEqualTo("11".repeat(32));
        assertThat(beans.features())
                .isEqualTo(BigInteger.ZERO.setBit(9).setBit(15).setBit(99));
    }

    @ParameterizedTest
    @ValueSource(strings = {DONATION, COFFEE, LIST_OF_ITEMS, COFFEE_BEANS})
    void vectorsRoundTrip(String vector) {
        Bolt11 invoice = Bolt11.parse(vector);
        assertThat(invoice.payee()).isEqualTo(PAYEE);
        assertThat(invoice.hash()).isEqualTo(HASH);
        assertThat(invoice.timestamp()).isEqualTo(AT);
        assertThat(invoice.sign(KEY)).isEqualTo(vector);
        assertThat(Bolt11.parse(vector.toUpperCase(Locale.ROOT))).isEqualTo(invoice);
    }

    @ParameterizedTest
    @CsvSource({
        "1, lnbcrt10p1",
        "10, lnbcrt100p1",
        "100, lnbcrt1n1",
        "123, lnbcrt1230p1",
        "1000, lnbcrt10n1",
        "100000, lnbcrt1u1",
        "150000, lnbcrt1500n1",
        "100000000, lnbcrt1m1",
        "100000000000, lnbcrt11",
        "2100000000000000000, lnbcrt210000001"
    })
    void amountsAreWrittenAsShortAsPossible(long msat, String prefix) {
        Bolt11 invoice = new Bolt11(
                "bcrt",
                new Msat(msat),
                AT,
                HASH,
                "",
                null,
                Duration.ofHours(1),
                "22".repeat(32),
                BigInteger.ZERO,
                PAYEE);
        String text = invoice.sign(KEY);
        assertThat(text).startsWith(prefix);
        assertThat(Bolt11.parse(text)).isEqualTo(invoice);
    }

    private static String withExpiry(long seconds) {
        return new Bolt11("bcrt", null, AT, HASH, "", null, Duration.ofSeconds(seconds), null, BigInteger.ZERO, PAYEE)
                .sign(KEY);
    }

    @Test
    void expiryOfAYearIsTheLongest() {
        long year = Duration.ofDays(366).toSeconds();
        assertThat(Bolt11.parse(withExpiry(year)).expiresAt()).isEqualTo(AT.plusSeconds(year));
        for (long longer : new long[] {year + 1, 1L << 60, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> Bolt11.parse(withExpiry(longer)))
                    .as(Long.toString(longer))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("more than a year");
        }
    }

    @Test
    void ofAFieldGivenTwiceTheFirstCounts() {
        FiveBits words = new FiveBits()
                .number(AT.getEpochSecond(), 7)
                .field('p', FiveBits.ofBytes(HASH.bytes()))
                .field('d', FiveBits.ofBytes("first".getBytes(StandardCharsets.UTF_8)))
                .field('x', FiveBits.ofNumber(BigInteger.valueOf(60)))
                .field('9', FiveBits.ofNumber(BigInteger.ZERO.setBit(8)))
                .field('p', FiveBits.ofBytes(new byte[32]))
                .field('d', FiveBits.ofBytes("second".getBytes(StandardCharsets.UTF_8)))
                .field('x', FiveBits.ofNumber(BigInteger.valueOf(Long.MAX_VALUE)))
                .field('9', FiveBits.ofNumber(BigInteger.ZERO.setBit(17)));
        Bolt11 invoice = Bolt11.parse(signed(words));
        assertThat(invoice.hash()).isEqualTo(HASH);
        assertThat(invoice.description()).isEqualTo("first");
        assertThat(invoice.expiry()).isEqualTo(Duration.ofSeconds(60));
        assertThat(invoice.features()).isEqualTo(BigInteger.ZERO.setBit(8));
    }

    /** The key that such a signature proves is whichever it recovers to. */
    private static String signed(FiveBits words) {
        String prefix = "lnbcrt";
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(prefix.getBytes(StandardCharsets.US_ASCII));
        signed.writeBytes(FiveBits.toBytesPadded(words.toArray()));
        byte[] digest = Crypto.sha256(signed.toByteArray());
        words.append(FiveBits.ofBytes(Arrays.copyOf(Crypto.sign(digest, KEY).toByteArray(), 65)));
        return Bech32.encode(prefix, FiveBits.boxed(words.toArray()), Bech32.Encoding.Bech32);
    }

    /** "Examples of invalid invoices" of BOLT 11, and common mistakes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "lnbc",
                "lnbc1",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjype"
                        + "h2ursdae8g6na6hlh",
                "LNBC2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv"
                        + "4jsxqzpuaztrnwngzn3kdzw5hydlzf03qdgm2hdq27cqv3agm2awhz5se903vruatfhq77w3ls4evs3ch9zw97j25emu"
                        + "dupq63nyw24cg27h2rspfj9srp",
                "lnbc2500x1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv"
                        + "4jsxqzpujr6jxr9gq9pv6g46y7d20jfkegkg4gljz2ea2a3m9lmvvr95tq2s0kvu70u3axgelz3kyvtp2ywwt0y8hkx2"
                        + "869zq5dll9nelr83zzqqpgl2zg",
                "lnbc1abcde"
            })
    void whatIsNotAnInvoiceIsRefused(String text) {
        assertThatThrownBy(() -> Bolt11.parse(text)).isInstanceOf(FailureException.class);
    }

    @Test
    void longestTextIsTheLongestQrCode() {
        assertThatThrownBy(() -> Bolt11.parse(COFFEE + "q".repeat(7_090 - COFFEE.length())))
                .hasMessageContaining("too long");
        assertThatThrownBy(() -> Bolt11.parse(COFFEE + "q".repeat(7_089 - COFFEE.length())))
                .hasMessageNotContaining("too long");
    }

    /** Amounts, signed as if they were right. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lnbc2500000001p", // a tenth of a millisatoshi
                "lnbc0u",
                "lnbc01u",
                "lnbc2200000000", // more bitcoin than fit the number
                "lnbc21000001", // and than there will be
                "lnbc99999999999999999m",
                "lnbc1000000000000000000n",
                "lnbc1uu",
                "lnbc1k",
                "lnbc-1u",
                "lnxx1u",
                "lnbcrtx1u"
            })
    void amountThatNobodyCanPayIsRefused(String prefix) {
        String text = signed(prefix, minimal());
        assertThatThrownBy(() -> Bolt11.parse(text)).isInstanceOf(FailureException.class);
        assertThat(Bolt11.parse(signed("lnbc1n", minimal())).amount()).isEqualTo(new Msat(100));
    }

    @Test
    void fieldsThatAreWrongAreRefusedAndStrangeOnesAreNotLookedAt() {
        byte[] hash = FiveBits.ofBytes(HASH.bytes());
        byte[] text = FiveBits.ofBytes("x".getBytes(StandardCharsets.UTF_8));
        assertRefused(words().field('d', text)); // no hash
        assertRefused(words().field('p', hash)); // neither description nor its hash
        assertRefused(minimal().field('h', hash)); // both
        assertRefused(minimal().field('x', FiveBits.ofNumber(BigInteger.TWO.pow(63))));
        assertRefused(minimal().field('x', FiveBits.ofNumber(BigInteger.TWO.pow(62))));
        assertRefused(minimal()
                .field(
                        'n',
                        FiveBits.ofBytes(HexFormat.of()
                                .parseHex("02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"))));
        FiveBits strange = minimal();
        for (int hint = 0; hint < 20; hint++) {
            strange.field('r', FiveBits.ofBytes(new byte[51])); // routes
        }
        strange.field('5', new byte[200]); // a blinded path
        strange.field('c', new byte[] {0}).field('c', FiveBits.ofNumber(BigInteger.valueOf(100_000)));
        strange.field('d', new byte[1_023]);
        Bolt11 read = Bolt11.parse(signed("lnbc1n", strange));
        assertThat(read.description()).isEqualTo("x");
        assertThat(read.payee()).isEqualTo(KEY.publicKey().toHex());
        byte[] broken = {31, 31, 31, 31, 31, 31, 31, 31}; // no UTF-8
        assertThat(Bolt11.parse(signed("lnbc1n", words().field('p', hash).field('d', broken)))
                        .description())
                .isNotNull();
    }

    @Test
    void signatureOfAnotherNodeThanItNamesIsRefused() {
        byte[] named = FiveBits.ofBytes(KEY.publicKey().value.toByteArray());
        PrivateKey other = PrivateKey.fromHex("11".repeat(32));
        assertThat(Bolt11.parse(signed("lnbc1n", minimal().field('n', named))).payee())
                .isEqualTo(PAYEE);
        assertThatThrownBy(() -> Bolt11.parse(signed("lnbc1n", minimal().field('n', named), other)))
                .isInstanceOf(FailureException.class);
    }

    @ParameterizedTest
    @CsvSource({"8, false", "14, false", "99, false", "260, false", "100, true", "12, true", "1000, true"})
    void evenBitsMustBeKnown(int bit, boolean unknown) {
        Bolt11 invoice =
                Bolt11.parse(signed("lnbc1n", minimal().field('9', FiveBits.ofNumber(BigInteger.ZERO.setBit(bit)))));
        assertThat(invoice.needsUnknownFeature()).isEqualTo(unknown);
        assertThat(invoice.lacksSecret()).isEqualTo(bit != 260);
    }

    private static void assertRefused(FiveBits words) {
        String text = signed("lnbc1n", words);
        assertThatThrownBy(() -> Bolt11.parse(text).expiresAt()).isInstanceOf(FailureException.class);
    }

    private static FiveBits words() {
        return new FiveBits().number(AT.getEpochSecond(), 7);
    }

    private static FiveBits minimal() {
        return words().field('p', FiveBits.ofBytes(HASH.bytes()))
                .field('d', FiveBits.ofBytes("x".getBytes(StandardCharsets.UTF_8)));
    }

    private static String signed(String prefix, FiveBits words) {
        return signed(prefix, words, KEY);
    }

    /** Any prefix and fields with a right signature and checksum, which the writer itself would not make. */
    private static String signed(String prefix, FiveBits words, PrivateKey key) {
        byte[] head = prefix.getBytes(StandardCharsets.US_ASCII);
        byte[] data = FiveBits.toBytesPadded(words.toArray());
        byte[] all = Arrays.copyOf(head, head.length + data.length);
        System.arraycopy(data, 0, all, head.length, data.length);
        byte[] digest = Crypto.sha256(all);
        byte[] signature = Arrays.copyOf(Crypto.sign(digest, key).toByteArray(), 65);
        ByteVector64 rs = new ByteVector64(Arrays.copyOf(signature, 64));
        signature[64] = (byte) (Crypto.recoverPublicKey(rs, digest, 0).equals(key.publicKey()) ? 0 : 1);
        FiveBits whole = new FiveBits();
        whole.append(words.toArray());
        whole.append(FiveBits.ofBytes(signature));
        return Bech32.encode(prefix, FiveBits.boxed(whole.toArray()), Bech32.Encoding.Bech32);
    }

    @Test
    void everyChangedLetterIsNoticed() {
        for (int at = 5; at < COFFEE.length(); at += 7) {
            char other = COFFEE.charAt(at) == 'q' ? 'p' : 'q';
            String changed = COFFEE.substring(0, at) + other + COFFEE.substring(at + 1);
            assertThatThrownBy(() -> Bolt11.parse(changed)).as(changed).isInstanceOf(FailureException.class);
        }
    }
}

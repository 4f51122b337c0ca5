package dev.sluice.lightning;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import fr.acinq.bitcoin.Bech32;
import fr.acinq.bitcoin.ByteVector64;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import fr.acinq.bitcoin.PublicKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A Lightning invoice as BOLT 11 writes it. Reads what a payer must know and refuses the rest; writes what a simulated
 * node needs. Routing hints, fall-back addresses and metadata are skipped.
 *
 * @param currency the prefix after {@code ln}: {@code bc}, {@code tb}, {@code tbs}, {@code bcrt} or {@code sb}
 * @param amount null where the payer chooses
 * @param description null where only its hash is given
 * @param descriptionHash SHA-256 in hex, or null
 * @param paymentSecret hex, or null in invoices of before 2020
 * @param features bit n set is feature n (BOLT 9)
 * @param payee compressed public key in hex; proven by the signature
 */
public record Bolt11(
        String currency,
        @Nullable Msat amount,
        Instant timestamp,
        PaymentHash hash,
        @Nullable String description,
        @Nullable String descriptionHash,
        Duration expiry,
        @Nullable String paymentSecret,
        BigInteger features,
        String payee) {
    /** No invoice is longer in practice; QR codes end before. */
    private static final int LENGTH_MAX = 7_089;

    private static final Duration EXPIRY_DEFAULT = Duration.ofHours(1);
    /**
     * Wallets write an hour to a week, and LND makes none of more than 365 days. The field can say 10^18 years, which
     * no {@link Instant} holds.
     */
    private static final Duration EXPIRY_MAX = Duration.ofDays(366);
    /**
     * Features that a payer may be required to have: BOLT 9's, LND's payment in parts (30) and blinded paths (260).
     * What the operator's node makes of them is its business.
     */
    private static final Set<Integer> FEATURES_KNOWN = Set.of(8, 14, 16, 24, 30, 36, 48, 260);

    /** LND's mark of an invoice with blinded paths, which hold the payment secret. */
    private static final int BLINDED = 260;

    private static final Pattern PREFIX = Pattern.compile("ln(bcrt|tbs|bc|tb|sb)(?:([1-9][0-9]{0,17})([munp]?))?");
    private static final int SIGNATURE_WORDS = 104;
    private static final int TIMESTAMP_WORDS = 7;
    private static final int HASH_WORDS = 52;
    /** Millisatoshi of one unit of a multiplier; pico is a tenth and handled apart. */
    private static final long MILLI = 100_000_000;

    private static final long MICRO = 100_000;
    private static final long NANO = 100;

    public Bolt11 {
        Check.require((description == null) != (descriptionHash == null), "one of description and its hash");
    }

    /** When it may no longer be paid. */
    public Instant expiresAt() {
        return timestamp.plus(expiry);
    }

    /** Whether it can only be paid by who has a feature that nobody knows here; BOLT 11: then it must not be paid. */
    public boolean needsUnknownFeature() {
        return IntStream.range(0, features.bitLength())
                .filter(bit -> bit % 2 == 0 && features.testBit(bit))
                .anyMatch(bit -> !FEATURES_KNOWN.contains(bit));
    }

    /** Whether nothing proves to the payee that the payer has seen the invoice; BOLT 11: then it must not be paid. */
    public boolean lacksSecret() {
        return paymentSecret == null && !features.testBit(BLINDED) && !features.testBit(BLINDED + 1);
    }

    /** Reads an invoice, or fails with {@link Failure.Rejected} of code {@code invalid-invoice}. */
    public static Bolt11 parse(String text) {
        if (text.length() > LENGTH_MAX) {
            throw refuse("too long");
        }
        try {
            var decoded = Bech32.decode(text, false);
            if (decoded.getThird() != Bech32.Encoding.Bech32) {
                throw refuse("not BOLT 11");
            }
            Byte[] words = decoded.getSecond();
            return read(decoded.getFirst().toLowerCase(Locale.ROOT), FiveBits.unboxed(words));
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException malformed) {
            throw refuse("malformed");
        }
    }

    private static Bolt11 read(String prefix, byte[] words) {
        Matcher parts = PREFIX.matcher(prefix);
        if (!parts.matches() || words.length < TIMESTAMP_WORDS + SIGNATURE_WORDS) {
            throw refuse("not a Lightning invoice");
        }
        byte[] signed = Arrays.copyOf(words, words.length - SIGNATURE_WORDS);
        byte[] signature = FiveBits.toBytes(Arrays.copyOfRange(words, signed.length, words.length));
        Fields fields = Fields.read(signed, TIMESTAMP_WORDS);
        if (fields.hash == null) {
            throw refuse("no payment hash");
        }
        return new Bolt11(
                parts.group(1),
                amount(parts.group(2), parts.group(3)),
                Instant.ofEpochSecond(FiveBits.toNumber(Arrays.copyOf(words, TIMESTAMP_WORDS))),
                fields.hash,
                fields.description,
                fields.descriptionHash,
                fields.expiry == null ? EXPIRY_DEFAULT : fields.expiry,
                fields.paymentSecret,
                fields.features == null ? BigInteger.ZERO : fields.features,
                payee(digest(prefix, signed), signature, fields.payee));
    }

    private static @Nullable Msat amount(@Nullable String digits, @Nullable String multiplier) {
        if (digits == null || multiplier == null) {
            return null;
        }
        long number = Long.parseLong(digits);
        return new Msat(
                switch (multiplier) {
                    case "m" -> Math.multiplyExact(number, MILLI);
                    case "u" -> Math.multiplyExact(number, MICRO);
                    case "n" -> Math.multiplyExact(number, NANO);
                    case "p" -> {
                        Check.require(number % 10 == 0, "below one millisatoshi");
                        yield number / 10;
                    }
                    default -> Math.multiplyExact(number, Msat.PER_BTC);
                });
    }

    private static String payee(byte[] digest, byte[] signature, @Nullable String stated) {
        ByteVector64 rs = new ByteVector64(Arrays.copyOf(signature, 64));
        if (stated != null) {
            PublicKey key = PublicKey.fromHex(stated);
            Check.require(key.isValid() && Crypto.verifySignature(digest, rs, key), "signature");
            return stated;
        }
        Check.require(signature[64] >= 0 && signature[64] <= 3, "recovery id");
        try {
            return Crypto.recoverPublicKey(rs, digest, signature[64]).toHex();
        } catch (RuntimeException unrecoverable) {
            throw refuse("the signature is invalid");
        }
    }

    /** Writes the invoice, signed; {@code key} must be the payee's. */
    public String sign(PrivateKey key) {
        String prefix = "ln" + currency + amountText(amount);
        FiveBits words = new FiveBits().number(timestamp.getEpochSecond(), TIMESTAMP_WORDS);
        words.field('p', FiveBits.ofBytes(hash.bytes()));
        if (description != null) {
            words.field('d', FiveBits.ofBytes(description.getBytes(StandardCharsets.UTF_8)));
        } else {
            words.field('h', FiveBits.ofBytes(HexFormat.of().parseHex(String.valueOf(descriptionHash))));
        }
        if (!expiry.equals(EXPIRY_DEFAULT)) {
            words.field('x', FiveBits.ofNumber(BigInteger.valueOf(expiry.toSeconds())));
        }
        if (paymentSecret != null) {
            words.field('s', FiveBits.ofBytes(HexFormat.of().parseHex(paymentSecret)));
        }
        if (features.signum() > 0) {
            words.field('9', FiveBits.ofNumber(features));
        }
        byte[] digest = digest(prefix, words.toArray());
        byte[] signature = Arrays.copyOf(Crypto.sign(digest, key).toByteArray(), 65);
        signature[64] = recoveryId(digest, signature, key.publicKey());
        words.append(FiveBits.ofBytes(signature));
        return Bech32.encode(prefix, FiveBits.boxed(words.toArray()), Bech32.Encoding.Bech32);
    }

    private static byte recoveryId(byte[] digest, byte[] signature, PublicKey payee) {
        ByteVector64 rs = new ByteVector64(Arrays.copyOf(signature, 64));
        return Crypto.recoverPublicKey(rs, digest, 0).equals(payee) ? (byte) 0 : (byte) 1;
    }

    private static String amountText(@Nullable Msat amount) {
        if (amount == null) {
            return "";
        }
        long msat = amount.value();
        if (msat % Msat.PER_BTC == 0) {
            return Long.toString(msat / Msat.PER_BTC);
        }
        if (msat % MILLI == 0) {
            return msat / MILLI + "m";
        }
        if (msat % MICRO == 0) {
            return msat / MICRO + "u";
        }
        return msat % NANO == 0 ? msat / NANO + "n" : msat + "0p";
    }

    private static byte[] digest(String prefix, byte[] words) {
        byte[] head = prefix.getBytes(StandardCharsets.US_ASCII);
        byte[] data = FiveBits.toBytesPadded(words);
        byte[] all = Arrays.copyOf(head, head.length + data.length);
        System.arraycopy(data, 0, all, head.length, data.length);
        return Crypto.sha256(all);
    }

    private static RuntimeException refuse(String why) {
        return new Failure.Rejected("invalid-invoice", "This is not a valid Lightning invoice: " + why).exception();
    }

    /** The tagged fields between timestamp and signature; of a field given twice the first counts. */
    private static final class Fields {
        private @Nullable PaymentHash hash;
        private @Nullable String description;
        private @Nullable String descriptionHash;
        private @Nullable String paymentSecret;
        private @Nullable String payee;
        private @Nullable Duration expiry;
        private @Nullable BigInteger features;

        static Fields read(byte[] words, int from) {
            Fields fields = new Fields();
            int at = from;
            while (at < words.length) {
                int length = words[at + 1] * 32 + words[at + 2];
                Check.require(at + 3 + length <= words.length, "field beyond the end");
                fields.take(FiveBits.letter(words[at]), Arrays.copyOfRange(words, at + 3, at + 3 + length));
                at += 3 + length;
            }
            return fields;
        }

        private void take(char tag, byte[] words) {
            switch (tag) {
                case 'p' ->
                    hash = hash == null && words.length == HASH_WORDS ? PaymentHash.of(FiveBits.toBytes(words)) : hash;
                case 'd' -> description = description == null ? text(words) : description;
                case 'h' -> descriptionHash = first(descriptionHash, words, HASH_WORDS);
                case 's' -> paymentSecret = first(paymentSecret, words, HASH_WORDS);
                case 'n' -> payee = first(payee, words, 53);
                case 'x' -> expiry = expiry == null ? expiry(words) : expiry;
                case '9' -> features = features == null ? FiveBits.toBigNumber(words) : features;
                default -> {} // BOLT 11: unknown fields and fields of another length are skipped
            }
        }

        private static @Nullable String first(@Nullable String known, byte[] words, int length) {
            return known == null && words.length == length ? HexFormat.of().formatHex(FiveBits.toBytes(words)) : known;
        }

        private static Duration expiry(byte[] words) {
            BigInteger seconds = FiveBits.toBigNumber(words);
            if (seconds.compareTo(BigInteger.valueOf(EXPIRY_MAX.toSeconds())) > 0) {
                throw refuse("it can be paid for more than a year");
            }
            return Duration.ofSeconds(seconds.longValueExact());
        }

        private static String text(byte[] words) {
            return new String(FiveBits.toBytes(words), StandardCharsets.UTF_8);
        }
    }
}

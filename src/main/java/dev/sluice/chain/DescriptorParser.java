package dev.sluice.chain;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import fr.acinq.bitcoin.DeterministicWallet;
import fr.acinq.bitcoin.DeterministicWallet.ExtendedPublicKey;
import fr.acinq.bitcoin.KeyPath;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kotlin.Pair;
import org.jspecify.annotations.Nullable;

/** Reads what people paste as a wallet. No message repeats the input: it may be a private key. */
final class DescriptorParser {
    /** A descriptor of one key has under 250 characters; 1,000 leaves room for an odd origin. */
    private static final int LENGTH_MAX = 1_000;
    /** Two levels are derived below the account and BIP 32 keeps the depth in one byte. */
    private static final int DEPTH_MAX = 253;

    private static final String BASE58 = "[1-9A-HJ-NP-Za-km-z]";
    private static final Pattern PRIVATE =
            Pattern.compile("\\b(?i:[xyztuv]prv)" + BASE58 + "{20,}|\\b[5KL9c]" + BASE58 + "{50,51}\\b");
    private static final Pattern WORDS = Pattern.compile("\\p{L}+(\\s+\\p{L}+){11,}");
    private static final Pattern MULTISIG = Pattern.compile("^\\d+-of-|multi|^(wsh|sh\\(wsh)\\(|^[YZUV]pub");
    private static final Pattern PLAIN =
            Pattern.compile("(" + BASE58 + "{100,120})(?:-\\[(legacy|p2sh|taproot|[a-z0-9]{1,20})])?");
    private static final Pattern DESCRIPTOR =
            Pattern.compile("(pkh|sh\\(wpkh|wpkh|tr)\\((\\[[0-9a-fA-F]{8}(?:/\\d{1,10}['hH]?){0,10}])?(" + BASE58
                    + "{100,120})(/[^()#]*)?(\\){1,2})(?:#(.*))?");

    private DescriptorParser() {}

    static Descriptor parse(Network network, String text) {
        String input = text.strip();
        refuse(input.isEmpty(), "Enter an extended public key or an output descriptor");
        refuse(input.length() > LENGTH_MAX, "This is too long for a wallet with one key");
        refuse(
                PRIVATE.matcher(input).find() || WORDS.matcher(input).matches(),
                "This holds a private key or a recovery phrase. Never paste it anywhere: enter the public key (xpub) "
                        + "instead, and treat the private one as exposed");
        refuse(MULTISIG.matcher(input).find(), "Wallets with several keys are not supported");
        Matcher plain = PLAIN.matcher(input);
        return plain.matches() ? plain(network, plain) : descriptor(network, input);
    }

    private static Descriptor plain(Network network, Matcher plain) {
        Pair<Integer, ExtendedPublicKey> key = decode(network, plain.group(1));
        String suffix = plain.group(2);
        ScriptType fromPrefix = fromPrefix(key.getFirst());
        if (suffix == null) {
            return new Descriptor(fromPrefix == null ? ScriptType.SEGWIT : fromPrefix, "", key.getSecond(), main(key));
        }
        ScriptType fromSuffix = switch (suffix) {
            case "legacy" -> ScriptType.LEGACY;
            case "p2sh" -> ScriptType.WRAPPED;
            case "taproot" -> ScriptType.TAPROOT;
            default -> throw invalid("The suffix after the key is one of -[legacy], -[p2sh] and -[taproot]");
        };
        refuse(
                fromPrefix != null && fromPrefix != fromSuffix,
                "The key's prefix and its suffix name different address types");
        return new Descriptor(fromSuffix, "", key.getSecond(), main(key));
    }

    private static Descriptor descriptor(Network network, String input) {
        refuse(
                input.startsWith("raw(") || input.startsWith("addr(") || input.startsWith("combo("),
                "raw(), addr() and combo() descriptors have no addresses to hand out");
        Matcher form = DESCRIPTOR.matcher(input);
        refuse(!form.matches(), "Expected an extended public key, or pkh(), sh(wpkh()), wpkh() or tr() of one key");
        ScriptType type = switch (form.group(1)) {
            case "pkh" -> ScriptType.LEGACY;
            case "sh(wpkh" -> ScriptType.WRAPPED;
            case "wpkh" -> ScriptType.SEGWIT;
            default -> ScriptType.TAPROOT;
        };
        refuse(
                (type == ScriptType.WRAPPED) != form.group(5).equals("))"),
                "The brackets of the descriptor do not match");
        checkChecksum(input, form.group(6));
        checkPath(form.group(4));
        String origin = form.group(2) == null ? "" : origin(form.group(2));
        Pair<Integer, ExtendedPublicKey> key = decode(network, form.group(3));
        refuse(fromPrefix(key.getFirst()) != null, "Inside a descriptor the key begins with xpub or tpub");
        return new Descriptor(type, origin, key.getSecond(), main(key));
    }

    private static void checkChecksum(String input, @Nullable String checksum) {
        if (checksum != null) {
            String body = input.substring(0, input.indexOf('#'));
            refuse(
                    !fr.acinq.bitcoin.Descriptor.checksum(body).equals(checksum),
                    "The checksum of the descriptor is wrong");
        }
    }

    private static void checkPath(@Nullable String given) {
        String path = given == null ? "" : given;
        refuse(
                path.contains("'") || path.contains("h") || path.contains("H"),
                "Hardened addresses cannot be derived from a public key");
        refuse(!path.equals("/0/*") && !path.equals("/<0;1>/*"), "After the key of a descriptor goes /0/* or /<0;1>/*");
    }

    /** BIP 380 allows {@code h} and an apostrophe for the same thing: one canonical form. */
    private static String origin(String bracketed) {
        for (String step : bracketed.substring(1, bracketed.length() - 1).split("/")) {
            boolean fingerprint = step.length() == 8 && bracketed.startsWith(step, 1);
            String number = step.replaceAll("['hH]$", "");
            refuse(
                    !fingerprint && Long.parseLong(number) >= DeterministicWallet.hardenedKeyIndex,
                    "A step of the key's path is 2^31 or more");
        }
        return bracketed.toLowerCase(Locale.ROOT).replace('\'', 'h');
    }

    private static Pair<Integer, ExtendedPublicKey> decode(Network network, String text) {
        Pair<Integer, ExtendedPublicKey> key;
        try {
            key = ExtendedPublicKey.decode(text, new KeyPath(List.of()));
        } catch (RuntimeException malformed) {
            throw invalid("The extended public key is not valid: a character is missing or wrong");
        }
        refuse(!isPublic(key.getFirst()), "This is not an extended public key of bitcoin");
        refuse(!key.getSecond().getPublicKey().isValid(), "The extended public key is not a point of the curve");
        refuse(main(key) != (network == Network.MAIN), "This key belongs to another bitcoin network");
        refuse(key.getSecond().depth > DEPTH_MAX, "The key is too deep to derive addresses from");
        return key;
    }

    private static boolean isPublic(int prefix) {
        return prefix == DeterministicWallet.xpub || prefix == DeterministicWallet.tpub || fromPrefix(prefix) != null;
    }

    private static boolean main(Pair<Integer, ExtendedPublicKey> key) {
        int prefix = key.getFirst();
        return prefix == DeterministicWallet.xpub
                || prefix == DeterministicWallet.ypub
                || prefix == DeterministicWallet.zpub;
    }

    private static @Nullable ScriptType fromPrefix(int prefix) {
        if (prefix == DeterministicWallet.ypub || prefix == DeterministicWallet.upub) {
            return ScriptType.WRAPPED;
        }
        if (prefix == DeterministicWallet.zpub || prefix == DeterministicWallet.vpub) {
            return ScriptType.SEGWIT;
        }
        return null;
    }

    private static void refuse(boolean condition, String message) {
        if (condition) {
            throw invalid(message);
        }
    }

    private static FailureException invalid(String message) {
        return new Failure.Rejected("invalid-derivation-scheme", message).exception();
    }
}

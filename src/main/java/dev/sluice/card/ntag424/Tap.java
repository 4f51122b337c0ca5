package dev.sluice.card.ntag424;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Hex;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a card shows when it is tapped (NXP AN12196 4.4, "SUN"): {@code p} hides who it is and how often it was read,
 * {@code c} proves it. Nothing of it is trusted before {@link CardReader} has checked it.
 *
 * @param p 32 lower-case hexadecimal digits
 * @param c 16 lower-case hexadecimal digits
 * @param name how the link names the card, where its issuer does (LNbits); trusted no more than the rest
 */
public record Tap(String p, String c, Optional<String> name) {
    private static final int P_DIGITS = 32;
    private static final int C_DIGITS = 16;
    /** Longer than any link that a card can hold (its file has 256 bytes). */
    private static final int LINK_MAX = 512;

    private static final Pattern NAME = Pattern.compile("/boltcards/api/v1/scan/([A-Za-z0-9_-]{1,64})[?]");

    private static final Pattern QUERY_P = Pattern.compile("[?&]p=([^&#]*)");
    private static final Pattern QUERY_C = Pattern.compile("[?&]c=([^&#]*)");

    public Tap {
        if (!Hex.isLower(p, P_DIGITS) || !Hex.isLower(c, C_DIGITS)) {
            throw malformed();
        }
    }

    public Tap(String p, String c) {
        this(p, c, Optional.empty());
    }

    /** From the two parameters, in either case: cards write upper case, some wallets lower the whole link. */
    public static Tap of(String p, String c) {
        return new Tap(p.toLowerCase(Locale.ROOT), c.toLowerCase(Locale.ROOT));
    }

    /** From a link of any scheme ({@code lnurlw}, {@code https}); anything else in it does not matter. */
    public static Tap ofLink(String link) {
        Matcher p = QUERY_P.matcher(link);
        Matcher c = QUERY_C.matcher(link);
        if (link.length() > LINK_MAX || !p.find() || !c.find()) {
            throw malformed();
        }
        Tap tap = of(p.group(1), c.group(1));
        if (p.find() || c.find()) {
            throw malformed(); // another reader would take the other one
        }
        Matcher name = NAME.matcher(link);
        return tap.named(name.find() ? Optional.of(name.group(1)) : Optional.empty());
    }

    /** The same tap of a card that its link names. */
    public Tap named(Optional<String> card) {
        return new Tap(p, c, card);
    }

    byte[] encrypted() {
        return HexFormat.of().parseHex(p);
    }

    byte[] mac() {
        return HexFormat.of().parseHex(c);
    }

    private static RuntimeException malformed() {
        return new Failure.Rejected("malformed-tap", "A tap has p of 32 and c of 16 hexadecimal digits").exception();
    }
}

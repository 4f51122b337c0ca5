package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Opens taps with the keys of several issuers. A block decrypted with a wrong key looks right once in 256 times, so a
 * tap can have several claims; the MAC decides between them.
 */
public final class CardReader {
    /** Each costs a decryption at every tap. */
    public static final int ISSUERS_MAX = 16;

    private final List<IssuerKey> issuers;

    public CardReader(List<IssuerKey> issuers) {
        Check.require(issuers.size() <= ISSUERS_MAX, "no more than " + ISSUERS_MAX + " issuer keys");
        this.issuers = List.copyOf(issuers);
    }

    /** What a tap says, read with an issuer's key. */
    public record Claim(IssuerKey issuer, PiccData said) {
        /** How the issuer knows the card, in hexadecimal digits. */
        public String cardId() {
            return HexFormat.of().formatHex(issuer.cardId(said.uid()));
        }
    }

    /** The claims of a tap, none proved yet; most often one, none for a card of another issuer. */
    public List<Claim> claims(Tap tap) {
        byte[] encrypted = tap.encrypted();
        List<Claim> claims = new ArrayList<>(1);
        for (IssuerKey issuer : issuers) {
            PiccData.read(issuer.encryption().decrypt(encrypted))
                    .ifPresent(said -> claims.add(new Claim(issuer, said)));
        }
        return claims;
    }
}

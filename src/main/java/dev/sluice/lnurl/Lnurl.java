package dev.sluice.lnurl;

import dev.sluice.kernel.Sha256;
import fr.acinq.bitcoin.Bech32;
import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;

/** Links as LNURL writes them. */
public final class Lnurl {
    private Lnurl() {}

    /** The bech32 form of a link (LUD-01), lower case; longer than bech32's own limit, as the specification has it. */
    public static String encode(String url) {
        return Bech32.encode("lnurl", Bech32.eight2five(url.getBytes(StandardCharsets.UTF_8)), Bech32.Encoding.Bech32);
    }

    /** A link with a scheme of LUD-17 ({@code lnurlw}, {@code lnurlp}) in place of its own. */
    public static String withScheme(String scheme, String url) {
        return scheme + "://" + url.replaceFirst("^https?://", "");
    }

    /** Metadata of a pay request (LUD-06): pairs of type and content. */
    public static String metadata(String... typesAndContents) {
        JsonArray all = new JsonArray();
        for (int i = 0; i < typesAndContents.length; i += 2) {
            all.add(new JsonArray().add(typesAndContents[i]).add(typesAndContents[i + 1]));
        }
        return all.encode();
    }

    /** What an invoice for a pay request commits to: SHA-256 of the metadata, 32 bytes. */
    public static byte[] descriptionHash(String metadata) {
        return Sha256.of(metadata);
    }
}

package dev.sluice.idempotency;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Failure;
import java.util.List;

/**
 * The key of a request and what it stands for.
 *
 * @param scope who asks for what (credential, method, path): the same key in another scope is another key
 * @param key 1 to 255 printable ASCII characters
 * @param requestHash a keyed hash of the request, 32 bytes as lower-case hex; another hash under the same key is
 *     another request
 */
public record RequestKey(String scope, String key, String requestHash) {
    private static final int KEY_LENGTH_MAX = 255;

    public RequestKey {
        Check.require(!scope.isEmpty(), "empty scope");
        Check.require(isKey(key), "malformed key");
        Check.require(requestHash.length() == 64, "request hash is 32 bytes in hex");
    }

    /**
     * Reads the {@code Idempotency-Key} header of a request: bare, or as a quoted string as in
     * draft-ietf-httpapi-idempotency-key-header-07. Throws {@code Rejected} for several or a malformed one.
     *
     * @param headers all values of the header, at least one
     */
    public static String parse(List<String> headers) {
        String text = headers.size() == 1 ? headers.getFirst().strip() : "";
        boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
        String key = quoted ? text.substring(1, text.length() - 1) : text;
        if (!isKey(key)) {
            throw new Failure.Rejected("idempotency-key-malformed", "Idempotency-Key is 1 to 255 printable characters")
                    .exception();
        }
        return key;
    }

    private static boolean isKey(String text) {
        return !text.isBlank()
                && text.length() <= KEY_LENGTH_MAX
                && text.chars().allMatch(character -> character >= ' ' && character <= '~');
    }
}

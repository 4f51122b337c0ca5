package dev.sluice.card;

import dev.sluice.http.Call;
import dev.sluice.idempotency.RequestKey;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names charges by their Idempotency-Key. The charge's own row keeps the name, so that a batch commits keys and charges
 * together. What was asked may hold a PIN, so it is hashed with a key that is not in the database.
 */
final class RequestNames {
    private final SecretKeySpec key;

    RequestNames(RootSecret root) {
        this.key = new SecretKeySpec(root.derived("card request"), "HmacSHA256");
    }

    /** The request's name where it has a key; {@code asked} is all that must be the same for a repetition. */
    Optional<ChargeAsk.Request> of(Call call, String terminal, String asked) {
        return call.header("Idempotency-Key").map(header -> {
            String named = terminal + "\n" + RequestKey.parse(List.of(header));
            return new ChargeAsk.Request(hash("key\n" + named), hash("asked\n" + asked));
        });
    }

    private byte[] hash(String text) {
        return RootSecret.hmac(key, text);
    }
}

package dev.sluice.card;

import dev.sluice.http.Call;
import dev.sluice.idempotency.RequestKey;
import dev.sluice.secret.KeyedHash;
import java.util.List;
import java.util.Optional;

/**
 * Names charges by their Idempotency-Key. The charge's own row keeps the name, so that a batch commits keys and charges
 * together. What was asked may hold a PIN, so it is hashed with a key that is not in the database.
 */
final class RequestNames {
    private final KeyedHash hash;

    RequestNames(RootSecret root) {
        this.hash = root.keyedHash("card request");
    }

    /** The request's name where it has a key; {@code asked} is all that must be the same for a repetition. */
    Optional<ChargeAsk.Request> of(Call call, String terminal, String asked) {
        return call.header("Idempotency-Key").map(header -> {
            String named = terminal + "\n" + RequestKey.parse(List.of(header));
            return new ChargeAsk.Request(hash.of("key\n" + named), hash.of("asked\n" + asked));
        });
    }
}

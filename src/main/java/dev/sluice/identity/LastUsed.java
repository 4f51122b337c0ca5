package dev.sluice.identity;

import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Remembers when keys were used and writes it now and then, one statement for all. */
final class LastUsed {
    /** Keys remembered between two writes; the use of further ones is not recorded until the next. */
    private static final int KEYS_MAX = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(LastUsed.class);

    private final ApiKeyRepository repository;
    private final Clock clock;
    private final Map<String, Instant> pending = new ConcurrentHashMap<>();

    LastUsed(ApiKeyRepository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
    }

    void note(String keyId) {
        if (pending.size() < KEYS_MAX || pending.containsKey(keyId)) {
            pending.put(keyId, clock.now());
        }
    }

    /** Writes what was noted since the last time; a failure loses a display value only. */
    Future<Void> flush() {
        Map<String, Instant> batch = new HashMap<>(pending);
        if (batch.isEmpty()) {
            return Future.succeededFuture();
        }
        batch.forEach(pending::remove);
        return repository.markUsed(batch).recover(failure -> {
            LOG.warn("apikey.last-used-lost keys={} reason={}", batch.size(), failure.getMessage());
            return Future.succeededFuture();
        });
    }
}

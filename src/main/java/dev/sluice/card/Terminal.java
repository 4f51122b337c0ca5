package dev.sluice.card;

import dev.sluice.kernel.StoreId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a store takes cards.
 *
 * @param category what is sold there, for programmes that admit only some categories; null for none
 */
public record Terminal(
        String id,
        StoreId store,
        String name,
        @Nullable String category,
        boolean enabled,
        long version,
        Instant createdAt) {}

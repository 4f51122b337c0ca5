package dev.sluice.identity;

import dev.sluice.kernel.Secret;
import org.jspecify.annotations.Nullable;

/** An account to be made. */
record NewUser(
        String email,
        Secret password,
        @Nullable String name,
        @Nullable String imageUrl,
        boolean admin) {}

package dev.sluice.identity;

import dev.sluice.kernel.Secret;
import org.jspecify.annotations.Nullable;

/** What a user changes about the own account; null leaves a field as it is. A new password needs the current one. */
record UserChange(
        @Nullable String email,
        @Nullable String name,
        @Nullable String imageUrl,
        @Nullable Secret currentPassword,
        @Nullable Secret newPassword) {}

package dev.sluice.kernel;

import java.security.SecureRandom;

/** The only source of randomness; simulations supply a seeded one. */
@FunctionalInterface
public interface Entropy {
    /** {@code count} fresh random bytes. */
    byte[] bytes(int count);

    /** The operating system's generator. */
    static Entropy secure() {
        SecureRandom random = new SecureRandom();
        return count -> {
            byte[] out = new byte[count];
            random.nextBytes(out);
            return out;
        };
    }
}

package dev.sluice.http;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who listens to what; nothing is kept of a thing that nobody listens to any more. */
public final class Listeners<K> {
    private final Map<K, Set<Runnable>> byThing = new ConcurrentHashMap<>();

    /** Calls {@code listener}, on any thread, at each {@link #tell}; the returned action ends it. */
    public Runnable hear(K thing, Runnable listener) {
        byThing.compute(thing, (same, there) -> {
            Set<Runnable> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(listener);
            return all;
        });
        return () -> byThing.computeIfPresent(thing, (same, there) -> {
            there.remove(listener);
            return there.isEmpty() ? null : there;
        });
    }

    /** Tells everyone who listens to a thing. */
    public void tell(K thing) {
        Set<Runnable> all = byThing.get(thing);
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}

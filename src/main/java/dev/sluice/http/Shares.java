package dev.sluice.http;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what callers hold: bounded in all, and for each of them. Shared by all event loops without locks. */
final class Shares {
    private final int max;
    private final int each;
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentHashMap<String, Integer> held = new ConcurrentHashMap<>();

    Shares(int max, int each) {
        this.max = max;
        this.each = each;
    }

    /** Counts one in for nobody in particular; false where all are taken. */
    boolean enter() {
        if (all.incrementAndGet() > max) {
            all.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Counts one in; false where all, or this caller's, are taken. */
    boolean enter(String caller) {
        if (!enter()) {
            return false;
        }
        if (held.merge(caller, 1, Integer::sum) > each) {
            leave(caller);
            return false;
        }
        return true;
    }

    /** Counts one for nobody in particular from now on; it still counts in all. */
    void release(String caller) {
        held.computeIfPresent(caller, (same, count) -> count == 1 ? null : count - 1);
    }

    /** Counts out one of nobody in particular, or that was released. */
    void leave() {
        all.decrementAndGet();
    }

    void leave(String caller) {
        release(caller);
        leave();
    }

    int size() {
        return all.get();
    }
}

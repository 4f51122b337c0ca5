package dev.sluice.http;

import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One request's place among those in flight. A stream gives it back when it opens: streams have their own bound. */
final class Slot {
    private static final String KEY = "sluice.slot";

    private final AtomicInteger taken;
    private final AtomicBoolean released = new AtomicBoolean();

    private Slot(AtomicInteger taken) {
        this.taken = taken;
    }

    /** Takes a place until the answer is out; false where {@code max} are taken. */
    static boolean take(RoutingContext context, AtomicInteger taken, int max) {
        if (taken.incrementAndGet() > max) {
            taken.decrementAndGet();
            return false;
        }
        Slot slot = new Slot(taken);
        context.put(KEY, slot);
        context.addEndHandler(end -> slot.release());
        return true;
    }

    static void release(RoutingContext context) {
        Slot slot = context.get(KEY);
        if (slot != null) {
            slot.release();
        }
    }

    private void release() {
        if (released.compareAndSet(false, true)) {
            taken.decrementAndGet();
        }
    }
}

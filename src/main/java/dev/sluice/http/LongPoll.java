package dev.sluice.http;

import io.vertx.ext.web.RoutingContext;

/** A request that may wait for news ({@code ?wait=30}). */
public final class LongPoll {
    private final String caller;
    private final Runnable rests;

    /**
     * @param caller whose waits are counted together
     * @param rests called, on any thread, when the request begins to wait
     */
    LongPoll(String caller, Runnable rests) {
        this.caller = caller;
        this.rests = rests;
    }

    /** Of a request, whose waits are counted with those of its credential, or of its address where it has none. */
    public static LongPoll of(RoutingContext context) {
        Passage passage = Passage.of(context);
        return new LongPoll(passage.caller(), passage::rest);
    }

    String caller() {
        return caller;
    }

    void rests() {
        rests.run();
    }
}

package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the apps call that write and wipe chips. */
final class BoltcardRoutes implements Routes {
    private static final int LINK_MAX = 512;
    private static final int UID_MAX = 32;

    private final KeyRelease keys;

    BoltcardRoutes(KeyRelease keys) {
        this.keys = keys;
    }

    @Override
    public void mount(Api api) {
        api.post("/boltcards/links/{token}", Access.ANYONE, this::release);
    }

    /** {@code UID} to write a chip, {@code LNURLW} to wipe one; once. */
    private Future<Reply> release(Call call) {
        Fields fields = new Fields(call.body());
        String uid = fields.text("UID", UID_MAX);
        String link = fields.text("LNURLW", LINK_MAX);
        fields.check();
        if ((uid == null) == (link == null)) {
            return Future.failedFuture(
                    Failure.invalid("UID", "Either UID or LNURLW is needed").exception());
        }
        Future<KeyRelease.Keys> released = uid != null
                ? keys.release(call.path("token"), Optional.of(uid(uid)), Optional.empty())
                : keys.release(
                        call.path("token"),
                        Optional.empty(),
                        Optional.of(Tap.ofLink(java.util.Objects.requireNonNull(link))));
        return released.map(found ->
                new Reply(200, CardViews.keys(found, call.publicUrl()).encode(), Map.of("Cache-Control", "no-store")));
    }

    private static Uid uid(String text) {
        try {
            return new Uid(text.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException malformed) {
            throw Failure.invalid("UID", "A UID has 14 hexadecimal digits").exception();
        }
    }
}

package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Taps of chips in software, for test networks. Who may write a chip may tap one. */
final class VirtualChipRoutes implements Routes {
    private static final Access ISSUE = Access.needs("btcpay.store.cancreatepullpayments");

    private final VirtualChips chips;
    private final Runnable changed;

    VirtualChipRoutes(VirtualChips chips, Runnable changed) {
        this.chips = chips;
        this.changed = changed;
    }

    @Override
    public void mount(Api api) {
        api.post("/api/v1/stores/{storeId}/cards/{cardId}/virtual-taps", ISSUE, this::tap);
    }

    private Future<Reply> tap(Call call) {
        String by = call.principal().user().value();
        return chips.tap(call.store(), call.path("cardId"), by)
                .onSuccess(tap -> changed.run())
                .map(tap -> Reply.json(new JsonObject()
                        .put("tap", link(call, tap.p(), tap.c()))
                        .put("p", tap.p())
                        .put("c", tap.c())));
    }

    private static String link(Call call, String p, String c) {
        return Lnurl.withScheme("lnurlw", call.publicUrl() + "/boltcard?p=" + p + "&c=" + c);
    }
}

package dev.sluice.ui;

import dev.sluice.card.CardFeature;
import dev.sluice.card.HolderService;
import dev.sluice.card.HolderView;
import dev.sluice.http.Pages;
import dev.sluice.http.StaticFiles;
import dev.sluice.http.WantsJson;
import dev.sluice.kernel.FailureException;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Locale;
import java.util.Map;

/**
 * The holder's page at {@code /boltcards/balance}, opened by a tap. Its path and what apps take off it are those of the
 * boltcard plug-in for BTCPay Server.
 */
public final class CardPages implements Pages {
    private static final String STYLE = "/static/checkout.css";
    private static final String PATH = "/boltcards/balance";
    private static final int BODY_MAX = 1_024;

    private final HolderService holders;
    private final String publicUrl;
    private final boolean simulated;
    private final StaticFiles files;
    private final Html pages = new Html("'none'");

    /** Reads files; blocking, for start-up. */
    public CardPages(HolderService holders, String publicUrl, boolean simulated) {
        this.holders = holders;
        this.publicUrl = publicUrl;
        this.simulated = simulated;
        this.files = new StaticFiles(Map.of(STYLE, "web/checkout/checkout.css"));
    }

    @Override
    public void mount(Router router) {
        files.mount(router);
        new BrandStyle().mount(router);
        router.get(PATH).handler(this::balance);
        router.post("/boltcards/freeze")
                .handler(BodyHandler.create(false).setBodyLimit(BODY_MAX))
                .handler(this::freeze);
        router.post("/boltcards/address")
                .handler(BodyHandler.create(false).setBodyLimit(BODY_MAX))
                .handler(this::address);
    }

    private void address(RoutingContext context) {
        String p = parameter(context, "p");
        String c = parameter(context, "c");
        holders.openAddress(p, c)
                .onSuccess(opened -> again(context, p, c))
                .onFailure(failure -> refuse(context, failure));
    }

    private static void again(RoutingContext context, String p, String c) {
        String language = Html.language(context).map(lang -> "&lang=" + lang).orElse("");
        context.response()
                .setStatusCode(303)
                .putHeader("Location", PATH + "?p=" + p + "&c=" + c + language)
                .end();
    }

    private void balance(RoutingContext context) {
        String p = parameter(context, "p");
        String c = parameter(context, "c");
        Html.answer(
                context,
                holders.look(p, c),
                view -> {
                    if (WantsJson.of(context.request())) {
                        pages.send(
                                context,
                                200,
                                "application/json; charset=utf-8",
                                view.json(topUp(p), address(view)).encode());
                    } else {
                        pages.show(context, 200, "card.jte", Map.of("m", model(context, view, p, c)));
                    }
                },
                failure -> refuse(context, failure));
    }

    private CardModel model(RoutingContext context, HolderView view, String p, String c) {
        return new CardModel(
                view,
                Html.texts(context),
                Lnurl.encode(topUp(p)),
                address(view),
                p,
                c,
                simulated,
                files.url(STYLE),
                view.colour().map(BrandStyle::url));
    }

    private String topUp(String p) {
        return CardFeature.topUpLink(publicUrl, p.toUpperCase(Locale.ROOT));
    }

    private String address(HolderView view) {
        return view.handle().isEmpty() ? "" : CardFeature.lightningAddress(publicUrl, view.handle());
    }

    private void freeze(RoutingContext context) {
        String p = parameter(context, "p");
        String c = parameter(context, "c");
        holders.freeze(p, c).onSuccess(frozen -> again(context, p, c)).onFailure(failure -> refuse(context, failure));
    }

    /** Hexadecimal digits or nothing: what goes back into a page or a header holds nothing else. */
    private static String parameter(RoutingContext context, String name) {
        String given = context.request().getParam(name);
        String text = given == null ? context.request().getFormAttribute(name) : given;
        return text != null && text.matches("[0-9a-fA-F]{16,32}") ? text : "";
    }

    private void refuse(RoutingContext context, Throwable failure) {
        if (!(failure instanceof FailureException expected)) {
            context.fail(failure);
        } else if (WantsJson.of(context.request())) {
            String body = new JsonObject()
                    .put("code", expected.failure().code())
                    .put("message", expected.failure().message())
                    .encode();
            pages.send(context, 400, "application/json; charset=utf-8", body);
        } else {
            Texts texts = Html.texts(context);
            boolean known = HolderService.LOST.equals(expected.failure().code())
                    || HolderService.REPLACED.equals(expected.failure().code());
            String why = known ? expected.failure().code().replace('-', '.') : "card.gone";
            pages.show(
                    context,
                    400,
                    "cardgone.jte",
                    Map.of("texts", texts, "why", why, "style", files.url(STYLE), "simulated", simulated));
        }
    }
}

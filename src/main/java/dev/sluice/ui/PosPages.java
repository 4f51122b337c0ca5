package dev.sluice.ui;

import dev.sluice.card.TerminalView;
import dev.sluice.http.Pages;
import dev.sluice.http.StaticFiles;
import dev.sluice.kernel.Currency;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A terminal in the browser at {@code /pos/{terminal}}. The page is the same for everyone and holds no secret; what it
 * does goes through the API with a key of the store that the browser keeps.
 */
public final class PosPages implements Pages {
    private static final String STYLE = "/static/checkout.css";
    private static final String POS_STYLE = "/static/pos.css";
    private static final String SCRIPT = "/static/pos.js";
    /** What the script imports; by names without a hash, so browsers ask for each whether it has changed. */
    private static final List<String> MODULES =
            List.of("api", "charges", "invoices", "kept", "keypad", "notices", "page", "resume", "sale");

    private final Function<String, Future<Optional<TerminalView>>> terminals;
    private final StoreService stores;
    private final boolean simulated;
    private final StaticFiles files;
    private final Html pages = new Html("'none'");

    /** Reads files; blocking, for start-up. */
    public PosPages(
            Function<String, Future<Optional<TerminalView>>> terminals, StoreService stores, boolean simulated) {
        this.terminals = terminals;
        this.stores = stores;
        this.simulated = simulated;
        this.files = new StaticFiles(resources());
    }

    private static Map<String, String> resources() {
        Map<String, String> all = new HashMap<>(
                Map.of(STYLE, "web/checkout/checkout.css", POS_STYLE, "web/pos/pos.css", SCRIPT, "web/pos/pos.js"));
        MODULES.forEach(name -> all.put("/static/pos/" + name + ".js", "web/pos/" + name + ".js"));
        return all;
    }

    @Override
    public void mount(Router router) {
        files.mount(router);
        router.get("/pos/:terminal").handler(this::page);
    }

    private void page(RoutingContext context) {
        Texts texts = Html.texts(context);
        Future<Optional<PosModel>> found = terminals
                .apply(context.pathParam("terminal"))
                .compose(terminal -> terminal.isEmpty()
                        ? Future.succeededFuture(Optional.<PosModel>empty())
                        : model(terminal.get(), texts).map(Optional::of));
        Html.answer(
                context,
                found,
                model -> {
                    if (model.isEmpty()) {
                        pages.notFound(context, "pos.notfound", files.url(STYLE), simulated);
                    } else {
                        pages.show(context, 200, "pos.jte", Map.of("m", model.get()));
                    }
                },
                context::fail);
    }

    private Future<PosModel> model(TerminalView terminal, Texts texts) {
        return stores.find(terminal.store()).map(found -> {
            Currency currency = found.orElseThrow().settings().defaultCurrency();
            return new PosModel(
                    texts,
                    terminal.store().value(),
                    terminal.id(),
                    terminal.name(),
                    currency.code(),
                    currency.exponent(),
                    simulated,
                    files.url(STYLE),
                    files.url(POS_STYLE),
                    files.url(SCRIPT));
        });
    }
}

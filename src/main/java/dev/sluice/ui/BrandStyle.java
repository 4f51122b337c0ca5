package dev.sluice.ui;

import dev.sluice.http.PageHeaders;
import dev.sluice.http.Pages;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** A colour as a style sheet of its own, because the pages' policy admits no inline style. It is all in the path. */
final class BrandStyle implements Pages {
    private static final String PATH = "/static/brand/";

    /** Where the style of a colour is, given by its six digits. */
    static String url(String digits) {
        return PATH + digits + ".css";
    }

    @Override
    public void mount(Router router) {
        router.get(PATH + ":file").handler(BrandStyle::serve);
    }

    private static void serve(RoutingContext context) {
        String file = context.pathParam("file");
        if (!file.matches("[0-9a-f]{6}\\.css")) {
            context.fail(404);
            return;
        }
        String digits = file.substring(0, 6);
        PageHeaders.apply(context.response());
        context.response()
                .putHeader("Content-Type", "text/css; charset=utf-8")
                .putHeader("Cache-Control", "public, max-age=31536000, immutable")
                .end(":root{--brand:#" + digits + ";--on-brand:" + inkOn(digits) + "}");
    }

    /** Black or white, what reads better: by relative luminance (ITU-R BT.601 weights, in thousandths). */
    private static String inkOn(String digits) {
        int red = Integer.parseInt(digits, 0, 2, 16);
        int green = Integer.parseInt(digits, 2, 4, 16);
        int blue = Integer.parseInt(digits, 4, 6, 16);
        return 299 * red + 587 * green + 114 * blue > 140_000 ? "#000" : "#fff";
    }
}

package dev.sluice.ui;

import dev.sluice.http.PageHeaders;
import dev.sluice.http.Pages;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** A colour as a style sheet of its own, because the pages' policy admits no inline style. It is all in the path. */
final class BrandStyle implements Pages {
    private static final String PATH = "/static/brand/";
    /** What a screen reflects, in its brightest light. */
    private static final double GLARE = 0.05;

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

    /** Black or white, what has the higher contrast (WCAG 2.2, "contrast ratio"). */
    private static String inkOn(String digits) {
        double luminance = 0.2126 * linear(Integer.parseInt(digits, 0, 2, 16))
                + 0.7152 * linear(Integer.parseInt(digits, 2, 4, 16))
                + 0.0722 * linear(Integer.parseInt(digits, 4, 6, 16));
        double ofBlack = (luminance + GLARE) / GLARE;
        double ofWhite = (1 + GLARE) / (luminance + GLARE);
        return ofBlack > ofWhite ? "#000" : "#fff";
    }

    /** Light of a component of sRGB, 0 to 1. */
    private static double linear(int component) {
        double part = component / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }
}

package dev.sluice.ui;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.Map;

/** What every page says where no real money moves, for a page that is no template of this package. */
public final class SimulatedLabel {
    private SimulatedLabel() {}

    /** The label as HTML, in English; empty where money is real. Reads classes; blocking, for start-up. */
    public static String html(boolean simulated) {
        StringOutput out = new StringOutput();
        TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.sluice.ui.page")
                .render(
                        "simulated.jte",
                        Map.of("texts", Texts.of(Texts.LANGUAGES.getFirst()), "simulated", simulated),
                        out);
        return out.toString().strip();
    }
}

package dev.sluice.ui;

import java.util.Map;

/** What every page says where no real money moves, for a page that is no template of this package. */
public final class SimulatedLabel {
    private SimulatedLabel() {}

    /** The label as HTML, in English; empty where money is real. Reads classes; blocking, for start-up. */
    public static String html(boolean simulated) {
        Map<String, Object> parameters = Map.of("texts", Texts.of(Texts.LANGUAGES.getFirst()), "simulated", simulated);
        return Html.render("simulated.jte", parameters).strip();
    }
}

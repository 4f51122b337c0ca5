package dev.sluice.ui;

import java.util.List;

/**
 * What a terminal's page shows before its script runs.
 *
 * @param decimals of the currency's smallest unit
 */
public record PosModel(
        Texts sentences,
        String store,
        String terminal,
        String name,
        String currency,
        int decimals,
        boolean simulated,
        String style,
        String posStyle,
        String script) {
    public String t(String key) {
        return sentences.get(key);
    }

    public String lang() {
        return sentences.language();
    }

    public List<String> keys() {
        return List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0");
    }

    /** Per cent. */
    public List<Integer> tips() {
        return List.of(0, 5, 10, 15);
    }

    /** What the script says, by its key. */
    public String texts() {
        return sentences.json("pos.", "decline.");
    }
}

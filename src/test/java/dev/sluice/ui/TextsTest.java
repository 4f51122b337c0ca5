package dev.sluice.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextsTest {
    private static JsonObject all(String language) {
        return new JsonObject(Texts.of(language).json(""));
    }

    @Test
    void everyLanguageSaysEverything() {
        Set<String> english = all("en").fieldNames();
        assertThat(english).isNotEmpty();
        for (String language : Texts.LANGUAGES) {
            assertThat(all(language).fieldNames()).as(language).containsExactlyInAnyOrderElementsOf(english);
        }
    }

    @Test
    void scriptIsGivenTheSentencesOfItsPart() {
        JsonObject given = new JsonObject(Texts.of("zh").json("tap.", "decline."));
        assertThat(given.getString("tap.refused")).isEqualTo("卡片未能付款");
        assertThat(given.fieldNames()).allMatch(key -> key.startsWith("tap.") || key.startsWith("decline."));
    }
}

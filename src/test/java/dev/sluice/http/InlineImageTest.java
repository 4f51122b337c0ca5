package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InlineImageTest {
    private static final String PNG = "\u0089PNG\r\n\u001a\n";
    private static final String JPEG = "\u00ff\u00d8\u00ff";
    private static final String WEBP = "RIFF\u0001\u0002\u0003\u0004WEBP";

    private static String of(String type, String start, int length) {
        byte[] bytes = Arrays.copyOf(start.getBytes(StandardCharsets.ISO_8859_1), length);
        return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void picturesOfThreeKindsAreTaken() {
        assertThat(InlineImage.isOne(of("image/png", PNG, 100))).isTrue();
        assertThat(InlineImage.isOne(of("image/jpeg", JPEG, 101))).isTrue();
        assertThat(InlineImage.isOne(of("image/webp", WEBP, 102))).isTrue();
    }

    @Test
    void largestIsTakenAndOneByteMoreIsNot() {
        String largest = of("image/png", PNG, 32 * 1024);
        assertThat(largest.length()).isLessThanOrEqualTo(InlineImage.LENGTH_MAX);
        assertThat(InlineImage.isOne(largest)).isTrue();
        assertThat(InlineImage.isOne(of("image/png", PNG, 32 * 1024 + 1))).isFalse();
    }

    @Test
    void contentMustBeWhatItsTypeSays() {
        assertThat(InlineImage.isOne(of("image/png", JPEG, 100))).isFalse();
        assertThat(InlineImage.isOne(of("image/jpeg", WEBP, 100))).isFalse();
        assertThat(InlineImage.isOne(of("image/webp", "RIFF\u0001\u0002\u0003\u0004WAVE", 100)))
                .isFalse();
        assertThat(InlineImage.isOne(of("image/png", "\u0089PNG", 4))).isFalse();
        assertThat(InlineImage.isOne(of("image/svg+xml", "<svg xmlns=", 100))).isFalse();
        assertThat(InlineImage.isOne(of("image/png", "<svg xmlns=", 100))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "https://shop.example/logo.png",
        "data:image/png;base64",
        "'data:image/png;base64,'",
        "'data:image/png,iVBORw0KGgo='",
        "'data:image/png;base64,iVBORw0KGgo=\"onload=\"x'",
        "'data:image/png;base64,iVBORw0KGgo= '",
        "'data:text/html;base64,iVBORw0KGgo='"
    })
    void everythingElseIsNone(String text) {
        assertThat(InlineImage.isOne(text)).isFalse();
    }
}

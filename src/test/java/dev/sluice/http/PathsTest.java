package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathsTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
                    /,                  ''
                    //,                 ''
                    /a,                 a
                    /a/,                a
                    /a//,               a|
                    //a,                |a
                    /a/b/c,             a|b|c
                    /a//b,              a||b
                    /a%20b/%C3%A4,      a b|ä
                    /stores/1/x,        stores|1|x
                    """)
    void pathsAreTakenApartAtTheirSlashes(String path, String segments) {
        assertThat(Paths.segments(path)).isEqualTo(List.of(segments.split("\\|", -1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "/.",
                "/a/../b",
                "/%2e%2e/b",
                "/a%2fb",
                "/a%5cb",
                "/a\\b",
                "/%00",
                "/%7f",
                "/%",
                "/%4",
                "/%zz",
                "/%ff"
            })
    void whatNamesNothingHasNone(String path) {
        assertThat(Paths.segments(path)).isNull();
    }

    @Test
    void longPathsAreNotOurs() {
        assertThat(Paths.segments("/a".repeat(24))).hasSize(24);
        assertThat(Paths.segments("/a".repeat(24) + "/")).hasSize(24);
        assertThat(Paths.segments("/a".repeat(25))).isNull();
        assertThat(Paths.segments("/".repeat(16_000))).isNull();
    }
}

package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("db")
class EmbeddedDatabaseTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void nobodyElseReachesItsPrograms() throws IOException {
        assertThat(Files.getPosixFilePermissions(TestDatabase.PROGRAMS))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void sortsByCodePointsAndKnowsLettersOfAllScripts() {
        String sql = """
                select array_agg(word order by word) as sorted, lower('ÄÉ漢') as lower
                from unnest(array['b', 'Z', 'a-1', 'a1', 'é', '漢']) as word
                """;
        var row = TestDatabase.await(DATABASE.db().read(sql)).iterator().next();
        assertThat(row.getArrayOfStrings("sorted")).containsExactly("Z", "a-1", "a1", "b", "é", "漢");
        assertThat(row.getString("lower")).isEqualTo("äé漢");
    }
}

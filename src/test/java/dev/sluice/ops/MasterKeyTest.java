package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.ConfigLoader;
import dev.sluice.config.SluiceConfig;
import dev.sluice.kernel.Entropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyTest {
    @TempDir
    Path folder;

    @Test
    void isMadeOnceForItsOwnerAlone() throws IOException {
        String made = made();
        assertThat(made).matches("[0-9a-f]{64}\n");
        assertThat(made()).isEqualTo(made);
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(folder.toFile().list()).containsExactly("card-master.key");
    }

    @Test
    void emptyFileOfAKilledStartIsReplaced() throws IOException {
        Files.createFile(file());
        assertThat(made()).matches("[0-9a-f]{64}\n");
    }

    @Test
    void damagedKeyIsKeptForAPersonToLookAt() throws IOException {
        Files.writeString(file(), "0123");
        assertThatThrownBy(this::made).hasMessageContaining("64 hexadecimal digits");
        assertThat(Files.readString(file())).isEqualTo("0123");
    }

    private String made() throws IOException {
        SluiceConfig config = ConfigLoader.load(null, Map.of(), List.of("data_folder=" + folder))
                .config();
        MasterKey.ofFile(config, Entropy.secure());
        return Files.readString(file());
    }

    private Path file() {
        return folder.resolve("card-master.key");
    }
}

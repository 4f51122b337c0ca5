package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.card.Seal;
import dev.sluice.config.ConfigLoader;
import dev.sluice.config.SluiceConfig;
import dev.sluice.kernel.Entropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
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

    /** What one of them has sealed meanwhile must open for all. */
    @Test
    void oneKeyIsMadeHoweverManyStartAtOnce() throws Exception {
        CountDownLatch together = new CountDownLatch(1);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> made = IntStream.range(0, 50)
                    .mapToObj(start -> each.submit(() -> {
                        together.await();
                        return opened().fingerprint();
                    }))
                    .toList();
            together.countDown();
            Set<String> keys = new HashSet<>();
            for (Future<String> key : made) {
                keys.add(key.get());
            }
            assertThat(keys).hasSize(1);
        }
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

    private Seal opened() throws IOException {
        SluiceConfig config = ConfigLoader.load(null, Map.of(), List.of("data_folder=" + folder))
                .config();
        return MasterKey.ofFile(config, Entropy.secure());
    }

    private String made() throws IOException {
        opened();
        return Files.readString(file());
    }

    private Path file() {
        return folder.resolve("card-master.key");
    }
}

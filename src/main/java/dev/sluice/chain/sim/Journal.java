package dev.sluice.chain.sim;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.OpenOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a simulated chain did, a line each, so that the next start finds it. Without a path it forgets. */
final class Journal {
    private final Vertx vertx;
    private final @Nullable String path;
    private Future<Void> last = Future.succeededFuture();

    Journal(Vertx vertx, @Nullable Path path) {
        this.vertx = vertx;
        this.path = path == null ? null : path.toString();
    }

    /** Complete lines of earlier runs; a line that a killed process left half written is not one. */
    Future<List<String>> read() {
        if (path == null) {
            return Future.succeededFuture(List.of());
        }
        return vertx.fileSystem()
                .exists(path)
                .compose(there -> there
                        ? vertx.fileSystem().readFile(path).map(Journal::lines)
                        : Future.succeededFuture(List.of()));
    }

    private static List<String> lines(Buffer content) {
        String text = content.toString(StandardCharsets.US_ASCII);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    /** Replaces everything by a shorter history with the same end. */
    Future<Void> rewrite(List<String> lines) {
        if (path == null) {
            return Future.succeededFuture();
        }
        String fresh = path + ".new";
        return vertx.fileSystem()
                .writeFile(fresh, text(lines))
                .compose(written -> vertx.fileSystem()
                        .move(
                                fresh,
                                path,
                                new io.vertx.core.file.CopyOptions()
                                        .setReplaceExisting(true)
                                        .setAtomicMove(true)));
    }

    /** Adds lines after those added before. */
    Future<Void> append(List<String> lines) {
        String to = path;
        if (to == null || lines.isEmpty()) {
            return Future.succeededFuture();
        }
        last = last.otherwiseEmpty()
                .compose(done -> vertx.fileSystem()
                        .open(to, new OpenOptions().setAppend(true).setCreate(true))
                        .compose(file -> file.write(text(lines)).eventually(file::close)));
        return last;
    }

    private static Buffer text(List<String> lines) {
        return Buffer.buffer(lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
    }
}

package dev.sluice.chain;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the stored chain to the node's: finds the fork, takes blocks off down to it, puts blocks on up to the tip,
 * one commit a block. Stops without harm wherever it fails and goes on from there the next time.
 */
final class BlockFollower {
    private static final Logger log = LoggerFactory.getLogger(BlockFollower.class);

    private final ChainSource source;
    private final ChainRepository repository;
    private final Scanner scanner;
    private final StepWriter steps;
    private final WorkerExecutor worker;
    private ChainRepository.@Nullable Block tip;

    BlockFollower(
            ChainSource source, ChainRepository repository, Scanner scanner, StepWriter steps, WorkerExecutor worker) {
        this.source = source;
        this.repository = repository;
        this.scanner = scanner;
        this.steps = steps;
        this.worker = worker;
    }

    /** The block on top of what was applied; null before the first. */
    ChainRepository.@Nullable Block tip() {
        return tip;
    }

    /** Reads where an earlier run stopped. */
    Future<Void> load() {
        return repository
                .headers()
                .onSuccess(headers -> tip = headers.isEmpty() ? null : headers.getFirst())
                .mapEmpty();
    }

    /**
     * Goes to the node's tip.
     *
     * @return whether any block was taken off on the way
     */
    Future<Boolean> follow(ChainSource.Status status) {
        ChainRepository.Block from = tip;
        if (from == null) {
            return Beginning.find(source, repository, status)
                    .compose(this::adopt)
                    .map(false);
        }
        return source.hashAt(from.height())
                .compose(hash -> from.hash().equals(hash)
                        ? connectUp().map(false)
                        : leave(status).compose(left -> connectUp()).map(true));
    }

    /** First start: the past holds nothing of ours, but its last headers are needed should this block be left. */
    private Future<Void> adopt(String hash) {
        return headersDown(hash, new ArrayList<>())
                .compose(headers -> steps.write(headers.getFirst(), tx -> repository.adopt(tx, headers))
                        .onSuccess(done -> moved("chain.started", headers.getFirst())));
    }

    private Future<List<ChainRepository.Block>> headersDown(String hash, List<ChainRepository.Block> above) {
        return source.header(hash).compose(header -> {
            above.add(block(header));
            String previous = header.previousHash();
            return previous == null || above.size() == ChainRepository.HEADERS_KEPT
                    ? Future.succeededFuture(above)
                    : headersDown(previous, above);
        });
    }

    private Future<Void> connectUp() {
        return Steps.whileMore(this::connectNext);
    }

    /** Puts the next block on; false where there is none, or one of another branch: the next pass sees that one. */
    private Future<Boolean> connectNext() {
        ChainRepository.Block below = Objects.requireNonNull(tip);
        return source.hashAt(below.height() + 1)
                .compose(hash -> hash == null
                        ? Future.succeededFuture(false)
                        : source.header(hash)
                                .compose(header -> below.hash().equals(header.previousHash())
                                        ? connect(below, header).map(true)
                                        : Future.succeededFuture(false)));
    }

    private Future<Void> connect(ChainRepository.Block below, ChainSource.Header header) {
        ChainRepository.Block block = block(header);
        return source.block(header.hash())
                .compose(bytes -> scanner.refresh().compose(known -> scan(bytes, block, below)))
                .compose(findings -> steps.write(block, tx -> repository.connect(tx, block, findings)))
                .onSuccess(done -> moved("chain.block.connected", block));
    }

    /** Parsing two megabytes takes tens of milliseconds: not on an event loop. */
    private Future<Findings> scan(Buffer bytes, ChainRepository.Block block, ChainRepository.Block below) {
        return worker.executeBlocking(() -> {
            Findings.Gatherer found = new Findings.Gatherer();
            BlockReader.read(bytes.getBytes(), block.hash(), below.hash(), reader -> scanner.scan(reader, found));
            return found.findings();
        });
    }

    /** Leaves a branch that the node has left. Nothing is taken off before the fork is known to be within reach. */
    private Future<Void> leave(ChainSource.Status status) {
        return repository
                .headers()
                .compose(headers -> findFork(headers, 0, status))
                .compose(stale -> {
                    Future<Void> lowered = Future.succeededFuture();
                    for (int i = 0; i + 1 < stale.size(); i++) {
                        ChainRepository.Block top = stale.get(i);
                        ChainRepository.Block below = stale.get(i + 1);
                        lowered = lowered.compose(before -> disconnect(top, below));
                    }
                    return lowered;
                });
    }

    /** Stored headers from the tip down to the fork, the fork included. */
    private Future<List<ChainRepository.Block>> findFork(
            List<ChainRepository.Block> headers, int depth, ChainSource.Status status) {
        if (depth == headers.size()) {
            return Future.failedFuture(new Failure.Unavailable(
                            "reorganisation-too-deep", "The node's chain left ours below the stored headers", 60)
                    .exception());
        }
        ChainRepository.Block header = headers.get(depth);
        if (header.height() > status.height()) {
            return findFork(headers, depth + 1, status);
        }
        return source.hashAt(header.height()).compose(hash -> {
            if (!Objects.equals(hash, header.hash())) {
                return findFork(headers, depth + 1, status);
            }
            // A node moves to another branch, never just back: this one has lost blocks and will find them again.
            return header.height() == status.height() && depth > 0
                    ? Future.failedFuture(new Failure.Unavailable(
                                    "node-behind", "The node has fewer blocks than were already seen", 10)
                            .exception())
                    : Future.succeededFuture(headers.subList(0, depth + 1));
        });
    }

    private Future<Void> disconnect(ChainRepository.Block top, ChainRepository.Block below) {
        return steps.write(below, tx -> repository.disconnect(tx, top))
                .onSuccess(done -> moved("chain.block.disconnected", below));
    }

    private void moved(String event, ChainRepository.Block to) {
        tip = to;
        log.info("{} height={} tip={}", event, to.height(), to.hash());
    }

    private static ChainRepository.Block block(ChainSource.Header header) {
        return new ChainRepository.Block(header.height(), header.hash(), header.medianTime());
    }
}

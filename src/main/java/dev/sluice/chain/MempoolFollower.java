package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what is new in the mempool. What has left it says nothing by itself: only a contradiction is a fact. */
final class MempoolFollower {
    /** Transactions fetched and committed together. */
    private static final int BATCH = 500;
    /** More unconfirmed ancestors than bitcoind's own limit of 25 can only be a mistake. */
    private static final int ANCESTORS_MAX = 25;

    private final ChainSource source;
    private final ChainRepository repository;
    private final Scanner scanner;
    private final StepWriter steps;
    private final WorkerExecutor worker;
    /** What has been read, by txid, and the scripts it pays; as large as the node's mempool, which the node bounds. */
    private final Map<String, long[]> known = new HashMap<>();
    /** How many scripts were watched when all that is known was last compared with them. */
    private int comparedWith;

    MempoolFollower(
            ChainSource source, ChainRepository repository, Scanner scanner, StepWriter steps, WorkerExecutor worker) {
        this.source = source;
        this.repository = repository;
        this.scanner = scanner;
        this.steps = steps;
        this.worker = worker;
    }

    /** Reads everything again the next time: after a reorganisation an old transaction can contradict a new one. */
    void forget() {
        known.clear();
    }

    /** Catches up with the mempool, also with what was read before its script was watched. */
    Future<Void> follow(ChainRepository.Block tip) {
        return scanner.refresh().compose(ready -> compare()).compose(compared -> {
            Set<Long> strange = scanner.strange();
            return read(tip)
                    .compose(read -> strange.isEmpty() ? Future.succeededFuture() : scanner.mempoolRead(strange));
        });
    }

    /** Forgets what pays a script that is watched now: it is read again. */
    private Future<Void> compare() {
        int scripts = scanner.scripts();
        return scripts == comparedWith
                ? Future.succeededFuture()
                : worker.executeBlocking(() -> known.values().removeIf(scanner::watches))
                        .onSuccess(forgot -> comparedWith = scripts)
                        .mapEmpty();
    }

    private Future<Void> read(ChainRepository.Block tip) {
        return source.mempool().compose(listed -> {
            Set<String> now = new HashSet<>(listed);
            known.keySet().retainAll(now);
            List<String> fresh =
                    listed.stream().filter(txid -> !known.containsKey(txid)).toList();
            Iterator<List<String>> batches = batches(fresh).iterator();
            return Steps.whileMore(() -> batches.hasNext()
                            ? read(tip, now, batches.next()).map(true)
                            : Future.succeededFuture(false))
                    .compose(read -> endConflicts(tip, now));
        });
    }

    private static List<List<String>> batches(List<String> fresh) {
        List<List<String>> batches = new ArrayList<>();
        for (int from = 0; from < fresh.size(); from += BATCH) {
            batches.add(fresh.subList(from, Math.min(from + BATCH, fresh.size())));
        }
        return batches;
    }

    private Future<Void> read(ChainRepository.Block tip, Set<String> now, List<String> batch) {
        Map<String, long[]> read = new HashMap<>();
        return Future.all(batch.stream().map(source::mempoolTransaction).toList())
                .compose(fetched -> scanner.refresh()
                        .compose(ready -> scan(batch, fetched.list(), read))
                        .compose(findings -> withAncestors(findings, now))
                        .compose(findings -> findings.isEmpty()
                                ? Future.<Void>succeededFuture()
                                : steps.write(tip, tx -> repository.mempool(tx, findings, List.of())))
                        .onSuccess(done -> known.putAll(read)));
    }

    /** @param read takes what was there: what was away when it was fetched may be listed again */
    private Future<Findings> scan(List<String> batch, List<@Nullable Buffer> transactions, Map<String, long[]> read) {
        return worker.executeBlocking(() -> {
            Findings.Gatherer found = new Findings.Gatherer();
            for (int i = 0; i < batch.size(); i++) {
                Buffer transaction = transactions.get(i);
                if (transaction != null) {
                    TransactionReader reader = new TransactionReader(transaction.getBytes(), 0);
                    reader.next();
                    read.put(batch.get(i), scanner.paid(reader));
                    scanner.scan(reader, found);
                }
            }
            return found.findings();
        });
    }

    /**
     * A transaction of the mempool that contradicted a payment and is gone contradicts nothing any more, unless it was
     * mined: where a block came before the mempool was listed the next pass, which reads that block, judges.
     */
    private Future<Void> endConflicts(ChainRepository.Block tip, Set<String> now) {
        return repository.openConflicts().compose(open -> {
            Collection<String> gone =
                    open.stream().filter(txid -> !now.contains(txid)).toList();
            return gone.isEmpty()
                    ? Future.succeededFuture()
                    : source.status()
                            .compose(status -> status.tipHash().equals(tip.hash())
                                    ? steps.write(
                                            tip, tx -> repository.mempool(tx, new Findings(List.of(), List.of()), gone))
                                    : Future.succeededFuture());
        });
    }

    /** A payment falls with its unconfirmed ancestors, so it needs what they spend. */
    private Future<Findings> withAncestors(Findings findings, Set<String> now) {
        List<Findings.Payment> complete = new ArrayList<>();
        Iterator<Findings.Payment> payments = findings.payments().iterator();
        return Steps.whileMore(() -> payments.hasNext()
                        ? new Ancestry(payments.next(), now)
                                .climb()
                                .onSuccess(complete::add)
                                .map(true)
                        : Future.succeededFuture(false))
                .map(all -> new Findings(complete, findings.spends()));
    }

    /** One payment's walk up through the mempool. */
    private final class Ancestry {
        private final Findings.Payment payment;
        private final Set<String> now;
        private final Set<String> seen = new HashSet<>();
        private final Deque<String> parents = new ArrayDeque<>();
        private final List<Findings.Spend> needs;
        private boolean replaceable;

        Ancestry(Findings.Payment payment, Set<String> now) {
            this.payment = payment;
            this.now = now;
            this.needs = new ArrayList<>(payment.needs());
            this.replaceable = payment.replaceable();
            enqueue(payment.needs());
        }

        private void enqueue(List<Findings.Spend> spends) {
            for (Findings.Spend spend : spends) {
                String parent = spend.spent().txid();
                if (now.contains(parent) && seen.add(parent)) {
                    parents.add(parent);
                }
            }
        }

        Future<Findings.Payment> climb() {
            if (parents.isEmpty() || seen.size() > ANCESTORS_MAX) {
                scanner.watch(needs);
                boolean unknown = !parents.isEmpty();
                return Future.succeededFuture(
                        new Findings.Payment(payment.transaction(), payment.outputs(), needs, replaceable || unknown));
            }
            return source.mempoolTransaction(parents.remove()).compose(bytes -> {
                if (bytes == null) {
                    replaceable = true; // it left while we looked: expect anything
                } else {
                    add(Objects.requireNonNull(bytes));
                }
                return climb();
            });
        }

        private void add(Buffer bytes) {
            TransactionReader reader = new TransactionReader(bytes.getBytes(), 0);
            reader.next();
            List<Findings.Spend> above = Scanner.needs(reader.read());
            replaceable |= reader.replaceable();
            needs.addAll(above);
            enqueue(above);
        }
    }
}

package dev.sluice.bench;

import dev.sluice.bus.Bus;
import dev.sluice.chain.BlockBench;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Runs the figures asked for, all without names, and prints a line for each; {@code docs/BENCHMARKS.md} explains. */
public final class Bench {
    private static final Set<String> LEDGER = Set.of("ledger-batched", "ledger-unbatched", "ledger-hot-account");
    private static final Set<String> STATUS = Set.of("status-cached", "status-read-through");
    private static final Set<String> SETTLE = Set.of("settle-to-webhook-p50", "settle-to-webhook-p99");
    private static final Set<String> LND = Set.of(
            "settle-to-webhook-lnd-p50",
            "settle-to-webhook-lnd-p99",
            "settle-catch-up-lnd-first",
            "settle-catch-up-lnd");
    private static final Set<String> BLOCK = Set.of("block-1m", "block-10m");
    private static final Set<String> CHARGE = Set.of(
            "tap-authorise",
            "charge",
            "charge-p50",
            "charge-p99",
            "charge-hot-merchant",
            "charge-10k-cards",
            "charge-1m-cards");
    private static final String CREATE = "invoice-create";
    private static final String WEBHOOKS = "webhook-deliveries";
    private static final String TAP = "tap-crypto";
    private static final String CATCH_UP = "settle-catch-up";

    private final Set<String> wanted;
    private final boolean quick;

    private Bench(Set<String> wanted, boolean quick) {
        this.wanted = wanted;
        this.quick = quick;
    }

    /** {@code args}: {@code --quick} and names of figures. */
    public static void main(String[] args) throws Exception {
        Set<String> names = new LinkedHashSet<>(Arrays.asList(args));
        boolean quick = names.remove("--quick");
        Set<String> unknown = new LinkedHashSet<>(names);
        unknown.removeAll(all());
        if (!unknown.isEmpty()) {
            System.err.println("unknown: " + unknown + "; there are: " + String.join(" ", all()));
            System.exit(2);
        }
        new Bench(names.isEmpty() ? all() : names, quick).run();
        System.exit(0);
    }

    private static Set<String> all() {
        Set<String> all = new java.util.TreeSet<>();
        List.of(STATUS, LEDGER, SETTLE, LND, BLOCK, CHARGE).forEach(all::addAll);
        all.addAll(List.of(CREATE, WEBHOOKS, CATCH_UP, TAP));
        return all;
    }

    private boolean wants(Collection<String> names) {
        return !Collections.disjoint(wanted, names);
    }

    private void print(List<Figure> figures) {
        figures.stream().filter(figure -> wanted.contains(figure.name())).forEach(System.out::println);
    }

    private void run() throws Exception {
        Path folder = Files.createTempDirectory("sluice-bench");
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        try (Server server = Server.start(folder.resolve("postgres"))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> abandon(server, folder)));
            Machine.describe(folder).forEach(System.out::println);
            Bus bus = new Bus(vertx);
            if (wants(LEDGER)) {
                print(new LedgerBench(server, vertx, quick ? 3 : 6).run());
            }
            List<String> gateway = new ArrayList<>(STATUS);
            gateway.addAll(SETTLE);
            gateway.add(CREATE);
            if (wants(gateway)) {
                gateway(server, vertx, folder);
            }
            if (wants(CHARGE)) {
                charges(server, vertx, folder.resolve("cards"));
            }
            if (wanted.contains(WEBHOOKS)) {
                print(new WebhookBench(vertx, bus, server.migrated("webhook")).run(quick ? 10_000 : 30_000));
            }
            if (wanted.contains(CATCH_UP)) {
                print(new CatchUpBench(vertx, bus, server.migrated("catchup")).run(quick ? 5_000 : 20_000));
            }
            if (wants(LND)) {
                print(new LndBench(vertx, bus, server, folder.resolve("lnd"), quick ? 10 : 20, quick ? 1_000 : 3_000)
                        .run());
            }
        } finally {
            Await.of(vertx.close());
            delete(folder);
        }
        if (wanted.contains(TAP)) {
            print(CardCryptoBench.run(quick ? 3 : 6));
        }
        if (wants(BLOCK)) {
            print(BlockBench.run().stream()
                    .map(it -> Figure.atMost(it.name(), it.millis(), "ms", it.bareMillis(), 250))
                    .toList());
        }
    }

    /** Of a run that was told to stop, for one that ended has nothing left: no server goes on, no folder stays. */
    private static void abandon(Server server, Path folder) {
        server.close();
        try {
            delete(folder);
        } catch (IOException | UncheckedIOException failure) {
            System.err.println("bench: left " + folder + ": " + failure);
        }
    }

    /** A run leaves gigabytes. */
    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void charges(Server server, Vertx vertx, Path folder) throws Exception {
        Map<String, String> rails = Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated");
        try (Gateway gateway = Gateway.start(server, "cards", folder.resolve("gateway"), rails)) {
            print(new ChargeBench(vertx, gateway, server, quick ? 20_000 : 60_000, quick ? 5 : 10).run(folder));
        }
    }

    private void gateway(Server server, Vertx vertx, Path folder) throws Exception {
        try (Gateway gateway = Gateway.start(server, folder)) {
            if (wants(STATUS)) {
                print(new StatusBench(vertx, gateway, quick ? 5 : 10, quick ? 2 : 4).run(folder));
            }
            if (wanted.contains(CREATE) || wants(SETTLE)) {
                SettleBench settle = new SettleBench(vertx, gateway, quick ? 5 : 15);
                Load.Result created = settle.create();
                double floor = wanted.contains(CREATE) ? server.tpcBSoFar(quick ? 3 : 6) : 0;
                print(List.of(Figure.plain(CREATE, created.perSecond(), "1/s", floor)));
                if (wants(SETTLE)) {
                    print(settle.settle());
                }
            }
        }
    }
}

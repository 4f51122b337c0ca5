package dev.sluice;

import dev.sluice.chain.ChainService;
import dev.sluice.db.Db;
import dev.sluice.http.HealthCheck;
import dev.sluice.http.ServerStatus;
import dev.sluice.kernel.Failure;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the server says about its nodes, from memory: to API callers and to health checks. */
final class NodeStatus implements ServerStatus {
    private final Optional<ChainParts> chain;
    private final LightningParts lightning;

    NodeStatus(Optional<ChainParts> chain, LightningParts lightning) {
        this.chain = chain;
        this.lightning = lightning;
    }

    @Override
    public Future<Info> info() {
        List<String> methods = new ArrayList<>();
        List<Sync> sync = new ArrayList<>();
        Optional<ChainService.Tip> tip = chain.flatMap(parts -> parts.service().tip());
        int height = tip.map(ChainService.Tip::height).orElse(0);
        Node node = new Node(height, height, BigDecimal.ONE);
        chain.ifPresent(parts -> {
            methods.add(Rail.CHAIN.methodId());
            boolean available = parts.service().unavailableReason().isEmpty();
            sync.add(new Sync(
                    Rail.CHAIN.methodId(),
                    available,
                    height,
                    tip.map(ChainService.Tip::height).orElse(null),
                    node));
        });
        if (lightning.hasOperatorNode()) {
            methods.add(Rail.LIGHTNING.methodId());
            boolean available =
                    lightning.nodes().unavailableReason(NodeId.OPERATOR).isEmpty();
            sync.add(new Sync(Rail.LIGHTNING.methodId(), available, height, null, null));
        }
        return Future.succeededFuture(new Info(Optional.empty(), methods, sync));
    }

    /** The database alone makes the gateway not ready; nodes are told and the rest works on. */
    List<HealthCheck> checks(Db db) {
        List<HealthCheck> checks = new ArrayList<>();
        checks.add(check("database", true, () -> db.read("select 1").mapEmpty()));
        chain.ifPresent(parts ->
                checks.add(check("chain", false, () -> reason(parts.service().unavailableReason()))));
        if (lightning.hasOperatorNode()) {
            checks.add(check("lightning", false, () -> reason(lightning.nodes().unavailableReason(NodeId.OPERATOR))));
        }
        return checks;
    }

    private static Future<Void> reason(Optional<String> unavailable) {
        return unavailable
                .map(text -> Future.<Void>failedFuture(new Failure.Unavailable("node", text, 5).exception()))
                .orElseGet(Future::succeededFuture);
    }

    private static HealthCheck check(String name, boolean required, Supplier<Future<Void>> work) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Future<Void> check() {
                return work.get();
            }

            @Override
            public boolean required() {
                return required;
            }
        };
    }
}

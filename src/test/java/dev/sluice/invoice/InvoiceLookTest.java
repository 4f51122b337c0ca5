package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static dev.sluice.invoice.InvoiceFixture.UNCONFIRMED;
import static dev.sluice.invoice.InvoiceFixture.confirmed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.OutputChange;
import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Msat;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When time looks at an invoice: a moment that payments leave alone, and that never passes an open one by. */
class InvoiceLookTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final OutputChange.State LOST = new OutputChange.State.Conflicted("ab".repeat(32), null);

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);
    private final Invoice invoice = fixture.create("USD", "10");

    @Test
    void beingPaidLeavesTheMomentAndItsPassingTakesItOff() {
        assertThat(lookAt()).isEqualTo(invoice.expiresAt());
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(lookAt()).isEqualTo(invoice.expiresAt());
        fixture.passTime();
        assertThat(lookAt()).isEqualTo(invoice.expiresAt());
        pass(Duration.ofMinutes(16));
        assertThat(lookAt()).isNull();
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    /** Its row stays on its page: what being paid costs is not the indexes of all invoices. */
    @Test
    void beingPaidWritesNoIndexOfInvoices() {
        LightningNode.Settle settle = new LightningNode.Settle(
                Objects.requireNonNull(fixture.prompt(invoice, Rail.LIGHTNING).paymentHash()),
                new Msat(DUE_SAT * 1000),
                1,
                fixture.now);
        List<Long> all = await(DATABASE.db()
                .tx(tx -> updates(tx)
                        .compose(before -> fixture.feature
                                .settleSink()
                                .apply(tx, NodeId.OPERATOR, List.of(settle), 0)
                                .compose(paid -> updates(tx))
                                .map(after -> List.of(after.get(0) - before.get(0), after.get(1) - before.get(1))))));
        assertThat(all).containsExactly(1L, 1L);
    }

    /** Rows of invoices that this session has updated, and those of them that touched no index. */
    private static Future<List<Long>> updates(SqlClient tx) {
        String sql = "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'invoice'";
        return Db.run(tx, sql, Tuple.tuple())
                .map(rows -> rows.iterator().next())
                .map(row -> List.of(row.getLong("n_tup_upd"), row.getLong("n_tup_hot_upd")));
    }

    @Test
    void whatExpiredIsNotLookedAtAgainEvenPaidLate() {
        pass(Duration.ofMinutes(16));
        assertThat(lookAt()).isNull();
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(lookAt()).isNull();
    }

    @Test
    void unconfirmedPaymentIsLookedAtWhenItsMonitoringEnds() {
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        assertThat(lookAt()).isEqualTo(invoice.expiresAt());
        pass(Duration.ofMinutes(16));
        assertThat(lookAt()).isEqualTo(invoice.monitorUntil());
        pass(Duration.ofDays(2));
        assertThat(fixture.state(invoice)).isEqualTo("Invalid");
        assertThat(lookAt()).isNull();
    }

    /** It was to be looked at only when its monitoring ends; now it is new again, and over. */
    @Test
    void invoiceThatLosesItsPaymentAfterItsTimeExpires() {
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        pass(Duration.ofMinutes(16));
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, LOST, false));
        assertThat(lookAt()).isEqualTo(invoice.expiresAt());
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
    }

    /** A reorganisation after time had looked its last. */
    @Test
    void settledInvoiceThatWaitsAgainIsLookedAtAgain() {
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        pass(Duration.ofMinutes(16));
        assertThat(lookAt()).isNull();
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        assertThat(lookAt()).isEqualTo(invoice.monitorUntil());
    }

    /** A process of before V031 knows nothing of looks; it may make invoices while a newer one runs. */
    @Test
    void invoiceThatWasMadeWithoutAMomentIsLookedAtAtOnceAndThenInTime() {
        String old = """
                with made as (select (jsonb_populate_record(null::invoice, to_jsonb(i) || '{"id": "%s"}')).*
                  from invoice i where id = $1)
                insert into invoice (id, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm,
                  speed_policy, chain_fee_msat, chain_fee_mode, status, additional, version, created_at, expires_at,
                  monitor_until, paid_msat, archived, order_id, metadata, checkout, receipt)
                select id, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm, speed_policy,
                  chain_fee_msat, chain_fee_mode, status, additional, version, created_at, expires_at, monitor_until,
                  paid_msat, archived, order_id, metadata, checkout, receipt from made
                """;
        String id = invoice.id() + "old";
        await(DATABASE.db().write(old.formatted(id), Tuple.of(invoice.id().value())));
        assertThat(lookAt(id)).isNotNull();
        await(DATABASE.db()
                .write("update invoice set look_at = created_at where id = $1", Tuple.of(id))); // the test's own clock
        fixture.passTime();
        assertThat(lookAt(id)).isEqualTo(invoice.expiresAt());
    }

    /** More than a round takes, and all of it due before the one that is to expire. */
    @Test
    void whatWasPaidKeepsNobodyWaiting() {
        String copies = """
                insert into invoice select (jsonb_populate_record(null::invoice, to_jsonb(i) || jsonb_build_object(
                    'id', i.id || n, 'status', 'Settled', 'look_at', i.look_at - interval '1 minute'))).*
                from invoice i, generate_series(1, 450) n where i.id = $1
                """;
        await(DATABASE.db().write(copies, Tuple.of(invoice.id().value())));
        pass(Duration.ofMinutes(16));
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
    }

    private void pass(Duration time) {
        fixture.now = fixture.now.plus(time);
        fixture.passTime();
    }

    private @Nullable Instant lookAt() {
        return lookAt(invoice.id().value());
    }

    private static @Nullable Instant lookAt(String id) {
        OffsetDateTime found = await(DATABASE.db().read("select look_at from invoice where id = $1", id))
                .iterator()
                .next()
                .getOffsetDateTime("look_at");
        return found == null ? null : found.toInstant();
    }
}

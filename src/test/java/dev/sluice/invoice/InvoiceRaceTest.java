package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two at once, and one that stands in the way of all. */
class InvoiceRaceTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);

    @Test
    void addressIsTakenOnceHoweverManyActivateAtOnce() {
        fixture.settings.put("lazyPaymentMethods", true);
        Invoice invoice = fixture.create("USD", "10");
        Promise<Void> goOn = Promise.promise();
        Promise<Void> locked = Promise.promise();
        Future<Void> holder = DATABASE.db()
                .tx(tx -> Db.run(
                                tx,
                                "select 1 from invoice where id = $1 for update",
                                Tuple.of(invoice.id().value()))
                        .compose(held -> {
                            locked.complete();
                            return goOn.future();
                        }));
        await(locked.future());
        Future<?> both = Future.all(
                fixture.invoices.service().activate(invoice.id(), Rail.CHAIN),
                fixture.invoices.service().activate(invoice.id(), Rail.CHAIN));
        await(DATABASE.db().read("select pg_sleep(0.2)")); // both have looked and wait for the lock
        goOn.complete();
        await(holder);
        await(both);
        assertThat(fixture.chain.reserved).hasValue(1);
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
    }

    @Test
    void paidInvoiceTakesNoAddressAnyMore() {
        fixture.settings.put("lazyPaymentMethods", true);
        Invoice invoice = fixture.create("USD", "10");
        Promise<Void> goOn = Promise.promise();
        Promise<Void> locked = Promise.promise();
        Future<Invoice> marking = DATABASE.db()
                .tx(tx -> fixture.invoices
                        .service()
                        .mark(tx, invoice.id(), InvoiceStatus.INVALID)
                        .compose(marked -> {
                            locked.complete();
                            return goOn.future().map(marked);
                        }));
        await(locked.future());
        Future<Void> activating = fixture.invoices.service().activate(invoice.id(), Rail.CHAIN);
        await(DATABASE.db().read("select pg_sleep(0.2)")); // it has looked and waits for the lock
        goOn.complete();
        await(marking);
        await(activating);
        assertThat(fixture.chain.reserved).hasValue(0);
    }

    @Test
    void invoicesOfADeadNodeDelayNoOthers() {
        NodeId dead = new NodeId("dead" + fixture.store);
        fixture.lightning.dead.add(dead);
        fixture.source = dead.value();
        Invoice theirs = fixture.create("USD", "10");
        fixture.source = NodeId.OPERATOR.value();
        Invoice ours = fixture.create("USD", "10");
        clone(theirs, 450);
        try {
            fixture.now = fixture.now.plus(Duration.ofMinutes(16));
            for (int round = 0; round < 4; round++) {
                fixture.passTime();
            }
            assertThat(fixture.state(ours)).isEqualTo("Expired");
            assertThat(fixture.state(theirs)).isEqualTo("New");
            fixture.now = fixture.now.plus(Duration.ofHours(2));
            await(DATABASE.db()
                    .write("update invoice_prompt set state = 'closing' where source = $1", Tuple.of(dead.value())));
            await(fixture.invoices.keeper().round());
            assertThat(fixture.prompt(ours, Rail.LIGHTNING).state()).isEqualTo(Prompt.State.CLOSED);
        } finally {
            await(DATABASE.db()
                    .write("update invoice_prompt set state = 'closed' where source = $1", Tuple.of(dead.value())));
            await(DATABASE.db()
                    .write(
                            "update invoice set status = 'Invalid' where status = 'New' and store_id = $1",
                            Tuple.of(fixture.store.value())));
        }
    }

    /** Copies of an invoice and its Lightning prompt, a little older. */
    private static void clone(Invoice invoice, int count) {
        await(DATABASE.db().write("""
                        insert into invoice select (jsonb_populate_record(i, jsonb_build_object('id', i.id || 'x' || n,
                            'created_at', i.created_at - interval '1 minute',
                            'expires_at', i.expires_at - interval '1 minute'))).*
                        from invoice i, generate_series(1, $2::int) n where i.id = $1
                        """, Tuple.of(invoice.id().value(), count)));
        await(DATABASE.db().write("""
                        insert into invoice_prompt select (jsonb_populate_record(p, jsonb_build_object(
                            'invoice_id', p.invoice_id || 'x' || n,
                            'created_at', p.created_at - interval '1 minute',
                            'payment_hash', encode(sha256(convert_to(p.payment_hash || n, 'UTF8')), 'hex')))).*
                        from invoice_prompt p, generate_series(1, $2::int) n
                        where p.invoice_id = $1 and p.rail = 'BTC-LN'
                        """, Tuple.of(invoice.id().value(), count)));
    }

    @Test
    void boardKeepsNoRenderingThatWasOvertakenWhileItWasRead() {
        Invoice invoice = fixture.create("USD", "10");
        InvoiceView.Whole before = fixture.whole(invoice);
        InvoiceBoard board = new InvoiceBoard(() -> true);
        Promise<InvoiceView.Whole> reading = Promise.promise();
        Future<InvoiceBoard.Rendered> answer = board.get(invoice.id(), reading::future);
        board.outdate(invoice.id(), before.invoice().version() + 1);
        reading.complete(before);
        assertThat(await(answer).version()).isEqualTo(before.invoice().version());
        assertThat(board.find(invoice.id())).isEmpty();
    }
}

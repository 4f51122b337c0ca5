package dev.sluice.lightning;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Outgoing.Order;
import dev.sluice.lightning.Outgoing.Result;
import dev.sluice.lightning.Outgoing.State;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of outgoing payments. */
final class PaymentRepository {
    private static final String COLUMNS = """
            hash, node, node_pubkey, bolt11, amount_msat, fee_limit_msat, purpose, state, sends, sent_at,
            preimage, paid_msat, fee_msat, failure, start_by
            """;
    private static final String INTEND = """
            insert into outgoing_payment (hash, node, bolt11, amount_msat, fee_limit_msat, purpose, state, created_at,
              start_by)
            values ($1, $2, $3, $4, $5, $6, 'intended', $7, $8)
            on conflict (hash) do nothing
            """;
    private static final String FIND = "select " + COLUMNS + " from outgoing_payment where hash = $1";
    private static final String OPEN = "select " + COLUMNS + """
             from outgoing_payment where state in ('intended', 'in-flight') order by created_at limit $1
            """;
    private static final String SENDING = """
            update outgoing_payment
            set state = 'in-flight', sends = sends + 1, sent_at = $4, node_pubkey = $3
            where hash = $1 and sends = $2 and state in ('intended', 'in-flight')
              and (node_pubkey is null or node_pubkey = $3)
            returning\s""" + COLUMNS;
    private static final String FINISH = """
            update outgoing_payment
            set state = $2, preimage = $3, paid_msat = $4, fee_msat = $5, failure = $6, finished_at = $7
            where hash = $1 and state = 'in-flight'
            returning\s""" + COLUMNS;

    private static final String PAID_INSIDE = """
            update outgoing_payment
            set state = 'succeeded', preimage = $2, paid_msat = $3, fee_msat = 0, finished_at = $4
            where hash = $1 and state = 'intended'
            returning\s""" + COLUMNS;
    private static final String LAPSE = """
            update outgoing_payment set state = 'failed', failure = 'not-sent-in-time', finished_at = $2
            where hash = $1 and state = 'intended' and start_by < $2
            returning\s""" + COLUMNS;

    private final Db db;

    PaymentRepository(Db db) {
        this.db = db;
    }

    /** Writes an intent once; the same order again changes nothing, another one of the same hash is a conflict. */
    Future<Outgoing> intend(SqlConnection tx, Order order, Instant now) {
        Msat amount = order.amount();
        Tuple row = Tuple.of(order.hash().hex(), order.node().value(), order.bolt11())
                .addLong(amount == null ? null : amount.value())
                .addLong(order.feeLimit().value())
                .addString(order.purpose())
                .addOffsetDateTime(Columns.at(now))
                .addValue(Columns.atOrNull(order.startBy()));
        return Db.run(tx, INTEND, row)
                .compose(inserted -> Db.run(tx, FIND, Tuple.of(order.hash().hex())))
                .compose(rows -> {
                    Outgoing known = payment(rows.iterator().next());
                    return known.order().equals(order)
                            ? Future.succeededFuture(known)
                            : Future.failedFuture(new Failure.Conflict(
                                            "payment-hash-used", "This Lightning invoice has been paid or tried before")
                                    .exception());
                });
    }

    Future<Optional<Outgoing>> find(PaymentHash hash) {
        return db.read(FIND, hash.hex()).map(PaymentRepository::first);
    }

    Future<List<Outgoing>> open(int limit) {
        return db.read(OPEN, limit).map(rows -> Columns.list(rows, PaymentRepository::payment));
    }

    /** Records that the node is about to be asked; empty where somebody else was faster or it is another node. */
    Future<Optional<Outgoing>> sending(SqlClient tx, Outgoing payment, String pubkey, Instant now) {
        Tuple row = Tuple.of(payment.order().hash().hex(), payment.sends(), pubkey, Columns.at(now));
        return Db.run(tx, SENDING, row).map(PaymentRepository::first);
    }

    /** Records the end; empty where it has ended already. */
    Future<Optional<Outgoing>> finish(SqlClient tx, PaymentHash hash, Result result, Instant now) {
        Tuple row = Tuple.of(hash.hex());
        switch (result) {
            case Result.Paid paid ->
                row.addString("succeeded")
                        .addString(paid.preimageHex())
                        .addLong(paid.amount().value())
                        .addLong(paid.fee().value())
                        .addString(null);
            case Result.NotPaid not ->
                row.addString("failed")
                        .addString(null)
                        .addLong(null)
                        .addLong(null)
                        .addString(not.reason());
        }
        return Db.run(tx, FINISH, row.addOffsetDateTime(Columns.at(now))).map(PaymentRepository::first);
    }

    /** Records that it was paid in the books; empty where a node was asked, or is not to be any more. */
    Future<Optional<Outgoing>> paidInside(SqlClient tx, PaymentHash hash, Preimage preimage, Msat amount, Instant now) {
        Tuple row = Tuple.of(hash.hex(), preimage.hex(), amount.value(), Columns.at(now));
        return Db.run(tx, PAID_INSIDE, row).map(PaymentRepository::first);
    }

    /** Records that no node was asked in time; empty where one was, or may still be. */
    Future<Optional<Outgoing>> lapse(SqlClient tx, PaymentHash hash, Instant now) {
        return Db.run(tx, LAPSE, Tuple.of(hash.hex(), Columns.at(now))).map(PaymentRepository::first);
    }

    private static Optional<Outgoing> first(RowSet<Row> rows) {
        return Columns.first(rows, PaymentRepository::payment);
    }

    private static Outgoing payment(Row row) {
        Long amount = row.getLong("amount_msat");
        Order order = new Order(
                new PaymentHash(row.getString("hash")),
                new NodeId(row.getString("node")),
                row.getString("bolt11"),
                amount == null ? null : new Msat(amount),
                new Msat(row.getLong("fee_limit_msat")),
                row.getString("purpose"),
                Columns.instant(row, "start_by"));
        return new Outgoing(
                order,
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT).replace('-', '_')),
                row.getString("node_pubkey"),
                row.getInteger("sends"),
                Columns.instant(row, "sent_at"),
                result(row));
    }

    private static @Nullable Result result(Row row) {
        String failure = row.getString("failure");
        String preimage = row.getString("preimage");
        if (failure != null) {
            return new Result.NotPaid(failure);
        }
        return preimage == null
                ? null
                : new Result.Paid(preimage, new Msat(row.getLong("paid_msat")), new Msat(row.getLong("fee_msat")));
    }
}

package dev.sluice.invoice;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.SettleSink;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The invoice tables. */
final class InvoiceRepository {
    private static final String BY_ID = "select * from invoice where id = $1";
    private static final String LOCK = "select * from invoice where id = any($1) order by id for update";
    private static final String STORE_OF = "select store_id from invoice where id = $1";
    private static final String PAYMENTS_OF =
            "select * from payment where invoice_id = any($1) order by received_at, id";
    private static final String PROMPTS_OF = """
            select * from invoice_prompt where invoice_id = any($1) order by invoice_id, rail, generation
            """;

    private static final String INSERT = """
            with made as (
              insert into invoice (id, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm,
                speed_policy, chain_fee_msat, chain_fee_mode, status, additional, version, created_at, expires_at,
                look_at, monitor_until, paid_msat, archived, order_id, metadata, checkout, receipt)
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17, $18, $19, $20,
                $21, $22, $23)
              returning id)
            insert into invoice_words (invoice_id, terms, words) select id, $24, $25 from made
            """;
    private static final String REWORD = "update invoice_words set words = left($2 || terms, $3) where invoice_id = $1";

    /** When time acts on an invoice {@code i} in a status, or null: it expires, or is given up unconfirmed. */
    private static final String MOMENT =
            "case %s when 'New' then i.expires_at when 'Processing' then i.monitor_until end";

    /**
     * What was paid, or taken back, changes what the node must hear; an expired invoice may still be paid late. When
     * time is to look at it is brought forward at most, and left to the look where it is settled: being paid must touch
     * no index.
     */
    private static final String CHANGE = """
            with changed as (
              update invoice i set status = u.status, additional = u.additional, version = u.version,
                paid_msat = u.paid_msat, look_at = case when u.status in ('New', 'Processing', 'Settled')
                  then least(i.look_at, %s) end%s
              from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]%s)
                as u(id, status, additional, version, paid_msat%s)
              where i.id = u.id and i.version = u.version - 1
              returning i.id, i.status, i.due_msat, i.paid_msat),
            looked as (
              update invoice_prompt p set look_at = $6 from changed c
              where p.invoice_id = c.id and p.rail = 'BTC-LN'
                and (c.status in ('Processing', 'Settled', 'Invalid') and p.state in ('pending', 'active')
                  or c.status = 'New' and (p.state = 'closed' or p.state in ('pending', 'active')
                    and c.due_msat is not null and p.amount_msat is distinct from c.due_msat - c.paid_msat)))
            select count(*) as n from changed
            """;

    /** What payments and time change. */
    private static final String STEP = CHANGE.formatted(MOMENT.formatted("u.status"), "", "", "");

    /** Likewise with what people change, and a top-up's first payment: most changes need not write that again. */
    private static final String EDIT = CHANGE.formatted(
            MOMENT.formatted("u.status"),
            ", amount_minor = u.amount_minor, due_msat = u.due_msat, archived = u.archived, metadata = u.metadata, "
                    + "order_id = u.order_id",
            ", $7::bigint[], $8::bigint[], $9::boolean[], $10::jsonb[], $11::text[]",
            ", amount_minor, due_msat, archived, metadata, order_id");

    private static final String SAVE_PAYMENTS = """
            insert into payment (id, invoice_id, rail, holder, destination, value_msat, fee_msat, status,
                received_at, late,
                confirmations_needed, block_height, block_hash, conflict_txid, credits, credited)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
              $8::text[], $9::timestamptz[], $10::boolean[], $11::int[], $12::int[], $13::text[], $14::text[],
              $15::int[],               $16::boolean[])
            on conflict (id) do update set status = excluded.status, block_height = excluded.block_height,
              block_hash = excluded.block_hash, conflict_txid = excluded.conflict_txid, credits = excluded.credits,
              credited = excluded.credited
            where payment.invoice_id = excluded.invoice_id
            """;

    private static final String CLOSE_PAID = """
            update invoice_prompt set state = 'closed', look_at = null
            where payment_hash = any($1) and state <> 'closed'
            """;
    private static final String SETTLES_ASIDE = """
            select distinct p.invoice_id from invoice_prompt p
            join set_aside s on s.kind = $2 || p.source and s.key = p.payment_hash where p.invoice_id = any($1)
            """;
    private static final String BY_HASHES = "select * from invoice_prompt where payment_hash = any($1)";
    private static final String OF_HASH = "select invoice_id from invoice_prompt where payment_hash = $1";
    private static final String BY_SCRIPTS =
            "select * from invoice_prompt where script = any($1) and invoice_id <> all($2)";
    private static final String PAID_BY_SCRIPTS =
            "select distinct invoice_id from invoice_prompt where script = any($1)";

    private static final String CONFIRMING = """
            select distinct invoice_id from payment
            where block_height is not null and (status = 'Processing' or not credited)
              and block_height <= $1 - greatest(1, confirmations_needed) + 1
            """;
    private static final String ZERO_CONFIRMING = """
            select distinct invoice_id from payment
            where block_height is not null and status = 'Processing' and block_height <= $1
            """;

    private static final String DUE = """
            select i.id, i.look_at, i.status, %s as moment from invoice i
            where i.look_at <= $1 and (i.look_at, i.id) > ($2, $3) order by i.look_at, i.id limit $4
            """.formatted(MOMENT.formatted("i.status"));
    private static final String LOOK_LATER = """
            with held as materialized (select id from invoice where id = any($1) order by id for update)
            update invoice i set look_at = %s where i.id in (select id from held)
            """.formatted(MOMENT.formatted("i.status"));

    private static final String LIST = """
            select * from invoice
            where store_id = $1 and ($2 or not archived)
              and (cardinality($3::text[]) = 0 or order_id = any($3))
              and (cardinality($4::text[]) = 0 or status = any($4))
              and ($5::text is null or id in (
                select invoice_id from invoice_words where words like $5
                union all select invoice_id from payment
                where id = $6 or id between $6 || '-' and $6 || '-9999999999' -- an outpoint of the transaction
                union all select invoice_id from invoice_prompt where destination = $6
                union all select invoice_id from invoice_prompt where payment_hash = $6))
              and ($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
            order by created_at desc, id desc offset $9 limit $10
            """;

    private final Db db;

    InvoiceRepository(Db db) {
        this.db = db;
    }

    Future<Optional<Invoice>> find(InvoiceId id) {
        return db.read(BY_ID, id.value()).map(rows -> Columns.first(rows, InvoiceRows::invoice));
    }

    Future<Optional<StoreId>> storeOf(String id) {
        return db.read(STORE_OF, id).map(rows -> Columns.first(rows, row -> new StoreId(row.getString("store_id"))));
    }

    Future<List<Payment>> payments(Collection<InvoiceId> ids) {
        return db.read(PAYMENTS_OF, (Object) texts(ids)).map(rows -> Columns.list(rows, InvoiceRows::payment));
    }

    Future<List<Prompt>> prompts(Collection<InvoiceId> ids) {
        return db.read(PROMPTS_OF, (Object) texts(ids)).map(rows -> Columns.list(rows, InvoiceRows::prompt));
    }

    Future<List<Invoice>> lock(SqlClient tx, Collection<InvoiceId> ids) {
        return Db.run(tx, LOCK, Tuple.of(texts(ids))).map(rows -> Columns.list(rows, InvoiceRows::invoice));
    }

    Future<List<Payment>> payments(SqlClient tx, Collection<InvoiceId> ids) {
        return Db.run(tx, PAYMENTS_OF, Tuple.of(texts(ids))).map(rows -> Columns.list(rows, InvoiceRows::payment));
    }

    /** Prompts that were paid need no cancelling at their node. */
    Future<Void> closePaid(SqlClient tx, Collection<PaymentHash> hashes) {
        Object[] args = hashes.stream().map(PaymentHash::hex).toArray(String[]::new);
        return Db.run(tx, CLOSE_PAID, Tuple.of(args)).mapEmpty();
    }

    /** Invoices of which a payment was seen at a node that could not be written. */
    Future<Set<InvoiceId>> withSettlesAside(SqlClient tx, Collection<InvoiceId> ids) {
        Object[] args = ids.stream().map(InvoiceId::value).toArray(String[]::new);
        return Db.run(tx, SETTLES_ASIDE, Tuple.of(args, SettleSink.SET_ASIDE))
                .map(rows -> Set.copyOf(Columns.list(rows, row -> new InvoiceId(row.getString("invoice_id")))));
    }

    Future<List<Prompt>> promptsByHash(SqlClient tx, Collection<PaymentHash> hashes) {
        Object[] args = hashes.stream().map(PaymentHash::hex).toArray(String[]::new);
        return Db.run(tx, BY_HASHES, Tuple.of(args)).map(rows -> Columns.list(rows, InvoiceRows::prompt));
    }

    Future<Optional<InvoiceId>> invoiceOf(PaymentHash hash) {
        return db.read(OF_HASH, hash.hex())
                .map(rows -> Columns.first(rows, row -> new InvoiceId(row.getString("invoice_id"))));
    }

    /** Prompts of other invoices than {@code aside}. */
    Future<List<Prompt>> promptsByScript(SqlClient tx, Collection<String> scripts, Collection<InvoiceId> aside) {
        return Db.run(tx, BY_SCRIPTS, Tuple.of(scripts.toArray(String[]::new), (Object) texts(aside)))
                .map(rows -> Columns.list(rows, InvoiceRows::prompt));
    }

    Future<List<InvoiceId>> invoicesByScript(SqlClient tx, Collection<String> scripts) {
        Object[] args = scripts.toArray(String[]::new);
        return Db.run(tx, PAID_BY_SCRIPTS, Tuple.of(args)).map(rows -> Columns.list(rows, InvoiceRows::invoiceId));
    }

    /** Invoices with payments that a tip at {@code height} settles or credits. */
    Future<List<InvoiceId>> confirming(SqlClient tx, int height) {
        return Db.run(tx, CONFIRMING, Tuple.of(height))
                .compose(deep -> Db.run(tx, ZERO_CONFIRMING, Tuple.of(height)).map(shallow -> {
                    List<InvoiceId> ids = new ArrayList<>(Columns.list(deep, InvoiceRows::invoiceId));
                    ids.addAll(Columns.list(shallow, InvoiceRows::invoiceId));
                    return ids.stream().distinct().toList();
                }));
    }

    /**
     * An invoice that time is to look at; pages go on after one.
     *
     * @param trigger what time does to it; null where nothing yet, or nothing any more
     */
    record Due(Instant lookAt, InvoiceId id, @Nullable Trigger trigger) {
        static final Due FIRST = new Due(Instant.EPOCH, new InvoiceId("0"), null);

        static Due of(Row row, Instant now) {
            OffsetDateTime moment = row.getOffsetDateTime("moment");
            boolean acts = moment != null && !moment.toInstant().isAfter(now);
            boolean isNew = row.getString("status").equals(InvoiceStatus.NEW.apiName());
            return new Due(
                    row.getOffsetDateTime("look_at").toInstant(),
                    new InvoiceId(row.getString("id")),
                    !acts ? null : isNew ? Trigger.EXPIRY : Trigger.MONITORING_END);
        }
    }

    Future<List<Due>> due(Instant now, Due after, int limit) {
        return db.read(
                        DUE,
                        Columns.at(now),
                        Columns.at(after.lookAt()),
                        after.id().value(),
                        limit)
                .map(rows -> Columns.list(rows, row -> Due.of(row, now)));
    }

    /** Of invoices that were looked at and time did nothing to: when to look again. */
    Future<Void> lookLater(Collection<InvoiceId> ids) {
        return ids.isEmpty()
                ? Future.succeededFuture()
                : db.write(LOOK_LATER, Tuple.of(texts(ids))).mapEmpty();
    }

    Future<List<Invoice>> list(InvoiceFilter filter) {
        Tuple args = Tuple.of(
                filter.store().value(),
                filter.includeArchived(),
                filter.orderIds().toArray(String[]::new),
                filter.statuses().stream().map(InvoiceStatus::apiName).toArray(String[]::new),
                filter.text().map(InvoiceSearch::pattern).orElse(null),
                filter.text().orElse(null));
        args.addValue(filter.from().map(Columns::at).orElse(null))
                .addValue(filter.to().map(Columns::at).orElse(null))
                .addValue(filter.skip())
                .addValue(filter.take());
        return db.write(LIST, args).map(rows -> Columns.list(rows, InvoiceRows::invoice));
    }

    Future<Void> insert(SqlClient tx, Invoice invoice, List<String> terms) {
        Tuple args = Tuple.tuple();
        args.addValue(invoice.id().value())
                .addValue(invoice.store().value())
                .addValue(invoice.kind().apiName())
                .addValue(invoice.rate().currency().code())
                .addValue(invoice.amount() == null ? null : invoice.amount().minor())
                .addValue(value(invoice.due()))
                .addValue(io.vertx.sqlclient.data.Numeric.create(invoice.rate().perBtc()))
                .addValue(invoice.tolerancePpm())
                .addValue(invoice.speedPolicy().apiName())
                .addValue(invoice.chainFee().value())
                .addValue(invoice.feeMode().apiName())
                .addValue(invoice.state().status().apiName())
                .addValue(invoice.state().additional().apiName())
                .addValue(invoice.version())
                .addValue(Columns.at(invoice.createdAt()))
                .addValue(Columns.at(invoice.expiresAt()))
                .addValue(Columns.at(invoice.monitorUntil()))
                .addValue(invoice.paid().value())
                .addValue(invoice.archived())
                .addValue(orderId(invoice.metadata()))
                .addValue(invoice.metadata())
                .addValue(invoice.checkout())
                .addValue(invoice.receipt())
                .addValue(InvoiceSearch.terms(terms))
                .addValue(InvoiceSearch.words(invoice.id(), invoice.metadata(), terms));
        return Db.run(tx, INSERT, args).mapEmpty();
    }

    /** Lets an invoice be found by its metadata as it is now. */
    Future<Void> reword(SqlClient tx, Invoice invoice) {
        String words = InvoiceSearch.words(invoice.id(), invoice.metadata(), List.of());
        return Db.run(tx, REWORD, Tuple.of(invoice.id().value(), words, InvoiceSearch.TEXT_MAX))
                .mapEmpty();
    }

    /** Writes what payments and time changed; every invoice must still have the version it was locked with. */
    Future<Void> step(SqlClient tx, List<Invoice> invoices, Instant now) {
        return change(tx, STEP, invoices, stepped(invoices, now));
    }

    /** Writes all that can change of invoices; every one must still have the version it was locked with. */
    Future<Void> edit(SqlClient tx, List<Invoice> invoices, Instant now) {
        Tuple args = stepped(invoices, now)
                .addValue(Columns.of(
                        invoices,
                        Long.class,
                        i -> i.amount() == null ? null : i.amount().minor()))
                .addValue(Columns.of(invoices, Long.class, i -> value(i.due())))
                .addValue(Columns.of(invoices, Boolean.class, Invoice::archived))
                .addValue(Columns.of(invoices, Object.class, Invoice::metadata))
                .addValue(Columns.of(invoices, String.class, i -> orderId(i.metadata())));
        return change(tx, EDIT, invoices, args);
    }

    private static Tuple stepped(List<Invoice> invoices, Instant now) {
        return Tuple.of(
                Columns.of(invoices, String.class, i -> i.id().value()),
                Columns.of(invoices, String.class, i -> i.state().status().apiName()),
                Columns.of(invoices, String.class, i -> i.state().additional().apiName()),
                Columns.of(invoices, Long.class, Invoice::version),
                Columns.of(invoices, Long.class, i -> i.paid().value()),
                Columns.at(now));
    }

    private static Future<Void> change(SqlClient tx, String sql, List<Invoice> invoices, Tuple args) {
        if (invoices.isEmpty()) {
            return Future.succeededFuture();
        }
        return Db.run(tx, sql, args)
                .compose(rows -> rows.iterator().next().getLong("n") == invoices.size()
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a locked invoice changed its version")));
    }

    Future<Void> savePayments(SqlClient tx, List<Payment> payments) {
        if (payments.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple args = Tuple.tuple();
        args.addValue(Columns.of(payments, String.class, Payment::id))
                .addValue(Columns.of(payments, String.class, p -> p.invoice().value()))
                .addValue(Columns.of(payments, String.class, p -> p.rail().methodId()))
                .addValue(Columns.of(payments, String.class, p -> p.holder().name()))
                .addValue(Columns.of(payments, String.class, Payment::destination))
                .addValue(Columns.of(payments, Long.class, p -> p.value().value()))
                .addValue(Columns.of(payments, Long.class, p -> p.fee().value()))
                .addValue(Columns.of(payments, String.class, p -> p.status().apiName()))
                .addValue(Columns.of(payments, OffsetDateTime.class, p -> Columns.at(p.receivedAt())))
                .addValue(Columns.of(payments, Boolean.class, Payment::late))
                .addValue(Columns.of(payments, Integer.class, Payment::confirmationsNeeded))
                .addValue(Columns.of(payments, Integer.class, Payment::blockHeight))
                .addValue(Columns.of(payments, String.class, Payment::blockHash))
                .addValue(Columns.of(payments, String.class, Payment::conflictTxid))
                .addValue(Columns.of(payments, Integer.class, Payment::credits))
                .addValue(Columns.of(payments, Boolean.class, Payment::credited));
        return Db.run(tx, SAVE_PAYMENTS, args)
                .compose(rows -> rows.rowCount() == payments.size()
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a payment belongs to another invoice")));
    }

    static @Nullable String orderId(JsonObject metadata) {
        Object value = metadata.getValue("orderId");
        return value == null ? null : value.toString();
    }

    static @Nullable Long value(@Nullable Msat amount) {
        return amount == null ? null : amount.value();
    }

    static String[] texts(Collection<InvoiceId> ids) {
        return ids.stream().map(InvoiceId::value).toArray(String[]::new);
    }
}

package dev.sluice.invoice;

import static dev.sluice.db.Columns.at;
import static dev.sluice.db.Columns.list;
import static dev.sluice.invoice.InvoiceRepository.value;

import dev.sluice.db.Db;
import dev.sluice.kernel.InvoiceId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prompts of invoices. */
final class PromptRepository {
    private static final String INSERT = """
            insert into invoice_prompt (invoice_id, rail, generation, holder, source, state, destination, script,
              key_path, payment_hash, preimage, amount_msat, reason, created_at, look_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """;

    private static final String OF_INVOICE = """
            select * from invoice_prompt where invoice_id = $1 order by rail, generation
            """;
    private static final String MOVE = """
            update invoice_prompt set state = $4, destination = coalesce($5, destination), reason = $6, look_at = $8
            where invoice_id = $1 and rail = $2 and generation = $3 and state = any($7)
            """;

    private static final String FILL = """
            update invoice_prompt set state = 'active', destination = $3, script = $4, key_path = $5, reason = null,
              look_at = null
            where invoice_id = $1 and rail = 'BTC-CHAIN' and generation = $2 and state in ('lazy', 'pending')
            """;

    /**
     * Prompts whose moment has come, which are looked at again at $2 unless something is found for them before; nodes
     * take turns, so a dead one delays no other.
     */
    private static final String TAKE_DUE = """
            with due as (
              select invoice_id, rail, generation, row_number() over (partition by source order by look_at) as nth
              from invoice_prompt where look_at <= $1),
            turn as (select * from due order by nth limit $3)
            update invoice_prompt p set look_at = $2 from turn t
            where p.invoice_id = t.invoice_id and p.rail = t.rail and p.generation = t.generation and p.look_at <= $1
            returning p.*
            """;

    private static final String LOOK_AT = """
            update invoice_prompt set look_at = $4
            where invoice_id = $1 and rail = $2 and generation = $3 and state = $5
            """;

    private static final String OPEN_SOURCES =
            "select distinct source from invoice_prompt where look_at is not null and rail = 'BTC-LN'";

    private final Db db;

    PromptRepository(Db db) {
        this.db = db;
    }

    /** @param lookAt when the keeper looks at it; null for never */
    Future<Void> insert(SqlClient tx, Prompt prompt, @Nullable Instant lookAt) {
        Tuple args = Tuple.tuple();
        args.addValue(prompt.invoice().value())
                .addValue(prompt.rail().methodId())
                .addValue(prompt.generation())
                .addValue(prompt.holder().name())
                .addValue(prompt.source())
                .addValue(text(prompt.state()))
                .addValue(prompt.destination())
                .addValue(prompt.script())
                .addValue(prompt.keyPath())
                .addValue(
                        prompt.paymentHash() == null
                                ? null
                                : prompt.paymentHash().hex())
                .addValue(
                        prompt.preimage() == null
                                ? null
                                : Buffer.buffer(prompt.preimage().bytes()))
                .addValue(value(prompt.amount()))
                .addValue(prompt.reason())
                .addValue(at(prompt.createdAt()))
                .addValue(lookAt == null ? null : at(lookAt));
        return Db.run(tx, INSERT, args).mapEmpty();
    }

    Future<List<Prompt>> of(SqlClient tx, InvoiceId invoice) {
        return Db.run(tx, OF_INVOICE, Tuple.of(invoice.value())).map(rows -> list(rows, InvoiceRows::prompt));
    }

    /** Where a prompt goes, with what becomes known and when it is looked at next; null for never. */
    record Move(
            Prompt.State to,
            @Nullable String destination,
            @Nullable String reason,
            @Nullable Instant lookAt) {}

    /** Moves a prompt if it is in one of the states; whether it was. */
    Future<Boolean> move(SqlClient tx, Prompt prompt, List<Prompt.State> from, Move move) {
        Tuple args = Tuple.tuple();
        args.addValue(prompt.invoice().value())
                .addValue(prompt.rail().methodId())
                .addValue(prompt.generation())
                .addValue(text(move.to()))
                .addValue(move.destination())
                .addValue(move.reason())
                .addValue(from.stream().map(PromptRepository::text).toArray(String[]::new))
                .addValue(move.lookAt() == null ? null : at(move.lookAt()));
        return Db.run(tx, MOVE, args).map(rows -> rows.rowCount() == 1);
    }

    /** Gives an on-chain prompt its address. */
    Future<Boolean> fill(SqlClient tx, Prompt prompt, dev.sluice.chain.ReservedAddress address) {
        return Db.run(
                        tx,
                        FILL,
                        Tuple.of(
                                prompt.invoice().value(),
                                prompt.generation(),
                                address.address(),
                                address.script(),
                                address.keyPath()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Takes prompts whose moment has come; each comes again at {@code again} unless it is moved before. */
    Future<List<Prompt>> takeDue(Instant now, Instant again, int limit) {
        return db.write(TAKE_DUE, Tuple.of(at(now), at(again), limit)).map(rows -> list(rows, InvoiceRows::prompt));
    }

    /** Says when a prompt must be looked at next, null for never, if its state is still the one seen. */
    Future<Void> lookAt(SqlClient tx, Prompt seen, @Nullable Instant moment) {
        Tuple args = Tuple.of(seen.invoice().value(), seen.rail().methodId(), seen.generation());
        args.addValue(moment == null ? null : at(moment)).addValue(text(seen.state()));
        return Db.run(tx, LOOK_AT, args).mapEmpty();
    }

    /** Nodes that still have to hear of a prompt. */
    Future<Set<String>> openSources() {
        return db.read(OPEN_SOURCES).map(rows -> {
            Set<String> sources = new HashSet<>();
            rows.forEach(row -> sources.add(row.getString("source")));
            return sources;
        });
    }

    private static String text(Prompt.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}

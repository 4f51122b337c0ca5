package dev.sluice.invoice;

import static dev.sluice.invoice.InvoiceRepository.at;
import static dev.sluice.invoice.InvoiceRepository.list;
import static dev.sluice.invoice.InvoiceRepository.value;

import dev.sluice.db.Db;
import dev.sluice.kernel.InvoiceId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prompts of invoices. */
final class PromptRepository {
    private static final String INSERT = """
            insert into invoice_prompt (invoice_id, rail, generation, holder, source, state, destination, script,
                key_path,               payment_hash, preimage, amount_msat, reason, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """;

    private static final String OF_INVOICE = """
            select * from invoice_prompt where invoice_id = $1 order by rail, generation
            """;
    private static final String MOVE = """
            update invoice_prompt set state = $4, destination = coalesce($5, destination), reason = $6
            where invoice_id = $1 and rail = $2 and generation = $3 and state = any($7)
            """;

    private static final String FILL = """
            update invoice_prompt set state = 'active', destination = $3, script = $4, key_path = $5, reason = null
            where invoice_id = $1 and rail = 'BTC-CHAIN' and generation = $2 and state in ('lazy', 'pending')
            """;

    /** Lightning prompts that a node has to hear about; nodes take turns, so a dead one delays no other. */
    private static final String TO_DO = """
            select p.*, row_number() over (partition by p.source order by p.created_at) as nth
            from invoice_prompt p join invoice i on i.id = p.invoice_id
            where p.rail = 'BTC-LN' and (
              p.state = 'closing'
              or p.state = 'pending' and i.status = 'New' and i.expires_at > $1
                and (p.generation > 1 or p.created_at < $1 - interval '4 seconds')
              or p.state = 'pending' and i.status <> 'New'
              or p.state = 'active' and (
                i.status in ('Processing', 'Settled', 'Invalid')
                or i.status = 'Expired' and i.expires_at < $2
                or i.status = 'New' and i.paid_msat > 0 and i.due_msat is not null
                   and p.amount_msat is distinct from i.due_msat - i.paid_msat))
            order by nth, p.created_at limit $3
            """;

    private final Db db;

    PromptRepository(Db db) {
        this.db = db;
    }

    Future<Void> insert(SqlClient tx, Prompt prompt) {
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
                .addValue(at(prompt.createdAt()));
        return Db.run(tx, INSERT, args).mapEmpty();
    }

    Future<List<Prompt>> of(SqlClient tx, InvoiceId invoice) {
        return Db.run(tx, OF_INVOICE, Tuple.of(invoice.value())).map(rows -> list(rows, InvoiceRows::prompt));
    }

    /** Moves a prompt if it is in one of the states; whether it was. */
    Future<Boolean> move(
            SqlClient tx,
            Prompt prompt,
            List<Prompt.State> from,
            Prompt.State to,
            @Nullable String destination,
            @Nullable String reason) {
        Tuple args = Tuple.tuple();
        args.addValue(prompt.invoice().value())
                .addValue(prompt.rail().methodId())
                .addValue(prompt.generation())
                .addValue(text(to))
                .addValue(destination)
                .addValue(reason)
                .addValue(from.stream().map(PromptRepository::text).toArray(String[]::new));
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

    Future<List<Prompt>> toDo(Instant now, Instant expiredBefore, int limit) {
        return db.read(TO_DO, at(now), at(expiredBefore), limit).map(rows -> list(rows, InvoiceRows::prompt));
    }

    private static String text(Prompt.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}

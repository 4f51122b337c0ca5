package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;

/** Rows of {@code card_programme} and {@code terminal}. */
final class ProgrammeRepository {
    private static final String FIND = "select * from card_programme where id = $1";
    private static final String FIND_ALL = "select * from card_programme where id = any($1)";
    private static final String LOCK = "select * from card_programme where id = $1 for update";
    private static final String LIST = "select * from card_programme where store_id = $1 order by created_at, id";
    private static final String ADD = """
            insert into card_programme (id, store_id, name, currency, asset, tap_max, day_max, week_max, month_max,
              pin_from, spread_ppm, valid_days, start_units, funded_by, activation, shows_balance, rules, branding,
              archived, version, created_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21
            where (select count(*) from card_programme where store_id = $2) < $22
            """;
    private static final String SAVE = """
            update card_programme set name = $2, tap_max = $3, day_max = $4, week_max = $5, month_max = $6,
              pin_from = $7, spread_ppm = $8, valid_days = $9, start_units = $10, funded_by = $11, activation = $12,
              shows_balance = $13, rules = $14, branding = $15, archived = $16, version = $17
            where id = $1 and version = $17 - 1
            """;

    private static final String TERMINAL = "select * from terminal where id = $1";
    private static final String TERMINALS = "select * from terminal where store_id = $1 order by created_at, id";
    private static final String ADD_TERMINAL = """
            insert into terminal (id, store_id, name, category, enabled, version, created_at)
            select $1, $2, $3, $4, $5, $6, $7
            where (select count(*) from terminal where store_id = $2) < $8
            """;
    private static final String SAVE_TERMINAL = """
            update terminal set name = $2, category = $3, enabled = $4, version = version + 1 where id = $1
            """;

    private final Db db;

    ProgrammeRepository(Db db) {
        this.db = db;
    }

    Future<Optional<Programme>> find(String id) {
        return db.read(FIND, id).map(rows -> Columns.first(rows, CardRows::programme));
    }

    /** Programmes as the transaction sees them. */
    static Future<List<Programme>> find(SqlClient tx, List<String> ids) {
        return Db.run(tx, FIND_ALL, Tuple.of(ids.toArray(String[]::new)))
                .map(rows -> Columns.list(rows, CardRows::programme));
    }

    Future<Optional<Programme>> lock(SqlClient tx, String id) {
        return Db.run(tx, LOCK, Tuple.of(id)).map(rows -> Columns.first(rows, CardRows::programme));
    }

    Future<List<Programme>> list(StoreId store) {
        return db.read(LIST, store.value()).map(rows -> Columns.list(rows, CardRows::programme));
    }

    /** False where the store has {@code most} already. */
    Future<Boolean> add(SqlClient tx, Programme p, int most) {
        Tuple args = Tuple.tuple();
        args.addValue(p.id())
                .addValue(p.store().value())
                .addValue(p.name())
                .addValue(p.money().currency().code())
                .addValue(p.money().asset());
        terms(args, p);
        args.addValue(p.archived())
                .addValue(p.version())
                .addValue(Columns.at(p.createdAt()))
                .addValue(most);
        return Db.run(tx, ADD, args).map(rows -> rows.rowCount() == 1);
    }

    /** Writes a locked programme; currency and store stay what they were. */
    Future<Void> save(SqlClient tx, Programme p) {
        Tuple args = Tuple.tuple().addValue(p.id()).addValue(p.name());
        terms(args, p);
        args.addValue(p.archived()).addValue(p.version());
        return Db.run(tx, SAVE, args)
                .compose(rows -> rows.rowCount() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a locked programme changed its version")));
    }

    private static void terms(Tuple args, Programme p) {
        args.addValue(p.limits().tap())
                .addValue(p.limits().day())
                .addValue(p.limits().week())
                .addValue(p.limits().month())
                .addValue(p.pinFrom())
                .addValue(p.spreadPpm())
                .addValue(p.validDays())
                .addValue(p.startUnits())
                .addValue(p.fundedBy().apiName())
                .addValue(p.activation().apiName())
                .addValue(p.showsBalance())
                .addValue(p.rules().json())
                .addValue(p.branding());
    }

    Future<Optional<Terminal>> terminal(String id) {
        return db.read(TERMINAL, id).map(rows -> Columns.first(rows, CardRows::terminal));
    }

    Future<List<Terminal>> terminals(StoreId store) {
        return db.read(TERMINALS, store.value()).map(rows -> Columns.list(rows, CardRows::terminal));
    }

    /** False where the store has {@code most} already. */
    Future<Boolean> add(SqlClient tx, Terminal t, int most) {
        Tuple args = Tuple.of(t.id(), t.store().value(), t.name(), t.category(), t.enabled(), t.version());
        return Db.run(tx, ADD_TERMINAL, args.addValue(Columns.at(t.createdAt())).addValue(most))
                .map(rows -> rows.rowCount() == 1);
    }

    Future<Void> save(SqlClient tx, Terminal t) {
        return Db.run(tx, SAVE_TERMINAL, Tuple.of(t.id(), t.name(), t.category(), t.enabled()))
                .mapEmpty();
    }
}

package dev.sluice.db;

import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** Brings the schema up to date; blocking, for start-up and the command line. */
public final class Migrations {
    private Migrations() {}

    /** Applies what is missing; safe when several processes start at once. Returns how many were applied. */
    public static int migrate(DbConfig config) {
        return flyway(config).migrate().migrationsExecuted;
    }

    /** Versions that would be applied, in order. */
    public static List<String> pending(DbConfig config) {
        return Arrays.stream(flyway(config).info().pending())
                .map(MigrationInfo::getScript)
                .toList();
    }

    private static Flyway flyway(DbConfig config) {
        return Flyway.configure()
                .dataSource(config.jdbcUrl(), config.user(), config.password().value())
                .locations("classpath:db/migration")
                .sqlMigrationPrefix("V")
                .connectRetries(5)
                .load();
    }
}

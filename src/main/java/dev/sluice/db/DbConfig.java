package dev.sluice.db;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Secret;

/**
 * Where the database is.
 *
 * @param poolSize connections for writes, 2 to 64; 8 to 16 is right for two cores
 */
public record DbConfig(String host, int port, String database, String user, Secret password, int poolSize) {
    public DbConfig {
        Check.require(port > 0 && port < 65_536, "database port");
        Check.require(poolSize >= 2 && poolSize <= 64, "database pool size is 2 to 64");
    }

    /** The JDBC form, for migrations. */
    String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?sslmode=disable";
    }
}

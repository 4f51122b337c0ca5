package dev.sluice.db;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/**
 * Who may reach an embedded server: whoever can read its password, a file of this user alone. A superuser of the
 * database reads files and runs programs as the gateway, so no other user of the machine may become one.
 */
final class ServerAccess {
    private static final String HBA = "pg_hba.conf";
    private static final String WITH_PASSWORD = "host all all 127.0.0.1/32 scram-sha-256\n";
    private static final String OPEN = "host all all 127.0.0.1/32 trust\n";
    private static final int SECRET_BYTES = 16;

    private static final String FILE = "password";

    private final Path folder;
    private final Path data;
    private final Secret password;

    private ServerAccess(Path folder, Path data, Secret password) {
        this.folder = folder;
        this.data = data;
        this.password = password;
    }

    /** Reads the password of a folder, or makes one and lets the server be reached to set it. */
    static ServerAccess of(Path folder, Path data) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.notExists(file)) {
            Path whole = Files.createTempFile(folder, FILE, ""); // which its owner alone may read
            Files.writeString(whole, HexFormat.of().formatHex(Entropy.secure().bytes(SECRET_BYTES)));
            if (Files.exists(data.resolve(HBA))) {
                Files.writeString(data.resolve(HBA), OPEN);
            }
            Files.move(whole, file);
        }
        return new ServerAccess(folder, data, passwordOf(folder));
    }

    /** The password of a folder whose server another process runs. */
    static Secret passwordOf(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.notExists(file)) {
            throw new Failure.Conflict(
                            "database-of-an-earlier-version",
                            "The gateway on " + folder.getParent() + " is of an earlier version: restart it first")
                    .exception();
        }
        return new Secret(Files.readString(file).strip());
    }

    /** Where the password is. */
    Path file() {
        return folder.resolve(FILE);
    }

    Secret password() {
        return password;
    }

    /** Sets the password and asks for it from now on, where that is not so yet. */
    void secure(Connection admin, String role) throws SQLException, IOException {
        if (Files.readString(data.resolve(HBA)).equals(WITH_PASSWORD)) {
            return;
        }
        try (Statement statement = admin.createStatement()) {
            statement.execute("alter role postgres password '" + password.value() + "'");
            statement.execute("do $$ begin if exists (select from pg_roles where rolname = '" + role
                    + "') then alter role " + role + " password '" + password.value() + "'; end if; end $$");
            Files.writeString(data.resolve(HBA), WITH_PASSWORD);
            statement.execute("select pg_reload_conf()");
        }
    }
}

package dev.sluice.lightning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionStringTest {
    private static final String FILES = "certfilepath=/d/tls.cert;macaroonfilepath=/d/invoice.macaroon";

    @Test
    void grpcStringNamesHostPortAndFiles() {
        assertThat(ConnectionString.parse("type=lnd-grpc;server=https://node.example:10010;" + FILES))
                .isEqualTo(new ConnectionString.Lnd(
                        "node.example", 10_010, Path.of("/d/tls.cert"), null, Path.of("/d/invoice.macaroon"), null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type=lnd-grpc;server=https://h;FILES | h | 10009",
                "type=lnd-grpc;server=https://h/;FILES; | h | 10009",
                " TYPE = LND-GRPC ; server = https://h:1 ;FILES | h | 1",
                "type=lnd-grpc;server=https://[::1]:10009;FILES | ::1 | 10009",
                "type=lnd-rest;server=https://h:8080/;grpcport=10009;FILES | h | 10009",
                "type=lnd-rest;server=https://h:8080/;grpcport=10011;allowinsecure=true;FILES | h | 10011",
            })
    void addressesAreRead(String text, String host, int port) {
        ConnectionString.Lnd lnd = ConnectionString.parse(text.replace("FILES", FILES));
        assertThat(lnd.host()).isEqualTo(host);
        assertThat(lnd.port()).isEqualTo(port);
    }

    @Test
    void macaroonDirectoryMeansItsInvoiceMacaroon() {
        ConnectionString.Lnd lnd =
                ConnectionString.parse("type=lnd-grpc;server=https://h;certfilepath=/c;macaroondirectorypath=/m");
        assertThat(lnd.macaroonFile()).isEqualTo(Path.of("/m/invoice.macaroon"));
    }

    @Test
    void thumbprintMayHaveColonsAndCapitals() {
        ConnectionString.Lnd lnd = ConnectionString.parse(
                "type=lnd-grpc;server=https://h;macaroon=0201;certthumbprint=" + "AB:".repeat(31) + "CD");
        assertThat(lnd.certThumbprint()).isEqualTo("ab".repeat(31) + "cd");
        assertThat(lnd.macaroon()).isEqualTo(new Secret("0201"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | type=lnd-grpc",
                "nonsense | key=value",
                "server=https://h;FILES | type=",
                "type=clightning;server=unix://etc/lightning-rpc | not supported",
                "type=eclair;server=http://h:8080/;password=hunter2 | not supported",
                "type=phoenixd;server=http://h:9740/;password=hunter2 | not supported",
                "type=lndhub;server=https://login:hunter2@h/ | not supported",
                "type=other;server=https://h | unknown",
                "type=lnd-grpc;FILES | server= is missing",
                "type=lnd-grpc;server=http://h:10009;FILES | https",
                "type=lnd-grpc;server=h:10009;FILES | https://host",
                "type=lnd-grpc;server=https://u:hunter2@h;FILES | https://host",
                "type=lnd-grpc;server=https://h:0;FILES | port",
                "type=lnd-grpc;server=https://h:70000;FILES | port",
                "type=lnd-rest;server=https://h:8080/;FILES | grpcport=10009",
                "type=lnd-rest;server=https://h:8080/;grpcport=x;FILES | port",
                "type=lnd-grpc;server=https://h;macaroon=0201;allowinsecure=true | certfilepath=",
                "type=lnd-grpc;server=https://h;certfilepath=/c | macaroonfilepath= and macaroon=",
                "type=lnd-grpc;server=https://h;macaroon=02;FILES | macaroonfilepath= and macaroon=",
                "type=lnd-grpc;server=https://h;certfilepath=/c;macaroon=hunter2 | hex",
                "type=lnd-grpc;server=https://h;certfilepath=relative;macaroon=02 | absolute",
                "type=lnd-grpc;server=https://h;certthumbprint=12;macaroon=02 | SHA-256",
                "type=lnd-grpc;server=https://h;FILES;FILES | twice",
                "type=lnd-grpc;server=https://h;FILES;hunter2=x | unknown key",
            })
    void theRestIsRefusedWithAHint(String text, String hint) {
        assertThatThrownBy(() -> ConnectionString.parse(text.replace("FILES", FILES)))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("invalid-connection-string")
                .hasMessageContaining(hint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type=eclair;server=http://h/;password=hunter2hunter2",
                "type=lnd-grpc;server=https://h;certfilepath=/c;macaroon=hunter2hunter2",
                "type=lnd-grpc;server=https://u:hunter2hunter2@h;certfilepath=/c;macaroon=02"
            })
    void refusalsNeverRepeatSecrets(String text) {
        assertThatThrownBy(() -> ConnectionString.parse(text)).hasMessageNotContaining("hunter2hunter2");
    }

    @Test
    void parsedStringDoesNotPrintItsMacaroon() {
        assertThat(ConnectionString.parse("type=lnd-grpc;server=https://h;certfilepath=/c;macaroon=0badc0de")
                        .toString())
                .doesNotContain("0badc0de");
    }
}

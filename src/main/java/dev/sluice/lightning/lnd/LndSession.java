package dev.sluice.lightning.lnd;

import dev.sluice.kernel.Failure;
import dev.sluice.lightning.ConnectionString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel with its credentials, both read from files again when the node refuses them. */
final class LndSession {
    private static final Logger log = LoggerFactory.getLogger(LndSession.class);
    private static final Metadata.Key<String> MACAROON = Metadata.Key.of("macaroon", Metadata.ASCII_STRING_MARSHALLER);

    private final Vertx vertx;
    private final LndChannels channels;
    private final ConnectionString.Lnd target;
    private volatile State state;

    /** What a call needs; replaced as a whole. */
    record State(ManagedChannel channel, @Nullable Buffer certificate, String macaroon) {
        Metadata headers() {
            Metadata headers = new Metadata();
            headers.put(MACAROON, macaroon);
            return headers;
        }

        @Override
        public String toString() {
            return "State(***)";
        }
    }

    private LndSession(Vertx vertx, LndChannels channels, ConnectionString.Lnd target, State state) {
        this.vertx = vertx;
        this.channels = channels;
        this.target = target;
        this.state = state;
    }

    /** Reads the files and prepares a channel, which connects with the first call. */
    static Future<LndSession> open(Vertx vertx, LndChannels channels, ConnectionString.Lnd target) {
        return read(vertx, target, channels, null).map(state -> new LndSession(vertx, channels, target, state));
    }

    State state() {
        return state;
    }

    /** Reads the files again; whether they had changed. */
    Future<Boolean> refresh() {
        State before = state;
        return read(vertx, target, channels, before).map(fresh -> {
            if (state != before) {
                discard(fresh, before);
                return true; // somebody else was faster
            }
            if (fresh == before) {
                return false;
            }
            state = fresh;
            if (fresh.channel() != before.channel()) {
                before.channel().shutdown();
            }
            log.info("lnd.credentials.reloaded host={}", target.host());
            return true;
        });
    }

    private static void discard(State unused, State before) {
        if (unused.channel() != before.channel()) {
            unused.channel().shutdownNow();
        }
    }

    void close() {
        state.channel().shutdownNow();
    }

    private static Future<State> read(
            Vertx vertx, ConnectionString.Lnd target, LndChannels channels, @Nullable State before) {
        return file(vertx, target.certFile())
                .compose(certificate -> macaroon(vertx, target)
                        .compose(macaroon -> assemble(target, channels, before, certificate.orElse(null), macaroon)));
    }

    private static Future<State> assemble(
            ConnectionString.Lnd target,
            LndChannels channels,
            @Nullable State before,
            @Nullable Buffer certificate,
            String macaroon) {
        if (before != null && Objects.equals(before.certificate(), certificate)) {
            boolean same = before.macaroon().equals(macaroon);
            return Future.succeededFuture(same ? before : new State(before.channel(), certificate, macaroon));
        }
        try {
            return Future.succeededFuture(new State(channels.open(target, certificate), certificate, macaroon));
        } catch (SSLException | IllegalArgumentException malformed) {
            return Future.failedFuture(new Failure.Rejected(
                            "lightning-certificate-invalid",
                            "The node's certificate file cannot be read as a certificate")
                    .exception());
        }
    }

    private static Future<String> macaroon(Vertx vertx, ConnectionString.Lnd target) {
        if (target.macaroon() != null) {
            return Future.succeededFuture(target.macaroon().value());
        }
        return file(vertx, target.macaroonFile())
                .map(content -> content.map(bytes -> HexFormat.of().formatHex(bytes.getBytes()))
                        .orElse(""));
    }

    private static Future<Optional<Buffer>> file(Vertx vertx, @Nullable Path path) {
        if (path == null) {
            return Future.succeededFuture(Optional.empty());
        }
        return vertx.fileSystem()
                .readFile(path.toString())
                .map(Optional::of)
                .recover(failure -> Future.failedFuture(new Failure.Unavailable(
                                "lightning-credentials-unreadable", "Cannot read the file " + path.getFileName(), 10)
                        .exception()));
    }
}

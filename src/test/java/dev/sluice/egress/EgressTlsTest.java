package dev.sluice.egress;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client speaks to: the owner of the name, as an authority that is trusted says. */
class EgressTlsTest {
    private static final String HOST = "shop.example";
    private static final int SUPPORTED_VERSIONS = 43;
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final EgressRules RULES =
            new EgressRules(false, false, Set.of(), List.of(Cidr.parse("127.0.0.1/32")));

    @TempDir
    static Path folder;

    private static TestAuthority authority;
    private static PfxOptions shop;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger arrived = new AtomicInteger();
    private final EgressClient client = new EgressClient(
            vertx,
            RULES,
            host -> Future.succeededFuture(List.of(HERE)),
            EgressClient.options().setTrustOptions(authority.trust()));

    @BeforeAll
    static void sign() {
        authority = new TestAuthority(folder);
        shop = authority.signed(HOST);
    }

    @AfterEach
    void close() {
        await(client.close());
        await(vertx.close());
    }

    @Test
    void trustedCertificateOfTheHostIsTaken() {
        assertThat(await(client.send(ask(HOST, serve(shop)))).status()).isEqualTo(200);
        assertThat(arrived).hasValue(1);
    }

    @Test
    void certificateOfAnotherHostIsRefused() {
        int port = serve(shop);
        assertRefused(client, ask("other.example", port));
        assertRefused(client, ask("shop.example.evil.example", port));
        assertRefused(client, ask("127.0.0.1", port));
    }

    @Test
    void expiredCertificateIsRefused() {
        assertRefused(client, ask(HOST, serve(authority.signed(HOST, "-startdate", "-3d", "-validity", "1"))));
    }

    @Test
    void certificateOfTomorrowIsRefused() {
        assertRefused(client, ask(HOST, serve(authority.signed(HOST, "-startdate", "+2d"))));
    }

    @Test
    void certificateThatTheHostSignedItselfIsRefused() {
        assertRefused(client, ask(HOST, serve(authority.selfSigned(HOST))));
    }

    @Test
    void authorityThatTheSystemDoesNotKnowIsRefused() {
        EgressClient real = new EgressClient(vertx, RULES, host -> Future.succeededFuture(List.of(HERE)));
        assertRefused(real, ask(HOST, serve(shop)));
        await(real.close());
    }

    /** A server that knows nothing newer than TLS 1.1 is offered nothing that it could take. */
    @Test
    void nothingOlderThanTls12IsOffered() {
        Promise<Buffer> hello = Promise.promise();
        int port = await(vertx.createNetServer()
                        .connectHandler(socket -> socket.handler(bytes -> {
                            hello.tryComplete(bytes);
                            socket.close();
                        }))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        assertRefused(client, ask(HOST, port));
        assertThat(versions(await(hello.future()))).containsExactlyInAnyOrder(0x0304, 0x0303); // TLS 1.3 and 1.2
    }

    /** The extension {@code supported_versions} of a ClientHello (RFC 8446 4.1.2 and 4.2.1). */
    private static List<Integer> versions(Buffer hello) {
        int at = 5 + 4 + 2 + 32; // record, handshake, legacy version, random
        at += 1 + hello.getUnsignedByte(at); // session
        at += 2 + hello.getUnsignedShort(at); // cipher suites
        at += 1 + hello.getUnsignedByte(at); // compression
        at += 2; // length of the extensions
        while (hello.getUnsignedShort(at) != SUPPORTED_VERSIONS) {
            at += 4 + hello.getUnsignedShort(at + 2);
        }
        List<Integer> versions = new ArrayList<>();
        for (int i = 0; i < hello.getUnsignedByte(at + 4); i += 2) {
            versions.add(hello.getUnsignedShort(at + 5 + i));
        }
        return versions;
    }

    private void assertRefused(EgressClient refusing, EgressRequest request) {
        assertThat(failure(refusing.send(request)))
                .isInstanceOfAny(SSLException.class, io.vertx.core.VertxException.class)
                .isNotInstanceOf(dev.sluice.kernel.FailureException.class);
        assertThat(arrived).hasValue(0);
    }

    private static EgressRequest ask(String host, int port) {
        return EgressRequest.get("https://" + host + ":" + port + "/", Map.of());
    }

    private int serve(PfxOptions key) {
        HttpServerOptions options = new HttpServerOptions().setSsl(true).setKeyCertOptions(key);
        return await(vertx.createHttpServer(options)
                        .requestHandler(request -> {
                            arrived.incrementAndGet();
                            request.response().end();
                        })
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }
}

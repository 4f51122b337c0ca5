package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final String PROXY = "10.0.0.1";

    private final Shares open = new Shares(3, 2);
    private final Connections connections = new Connections(new ClientAddress(List.of("10.0.0.0/8")), open);

    /** A connection that is only opened and closed. */
    private static final class Peer {
        final HttpConnection connection;
        boolean closed;
        Runnable onClose = () -> {};

        Peer(String address) {
            SocketAddress remote = SocketAddress.inetSocketAddress(5_000, address);
            connection = (HttpConnection) Proxy.newProxyInstance(
                    HttpConnection.class.getClassLoader(),
                    new Class<?>[] {HttpConnection.class},
                    (self, method, asked) -> switch (method.getName()) {
                        case "remoteAddress" -> remote;
                        case "closeHandler" -> {
                            @SuppressWarnings("unchecked")
                            Handler<Void> handler = (Handler<Void>) asked[0];
                            onClose = () -> handler.handle(null);
                            yield self;
                        }
                        case "close" -> close();
                        case "hashCode" -> System.identityHashCode(self);
                        case "equals" -> self == asked[0];
                        default -> throw new UnsupportedOperationException(method.getName());
                    });
        }

        Future<Void> close() {
            closed = true;
            onClose.run();
            return Future.succeededFuture();
        }
    }

    private Peer opened(String address) {
        Peer peer = new Peer(address);
        connections.opened(peer.connection);
        return peer;
    }

    private boolean isSurplus(Peer peer) {
        return connections.of(peer.connection).isSurplus();
    }

    @Test
    void oneAddressHasItsPartAndProxiesHaveNone() {
        Peer first = opened("192.0.2.1");
        assertThat(isSurplus(first)).isFalse();
        assertThat(isSurplus(opened("192.0.2.1"))).isFalse();
        assertThat(isSurplus(opened("192.0.2.1"))).isTrue();
        assertThat(isSurplus(opened("192.0.2.2"))).isFalse();
        assertThat(open.size()).isEqualTo(3);
        assertThat(isSurplus(opened("192.0.2.3"))).isTrue(); // of all
        first.close();
        assertThat(isSurplus(opened("192.0.2.1"))).isFalse();
    }

    @Test
    void connectionsOfProxiesCountOnlyAmongAll() {
        List<Peer> proxied = List.of(opened(PROXY), opened(PROXY), opened(PROXY));
        assertThat(proxied).noneMatch(this::isSurplus);
        assertThat(isSurplus(opened(PROXY))).isTrue();
        proxied.forEach(Peer::close);
        assertThat(open.size()).isZero();
    }

    @Test
    void subscribersOfIpv6ShareTheirPart() {
        opened("2001:db8::1");
        opened("2001:db8::2");
        assertThat(isSurplus(opened("2001:db8::3"))).isTrue();
        assertThat(isSurplus(opened("2001:db8:0:1::1"))).isFalse();
    }

    @Test
    void whatAsksNothingIsClosedAndWhatIsAnsweredIsNot() {
        Peer quiet = opened("192.0.2.1");
        Peer busy = opened("192.0.2.2");
        connections.of(busy.connection).begin();
        for (int sweep = 0; sweep < Connections.QUIET_SWEEPS; sweep++) {
            connections.sweep();
        }
        assertThat(quiet.closed).isFalse();
        connections.sweep();
        assertThat(quiet.closed).isTrue();
        assertThat(busy.closed).isFalse();
        connections.of(busy.connection).end();
        for (int sweep = 0; sweep <= Connections.QUIET_SWEEPS; sweep++) {
            assertThat(busy.closed).isFalse();
            connections.sweep();
        }
        assertThat(busy.closed).isTrue();
        assertThat(open.size()).isZero();
    }

    @Test
    void oneTooManyThatAsksNothingIsClosedAtTheNextSweep() {
        opened("192.0.2.1");
        opened("192.0.2.1");
        Peer surplus = opened("192.0.2.1");
        connections.sweep();
        assertThat(surplus.closed).isTrue();
        assertThat(open.size()).isEqualTo(2);
    }
}

package dev.sluice.lightning.lnd;

import dev.sluice.lightning.ConnectionString;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens gRPC channels on one thread of its own, which all nodes share: LND's own rate (3,600 messages a second) is far
 * below what one thread carries, and Vert.x's internals stay untouched. Callbacks run on that thread.
 */
public final class LndChannels implements AutoCloseable {
    /** LND allows a ping every 5 s; a half-open connection is found out within 20 s. */
    private static final long KEEPALIVE_SECONDS = 15;

    private static final long KEEPALIVE_ANSWER_SECONDS = 5;
    /** A page of 500 invoices with every field at its largest stays below 8 MiB. */
    private static final int MESSAGE_BYTES_MAX = 16 << 20;

    private final EventLoopGroup group;
    private final Predicate<InetAddress> allowed;

    public LndChannels() {
        this(
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("lnd-io", true), NioIoHandler.newFactory()),
                any -> true);
    }

    private LndChannels(EventLoopGroup group, Predicate<InetAddress> allowed) {
        this.group = group;
        this.allowed = allowed;
    }

    /** Channels on the same thread to some addresses alone, which is asked at each connect. */
    public LndChannels to(Predicate<InetAddress> some) {
        return new LndChannels(group, some);
    }

    /** @param certificate the node's own certificate in PEM form as the only trust root; null for the system's roots */
    ManagedChannel open(ConnectionString.Lnd target, @Nullable Buffer certificate) throws SSLException {
        SslContextBuilder tls = GrpcSslContexts.forClient();
        if (target.certThumbprint() != null) {
            tls.trustManager(new PinnedCertificate(target.certThumbprint()));
        } else if (certificate != null) {
            tls.trustManager(new ByteArrayInputStream(certificate.getBytes()));
        }
        return NettyChannelBuilder.forAddress(target.host(), target.port())
                .eventLoopGroup(group)
                .channelFactory(() -> new GuardedSocket(allowed))
                .directExecutor()
                .sslContext(tls.build())
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_ANSWER_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
    }

    /** Refuses an address at the moment it would be used, whatever its name resolved to before. */
    private static final class GuardedSocket extends NioSocketChannel {
        private final Predicate<InetAddress> allowed;

        GuardedSocket(Predicate<InetAddress> allowed) {
            this.allowed = allowed;
        }

        @Override
        protected boolean doConnect(SocketAddress remote, SocketAddress local) throws Exception {
            if (!(remote instanceof InetSocketAddress address) || !allowed.test(address.getAddress())) {
                throw new ConnectException("the node's address may not be connected to");
            }
            return super.doConnect(remote, local);
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
}

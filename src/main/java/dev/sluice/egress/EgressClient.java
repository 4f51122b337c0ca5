package dev.sluice.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.tracing.TracingPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks and tells other people's servers. Each request resolves the name once, refuses addresses the {@link
 * AddressGuard} does not allow, and connects to exactly the address it judged; Host and TLS keep the name. No redirect,
 * cookie, proxy or decompression; one deadline over everything.
 */
public final class EgressClient {
    /** What is read of an answer before the connection is dropped. */
    public static final int BODY_BYTES_MAX = 64 * 1024;

    /** Connections to one host: as many as a webhook lane may use. */
    private static final int CONNECTIONS_PER_HOST_MAX = 8;
    /** Requests that wait for a connection to one host; more fail at once. */
    private static final int WAITING_PER_HOST_MAX = 256;

    private static final int CONNECT_MS = 5_000;
    private static final int KEEP_ALIVE_S = 20;
    /** A changed address or certificate is noticed within this time. */
    private static final int CONNECTION_LIFE_S = 300;

    private static final int HEADER_BYTES_MAX = 16 * 1024;
    private static final int STATUS_LINE_BYTES_MAX = 4 * 1024;

    private static final Logger log = LoggerFactory.getLogger(EgressClient.class);

    private final Vertx vertx;
    private final UrlPolicy urls;
    private final AddressGuard addresses;
    private final HostResolver resolver;
    private final HttpClient http;

    public EgressClient(Vertx vertx, EgressRules rules, HostResolver resolver) {
        this(vertx, rules, resolver, options());
    }

    EgressClient(Vertx vertx, EgressRules rules, HostResolver resolver, HttpClientOptions options) {
        this.vertx = vertx;
        this.urls = new UrlPolicy(rules);
        this.addresses = new AddressGuard(rules);
        this.resolver = resolver;
        PoolOptions pool = new PoolOptions()
                .setHttp1MaxSize(CONNECTIONS_PER_HOST_MAX)
                .setMaxWaitQueueSize(WAITING_PER_HOST_MAX)
                .setMaxLifetime(CONNECTION_LIFE_S)
                .setMaxLifetimeUnit(TimeUnit.SECONDS);
        this.http = vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                // Without a handler each broken answer of a stranger would be logged as our error.
                .withConnectHandler(made -> made.exceptionHandler(broken ->
                        log.debug("egress.broken remote={} cause={}", made.remoteAddress(), broken.toString())))
                .build();
    }

    /** A client with the system's resolver. */
    public static EgressClient open(Vertx vertx, EgressRules rules) {
        return new EgressClient(vertx, rules, HostResolver.system(vertx));
    }

    static HttpClientOptions options() {
        return new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setConnectTimeout(CONNECT_MS)
                .setSslHandshakeTimeout(CONNECT_MS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeepAliveTimeout(KEEP_ALIVE_S)
                .setDecompressionSupported(false)
                .setMaxRedirects(0)
                .setMaxHeaderSize(HEADER_BYTES_MAX)
                .setMaxInitialLineLength(STATUS_LINE_BYTES_MAX)
                .setTcpNoDelay(true)
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setForceSni(true)
                .setVerifyHost(true);
    }

    /** Which URLs this client would ask for. */
    public UrlPolicy urls() {
        return urls;
    }

    /**
     * Sends a request. Any status is an answer. Fails with {@code Rejected("url-refused")} or {@code
     * Rejected("address-refused")} before anything is sent, with {@code Unavailable("egress-timeout")} at the deadline,
     * and with the network's own exception else; after a failure the other side may have acted.
     */
    public Future<EgressResponse> send(EgressRequest request) {
        Target target;
        try {
            target = urls.check(request.url());
        } catch (RuntimeException refused) {
            return Future.failedFuture(refused);
        }
        Exchange exchange = new Exchange(vertx, request);
        resolve(target)
                .map(found -> addresses.choose(target.host(), found))
                .compose(address ->
                        exchange.isOver() ? Future.failedFuture("over") : connect(request, target, address, exchange))
                .onFailure(exchange::fail);
        return exchange.answer();
    }

    public Future<Void> close() {
        return http.close();
    }

    private Future<List<InetAddress>> resolve(Target target) {
        return target.literal()
                .map(literal -> Future.succeededFuture(List.of(literal)))
                .orElseGet(() -> resolver.resolve(target.host()));
    }

    private Future<Void> connect(EgressRequest request, Target target, InetAddress address, Exchange exchange) {
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, target.port())))
                .setHost(target.host())
                .setPort(target.port())
                .setSsl(target.tls())
                .setURI(target.uri())
                .setFollowRedirects(false);
        request.headers().forEach(options::putHeader);
        return http.request(options).map(made -> {
            exchange.run(made);
            return null;
        });
    }
}

package dev.sluice.egress;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Finds the addresses of a name. */
@FunctionalInterface
public interface HostResolver {
    /** All addresses of a name; fails where it has none. */
    Future<List<InetAddress>> resolve(String host);

    /** The resolver Vert.x itself uses: hosts file, then DNS, without blocking. */
    static HostResolver system(Vertx vertx) {
        // The public API resolves only while connecting, which is too late to refuse.
        var names = ((VertxInternal) vertx).nameResolver();
        return host -> {
            Promise<List<InetAddress>> resolved = Promise.promise();
            names.resolveAll(host, answer -> {
                if (answer.succeeded()) {
                    resolved.complete(answer.result().stream()
                            .map(InetSocketAddress::getAddress)
                            .toList());
                } else {
                    resolved.fail(answer.cause());
                }
            });
            return resolved.future();
        };
    }
}

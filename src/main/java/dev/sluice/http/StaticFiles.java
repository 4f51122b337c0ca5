package dev.sluice.http;

import dev.sluice.kernel.Sha256;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Files from the jar, read whole at start. A page names them by {@link #url}, which carries the content's hash, so that
 * browsers keep them for good and still see every change.
 */
public final class StaticFiles implements Pages {
    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2",
            "html", "text/html; charset=utf-8",
            "txt", "text/plain; charset=utf-8");

    private final Map<String, Asset> assets = new HashMap<>();

    private record Asset(Buffer content, String hash, String type) {}

    /**
     * Reads class-path resources; blocking.
     *
     * @param resources URL path to resource: {@code /static/checkout.js} to {@code web/checkout.js}
     */
    public StaticFiles(Map<String, String> resources) {
        resources.forEach((path, resource) -> assets.put(path, read(resource)));
    }

    /** The path with the hash of the content; only for a path that is there. */
    public String url(String path) {
        Asset asset = assets.get(path);
        if (asset == null) {
            throw new IllegalArgumentException("no static file " + path);
        }
        return path + "?v=" + asset.hash();
    }

    @Override
    public void mount(Router router) {
        assets.forEach((path, asset) -> router.get(path).handler(context -> serve(context, asset)));
    }

    private static void serve(RoutingContext context, Asset asset) {
        String tag = "\"" + asset.hash() + "\"";
        boolean pinned = asset.hash().equals(context.request().getParam("v"));
        HttpServerResponse response = context.response();
        response.putHeader("ETag", tag)
                .putHeader("Cache-Control", pinned ? "public, max-age=31536000, immutable" : "no-cache");
        PageHeaders.apply(response);
        if (Conditional.holds(Optional.ofNullable(context.request().getHeader("If-None-Match")), tag)) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader("Content-Type", asset.type()).end(asset.content());
        }
    }

    private static Asset read(String resource) {
        try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource);
            }
            byte[] bytes = in.readAllBytes();
            String hash = HexFormat.of().formatHex(Sha256.of(bytes), 0, 8);
            String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
            return new Asset(Buffer.buffer(bytes), hash, type == null ? "application/octet-stream" : type);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

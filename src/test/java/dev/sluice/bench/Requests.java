package dev.sluice.bench;

import io.vertx.core.buffer.Buffer;

/** Requests as bytes. They come from many callers behind a proxy, as in service, so that none reaches its own limit. */
final class Requests {
    static final int CALLERS = 4_096;

    private Requests() {}

    static Buffer get(String path, int caller) {
        return Buffer.buffer("GET " + path + head(caller) + "\r\n");
    }

    static Buffer post(String path, int caller, String headers, String body) {
        return Buffer.buffer("POST " + path + head(caller) + headers
                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static String head(int caller) {
        int low = caller % CALLERS;
        return " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.7." + low / 256 + "." + low % 256 + "\r\n";
    }
}

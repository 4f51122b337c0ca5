package dev.sluice.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;

/** One keep-alive connection with one request under way; used on its event loop. */
final class Connection {
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    /** Hears the answer of the request under way; {@code whole} is head and body. */
    interface Listener {
        void answered(int status, Buffer whole);
    }

    private final Context loop = Vertx.currentContext();
    /** Held because a client that nobody holds is collected, and closes its connections. */
    @SuppressWarnings("unused")
    private final NetClient client;

    private final NetSocket socket;
    private Listener listener = (status, whole) -> {};
    private Buffer received = Buffer.buffer();
    private boolean lost;

    Connection(NetClient client, NetSocket socket) {
        this.client = client;
        this.socket = socket;
        socket.handler(this::received);
        socket.closeHandler(closed -> {
            lost = true;
            listener.answered(0, Buffer.buffer());
        });
    }

    /** Sends a request; an answer of status 0 is a lost connection. */
    void ask(Buffer request, Listener answer) {
        listener = answer;
        if (lost) {
            answer.answered(0, Buffer.buffer());
        } else {
            socket.write(request);
        }
    }

    /** Runs something on this connection's event loop. */
    void run(Runnable work) {
        loop.runOnContext(go -> work.run());
    }

    void close() {
        listener = (status, whole) -> {};
        socket.close();
    }

    private void received(Buffer bytes) {
        received = received.length() == 0 ? bytes : received.appendBuffer(bytes);
        int head = find(received, HEAD_END, received.length(), false);
        if (head < 0 || received.length() < head + HEAD_END.length + bodyLength(head)) {
            return;
        }
        Buffer whole = received;
        received = Buffer.buffer();
        listener.answered(status(whole), whole);
    }

    private static int status(Buffer head) {
        int status = 0;
        for (int i = STATUS_AT; i < STATUS_AT + 3; i++) {
            status = 10 * status + head.getByte(i) - '0';
        }
        return status;
    }

    private int bodyLength(int headEnd) {
        int at = find(received, LENGTH, headEnd, true);
        if (at < 0) {
            return 0;
        }
        int length = 0;
        for (int i = at + LENGTH.length; i < headEnd && received.getByte(i) != '\r'; i++) {
            byte digit = received.getByte(i);
            length = digit == ' ' ? length : 10 * length + digit - '0';
        }
        return length;
    }

    private static int find(Buffer in, byte[] wanted, int end, boolean anyCase) {
        for (int at = 0; at + wanted.length <= end; at++) {
            int same = 0;
            while (same < wanted.length && fold(in.getByte(at + same), anyCase) == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return at;
            }
        }
        return -1;
    }

    private static byte fold(byte letter, boolean anyCase) {
        return anyCase && letter >= 'A' && letter <= 'Z' ? (byte) (letter + 32) : letter;
    }

    /** The body of an answer. */
    static String body(Buffer whole) {
        int head = find(whole, HEAD_END, whole.length(), false);
        return whole.getString(head + HEAD_END.length, whole.length());
    }
}

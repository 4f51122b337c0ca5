package dev.sluice.chain.bitcoind;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/** Hears the node's publications on a thread of its own and takes each for a hint, whatever it says. */
final class ZmqHints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ZmqHints.class);
    /** What waits beyond this is dropped: one hint is as good as a thousand. */
    private static final int WAITING_MAX = 1_000;
    /** How long closing may take. */
    private static final int POLL_MS = 200;

    private final List<String> endpoints;
    private final Runnable hint;
    private volatile boolean closed;

    ZmqHints(List<String> endpoints, Runnable hint) {
        this.endpoints = endpoints;
        this.hint = hint;
        Thread.ofPlatform().name("sluice-zmq").daemon().start(this::listen);
    }

    private void listen() {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.SUB);
            socket.setRcvHWM(WAITING_MAX);
            socket.setReceiveTimeOut(POLL_MS);
            endpoints.forEach(socket::connect);
            for (String topic : List.of("rawtx", "hashtx", "hashblock", "rawblock", "sequence")) {
                socket.subscribe(topic.getBytes(ZMQ.CHARSET));
            }
            while (!closed) {
                if (socket.recv() != null) {
                    drain(socket);
                    hint.run();
                }
            }
        } catch (ZMQException failure) {
            log.warn("chain.zmq.stopped reason={}", failure.getMessage()); // polling goes on
        }
    }

    /** A block brings thousands of messages; they are one hint. */
    private static void drain(ZMQ.Socket socket) {
        for (int i = 0; i < WAITING_MAX && socket.recv(ZMQ.DONTWAIT) != null; i++) {
            continue;
        }
    }

    @Override
    public void close() {
        closed = true; // the thread sees it within POLL_MS; interrupting would look like a fault of the socket
    }
}

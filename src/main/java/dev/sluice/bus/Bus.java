package dev.sluice.bus;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.function.Consumer;

/** Publishes and hears hints by reference, inside this process. */
public final class Bus {
    private static final String BY_REFERENCE = "by-reference";
    private static final DeliveryOptions LOCAL =
            new DeliveryOptions().setLocalOnly(true).setCodecName(BY_REFERENCE);

    private final EventBus eventBus;

    public Bus(Vertx vertx) {
        this.eventBus = vertx.eventBus();
        eventBus.registerCodec(new ByReference());
    }

    /** Tells everyone who listens now; nobody else will ever hear it. */
    public <T> void publish(Topic<T> topic, T hint) {
        eventBus.publish(topic.name(), hint, LOCAL);
    }

    /** Hears a topic on the caller's event loop until unregistered or undeployed. */
    public <T> MessageConsumer<T> hear(Topic<T> topic, Consumer<T> handler) {
        return eventBus.localConsumer(topic.name(), message -> handler.accept(message.body()));
    }

    private static final class ByReference implements MessageCodec<Object, Object> {
        @Override
        public void encodeToWire(Buffer buffer, Object message) {
            throw new UnsupportedOperationException("the bus is local");
        }

        @Override
        public Object decodeFromWire(int position, Buffer buffer) {
            throw new UnsupportedOperationException("the bus is local");
        }

        @Override
        public Object transform(Object message) {
            return message;
        }

        @Override
        public String name() {
            return BY_REFERENCE;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}

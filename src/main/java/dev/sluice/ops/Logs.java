package dev.sluice.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.sluice.config.SluiceConfig.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets up logging to standard output: one event a line, as text or JSON. */
public final class Logs {
    /** Line breaks inside a message are taken out, so that no value can forge a line. */
    private static final String TEXT =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX,UTC} %-5level %logger{20} %replace(%msg){'[\\r\\n]+', ' '}%n%ex";

    private Logs() {}

    /** Replaces whatever was set up before. Libraries say warnings and errors, {@code dev.sluice} its level. */
    public static void configure(Logging logging) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder(logging.format(), context));
        console.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console);
        // Vert.x registers some of its own gauges twice and is warned about it at each start.
        context.getLogger("io.micrometer.core.instrument.MeterRegistry").setLevel(Level.ERROR);
        context.getLogger("dev.sluice").setLevel(Level.valueOf(logging.level().name()));
    }

    static Encoder<ILoggingEvent> encoder(Logging.Format format, LoggerContext context) {
        Encoder<ILoggingEvent> encoder = switch (format) {
            case TEXT -> text();
            case JSON -> json();
        };
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setPattern(TEXT);
        return text;
    }

    private static Encoder<ILoggingEvent> json() {
        JsonEncoder json = new JsonEncoder();
        json.setWithSequenceNumber(false);
        json.setWithNanoseconds(false);
        json.setWithContext(false);
        json.setWithMessage(false); // the pattern; the formatted message says it with its values
        json.setWithArguments(false);
        json.setWithFormattedMessage(true);
        return json;
    }
}

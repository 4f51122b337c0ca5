package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.sluice.config.SluiceConfig.Logging.Format;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogsTest {
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    private String line(Format format, String message, Object... arguments) {
        LoggingEvent event = new LoggingEvent(
                LogsTest.class.getName(),
                context.getLogger("dev.sluice.invoice"),
                Level.INFO,
                message,
                null,
                arguments);
        return new String(Logs.encoder(format, context).encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void textIsOneLineEvenWhenAValueHasLineBreaks() {
        String line = line(Format.TEXT, "invoice.settled invoice={}", "a\r\n2026-01-01 ERROR forged");
        assertThat(line)
                .contains("INFO")
                .contains("invoice.settled invoice=a 2026-01-01 ERROR forged")
                .endsWith("\n");
        assertThat(line.strip().lines()).hasSize(1);
    }

    @Test
    void jsonIsOneObjectALine() {
        String line = line(Format.JSON, "invoice.settled invoice={}", "a\n\"b\"");
        assertThat(line.strip().lines()).hasSize(1);
        JsonObject json = new JsonObject(line);
        assertThat(json.getString("formattedMessage")).isEqualTo("invoice.settled invoice=a\n\"b\"");
        assertThat(json.getString("level")).isEqualTo("INFO");
        assertThat(json.getString("loggerName")).isEqualTo("dev.sluice.invoice");
        assertThat(json.getMap()).doesNotContainKeys("arguments", "message", "context");
    }
}

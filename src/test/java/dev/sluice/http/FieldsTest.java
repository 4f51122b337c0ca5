package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import dev.sluice.kernel.FailureException;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private enum Policy {
        HIGH_SPEED,
        LOW
    }

    @Test
    void readsWhatClientsSend() {
        Fields fields = fields("""
                {"number": 15, "text": "25.00", "exact": 0.1, "long": 9223372036854775807, "digits": "7",
                 "policy": "HighSpeed", "list": ["a", "b"], "nested": {"flag": false}, "none": null}""");

        assertThat(fields.decimal("number", "Number")).contains(new BigDecimal("15"));
        assertThat(fields.decimal("text", "Text")).contains(new BigDecimal("25.00"));
        assertThat(fields.decimal("exact", "Exact")).contains(new BigDecimal("0.1"));
        assertThat(fields.integer("long", "Long", 0, Long.MAX_VALUE)).contains(Long.MAX_VALUE);
        assertThat(fields.smallInteger("digits", "Digits", 0, 9)).contains(7);
        assertThat(fields.constant("policy", "Policy", Policy.class)).contains(Policy.HIGH_SPEED);
        assertThat(fields.strings("list", "List", 2, 1)).contains(List.of("a", "b"));
        assertThat(fields.nested("nested", "Nested").bool("flag", "Nested.Flag"))
                .contains(false);
        assertThat(fields.string("none", "None", 1)).isEmpty();
        assertThat(fields.string("absent", "Absent", 1)).isEmpty();
        assertThat(fields.has("none")).isFalse();
        fields.check();
    }

    @Test
    void collectsEverythingThatIsWrong() {
        Fields fields = fields("""
                {"negative": -1, "list": ["a", 1, "long"], "policy": "Fast", "nested": {"amount": "1e3"}, "object": 1}""");
        fields.requiredString("name", "Name", 10);
        fields.requiredDecimal("negative", "Negative");
        fields.strings("list", "List", 10, 3);
        fields.constant("policy", "Policy", Policy.class);
        fields.nested("nested", "Nested").decimal("amount", "Nested.Amount");
        fields.object("object", "Object");

        FailureException thrown = catchThrowableOfType(FailureException.class, fields::check);
        assertThat(((Failure.Invalid) thrown.failure()).errors())
                .extracting(FieldError::path)
                .containsExactly("Name", "Negative", "List[1]", "List[2]", "Policy", "Nested.Amount", "Object");
    }

    @Test
    void numbersAreNeverRounded() {
        Fields fields = fields("{\"satoshi\": 20999999.99999999, \"big\": 9007199254740993}");
        assertThat(fields.decimal("satoshi", "S")).contains(new BigDecimal("20999999.99999999"));
        assertThat(fields.integer("big", "B", 0, Long.MAX_VALUE)).contains(9_007_199_254_740_993L);
    }

    @Test
    void blankIsMissingWhereATextIsRequired() {
        Fields fields = fields("{\"name\":\"  \"}");
        assertThat(fields.requiredString("name", "Name", 10)).isEmpty();
        assertThatThrownBy(fields::check).hasMessageContaining("required");
    }

    private static Fields fields(String json) {
        return new Fields(StrictJson.object(Buffer.buffer(json)));
    }
}

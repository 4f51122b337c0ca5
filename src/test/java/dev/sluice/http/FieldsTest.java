package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import dev.sluice.kernel.FailureException;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    private static final BigDecimal MAX = BigDecimal.TEN.pow(20);

    @Test
    void readsWhatClientsSend() {
        Fields fields = fields("""
                {"number": 15, "text": "25.00", "exact": 0.1, "long": 9223372036854775807, "digits": "7",
                 "list": ["a", "b"], "nested": {"flag": false}, "items": [{"flag": true}], "none": null}""");

        assertThat(fields.decimal("number", BigDecimal.ZERO, MAX)).isEqualTo(new BigDecimal("15"));
        assertThat(fields.decimal("text", BigDecimal.ZERO, MAX)).isEqualTo(new BigDecimal("25.00"));
        assertThat(fields.decimal("exact", BigDecimal.ZERO, MAX)).isEqualTo(new BigDecimal("0.1"));
        assertThat(fields.integer("long", 0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(fields.integer("digits", 0, 9)).isEqualTo(7);
        assertThat(fields.texts("list", 2, 1)).containsExactly("a", "b");
        assertThat(fields.object("nested").flag("flag")).isFalse();
        assertThat(fields.objects("items", 1).getFirst().flag("flag")).isTrue();
        assertThat(fields.json("nested")).isNotNull();
        assertThat(fields.text("none", 1)).isNull();
        assertThat(fields.text("absent", 1)).isNull();
        assertThat(fields.flag("none", true)).isTrue();
        assertThat(fields.has("none")).isFalse();
        fields.check();
    }

    /** BTCPay's .NET client sends {@code Amount}, its JavaScript clients {@code amount}. */
    @Test
    void namesAreMatchedWithoutRegardToCase() {
        Fields fields = fields("""
                {"Amount": 5, "CHECKOUT": {"SpeedPolicy": "HighSpeed"}, "Metadata": {"orderId": "a", "OrderId": "b"},
                 "Items": [{"Name": "tea"}], "Nothing": null}""");
        assertThat(fields.has("amount")).isTrue();
        assertThat(fields.integer("amount", 0, 9)).isEqualTo(5);
        assertThat(fields.object("checkout").text("speedPolicy", 9)).isEqualTo("HighSpeed");
        assertThat(fields.json("metadata").fieldNames()).containsExactly("orderId", "OrderId");
        assertThat(fields.objects("items", 1).getFirst().text("name", 9)).isEqualTo("tea");
        assertThat(fields.isNull("nothing")).isTrue();
        assertThat(fields.isNull("absent")).isFalse();
        fields.check();
    }

    @Test
    void fieldThatIsThereInTwoSpellingsIsRefused() {
        Fields fields = fields("""
                {"amount": 1, "Amount": 2, "nested": {"flag": true, "FLAG": true}, "unknown": 1, "Unknown": 2}""");
        assertThat(fields.integer("amount", 0, 9)).isNull();
        assertThat(fields.object("nested").flag("flag")).isNull();
        assertThat(paths(fields)).containsExactly("Amount", "Nested.Flag");
    }

    @Test
    void textMayStandForAnObjectOfOneField() {
        Fields fields = fields("""
                {"config": "xpub", "other": {"scheme": "zpub"}, "wrong": 1}""");
        assertThat(fields.object("config", "scheme").text("scheme", 9)).isEqualTo("xpub");
        assertThat(fields.object("other", "scheme").text("scheme", 9)).isEqualTo("zpub");
        fields.object("wrong", "scheme");
        assertThat(paths(fields)).containsExactly("Wrong");
    }

    @Test
    void collectsEverythingThatIsWrong() {
        Fields fields = fields("""
                {"negative": -1, "list": ["a", 1, "long"], "nested": {"amount": "1e3", "far": {"flag": 1}},
                 "items": [{"flag": "yes"}], "object": 1, "long": "abc", "part": 1.5}""");
        fields.decimal("negative", BigDecimal.ZERO, MAX);
        fields.texts("list", 10, 3);
        Fields nested = fields.object("nested");
        nested.decimal("amount", BigDecimal.ZERO, MAX);
        nested.object("far").flag("flag");
        fields.objects("items", 1).forEach(item -> item.flag("flag"));
        fields.object("object");
        fields.text("long", 2);
        fields.integer("part", 0, 9);

        assertThat(paths(fields))
                .containsExactly(
                        "Negative",
                        "List[1]",
                        "List[2]",
                        "Nested.Amount",
                        "Nested.Far.Flag",
                        "Items[0].Flag",
                        "Object",
                        "Long",
                        "Part");
    }

    @Test
    void theFirstErrorOfAFieldStands() {
        Fields fields = fields("{\"name\": 1}");
        fields.text("name", 10);
        fields.reject("name", "A name is needed");
        assertThat(paths(fields)).containsExactly("Name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1e3\"",
                "\"\uFF11\uFF12\"",
                "\"+1\"",
                "\" 1\"",
                "\"0x10\"",
                "\"NaN\"",
                "\"1,5\"",
                "\"\"",
                "\".5\"",
                "\"5.\"",
                "1E-41",
                "true",
                "[1]"
            })
    void numbersThatCanBeMisreadAreRefused(String json) {
        Fields fields = fields("{\"amount\": " + json + "}");
        fields.decimal("amount", BigDecimal.TEN.pow(30).negate(), BigDecimal.TEN.pow(30));
        assertThat(paths(fields)).containsExactly("Amount");
    }

    @Test
    void numbersAreNeverRounded() {
        Fields fields = fields("{\"satoshi\": 20999999.99999999, \"big\": 9007199254740993}");
        assertThat(fields.decimal("satoshi", BigDecimal.ZERO, MAX)).isEqualTo(new BigDecimal("20999999.99999999"));
        assertThat(fields.integer("big", 0, Long.MAX_VALUE)).isEqualTo(9_007_199_254_740_993L);
    }

    private static List<String> paths(Fields fields) {
        FailureException thrown = catchThrowableOfType(FailureException.class, fields::check);
        return ((Failure.Invalid) thrown.failure())
                .errors().stream().map(FieldError::path).toList();
    }

    private static Fields fields(String json) {
        return new Fields(StrictJson.object(Buffer.buffer(json)));
    }
}

package dev.sluice.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object (RFC 8259) and nothing else: no second document, duplicate name, NaN, broken UTF-8, lone
 * surrogate or NUL (which PostgreSQL's text refuses). Numbers are {@code Long}, else exact {@code BigDecimal}; never
 * floating point. Everything refused is 400.
 */
final class StrictJson {
    /** Deeper than any document of the API; a thousand levels would be an attack. */
    private static final int DEPTH_MAX = 32;

    private static final int NAME_LENGTH_MAX = 256;
    /** Digits of a number, and the size of its exponent: any amount fits, and arithmetic on it stays cheap. */
    private static final int DIGITS_MAX = 64;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNameLength(NAME_LENGTH_MAX)
                    .maxNumberLength(2 * DIGITS_MAX)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private StrictJson() {}

    /** The object in {@code body}; an empty body is an empty object. Throws {@code Rejected}. */
    static JsonObject object(Buffer body) {
        if (body.length() == 0) {
            return new JsonObject();
        }
        try (JsonParser parser = FACTORY.createParser(utf8(body))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("a JSON object is expected");
            }
            JsonObject object = readObject(parser);
            if (parser.nextToken() != null) {
                throw malformed("only one JSON document is expected");
            }
            return object;
        } catch (JsonProcessingException failure) {
            throw malformed(failure.getOriginalMessage().lines().findFirst().orElse("not JSON"));
        } catch (IOException failure) {
            throw malformed("not JSON");
        }
    }

    private static String utf8(Buffer body) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(body.getBytes());
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException failure) {
            throw malformed("not UTF-8");
        }
    }

    private static JsonObject readObject(JsonParser parser) throws IOException {
        JsonObject object = new JsonObject();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = checked(parser.currentName());
            parser.nextToken();
            object.put(name, readValue(parser));
        }
        return object;
    }

    private static JsonArray readArray(JsonParser parser) throws IOException {
        JsonArray array = new JsonArray();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(readValue(parser));
        }
        return array;
    }

    private static @Nullable Object readValue(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> readArray(parser);
            case VALUE_STRING -> checked(parser.getText());
            case VALUE_NUMBER_INT -> integer(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> decimal(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT -> throw malformed("not JSON");
        };
    }

    private static Object integer(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : decimal(value.toString());
    }

    private static BigDecimal decimal(String text) {
        try {
            BigDecimal value = new BigDecimal(text);
            if (value.precision() <= DIGITS_MAX && Math.abs((long) value.scale()) <= DIGITS_MAX) {
                return value;
            }
        } catch (NumberFormatException overflow) {
            throw malformed("a number is out of range");
        }
        throw malformed("a number is out of range");
    }

    /** A text that PostgreSQL can hold as it is. */
    private static String checked(String text) {
        for (int index = 0; index < text.length(); index++) {
            char character = text.charAt(index);
            if (character == 0) {
                throw malformed("the NUL character is not allowed");
            }
            if (Character.isSurrogate(character)) {
                boolean pair =
                        index + 1 < text.length() && Character.isSurrogatePair(character, text.charAt(index + 1));
                if (!pair) {
                    throw malformed("a surrogate without its other half is not allowed");
                }
                index++;
            }
        }
        return text;
    }

    private static FailureException malformed(String message) {
        return new Failure.Rejected("malformed-json", message).exception();
    }
}

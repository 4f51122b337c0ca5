package dev.sluice.rate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A public ticker over HTTP.
 *
 * @param uris documents to read; all must be had
 * @param format what one of the documents quotes
 */
record Ticker(
        String id,
        String name,
        Duration period,
        HttpGet http,
        List<URI> uris,
        Function<JsonNode, Map<CurrencyPair, BidAsk>> format)
        implements RateSource {
    /** The largest known document has 30 KB. */
    private static final int DOCUMENT_MAX_BYTES = 1_000_000;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Override
    public boolean trusted() {
        return false;
    }

    @Override
    public Future<Map<CurrencyPair, BidAsk>> fetch() {
        List<Future<Map<CurrencyPair, BidAsk>>> documents =
                uris.stream().map(uri -> http.get(uri).map(this::quotes)).toList();
        return Future.all(documents).map(all -> {
            Map<CurrencyPair, BidAsk> merged = new HashMap<>();
            documents.forEach(document -> merged.putAll(document.result()));
            return Map.copyOf(merged);
        });
    }

    private Map<CurrencyPair, BidAsk> quotes(Buffer document) {
        if (document.length() > DOCUMENT_MAX_BYTES) {
            throw new IllegalArgumentException("the answer is too long");
        }
        try {
            Map<CurrencyPair, BidAsk> quotes = format.apply(JSON.readTree(document.toString(StandardCharsets.UTF_8)));
            if (quotes.isEmpty()) {
                throw new IllegalArgumentException("the answer quotes nothing");
            }
            return quotes;
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException("the answer is not JSON", malformed);
        }
    }
}

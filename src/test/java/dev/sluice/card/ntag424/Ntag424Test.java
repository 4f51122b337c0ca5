package dev.sluice.card.ntag424;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kernel.Entropy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published vectors, what must be refused, and a card in software against the reader. */
class Ntag424Test {
    private static final HexFormat HEX = HexFormat.of();
    private static final Optional<String> NO_EXTRA = Optional.empty();
    private static final Uid UID = new Uid("04a39493cc8680");
    private static final IssuerKey ISSUER = new IssuerKey(AesKey.ofHex("00000000000000000000000000000001"));

    private static JsonObject vectors() {
        try (InputStream in = Ntag424Test.class.getResourceAsStream("/vectors/ntag424.json")) {
            return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static Stream<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast);
    }

    static Stream<JsonObject> macs() {
        return objects(vectors().getJsonArray("aes_cmac"));
    }

    static Stream<JsonObject> taps() {
        return objects(vectors().getJsonArray("sun"));
    }

    static Stream<JsonObject> derivations() {
        return objects(vectors().getJsonObject("deterministic_keys").getJsonArray("cases"));
    }

    private static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }

    @ParameterizedTest
    @MethodSource("macs")
    void macOfRfc4493(JsonObject vector) {
        byte[] message = HEX.parseHex(vector.getString("msg"));
        assertThat(hex(AesKey.ofHex(vector.getString("key")).mac(message))).isEqualTo(vector.getString("mac"));
    }

    @ParameterizedTest
    @MethodSource("taps")
    void publishedTapIsReadAndProved(JsonObject vector) {
        AesKey k1 = AesKey.ofHex(vector.getString("k1"));
        AesKey k2 = AesKey.ofHex(vector.getString("k2"));
        Tap tap = Tap.of(vector.getString("p"), vector.getString("mac"));
        byte[] block = k1.decrypt(tap.encrypted());
        if (vector.containsKey("picc")) {
            assertThat(hex(block)).isEqualToIgnoringCase(vector.getString("picc"));
        }
        PiccData said = PiccData.read(block).orElseThrow();
        assertThat(said.uid().hex()).isEqualTo(vector.getString("uid"));
        byte[] counter = HEX.parseHex(vector.getString("ctr"));
        assertThat(said.counter())
                .isEqualTo((counter[0] & 0xff) | (counter[1] & 0xff) << 8 | (counter[2] & 0xff) << 16);
        byte[] payload = vector.getString("payload_ascii", "").getBytes(StandardCharsets.US_ASCII);
        assertThat(hex(said.mac(k2, payload))).isEqualToIgnoringCase(vector.getString("mac"));
        assertThat(said.isProvedBy(tap, k2)).isEqualTo(payload.length == 0);
    }

    @ParameterizedTest
    @MethodSource("derivations")
    void keysFollowFromTheIssuersKey(JsonObject vector) {
        IssuerKey issuer = new IssuerKey(AesKey.ofHex(vector.getString("issuer")));
        Uid uid = new Uid(vector.getString("uid"));
        CardKeys keys = issuer.cardKeys(uid, vector.getInteger("version"), NO_EXTRA);
        List<AesKey> all = List.of(keys.k0(), keys.k1(), keys.k2(), keys.k3(), keys.k4());
        for (int number = 0; number < all.size(); number++) {
            String expected = vector.getString("k" + number);
            if (expected != null) {
                assertThat(hex(all.get(number).bytes())).as("k" + number).isEqualTo(expected);
            }
        }
        if (vector.containsKey("id")) {
            assertThat(hex(issuer.cardId(uid))).isEqualTo(vector.getString("id"));
        }
        assertThat(issuer.tapKey(uid, vector.getInteger("version"), NO_EXTRA)).isEqualTo(keys.k2());
    }

    /** No third party published these: they hold what the description says, so that it does not change unseen. */
    @Test
    void pullPaymentOfBtcpayChangesAllKeysButTheIssuers() {
        CardKeys keys = ISSUER.cardKeys(UID, 0, Optional.of("fUDXsnySxvb5LYZ1bSLiWzLjVuT"));
        assertThat(hex(keys.k0().bytes())).isEqualTo("e622d4fc92a6301df15bed3727224469");
        assertThat(hex(keys.k1().bytes())).isEqualTo("55da174c9608993dc27bb3f30a4a7314");
        assertThat(hex(keys.k2().bytes())).isEqualTo("25d693f1453fe1e8f4abe069c9d03210");
        assertThat(hex(keys.k3().bytes())).isEqualTo("88b13ea6a150330a4f662b5ee3690b40");
        assertThat(hex(keys.k4().bytes())).isEqualTo("8b1fc0c5cebc21e60323daee2ebe1df7");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 65_536, PiccData.COUNTER_MAX})
    void cardCountsFromNothingToItsEnd(int counter) {
        CardKeys keys = ISSUER.cardKeys(UID, 1, NO_EXTRA);
        VirtualCard card = new VirtualCard(keys, UID, counter, Entropy.secure());
        Tap tap = card.tap();
        CardReader.Claim claim = new CardReader(List.of(ISSUER)).claims(tap).getFirst();
        assertThat(claim.said()).isEqualTo(new PiccData(UID, counter));
        assertThat(claim.said().isProvedBy(tap, keys.k2())).isTrue();
        if (counter == PiccData.COUNTER_MAX) {
            assertThatThrownBy(card::tap).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(card.tap()).isNotEqualTo(tap);
        }
    }

    @Test
    void anyFlippedBitIsRefused() {
        AesKey k2 = ISSUER.tapKey(UID, 1, NO_EXTRA);
        Tap tap = new VirtualCard(ISSUER.cardKeys(UID, 1, NO_EXTRA), UID, 7, Entropy.secure()).tap();
        byte[] whole = HEX.parseHex(tap.p() + tap.c());
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Tap other = Tap.of(HEX.formatHex(flipped, 0, 16), HEX.formatHex(flipped, 16, 24));
            boolean proved = new CardReader(List.of(ISSUER))
                    .claims(other).stream().anyMatch(claim -> claim.said().isProvedBy(other, k2));
            assertThat(proved).as("bit " + bit).isFalse();
        }
    }

    @Test
    void otherKeysVersionsCardsAndTapsProveNothing() {
        CardKeys keys = ISSUER.cardKeys(UID, 1, NO_EXTRA);
        VirtualCard card = new VirtualCard(keys, UID, 7, Entropy.secure());
        Tap tap = card.tap();
        Tap next = card.tap();
        PiccData said = new CardReader(List.of(ISSUER)).claims(tap).getFirst().said();
        IssuerKey stranger = new IssuerKey(AesKey.ofHex("ff".repeat(16)));
        for (AesKey wrong : List.of(
                keys.k0(),
                keys.k1(),
                keys.k3(),
                ISSUER.tapKey(UID, 0, NO_EXTRA),
                ISSUER.tapKey(UID, 2, NO_EXTRA),
                ISSUER.tapKey(UID, 1, Optional.of("pull")),
                ISSUER.tapKey(new Uid("04a39493cc8681"), 1, NO_EXTRA),
                stranger.tapKey(UID, 1, NO_EXTRA))) {
            assertThat(said.isProvedBy(tap, wrong)).isFalse();
        }
        assertThat(said.isProvedBy(new Tap(tap.p(), next.c()), keys.k2())).isFalse();
    }

    @Test
    void tapIsOpenedWithTheIssuerItBelongsTo() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.err.println("Ntag424Test seed=" + seed);
        Random random = new Random(seed);
        Entropy entropy = count -> {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        };
        List<IssuerKey> issuers = new ArrayList<>();
        for (int i = 0; i < CardReader.ISSUERS_MAX; i++) {
            issuers.add(new IssuerKey(new AesKey(entropy.bytes(AesKey.BYTES))));
        }
        CardReader reader = new CardReader(issuers);
        for (int i = 0; i < 500; i++) {
            IssuerKey issuer = issuers.get(random.nextInt(issuers.size()));
            Uid uid = Uid.of(entropy.bytes(Uid.BYTES), 0);
            int version = random.nextInt(5);
            int counter = random.nextInt(PiccData.COUNTER_MAX);
            Tap tap = new VirtualCard(issuer.cardKeys(uid, version, NO_EXTRA), uid, counter, entropy).tap();
            List<CardReader.Claim> proved = reader.claims(tap).stream()
                    .filter(claim -> claim.said()
                            .isProvedBy(tap, claim.issuer().tapKey(claim.said().uid(), version, NO_EXTRA)))
                    .toList();
            assertThat(proved).containsExactly(new CardReader.Claim(issuer, new PiccData(uid, counter)));
        }
    }

    @Test
    void linkOfAnySchemeAndCaseIsRead() {
        Tap tap = Tap.of("4E2E289D945A66BB13377A728884E867", "E19CCB1FED8892CE");
        assertThat(Tap.ofLink("lnurlw://pay.example/boltcard?p=4E2E289D945A66BB13377A728884E867&c=E19CCB1FED8892CE"))
                .isEqualTo(tap);
        assertThat(Tap.ofLink("https://pay.example/x?a=1&c=e19ccb1fed8892ce&p=4e2e289d945a66bb13377a728884e867#top"))
                .isEqualTo(tap);
        assertThat(tap.p()).isEqualTo(tap.p().toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://pay.example/boltcard",
                "https://pay.example/boltcard?p=4E2E289D945A66BB13377A728884E867",
                "https://pay.example/boltcard?c=E19CCB1FED8892CE",
                "https://pay.example/?p=4E2E289D945A66BB13377A728884E86&c=E19CCB1FED8892CE",
                "https://pay.example/?p=4E2E289D945A66BB13377A728884E867AA&c=E19CCB1FED8892CE",
                "https://pay.example/?p=4E2E289D945A66BB13377A728884E8ZZ&c=E19CCB1FED8892CE",
                "https://pay.example/?p=4E2E289D945A66BB13377A728884E867&c=E19CCB1FED8892",
                "https://pay.example/?p=4E2E289D945A66BB13377A728884E867&c=",
                "https://pay.example/?p=٤E2E289D945A66BB13377A728884E867&c=E19CCB1FED8892CE"
            })
    void whatIsNoTapIsRefused(String link) {
        assertThatThrownBy(() -> Tap.ofLink(link)).hasMessageContaining("malformed-tap");
    }

    @Test
    void keysNeverPrint() {
        CardKeys keys = ISSUER.cardKeys(UID, 1, NO_EXTRA);
        assertThat(keys.toString() + ISSUER + new CardReader(List.of(ISSUER)) + new PiccData(UID, 1))
                .doesNotContain("00000001", "f4b404be", UID.hex());
    }
}

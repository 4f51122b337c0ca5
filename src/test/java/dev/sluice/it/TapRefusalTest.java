package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** Whatever is wrong with a tap, who shows it hears the same, wherever it is shown; the log says what it was. */
class TapRefusalTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final Pattern WHY = Pattern.compile("card\\.[a-z.]+ (?:.* )?why=(\\S+)");
    private static final Logger CARDS = (Logger) LoggerFactory.getLogger("dev.sluice.card");
    private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String invoice;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        invoice = shop.post("/invoices", new JsonObject().put("amount", "5").put("currency", "SATS"))
                .getString("id");
        LOG.start();
        CARDS.setLevel(Level.INFO);
        CARDS.addAppender(LOG);
    }

    @AfterAll
    static void close() {
        CARDS.detachAppender(LOG);
        CARDS.setLevel(null);
    }

    /** A tap, and why it is refused. */
    private record Wrong(String p, String c, String why) {
        static Wrong of(Tap tap, String why) {
            return new Wrong(tap.p(), tap.c(), why);
        }

        String query() {
            return "?p=" + p + "&c=" + c;
        }
    }

    private static List<Wrong> wrong() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held card = shop.card(programme, "100");
        Tap used = card.chip().tap();
        shop.charge(CardShop.Held.tapped(used), "1");
        Tap older = card.chip().tap();
        Tap newer = card.chip().tap();
        shop.charge(CardShop.Held.tapped(newer), "1");
        CardShop.Held rewritten = rewritten(programme);
        Tap fresh = card.chip().tap();
        Tap foreign = shop.card(programme, "1").chip().tap();
        VirtualCard stranger = new VirtualCard(
                new IssuerKey(new AesKey(Entropy.secure().bytes(16))).cardKeys(card.uid(), 1, Optional.empty()),
                card.uid(),
                9,
                Entropy.secure());
        return List.of(
                Wrong.of(used, "REPLAYED"),
                Wrong.of(older, "REPLAYED"),
                Wrong.of(rewritten.chip().tap(), "OLD_KEYS"),
                Wrong.of(flipped(fresh, false), "WRONG_MAC"),
                Wrong.of(flipped(fresh, true), "UNKNOWN_CARD"),
                new Wrong(fresh.p(), foreign.c(), "WRONG_MAC"),
                new Wrong(foreign.p(), fresh.c(), "WRONG_MAC"),
                Wrong.of(stranger.tap(), "UNKNOWN_CARD"),
                new Wrong("0".repeat(32), "0".repeat(16), "UNKNOWN_CARD"));
    }

    /** A card whose chip has its next keys, which were seen; the chip here has those before. */
    private static CardShop.Held rewritten(String programme) {
        CardShop.Held before = shop.card(programme, "100");
        shop.charge(before.tap(), "1");
        Tap fresh = before.chip().tap();
        JsonObject body = new JsonObject().put("LNURLW", "lnurlw://h/boltcard?p=" + fresh.p() + "&c=" + fresh.c());
        JsonObject keys = InProcessGateway.ok(
                        gateway.ask("POST /api/v1/pull-payments/" + before.id() + "/boltcards", gateway.admin(), body))
                .bodyAsJsonObject();
        VirtualCard after = new VirtualCard(CardShop.keys(keys), before.uid(), 1, Entropy.secure());
        assertThat(shop.charge(CardShop.Held.tapped(after.tap()), "1").getBoolean("approved"))
                .isTrue();
        return before;
    }

    private static Tap flipped(Tap tap, boolean inP) {
        String p = inP ? flipped(tap.p()) : tap.p();
        return Tap.of(p, inP ? tap.c() : flipped(tap.c()));
    }

    private static String flipped(String hex) {
        char first = Character.forDigit(Character.digit(hex.charAt(0), 16) ^ 1, 16);
        return first + hex.substring(1);
    }

    /** What was answered, and the reasons that the log gave meanwhile. */
    private static String heard(HttpResponse<Buffer> answer) {
        return answer.statusCode() + " " + answer.getHeader("Content-Type") + " " + answer.bodyAsString();
    }

    private static List<String> reasons() {
        List<String> all = new ArrayList<>();
        for (ILoggingEvent line : List.copyOf(LOG.list)) {
            Matcher why = WHY.matcher(line.getFormattedMessage());
            if (why.find()) {
                all.add(why.group(1));
            }
        }
        return all;
    }

    private interface Place {
        HttpResponse<Buffer> show(Wrong tap);
    }

    private static void refusedAlike(List<Wrong> taps, Place place) {
        Set<String> answers = new HashSet<>();
        for (Wrong tap : taps) {
            LOG.list.clear();
            answers.add(heard(place.show(tap)));
            assertThat(reasons()).as(tap.toString()).containsExactly(tap.why());
        }
        assertThat(answers).hasSize(1);
    }

    private static List<Wrong> withThoseOfWrongLength(List<Wrong> taps) {
        List<Wrong> all = new ArrayList<>(taps);
        Wrong good = taps.getLast();
        all.add(new Wrong(good.p().substring(1), good.c(), "malformed-tap"));
        all.add(new Wrong(good.p() + "0", good.c(), "malformed-tap"));
        all.add(new Wrong(good.p(), good.c().substring(2), "malformed-tap"));
        all.add(new Wrong(good.p(), good.c() + "00", "malformed-tap"));
        all.add(new Wrong(good.p(), "", "malformed-tap"));
        return all;
    }

    private static JsonObject tapped(Wrong tap) {
        return new JsonObject()
                .put("amount", "2") // another sale than that which the used ones paid
                .put("currency", "SATS")
                .put("p", tap.p())
                .put("c", tap.c());
    }

    @Test
    void keysThatWereReplacedAreToldToTheIssuer() {
        CardShop.Held card = rewritten(shop.programme(new JsonObject()));
        Wrong tap = Wrong.of(card.chip().tap(), "OLD_KEYS");
        for (int i = 0; i < 3; i++) {
            gateway.ask("GET /boltcard" + tap.query(), null, null);
        }
        assertThat(suspicions(card)).containsExactly("old-keys"); // once a minute at a wallet
        shop.charge(CardShop.Held.tapped(card.chip().tap()), "1");
        assertThat(suspicions(card)).containsExactly("old-keys", "old-keys");
    }

    private static List<String> suspicions(CardShop.Held card) {
        String told = "select body ->> 'why' as reason from event"
                + " where kind = 'card.cloneSuspected' and body ->> 'cardId' = $1 order by seq";
        List<String> all = new ArrayList<>();
        await(OPEN.database().db().read(told, card.id())).forEach(row -> all.add(row.getString("reason")));
        return all;
    }

    @Test
    void atATerminal() {
        refusedAlike(wrong(), tap -> shop.ask("POST", "/terminals/" + shop.terminal() + "/charges", tapped(tap)));
        refusedAlike(
                wrong(), tap -> shop.ask("POST", "/terminals/" + shop.terminal() + "/authorizations", tapped(tap)));
    }

    @Test
    void atAWallet() {
        refusedAlike(withThoseOfWrongLength(wrong()), tap -> gateway.ask("GET /boltcard" + tap.query(), null, null));
    }

    @Test
    void onTheHoldersPage() {
        for (String operation : List.of("GET /boltcards/balance", "POST /boltcards/freeze")) {
            refusedAlike(
                    withThoseOfWrongLength(wrong()),
                    tap -> await(gateway.request(operation + tap.query())
                            .putHeader("Accept", "application/json")
                            .send()));
        }
    }

    @Test
    void atACheckoutPage() {
        refusedAlike(
                wrong(),
                tap -> gateway.ask(
                        "POST /i/" + invoice + "/tap",
                        null,
                        new JsonObject().put("link", gateway.url("/boltcard" + tap.query()))));
    }

    @Test
    void forTheKeysOfACard() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        shop.charge(card.tap(), "1");
        List<Wrong> taps = new ArrayList<>(wrong());
        taps.removeIf(tap -> tap.why().equals("REPLAYED")); // those are of another card
        taps.add(
                Wrong.of(shop.card(shop.programme(new JsonObject()), "1").chip().tap(), "OTHER_CARD"));
        Tap used = card.chip().tap();
        shop.charge(CardShop.Held.tapped(used), "9");
        shop.charge(card.tap(), "9");
        taps.add(Wrong.of(used, "REPLAYED"));
        refusedAlike(taps, tap -> {
            String url = shop.post("/cards/" + card.id() + "/reset-links", new JsonObject())
                    .getString("url");
            LOG.list.clear();
            return shop.release(url, new JsonObject().put("LNURLW", "lnurlw://h/boltcard" + tap.query()));
        });
        assertThat(shop.state(card)).isEqualTo("Active");
    }
}

package dev.sluice.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.HolderView;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What stands on the holder's page, read as apps read it: by expressions that take the digits before the unit. */
class CardModelTest {
    private static final Pattern BALANCE = Pattern.compile("(\\d{1,3}(?:,\\d{3})*) SATS</dt>");
    private static final Pattern MOVEMENT = Pattern.compile(
            "<time datetime=\"[^\"]+\">[^<]*</time></td><td[^>]*><span>(-?\\d{1,3}(?:,\\d{3})*) SATS</span>");
    private static final TemplateEngine TEMPLATES =
            TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.sluice.ui.page");

    private static HolderView view(String currency, String balance, String... amounts) {
        return new HolderView(
                "Gift card",
                "Active",
                true,
                balance,
                currency,
                List.of(),
                Arrays.stream(amounts)
                        .map(amount -> new HolderView.Movement("card.payout", amount, Instant.EPOCH))
                        .toList(),
                Optional.empty(),
                "",
                Optional.empty(),
                1,
                false,
                true,
                Optional.empty(),
                Optional.empty());
    }

    private static String page(HolderView view) {
        StringOutput out = new StringOutput();
        CardModel model = new CardModel(
                view, Texts.of("en"), "lnurl1test", "", "", "", false, "/static/checkout.css", Optional.empty());
        TEMPLATES.render("card.jte", Map.of("m", model), out);
        return out.toString();
    }

    private static List<String> found(Pattern pattern, String page) {
        return pattern.matcher(page)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    @Test
    void partsOfASatoshiAreNotOnThePage() {
        HolderView view = view("SATS", "9988.998", "-1011.002", "12000", "0.5", "-0.002");
        String page = page(view);
        assertThat(found(BALANCE, page)).containsExactly("9,988");
        assertThat(page).contains("<dl class=\"balance\"><dt>9,988 SATS</dt><dd>Balance</dd></dl>"); // a list's order
        assertThat(found(MOVEMENT, page)).containsExactly("-1,011", "12,000", "0", "0");
    }

    @Test
    void jsonStaysExact() {
        JsonObject json =
                view("SATS", "9988.998", "-0.002").json("https://pay.example/boltcard/top-up?p=00", "name@pay.example");
        assertThat(json.getString("balance")).isEqualTo("9988.998");
        assertThat(json.getJsonArray("history").getJsonObject(0).getString("amount"))
                .isEqualTo("-0.002");
        assertThat(json.getString("topUp")).isEqualTo("https://pay.example/boltcard/top-up?p=00");
        assertThat(json.getString("lightningAddress")).isEqualTo("name@pay.example");
    }

    @Test
    void moneyWithDecimalsKeepsThem() {
        String page = page(view("USD", "1234.50", "-0.05"));
        assertThat(page).contains("1,234.50 USD</dt>", "<span>-0.05 USD</span>");
    }
}

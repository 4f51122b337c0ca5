package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Entry;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the API shows cards and what belongs to them. */
final class CardViews {
    /** Of cards that were made without links. */
    private static final JsonObject NO_LINK = new JsonObject().put("url", "").put("deepLink", "");

    private CardViews() {}

    static JsonObject programme(Programme p) {
        CardCurrency money = p.money();
        return new JsonObject()
                .put("id", p.id())
                .put("storeId", p.store().value())
                .put("name", p.name())
                .put("currency", money.currency().code())
                .put("limits", limits(p.limits(), money))
                .put("pinFrom", text(p.pinFrom(), money))
                .put(
                        "spreadPercent",
                        BigDecimal.valueOf(p.spreadPpm(), 4)
                                .stripTrailingZeros()
                                .toPlainString())
                .put("validDays", p.validDays())
                .put("startBalance", money.text(p.startUnits()))
                .put("fundedBy", p.fundedBy().apiName())
                .put("activation", p.activation().apiName())
                .put("showsBalance", p.showsBalance())
                .put("rules", p.rules().json())
                .put("branding", p.branding())
                .put("archived", p.archived())
                .put("createdTime", p.createdAt().getEpochSecond());
    }

    private static JsonObject limits(Limits limits, CardCurrency money) {
        return new JsonObject()
                .put("perTap", text(limits.tap(), money))
                .put("daily", text(limits.day(), money))
                .put("weekly", text(limits.week(), money))
                .put("monthly", text(limits.month(), money));
    }

    private static @Nullable String text(@Nullable Long units, CardCurrency money) {
        return units == null ? null : money.text(units);
    }

    /** A card to its issuer; without its balance, which is asked apart. */
    static JsonObject card(Card card, Programme programme, Instant now) {
        Card.Chip chip = card.chip();
        return new JsonObject()
                .put("id", card.id().value())
                .put("storeId", card.store().value())
                .put("programmeId", card.programme())
                .put("state", card.stateAt(now).apiName())
                .put("currency", programme.money().currency().code())
                .put("label", card.label())
                .put("holder", card.holder())
                .put("limits", limits(card.limits(), programme.money()))
                .put("pin", card.pinHash() != null)
                .put("pinTriesLeft", card.pinHash() == null ? null : card.pinTries())
                .put("keyVersion", chip == null ? null : chip.version())
                .put("counter", card.counter() < 0 ? null : card.counter())
                .put("lastTapTime", seconds(card.tappedAt()))
                .put("expiresTime", seconds(card.expiresAt()))
                .put(
                        "replacedBy",
                        card.replacedBy() == null ? null : card.replacedBy().value())
                .put("lightningName", card.handle())
                .put("createdTime", card.createdAt().getEpochSecond());
    }

    private static @Nullable Long seconds(@Nullable Instant instant) {
        return instant == null ? null : instant.getEpochSecond();
    }

    static JsonArray history(List<Entry> entries, CardCurrency money) {
        JsonArray all = new JsonArray();
        entries.forEach(entry -> all.add(new JsonObject()
                .put("kind", entry.kind())
                .put("amount", money.text(entry.amount()))
                .put("currency", money.currency().code())
                .put("subject", entry.subject())
                .put("time", entry.at().getEpochSecond())));
        return all;
    }

    static JsonObject terminal(Terminal terminal) {
        return new JsonObject()
                .put("id", terminal.id())
                .put("storeId", terminal.store().value())
                .put("name", terminal.name())
                .put("category", terminal.category())
                .put("enabled", terminal.enabled())
                .put("createdTime", terminal.createdAt().getEpochSecond());
    }

    /** A tap that was refused before anything was known of it. */
    static JsonObject refusal(Decline why) {
        return new JsonObject()
                .put("id", null)
                .put("approved", false)
                .put("status", Charge.Status.DECLINED.apiName())
                .put("reason", why.code());
    }

    /** A charge to its merchant: not which card it was. */
    static JsonObject charge(Charge charge, @Nullable StoreId issuer) {
        CardCurrency money = CardCurrency.ofAsset(charge.asset());
        JsonObject out = new JsonObject()
                .put("id", charge.id())
                .put("approved", charge.isApproved())
                .put("status", charge.status().apiName())
                .put("reason", charge.reason() == null ? null : charge.reason().code())
                .put("storeId", charge.store().value())
                .put("terminalId", charge.terminal())
                .put("amount", charge.price().decimal().toPlainString())
                .put("currency", charge.price().currency().code())
                .put("cardAmount", money.text(charge.units()))
                .put("cardCurrency", money.currency().code())
                .put("captured", money.text(charge.captured()))
                .put("refunded", money.text(charge.refunded()))
                .put(
                        "invoiceId",
                        charge.invoice() == null ? null : charge.invoice().value())
                .put("expiresTime", charge.status() == Charge.Status.AUTHORIZED ? seconds(charge.until()) : null)
                .put("createdTime", charge.at().getEpochSecond());
        return charge.store().equals(issuer) ? out.put("cardId", charge.card().value()) : out;
    }

    /** A link to keys; shown once. */
    static JsonObject link(KeyRelease.Link link, String publicUrl) {
        String url = publicUrl + "/boltcards/links/" + link.token().value();
        String act = link.purpose() == LinkPurpose.PROGRAM ? "program" : "reset";
        return linkKept(link).put("url", url).put("deepLink", deepLink(act, url));
    }

    static JsonObject address(DepositRepository.UnpaidAddress shown) {
        return new JsonObject().put("address", shown.address()).put("confirmations", shown.confirmations());
    }

    static JsonObject factory(CardFactory factory, Instant now) {
        return new JsonObject()
                .put("id", factory.id())
                .put("programmeId", factory.programme())
                .put("name", factory.name())
                .put("wipes", factory.wipes())
                .put("maxCards", factory.cardsMax())
                .put("cards", factory.cardsMade())
                .put("open", factory.isOpen(now))
                .put("expiresTime", factory.expiresAt().getEpochSecond())
                .put("createdTime", factory.createdAt().getEpochSecond());
    }

    /** What a factory's secret leads to; shown once. */
    static JsonObject factoryLinks(CardFactory factory, Secret secret, String publicUrl) {
        String url = publicUrl + "/apps/" + secret.value() + "/boltcards";
        JsonObject out = new JsonObject()
                .put("url", url)
                .put("programLink", deepLink("program", url + "?onExisting=UpdateVersion"));
        return factory.wipes() ? out.put("resetLink", deepLink("reset", url + "?onExisting=KeepVersion")) : out;
    }

    private static String deepLink(String act, String url) {
        return "boltcard://" + act + "?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
    }

    /** What may be kept of a link. */
    static JsonObject linkKept(KeyRelease.Link link) {
        return new JsonObject()
                .put("cardId", link.card().id().value())
                .put("expiresTime", link.expiresAt().getEpochSecond());
    }

    /** Keys as the Bolt Card apps read them: both spellings, and the names of its one-time flow. */
    static JsonObject keys(ChipKeys.Keys keys, String publicUrl) {
        String lnurlw = Lnurl.withScheme("lnurlw", publicUrl + "/boltcard");
        CardKeys k = keys.keys();
        JsonObject out = new JsonObject().put("LNURLW", lnurlw).put("lnurlw_base", lnurlw);
        if (keys.purpose() == LinkPurpose.RESET) {
            out.put("version", 1).put("action", "wipe");
        } else {
            out.put("protocol_name", "create_bolt_card_response")
                    .put("protocol_version", 2)
                    .put("card_name", "Sluice")
                    .put("uid_privacy", "Y");
        }
        List<byte[]> all = List.of(k.k0().bytes(), k.k1().bytes(), k.k2().bytes(), k.k3().bytes(), k.k4().bytes());
        for (int i = 0; i < all.size(); i++) {
            String hex = HexFormat.of().formatHex(all.get(i)).toUpperCase(Locale.ROOT);
            out.put("K" + i, hex).put("k" + i, hex);
        }
        return out.put("Version", keys.version());
    }

    /** For card printers: a line for each card of a reply to an issue. */
    static String csv(JsonArray cards) {
        StringBuilder out = new StringBuilder("card,label,link,deepLink,expires\r\n");
        for (int i = 0; i < cards.size(); i++) {
            JsonObject card = cards.getJsonObject(i);
            JsonObject link = card.getJsonObject("programming", NO_LINK);
            out.append(card.getString("id"))
                    .append(',')
                    .append(quoted(card.getString("label")))
                    .append(',')
                    .append(link.getString("url"))
                    .append(',')
                    .append(link.getString("deepLink"))
                    .append(',')
                    .append(link == NO_LINK ? "" : Instant.ofEpochSecond(link.getLong("expiresTime")))
                    .append("\r\n");
        }
        return out.toString();
    }

    /** A field of RFC 4180; a leading sign that a spreadsheet would run as a formula is kept as text. */
    private static String quoted(@Nullable String text) {
        String value = text == null ? "" : text;
        boolean formula = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
        return "\"" + (formula ? "'" : "") + value.replace("\"", "\"\"") + "\"";
    }
}

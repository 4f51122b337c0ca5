package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;

/** Reads rows of the card tables. */
final class CardRows {
    private CardRows() {}

    static Card card(Row row) {
        Integer issuer = row.getInteger("issuer_id");
        String replacedBy = row.getString("replaced_by");
        return new Card(
                new CardId(row.getString("id")),
                new StoreId(row.getString("store_id")),
                row.getString("programme_id"),
                issuer == null
                        ? null
                        : new Card.Chip(
                                issuer,
                                row.getInteger("key_version"),
                                row.getInteger("next_version"),
                                row.getString("key_extra"),
                                row.getBuffer("own_keys")),
                CardState.of(row.getString("state")),
                row.getInteger("counter"),
                row.getBoolean("tap_open"),
                Columns.instant(row, "tapped_at"),
                row.getString("holder"),
                row.getString("label"),
                row.getString("pin_hash"),
                row.getInteger("pin_tries"),
                limits(row),
                Columns.instant(row, "expires_at"),
                replacedBy == null ? null : new CardId(replacedBy),
                row.getString("handle") == null ? "" : row.getString("handle"),
                row.getLong("version"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    static Programme programme(Row row) {
        return new Programme(
                row.getString("id"),
                new StoreId(row.getString("store_id")),
                row.getString("name"),
                new CardCurrency(Currency.of(row.getString("currency"))),
                limits(row),
                row.getLong("pin_from"),
                row.getInteger("spread_ppm"),
                row.getInteger("valid_days"),
                row.getLong("start_units"),
                row.getString("funded_by").equals("Store") ? Programme.Funding.STORE : Programme.Funding.PROGRAMME,
                row.getString("activation").equals("Manual")
                        ? Programme.Activation.MANUAL
                        : Programme.Activation.AUTOMATIC,
                row.getBoolean("shows_balance"),
                ProgrammeRules.of(row.get(JsonObject.class, "rules")),
                row.get(JsonObject.class, "branding"),
                row.getBoolean("archived"),
                row.getLong("version"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    static Terminal terminal(Row row) {
        return new Terminal(
                row.getString("id"),
                new StoreId(row.getString("store_id")),
                row.getString("name"),
                row.getString("category"),
                row.getBoolean("enabled"),
                row.getLong("version"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    static Charge charge(Row row) {
        String invoice = row.getString("invoice_id");
        String reason = row.getString("reason");
        return new Charge(
                row.getString("id"),
                new CardId(row.getString("card_id")),
                new StoreId(row.getString("store_id")),
                row.getString("terminal_id"),
                row.getInteger("key_version"),
                row.getInteger("counter"),
                Charge.Status.of(row.getString("status")),
                reason == null ? null : Decline.valueOf(reason),
                new Money(Currency.of(row.getString("currency")), row.getLong("minor")),
                row.getString("asset"),
                row.getLong("units"),
                row.getLong("spread"),
                row.getLong("asked"),
                row.getLong("captured"),
                row.getLong("refunded"),
                row.getLong("counted"),
                invoice == null ? null : new InvoiceId(invoice),
                Columns.instant(row, "until"),
                row.getLong("version"),
                row.getOffsetDateTime("at").toInstant());
    }

    private static Limits limits(Row row) {
        return new Limits(
                row.getLong("tap_max"), row.getLong("day_max"), row.getLong("week_max"), row.getLong("month_max"));
    }
}

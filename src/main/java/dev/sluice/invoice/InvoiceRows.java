package dev.sluice.invoice;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import dev.sluice.store.SpeedPolicy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads rows of the invoice tables into records. */
final class InvoiceRows {
    private InvoiceRows() {}

    static InvoiceId invoiceId(Row row) {
        return new InvoiceId(row.getString("invoice_id"));
    }

    static Invoice invoice(Row row) {
        Currency currency = Currency.of(row.getString("currency"));
        Long minor = row.getLong("amount_minor");
        return new Invoice(
                new InvoiceId(row.getString("id")),
                new StoreId(row.getString("store_id")),
                row.getString("kind").equals("TopUp") ? Invoice.Kind.TOP_UP : Invoice.Kind.STANDARD,
                minor == null ? null : new Money(currency, minor),
                msat(row, "due_msat"),
                new Rate(currency, row.getBigDecimal("rate")),
                row.getInteger("tolerance_ppm"),
                SpeedPolicy.find(row.getString("speed_policy")).orElseThrow(),
                new Msat(row.getLong("chain_fee_msat")),
                Invoice.FeeMode.of(row.getString("chain_fee_mode")),
                new InvoiceState(
                        InvoiceStatus.find(row.getString("status")).orElseThrow(),
                        AdditionalStatus.of(row.getString("additional"))),
                row.getLong("version"),
                instant(row, "created_at"),
                instant(row, "expires_at"),
                instant(row, "monitor_until"),
                new Msat(row.getLong("paid_msat")),
                row.getBoolean("archived"),
                row.get(JsonObject.class, "metadata"),
                row.get(JsonObject.class, "checkout"),
                row.get(JsonObject.class, "receipt"));
    }

    static Payment payment(Row row) {
        return new Payment(
                row.getString("id"),
                invoiceId(row),
                Rail.of(row.getString("rail")),
                Holder.valueOf(row.getString("holder")),
                row.getString("destination"),
                new Msat(row.getLong("value_msat")),
                new Msat(row.getLong("fee_msat")),
                paymentStatus(row.getString("status")),
                instant(row, "received_at"),
                row.getBoolean("late"),
                row.getInteger("confirmations_needed"),
                row.getInteger("block_height"),
                row.getString("block_hash"),
                row.getString("conflict_txid"),
                row.getInteger("credits"),
                row.getBoolean("credited"));
    }

    static Prompt prompt(Row row) {
        String hash = row.getString("payment_hash");
        Buffer preimage = row.getBuffer("preimage");
        return new Prompt(
                invoiceId(row),
                Rail.of(row.getString("rail")),
                row.getInteger("generation"),
                Holder.valueOf(row.getString("holder")),
                row.getString("source"),
                Prompt.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("destination"),
                row.getString("script"),
                row.getString("key_path"),
                hash == null ? null : new PaymentHash(hash),
                preimage == null ? null : Preimage.of(preimage.getBytes()),
                msat(row, "amount_msat"),
                row.getString("reason"),
                instant(row, "created_at"));
    }

    private static Payment.Status paymentStatus(String apiName) {
        return Arrays.stream(Payment.Status.values())
                .filter(s -> s.apiName().equals(apiName))
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable Msat msat(Row row, String column) {
        Long value = row.getLong(column);
        return value == null ? null : new Msat(value);
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }
}

package dev.sluice.card;

import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What can be said of a programme; the currency only when it is made. */
record ProgrammeTerms(
        String name,
        CardCurrency money,
        Limits limits,
        @Nullable Long pinFrom,
        int spreadPpm,
        @Nullable Integer validDays,
        long startUnits,
        Programme.Funding fundedBy,
        Programme.Activation activation,
        boolean showsBalance,
        ProgrammeRules rules,
        JsonObject branding) {
    Programme programme(String id, StoreId store, Instant now) {
        return with(id, store, money, false, 1, now);
    }

    Programme changed(Programme before) {
        return with(
                before.id(),
                before.store(),
                before.money(),
                before.archived(),
                before.version() + 1,
                before.createdAt());
    }

    static Programme archived(Programme p, boolean archived) {
        ProgrammeTerms same = new ProgrammeTerms(
                p.name(),
                p.money(),
                p.limits(),
                p.pinFrom(),
                p.spreadPpm(),
                p.validDays(),
                p.startUnits(),
                p.fundedBy(),
                p.activation(),
                p.showsBalance(),
                p.rules(),
                p.branding());
        return same.with(p.id(), p.store(), p.money(), archived, p.version() + 1, p.createdAt());
    }

    private Programme with(
            String id, StoreId store, CardCurrency counted, boolean archived, long version, Instant createdAt) {
        return new Programme(
                id,
                store,
                name,
                counted,
                limits,
                pinFrom,
                spreadPpm,
                validDays,
                startUnits,
                fundedBy,
                activation,
                showsBalance,
                rules,
                branding,
                archived,
                version,
                createdAt);
    }
}

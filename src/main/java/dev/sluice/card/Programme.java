package dev.sluice.card;

import dev.sluice.http.Colour;
import dev.sluice.http.InlineImage;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The terms under which a store issues cards.
 *
 * @param pinFrom a PIN is asked from this many units on; null for never
 * @param spreadPpm what an exchange costs the holder, in millionths
 * @param validDays from issue; null for ever
 * @param startUnits what is on a card when it is issued
 */
public record Programme(
        String id,
        StoreId store,
        String name,
        CardCurrency money,
        Limits limits,
        @Nullable Long pinFrom,
        int spreadPpm,
        @Nullable Integer validDays,
        long startUnits,
        Funding fundedBy,
        Activation activation,
        boolean showsBalance,
        ProgrammeRules rules,
        JsonObject branding,
        boolean archived,
        long version,
        Instant createdAt) {
    /** Whose money a card starts with and is loaded with. */
    public enum Funding {
        /** What the operator owes the store. */
        STORE("Store"),
        /** What the operator has set aside for the programme. */
        PROGRAMME("Programme");

        private final String apiName;

        Funding(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }

    /** How an issued card becomes active. */
    public enum Activation {
        /** By its first tap after the writer's own. */
        AUTOMATIC("Automatic"),
        /** By the issuer's word. */
        MANUAL("Manual");

        private final String apiName;

        Activation(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }

    /** What its ledger transfers and its events name it by. */
    String subject() {
        return "cardprogramme:" + id;
    }

    /** Where the money of its cards comes from. */
    Account source() {
        return source(fundedBy);
    }

    Account source(Funding funding) {
        return switch (funding) {
            case STORE -> Account.store(store, money.asset());
            case PROGRAMME -> Account.funding(id, money.asset());
        };
    }

    /** The picture on the holder's page; empty where there is none, or what an older release took unread. */
    Optional<String> logo() {
        return branding.getValue("logoUrl") instanceof String text && InlineImage.isOne(text)
                ? Optional.of(text)
                : Optional.empty();
    }

    /** Six digits of the colour of the holder's page. */
    Optional<String> colour() {
        return Colour.digits(branding.getValue("brandColor"));
    }
}

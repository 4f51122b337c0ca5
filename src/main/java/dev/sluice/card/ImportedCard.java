package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * A card of another issuer, as a file tells it.
 *
 * @param pullPayment what its keys depend on beside UID and version; empty for cards that BTCPay Server did not issue
 * @param counter of its newest tap that counted; older ones are refused here too
 * @param balance in the programme's currency
 * @param own its keys where they follow from nothing; empty where they follow from an issuer key
 * @param name how its link names it, where K1 is of each card (LNbits)
 * @param tap one that it showed, to prove the keys by
 */
public record ImportedCard(
        Uid uid,
        Optional<String> pullPayment,
        int version,
        int counter,
        BigDecimal balance,
        String label,
        Optional<CardKeys> own,
        Optional<String> name,
        Optional<Tap> tap) {
    ImportedCard counted(int newest) {
        return new ImportedCard(uid, pullPayment, version, newest, balance, label, own, name, tap);
    }
}

package dev.sluice.ledger;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;

/**
 * A credit for coins in a wallet of the operator, which a reorganisation may take back and bring again. Up to what the
 * account has available is taken from it, the operator bears the rest; what comes back makes good the operator's loss
 * first, because its part was spent.
 *
 * @param fact the id of the first credit ({@code onchain:<txid>:<vout>}); the count of earlier ones follows it later
 * @param made how often it was credited before
 * @param custody the account that holds the coins
 * @param owed the guarded account that is credited
 * @param amount smallest units, above 0
 * @param kind of the credit's transfer
 */
public record Reversible(
        String fact, int made, Account custody, Account owed, long amount, String kind, String subject) {
    private static final String REVERSED = "payment.reversed";
    private static final String RECOVERED = "payment.recovered";

    /** What the operator bore when it was last taken back. */
    public Future<Long> loss(Ledger ledger, SqlConnection tx) {
        return made == 0 ? Future.succeededFuture(0L) : ledger.amount(tx, lossId());
    }

    /** The transfers that credit it (again). */
    public List<Transfer> credit(long loss) {
        List<Transfer> parts = new ArrayList<>(2);
        if (loss > 0) {
            parts.add(Transfer.single(nth(made) + ":recovery", custody, Account.reorgLoss(), loss, RECOVERED, subject));
        }
        if (amount > loss) {
            parts.add(Transfer.single(nth(made), custody, owed, amount - loss, kind, subject));
        }
        return parts;
    }

    /** Takes the last credit back. */
    public Future<Void> reverse(Ledger ledger, SqlConnection tx) {
        return ledger.available(tx, owed).compose(available -> {
            long taken = Math.min(available, amount);
            List<Transfer> parts = new ArrayList<>(2);
            if (taken > 0) {
                parts.add(Transfer.single(reversalId(), owed, custody, taken, REVERSED, subject));
            }
            if (taken < amount) {
                parts.add(Transfer.single(lossId(), Account.reorgLoss(), custody, amount - taken, REVERSED, subject));
            }
            return ledger.post(tx, parts);
        });
    }

    private String nth(int n) {
        return n == 0 ? fact : fact + "#" + n;
    }

    private String reversalId() {
        return nth(made - 1) + ":reversal";
    }

    private String lossId() {
        return reversalId() + "-loss";
    }
}

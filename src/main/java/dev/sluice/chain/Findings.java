package dev.sluice.chain;

import java.util.ArrayList;
import java.util.List;

/** What a scan turned up; candidates until the database has confirmed them. */
record Findings(List<Payment> payments, List<Spend> spends) {
    Findings {
        payments = List.copyOf(payments);
        spends = List.copyOf(spends);
    }

    boolean isEmpty() {
        return payments.isEmpty() && spends.isEmpty();
    }

    /** A transaction that may pay us, and everything it needs: its inputs and those of its unconfirmed ancestors. */
    record Payment(
            ChainTransaction transaction,
            List<ChainTransaction.Output> outputs,
            List<Spend> needs,
            boolean replaceable) {
        Payment {
            outputs = List.copyOf(outputs);
            needs = List.copyOf(needs);
        }
    }

    /** An outpoint and who spends it. */
    record Spend(Outpoint spent, String spender) {}

    /** Gathers during a walk. */
    static final class Gatherer {
        private final List<Payment> payments = new ArrayList<>();
        private final List<Spend> spends = new ArrayList<>();

        void add(Payment payment) {
            payments.add(payment);
        }

        void add(Spend spend) {
            spends.add(spend);
        }

        Findings findings() {
            return new Findings(payments, spends);
        }
    }
}

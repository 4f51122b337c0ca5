package dev.sluice.invoice;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Rate;
import dev.sluice.rate.RateService;
import dev.sluice.store.Criterion;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.Store;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of a store's payment methods an invoice offers: those enabled and asked for that the criteria admit. */
final class Offers {
    private final RateService rates;

    Offers(RateService rates) {
        this.rates = rates;
    }

    /** @param leftOut why it is not offered, for people; null where it is */
    record Offer(PaymentMethod method, @Nullable String leftOut) {
        boolean isOpen() {
            return leftOut == null;
        }
    }

    /** Every method that is enabled and asked for; fails with {@code Rejected} where none is left to pay by. */
    Future<List<Offer>> of(Store store, CreateInvoice request, Rate rate) {
        Future<List<Offer>> all = Future.succeededFuture(List.of());
        for (PaymentMethod method : enabled(store, request)) {
            all = all.compose(before -> offer(store, request, rate, method).map(next -> {
                List<Offer> longer = new ArrayList<>(before);
                longer.add(next);
                return List.copyOf(longer);
            }));
        }
        return all.compose(offers -> offers.stream().anyMatch(Offer::isOpen)
                ? Future.succeededFuture(offers)
                : Future.failedFuture(none("No payment method takes this amount: the store's criteria")
                        .exception()));
    }

    /** Methods before the criteria; empty where the store cannot be paid by any of those asked for. */
    static List<PaymentMethod> enabled(Store store, CreateInvoice request) {
        return store.methods().stream()
                .filter(PaymentMethod::enabled)
                .filter(m -> request.checkout()
                        .rails()
                        .map(rails -> rails.contains(m.rail()))
                        .orElse(true))
                .toList();
    }

    static Failure.Rejected none(String message) {
        return new Failure.Rejected("invoice-creation-error", message);
    }

    /** An invoice without a price, or that is free, has no amount that a criterion could be held against. */
    private Future<Offer> offer(Store store, CreateInvoice request, Rate rate, PaymentMethod method) {
        Money price = request.amount();
        Future<Offer> offer = Future.succeededFuture(new Offer(method, null));
        if (price == null || price.minor() == 0) {
            return offer;
        }
        for (Criterion criterion : store.settings().criteria()) {
            if (criterion.rail() == method.rail()) {
                offer = offer.compose(sofar -> sofar.isOpen()
                        ? worth(store, criterion, price, rate).map(worth -> held(method, criterion, worth))
                        : Future.succeededFuture(sofar));
            }
        }
        return offer;
    }

    private static Offer held(PaymentMethod method, Criterion criterion, Optional<BigDecimal> worth) {
        AmountBound bound =
                new AmountBound(criterion.above(), criterion.amount().toPlainString() + " " + criterion.currency());
        boolean admitted = worth.map(criterion::admits).orElse(true);
        return new Offer(method, admitted ? null : bound.sentence());
    }

    /**
     * The price in the criterion's currency. Empty without a rate for it: a criterion is a preference, and a buyer who
     * is refused because a source is silent is a worse answer than a method too many.
     */
    private Future<Optional<BigDecimal>> worth(Store store, Criterion criterion, Money price, Rate rate) {
        if (criterion.currency().equals(price.currency())) {
            return Future.succeededFuture(Optional.of(price.decimal()));
        }
        return rates.rate(store.id(), criterion.currency())
                .map(Optional::of)
                .recover(silent -> Future.succeededFuture(Optional.empty()))
                .map(known -> known.map(there -> there.toCurrency(rate.toMsat(price))));
    }
}

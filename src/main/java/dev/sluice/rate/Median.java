package dev.sluice.rate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.function.Function;

/**
 * The median of what several sources say, bids and asks apart. Of three and more, those further than {@link
 * #OUTLIER} from the median of all are left out (the median of the others alone would let one wrong source condemn the
 * right ones); two that disagree as much leave no price, because nobody can
 * tell which one is wrong.
 */
final class Median {
    /** Markets differ by less than 2 % even on bad days; 10 % is a defect. */
    static final BigDecimal OUTLIER = new BigDecimal("0.10");

    private Median() {}

    static Quote of(List<BidAsk> values) {
        return switch (values.size()) {
            case 0 -> Quote.none("no source has a price");
            case 1 -> Quote.of(values.getFirst());
            case 2 ->
                values.getFirst().deviates(values.getLast(), OUTLIER)
                        ? Quote.none("two sources disagree by more than 10 %")
                        : Quote.of(middle(values));
            default -> ofMany(values);
        };
    }

    /** Bids and asks are sorted apart; as no bid exceeds its ask, neither does the middle one. Not empty. */
    static BidAsk middle(List<BidAsk> values) {
        return new BidAsk(middle(values, BidAsk::bid), middle(values, BidAsk::ask));
    }

    private static Quote ofMany(List<BidAsk> values) {
        BidAsk middle = middle(values);
        List<BidAsk> kept = values.stream()
                .filter(value -> !value.deviates(middle, OUTLIER))
                .toList();
        return switch (kept.size()) {
            case 0 -> Quote.none("the sources disagree by more than 10 %");
            case 1 -> Quote.none("only one source is near the others");
            default -> Quote.of(middle(kept));
        };
    }

    private static BigDecimal middle(List<BidAsk> values, Function<BidAsk, BigDecimal> side) {
        List<BigDecimal> sorted = values.stream().map(side).sorted().toList();
        BigDecimal upper = sorted.get(sorted.size() / 2);
        BigDecimal lower = sorted.get((sorted.size() - 1) / 2);
        return lower.add(upper).divide(BigDecimal.TWO, MathContext.DECIMAL128);
    }
}

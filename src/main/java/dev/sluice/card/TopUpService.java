package dev.sluice.card;

import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Hex;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.kernel.Rate;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.Future;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Money onto cards over Lightning: LNURL-pay (LUD-06) by what the card shows, and a Lightning address (LUD-16). Only
 * who the card is must be known, so the tap's signature is not asked for: whoever likes may give.
 */
final class TopUpService {
    static final Msat MIN = Msat.ofSat(1);
    /** One bitcoin: more is a mistake. */
    static final Msat MAX = new Msat(Msat.PER_BTC);

    /** Unpaid invoices of one card: each is one of the operator's node too. */
    private static final int OPEN_MAX = 50;

    /** What wallets show; the one text that Bolt Card clients know. */
    private static final String TITLE = "Boltcard Top-Up";

    private static final Duration EXPIRY = Duration.ofMinutes(10);
    private static final Duration NODE_DEADLINE = Duration.ofSeconds(5);
    /** Longer than a gateway is ever down: until then a payment that came meanwhile must find its card. */
    private static final Duration KEPT = Duration.ofDays(90);

    private static final Pattern P = Pattern.compile("[0-9a-fA-F]{32}");
    private static final Pattern HANDLE = Pattern.compile("[a-z0-9]{4,32}");
    private static final String NO_SIGNATURE = "0".repeat(16);

    private final TopUpRepository repository;
    private final CardRepository cards;
    private final ProgrammeService programmes;
    private final IssuerKeys issuers;
    private final Quotes quotes;
    private final LightningService lightning;
    private final Clock clock;
    private final Entropy entropy;

    TopUpService(
            Db db,
            ProgrammeService programmes,
            IssuerKeys issuers,
            Quotes quotes,
            LightningService lightning,
            Clock clock,
            Entropy entropy) {
        this.repository = new TopUpRepository(db);
        this.cards = new CardRepository(db);
        this.programmes = programmes;
        this.issuers = issuers;
        this.quotes = quotes;
        this.lightning = lightning;
        this.clock = clock;
        this.entropy = entropy;
    }

    /** The metadata of a card's link. */
    static String metadata() {
        return Lnurl.metadata("text/plain", TITLE);
    }

    /** The metadata of a card's address. */
    static String metadata(String address) {
        return Lnurl.metadata("text/identifier", address, "text/plain", TITLE);
    }

    /** A card that takes money, and its terms. */
    record Loadable(Card card, Programme terms) {}

    /** The card that showed {@code p}; fails with {@code NotFound}, {@code Rejected} if its programme is closed. */
    Future<Loadable> byLink(String p) {
        return P.matcher(p).matches() ? claimed(p).compose(this::loadable) : Future.failedFuture(unknown());
    }

    private Future<Card> claimed(String p) {
        List<String> tags = issuers.reader().claims(Tap.of(p, NO_SIGNATURE)).stream()
                .map(CardReader.Claim::cardId)
                .toList();
        return tags.isEmpty()
                ? Future.failedFuture(unknown())
                : cards.byTags(List.of(tags))
                        .map(found -> tags.stream()
                                .map(tag -> Optional.ofNullable(found.getFirst().get(tag)))
                                .flatMap(Optional::stream)
                                .map(CardRepository.Found::card)
                                .filter(CardService::takesMoney)
                                .findFirst()
                                .orElseThrow(TopUpService::unknown));
    }

    /** The card of an address; fails as {@link #byLink} does. */
    Future<Loadable> byHandle(String handle) {
        return HANDLE.matcher(handle).matches()
                ? cards.byHandle(handle)
                        .map(found -> found.filter(CardService::takesMoney).orElseThrow(TopUpService::unknown))
                        .compose(this::loadable)
                : Future.failedFuture(unknown());
    }

    private Future<Loadable> loadable(Card card) {
        return programmes
                .recent(card.programme())
                .compose(terms -> CardService.takesMoney(card, terms)
                        ? Future.succeededFuture(new Loadable(card, terms))
                        : Future.failedFuture(CardService.notLoadable()));
    }

    /** An invoice of the operator's node that loads a card. */
    record Offer(String bolt11, PaymentHash hash) {}

    /** The least that a card may be given: what buys it one unit now, the spread taken off, in whole satoshi. */
    Future<Msat> least(Programme terms) {
        return terms.money().currency().isBitcoin()
                ? Future.succeededFuture(MIN)
                : quotes.rate(terms.money().currency()).map(rate -> least(rate, terms.spreadPpm()));
    }

    static Msat least(Rate rate, int spreadPpm) {
        long worth = spreadPpm == 0 ? 1 : 2; // a spread takes a half at most, rounded up
        Money price = new Money(rate.currency(), worth);
        return price.decimal().compareTo(rate.perBtc()) > 0
                ? MAX // a bitcoin does not buy it
                : Msat.ofSat(Math.max(rate.toMsat(price).satCeil(), MIN.satCeil()));
    }

    /**
     * Makes one; {@code metadata} is what the wallet was shown. Fails with {@code Rejected} outside the bounds, and for
     * what buys not one unit: nobody pays for nothing.
     */
    Future<Offer> offer(Loadable to, Msat amount, String metadata) {
        Card card = to.card();
        if (amount.compareTo(MIN) < 0 || amount.compareTo(MAX) > 0) {
            return Future.failedFuture(outOfBounds());
        }
        return repository
                .open(card.id(), clock.now())
                .compose(waiting -> waiting < OPEN_MAX
                        ? units(amount, to.terms())
                        : Future.failedFuture(new Failure.Rejected(
                                        "too-many-offers", "Too many unpaid top-ups of this card; try again later")
                                .exception()))
                .compose(units -> {
                    if (units == 0) {
                        return Future.failedFuture(outOfBounds());
                    }
                    Preimage preimage = Preimage.random(entropy);
                    Instant now = clock.now();
                    TopUpRepository.TopUp topUp =
                            new TopUpRepository.TopUp(preimage.hash(), card.id(), preimage, null, amount, units, null);
                    return repository
                            .add(topUp, now, now.plus(EXPIRY)) // first: a payment must find it
                            .compose(kept -> lightning.addInvoice(
                                    NodeId.OPERATOR,
                                    preimage,
                                    amount,
                                    Lnurl.descriptionHash(metadata),
                                    EXPIRY,
                                    NODE_DEADLINE))
                            .compose(added -> repository
                                    .made(added.hash(), added.bolt11())
                                    .map(new Offer(added.bolt11(), added.hash())));
                });
    }

    /** What a payer in bitcoin gives a card in another currency: rounded down, the programme's spread taken off. */
    private Future<Long> units(Msat amount, Programme terms) {
        if (terms.money().currency().isBitcoin()) {
            return Future.succeededFuture(amount.value());
        }
        return quotes.rate(terms.money().currency()).map(rate -> units(rate, amount, terms.spreadPpm()));
    }

    static long units(Rate rate, Msat amount, int spreadPpm) {
        long worth = Quotes.worth(rate, amount, RoundingMode.DOWN);
        return worth - Quotes.share(worth, spreadPpm);
    }

    /** The top-up of an offer; empty where there is none of that hash. */
    Future<Optional<TopUpRepository.TopUp>> find(String hash) {
        return Hex.isLower(hash, 64)
                ? repository.find(new PaymentHash(hash))
                : Future.succeededFuture(Optional.empty());
    }

    Future<Integer> prune() {
        return repository.prune(clock.now().minus(KEPT));
    }

    private static RuntimeException outOfBounds() {
        return new Failure.Rejected("amount-out-of-bounds", "The amount is out of bounds").exception();
    }

    private static RuntimeException unknown() {
        return new Failure.NotFound("card-not-found", "This card isn't linked to this server").exception();
    }
}

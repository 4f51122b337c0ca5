package dev.sluice.card;

import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRequest;
import dev.sluice.egress.EgressResponse;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.invoice.Tenders;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Sha256;
import dev.sluice.kernel.ShortLived;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Cards of other issuers at our terminals: their link is asked to pay an invoice of ours (LUD-03, 17). Only public
 * https is asked, with short deadlines. What the issuer says decides nothing: the invoice is paid when our node says
 * so.
 */
final class ForeignCards {
    private static final long OFFER_MS = 5_000;
    /** Some issuers answer only once they have paid. */
    private static final long PAY_MS = 15_000;

    private static final int LINK_MAX = 2_048;
    private static final int REASON_MAX = 200;
    private static final String UNREADABLE = "The card's issuer cannot be understood";

    /** People who type a PIN at once; one offer is about 3 KB at most. */
    private static final int WAITING_MAX = 1_000;
    /** Time to type it: issuers let a tap live for as long or less. */
    private static final Duration WAITING_FOR = Duration.ofMinutes(1);

    /** An offer of the tap whose link has this hash. */
    private record Kept(String link, ForeignOffer offer) {}

    private final EgressClient egress;
    private final InvoiceService invoices;
    private final Clock clock;
    private final String ownHost;
    /**
     * Offers that wait for a PIN: a tap is good for one request, so its issuer refuses the same link with the PIN as a
     * replay. One an invoice: who taps at one cannot push out what waits at another.
     */
    private final ShortLived<InvoiceId, Kept> waiting;

    ForeignCards(EgressClient egress, InvoiceService invoices, Clock clock, String publicUrl) {
        this.egress = egress;
        this.invoices = invoices;
        this.clock = clock;
        this.ownHost = URI.create(publicUrl).getAuthority();
        this.waiting = new ShortLived<>(clock, WAITING_FOR, WAITING_MAX);
    }

    /**
     * Asks a card to pay what is left of an invoice. Succeeds where its issuer accepted; fails with {@code
     * Rejected("card-refused")} and the reason where not, with {@code Unavailable} where nobody knows: it was asked to
     * pay and has not answered.
     */
    Future<Void> ask(StoreId store, InvoiceId id, String link, Optional<String> pin) {
        return invoices.find(store, id).compose(invoice -> ask(id, link, pin));
    }

    /** The same for whoever has the invoice before them. */
    Future<Void> ask(InvoiceId id, String link, Optional<String> pin) {
        return invoices.find(id).compose(invoice -> {
            Optional<Tenders.Open> open = Tenders.of(invoice, clock.now());
            if (open.isEmpty()) {
                return refuse("invoice-not-payable", "The invoice cannot be paid any more");
            }
            Msat due = open.get().remaining();
            return bolt11(id).compose(pr -> offer(id, url(link), due).compose(offer -> pay(offer, due, pr, pin)));
        });
    }

    private Future<String> bolt11(InvoiceId id) {
        return invoices.checkout(id)
                .compose(checkout -> checkout.options().stream()
                        .filter(option -> option.rail() == Rail.LIGHTNING)
                        .flatMap(option -> option.destination().stream())
                        .findFirst()
                        .map(Future::succeededFuture)
                        .orElseGet(() -> refuse("lightning-not-offered", "The invoice cannot be paid over Lightning")));
    }

    private String url(String link) {
        String url = link.strip().replaceFirst("(?i)^lnurlw://", "https://");
        if (url.length() > LINK_MAX) {
            throw new Failure.Rejected("malformed-tap", "The card's link is too long").exception();
        }
        if (isOurs(url)) {
            throw new Failure.Rejected("card-of-ours", "This card is of this gateway: charge it at a terminal")
                    .exception();
        }
        return url;
    }

    /** Whether a card's link leads to this gateway; fails with {@code Rejected} where it is no link. */
    boolean isOurs(String link) {
        try {
            URI url = URI.create(link.strip().replaceFirst("(?i)^lnurlw://", "https://"));
            return String.valueOf(url.getAuthority()).equalsIgnoreCase(ownHost);
        } catch (IllegalArgumentException malformed) {
            throw new Failure.Rejected("malformed-tap", "The card's link cannot be read").exception();
        }
    }

    private Future<ForeignOffer> offer(InvoiceId id, String url, Msat due) {
        String link = HexFormat.of().formatHex(Sha256.of(url));
        Optional<Kept> kept = waiting.get(id).filter(it -> it.link().equals(link));
        return kept.isPresent()
                ? Future.succeededFuture(kept.get().offer())
                : fetched(url).onSuccess(offer -> {
                    if (offer.asksPin(due)) {
                        waiting.put(id, new Kept(link, offer), waiting.generation());
                    }
                });
    }

    private Future<ForeignOffer> fetched(String url) {
        Failure unpaid = new Failure.Rejected("card-refused", "The card's issuer did not answer: nothing is paid");
        return get(url, OFFER_MS, unpaid) // an offer pays nothing: who does not even make one cannot have paid
                .compose(answer -> ForeignOffer.of(answer)
                        .map(Future::succeededFuture)
                        .orElseGet(() -> refuse("card-refused", reason(answer))));
    }

    private Future<Void> pay(ForeignOffer offer, Msat due, String bolt11, Optional<String> pin) {
        if (!offer.covers(due)) {
            return refuse("card-refused", "The card does not pay this amount");
        }
        if (offer.asksPin(due) && pin.isEmpty()) {
            return refuse("pin-required", "The card asks for its PIN");
        }
        Failure unknown =
                new Failure.Unavailable("card-silent", "The card's issuer did not answer; the invoice tells", 2);
        return get(offer.request(bolt11, due, pin), PAY_MS, unknown)
                .compose(answer -> "OK".equalsIgnoreCase(String.valueOf(answer.getValue("status")))
                        ? Future.succeededFuture()
                        : refuse("card-refused", reason(answer)));
    }

    /** Statuses do not matter to LNURL (LUD-01): what is said in the body does; {@code silence} where nothing is. */
    private Future<JsonObject> get(String url, long withinMs, Failure silence) {
        return egress.send(EgressRequest.get(url, Map.of("Accept", "application/json"))
                        .within(withinMs))
                .recover(failure ->
                        failure instanceof FailureException known && known.failure() instanceof Failure.Rejected
                                ? Future.failedFuture(failure)
                                : Future.failedFuture(silence.exception()))
                .compose(ForeignCards::json);
    }

    private static Future<JsonObject> json(EgressResponse response) {
        try {
            return response.body().toJsonValue() instanceof JsonObject answer
                    ? Future.succeededFuture(answer)
                    : refuse("card-refused", UNREADABLE);
        } catch (DecodeException malformed) {
            return refuse("card-refused", UNREADABLE);
        }
    }

    /** Somebody else's words: cut, on one line. */
    private static String reason(JsonObject answer) {
        String said = answer.getValue("reason") instanceof String text ? text : "The card's issuer refused";
        String line = said.replaceAll("\\p{Cntrl}", " ").strip();
        return line.length() > REASON_MAX ? line.substring(0, REASON_MAX) : line;
    }

    private static <T> Future<T> refuse(String code, String why) {
        return Future.failedFuture(new Failure.Rejected(code, why).exception());
    }
}

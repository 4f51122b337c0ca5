package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.InvoiceId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A payer taps a card at the checkout page: ours pays at once, another's issuer is asked to. */
final class PayerRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(PayerRoutes.class);

    /** Issuers that are asked at once for people whom nobody knows. */
    private static final int ASKED_MAX = 32;

    private final WithdrawService withdrawals;
    private final ForeignCards foreignCards;
    /** Invoices whose payer's card is being asked: one card at a time each. */
    private final Set<InvoiceId> asked = ConcurrentHashMap.newKeySet();

    PayerRoutes(WithdrawService withdrawals, ForeignCards foreignCards) {
        this.withdrawals = withdrawals;
        this.foreignCards = foreignCards;
    }

    @Override
    public void mount(Api api) {
        api.post("/i/{invoiceId}/tap", Access.ANYONE, this::tap);
    }

    private Future<Reply> tap(Call call) {
        InvoiceId invoice = InvoiceService.id(call.path("invoiceId"));
        Fields fields = new Fields(call.body());
        String link = CardRequests.required(fields, "link", CardRequests.LINK_MAX);
        Optional<String> pin =
                Optional.ofNullable(fields.text("pin", CardRequests.TEXT_MAX)).filter(text -> !text.isEmpty());
        fields.check();
        Future<String> paid = foreignCards.isOurs(link)
                ? withdrawals.pay(Tap.ofLink(link), invoice, pin).map("Paid")
                : foreign(invoice, link, pin).map("Accepted");
        return paid.recover(PayerRoutes::declined).map(status -> Reply.json(new JsonObject().put("status", status)));
    }

    private Future<Void> foreign(InvoiceId invoice, String link, Optional<String> pin) {
        if (asked.size() >= ASKED_MAX || !asked.add(invoice)) {
            return Future.failedFuture(
                    new Failure.Unavailable("card-busy", "Too many cards are being asked; try again", 2).exception());
        }
        return foreignCards.ask(invoice, link, pin).onComplete(done -> asked.remove(invoice));
    }

    private static Future<String> declined(Throwable cause) {
        if (!(cause instanceof Declined declined)) {
            return Future.failedFuture(cause);
        }
        log.info("card.tap.refused at=checkout why={}", declined.why());
        String code = declined.why().code();
        return Future.failedFuture(new Failure.Rejected(code, LnurlCalls.text(code)).exception());
    }
}

package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.OnceTold;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What issuers do with cards. Permissions are those of BTCPay's pull payments, which its cards are. */
final class CardRoutes implements Routes {
    private static final Access VIEW = Access.needs("btcpay.store.canviewpullpayments");
    private static final Access ISSUE = Access.needs("btcpay.store.cancreatepullpayments");
    private static final Access MANAGE = Access.needs("btcpay.store.canmanagepullpayments");
    private static final String CARDS = "/api/v1/stores/{storeId}/cards";
    private static final String CARD = CARDS + "/{cardId}";

    private final CardService cards;
    private final Replacements replacements;
    private final CardAddresses addresses;
    private final ProgrammeService programmes;
    private final KeyRelease keys;
    private final Pins pins;
    private final Clock clock;

    CardRoutes(
            CardService cards,
            Replacements replacements,
            CardAddresses addresses,
            ProgrammeService programmes,
            KeyRelease keys,
            Pins pins,
            Clock clock) {
        this.cards = cards;
        this.replacements = replacements;
        this.addresses = addresses;
        this.programmes = programmes;
        this.keys = keys;
        this.pins = pins;
        this.clock = clock;
    }

    @Override
    public void mount(Api api) {
        api.get(CARDS, VIEW, this::list);
        api.post(CARDS, ISSUE, this::issue);
        api.get(CARD, VIEW, this::get);
        api.put(CARD, MANAGE, this::assign);
        api.get(CARD + "/history", VIEW, this::history);
        api.post(CARD + "/programming-links", ISSUE, call -> link(call, LinkPurpose.PROGRAM));
        api.post(CARD + "/reset-links", MANAGE, call -> link(call, LinkPurpose.RESET));
        trigger(api, "activate", CardTrigger.ACTIVATE, CardEvents.ACTIVATED);
        trigger(api, "freeze", CardTrigger.FREEZE, CardEvents.FROZEN);
        trigger(api, "unfreeze", CardTrigger.UNFREEZE, CardEvents.UNFROZEN);
        trigger(api, "lost", CardTrigger.LOSE, CardEvents.LOST);
        trigger(api, "wiped", CardTrigger.WIPE, CardEvents.RESET);
        api.post(CARD + "/replace", MANAGE, this::replace);
        api.put(CARD + "/pin", MANAGE, this::pin);
        api.put(CARD + "/limits", MANAGE, this::limits);
        api.post(CARD + "/top-ups", ISSUE, this::topUp);
        api.post(CARD + "/address", ISSUE, this::address);
    }

    private void trigger(Api api, String name, CardTrigger trigger, String event) {
        api.post(
                CARD + "/" + name,
                MANAGE,
                call -> change(call, tx -> cards.trigger(tx, call.store(), call.path("cardId"), trigger, event)));
    }

    private Future<Reply> list(Call call) {
        StoreId store = call.store();
        Optional<CardId> after = CardRequests.after(call);
        return programmes
                .list(store)
                .compose(terms -> cards.list(
                                store,
                                call.query("programmeId").orElse(null),
                                CardRequests.state(call).orElse(null),
                                after.orElse(null),
                                CardRequests.limit(call))
                        .map(found -> {
                            Map<String, Programme> byId =
                                    terms.stream().collect(java.util.stream.Collectors.toMap(Programme::id, p -> p));
                            JsonArray all = new JsonArray();
                            found.forEach(card -> all.add(CardViews.card(
                                    card, java.util.Objects.requireNonNull(byId.get(card.programme())), clock.now())));
                            return Reply.json(all);
                        }));
    }

    private Future<Reply> issue(Call call) {
        CardRequests.Issue wanted = CardRequests.issue(call.body());
        StoreId store = call.store();
        String by = call.principal().user().value();
        boolean csv = call.header("Accept").filter(a -> a.contains("text/csv")).isPresent();
        OnceTold once = new OnceTold();
        return programmes
                .get(store, wanted.programme())
                .compose(terms -> call.effect(tx -> cards.issue(
                                        tx, store, wanted.programme(), wanted.labels(), wanted.holder())
                                .compose(made -> {
                                    Reply reply = issued(terms, made);
                                    return wanted.links() || csv
                                            ? keys.links(tx, made, wanted.life(), by)
                                                    .map(links -> {
                                                        once.tell(it -> withLinks(it, links, call.publicUrl()));
                                                        return reply;
                                                    })
                                            : Future.succeededFuture(reply);
                                }))
                        .map(once::join)
                        .map(reply -> csv ? csv(reply) : reply)
                        .onSuccess(done -> cards.changed()));
    }

    private Reply issued(Programme terms, List<Card> made) {
        JsonArray all = new JsonArray();
        made.forEach(card -> all.add(CardViews.card(card, terms, clock.now())));
        return Reply.json(all);
    }

    private static Reply withLinks(Reply reply, List<KeyRelease.Link> links, String publicUrl) {
        JsonArray all = new JsonArray(reply.body());
        for (int i = 0; i < links.size(); i++) {
            all.getJsonObject(i).put("programming", CardViews.link(links.get(i), publicUrl));
        }
        return Reply.json(all);
    }

    /** The same cards as lines, for printers; a repetition has the cards and not their links. */
    private static Reply csv(Reply reply) {
        return new Reply(
                reply.status(),
                CardViews.csv(new JsonArray(reply.body())),
                Map.of("Content-Type", "text/csv; charset=utf-8"));
    }

    private Future<Reply> get(Call call) {
        StoreId store = call.store();
        return cards.get(store, call.path("cardId"))
                .compose(card -> programmes
                        .get(store, card.programme())
                        .compose(terms -> cards.balance(card, terms)
                                .map(units -> Reply.json(CardViews.card(card, terms, clock.now())
                                        .put("balance", terms.money().text(units))))));
    }

    private Future<Reply> history(Call call) {
        StoreId store = call.store();
        return cards.get(store, call.path("cardId"))
                .compose(card -> programmes
                        .get(store, card.programme())
                        .compose(terms -> cards.history(card, terms, CardRequests.limit(call))
                                .map(entries -> Reply.json(CardViews.history(entries, terms.money())))));
    }

    private Future<Reply> assign(Call call) {
        Fields fields = new Fields(call.body());
        String holder = fields.text("holder", CardRequests.TEXT_MAX);
        String label = fields.text("label", CardRequests.TEXT_MAX);
        fields.check();
        return change(
                call,
                tx -> cards.change(
                        tx,
                        call.store(),
                        call.path("cardId"),
                        CardEvents.CHANGED,
                        card -> Future.succeededFuture(
                                CardChange.of(card).owner(holder, label).done())));
    }

    private Future<Reply> link(Call call, LinkPurpose purpose) {
        Fields fields = new Fields(call.body());
        java.time.Duration life = CardRequests.life(fields);
        fields.check();
        String by = call.principal().user().value();
        OnceTold once = new OnceTold();
        return call.effect(tx -> cards.locked(tx, call.store(), call.path("cardId"))
                        .compose(card -> keys.link(tx, card, purpose, life, by))
                        .map(link -> {
                            once.tell(reply -> Reply.json(CardViews.link(link, call.publicUrl())));
                            return Reply.json(CardViews.linkKept(link));
                        }))
                .map(once::join);
    }

    private Future<Reply> replace(Call call) {
        Fields fields = new Fields(call.body());
        Optional<String> by = Optional.ofNullable(fields.text("by", CardRequests.TEXT_MAX));
        fields.check();
        return change(call, tx -> replacements.replace(tx, call.store(), call.path("cardId"), by));
    }

    /** Sets a PIN, or takes it away; either unlocks. */
    private Future<Reply> pin(Call call) {
        Fields fields = new Fields(call.body());
        String pin = fields.text("pin", CardRequests.TEXT_MAX);
        boolean unlock = fields.flag("unlock", false);
        if (pin != null && !Pins.isPin(pin)) {
            fields.reject("pin", "A PIN has 4 to 12 digits");
        }
        fields.check();
        StoreId store = call.store();
        return cards.get(store, call.path("cardId")).compose(found -> {
            Future<Optional<String>> hash = pin == null
                    ? Future.succeededFuture(Optional.empty())
                    : pins.hash(found.id(), pin).map(Optional::of);
            return hash.compose(hashed -> change(
                    call,
                    tx -> cards.change(
                            tx,
                            store,
                            call.path("cardId"),
                            CardEvents.CHANGED,
                            card -> Future.succeededFuture(CardChange.of(card)
                                    .pin(unlock && hashed.isEmpty() ? card.pinHash() : hashed.orElse(null))
                                    .done()))));
        });
    }

    private Future<Reply> limits(Call call) {
        StoreId store = call.store();
        return cards.get(store, call.path("cardId"))
                .compose(found -> programmes.get(store, found.programme()).compose(terms -> {
                    Fields fields = new Fields(call.body());
                    Limits limits = ProgrammeRequests.limits(fields, terms.money());
                    fields.check();
                    return change(
                            call,
                            tx -> cards.change(
                                    tx,
                                    store,
                                    call.path("cardId"),
                                    CardEvents.CHANGED,
                                    card -> Future.succeededFuture(
                                            CardChange.of(card).limits(limits).done())));
                }));
    }

    private Future<Reply> address(Call call) {
        return call.effect(tx -> cards.locked(tx, call.store(), call.path("cardId"))
                .compose(card -> addresses.open(tx, card))
                .map(shown -> Reply.json(CardViews.address(shown))));
    }

    private Future<Reply> topUp(Call call) {
        Fields fields = new Fields(call.body());
        String reference = fields.text("reference", CardRequests.TEXT_MAX);
        String source = fields.text("source", CardRequests.TEXT_MAX);
        if (source != null && !source.equalsIgnoreCase("Store") && !source.equalsIgnoreCase("Programme")) {
            fields.reject("source", "This must be Store or Programme");
        }
        BigDecimal amount = CardRequests.amount(fields);
        Programme.Funding funding =
                "Programme".equalsIgnoreCase(source) ? Programme.Funding.PROGRAMME : Programme.Funding.STORE;
        return change(call, tx -> cards.topUp(tx, call.store(), call.path("cardId"), amount, funding, reference));
    }

    /** One mutation of a card; the answer shows what it is worth now. */
    private Future<Reply> change(Call call, java.util.function.Function<SqlConnection, Future<Card>> work) {
        return call.effect(tx -> work.apply(tx)
                        .compose(card -> programmes
                                .recent(card.programme())
                                .map(terms -> Reply.json(CardViews.card(card, terms, clock.now())))))
                .onSuccess(reply -> cards.changed());
    }
}

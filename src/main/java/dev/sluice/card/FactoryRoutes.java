package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.OnceTold;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Card factories to the operator who opens and closes them. */
final class FactoryRoutes implements Routes {
    private static final Access VIEW = Access.needs("btcpay.store.canviewstoresettings");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifystoresettings");
    private static final String FACTORIES = "/api/v1/stores/{storeId}/card-programmes/{programmeId}/factories";

    private final CardFactories factories;
    private final ProgrammeService programmes;
    private final Clock clock;

    FactoryRoutes(CardFactories factories, ProgrammeService programmes, Clock clock) {
        this.factories = factories;
        this.programmes = programmes;
        this.clock = clock;
    }

    @Override
    public void mount(Api api) {
        api.get(FACTORIES, VIEW, this::list);
        api.post(FACTORIES, MODIFY, this::create);
        api.delete(FACTORIES + "/{factoryId}", MODIFY, this::close);
    }

    private Future<Reply> list(Call call) {
        return factories.list(call.store(), call.path("programmeId")).map(found -> {
            JsonArray all = new JsonArray();
            found.forEach(factory -> all.add(CardViews.factory(factory, clock.now())));
            return Reply.json(all);
        });
    }

    private Future<Reply> create(Call call) {
        CardFactories.Terms terms = terms(call);
        String by = call.principal().user().value();
        OnceTold once = new OnceTold();
        return call.effect(tx -> factories
                        .create(tx, call.store(), call.path("programmeId"), terms, by)
                        .map(made -> {
                            JsonObject view = CardViews.factory(made.factory(), clock.now());
                            JsonObject links = CardViews.factoryLinks(made.factory(), made.secret(), call.publicUrl());
                            once.tell(reply -> Reply.json(view.copy().mergeIn(links)));
                            return Reply.json(view);
                        }))
                .map(once::join)
                .onSuccess(reply -> programmes.changed());
    }

    private static CardFactories.Terms terms(Call call) {
        Fields fields = new Fields(call.body());
        String name = CardRequests.required(fields, "name", CardRequests.TEXT_MAX);
        boolean wipes = fields.flag("wipes", false);
        Long cards = fields.integer("maxCards", 1, CardFactories.CARDS_MAX);
        if (cards == null) {
            fields.reject("maxCards", "How many cards it makes at most is needed");
        }
        long days = fields.integer("validDays", 1, CardFactories.LIFE_MAX.toDays(), CardFactories.LIFE.toDays());
        fields.check();
        return new CardFactories.Terms(
                name, wipes, Math.toIntExact(java.util.Objects.requireNonNull(cards)), Duration.ofDays(days));
    }

    private Future<Reply> close(Call call) {
        String by = call.principal().user().value();
        return call.effect(tx -> factories
                        .close(tx, call.store(), call.path("programmeId"), call.path("factoryId"), by)
                        .map(closed -> Reply.json(CardViews.factory(closed, clock.now()))))
                .onSuccess(reply -> programmes.changed());
    }
}

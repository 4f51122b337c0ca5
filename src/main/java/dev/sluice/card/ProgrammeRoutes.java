package dev.sluice.card;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Function;

/** The routes of card programmes and of terminals. */
final class ProgrammeRoutes implements Routes {
    private static final Access VIEW = Access.needs("btcpay.store.canviewstoresettings");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifystoresettings");
    private static final String FUND = "btcpay.server.canmodifyserversettings";
    private static final String PROGRAMMES = "/api/v1/stores/{storeId}/card-programmes";
    private static final String TERMINALS = "/api/v1/stores/{storeId}/terminals";

    private final ProgrammeService programmes;
    private final int spreadMinPpm;

    ProgrammeRoutes(ProgrammeService programmes, int spreadMinPpm) {
        this.programmes = programmes;
        this.spreadMinPpm = spreadMinPpm;
    }

    @Override
    public void mount(Api api) {
        api.get(PROGRAMMES, VIEW, this::list);
        api.post(PROGRAMMES, MODIFY, this::create);
        api.get(PROGRAMMES + "/{programmeId}", VIEW, this::get);
        api.put(PROGRAMMES + "/{programmeId}", MODIFY, this::update);
        api.delete(PROGRAMMES + "/{programmeId}", MODIFY, call -> archive(call, true));
        api.post(PROGRAMMES + "/{programmeId}/unarchive", MODIFY, call -> archive(call, false));
        api.post(PROGRAMMES + "/{programmeId}/funding", MODIFY, this::fund);
        api.get(TERMINALS, VIEW, this::terminals);
        api.post(TERMINALS, MODIFY, this::addTerminal);
        api.get(TERMINALS + "/{terminalId}", VIEW, this::terminal);
        api.put(TERMINALS + "/{terminalId}", MODIFY, this::saveTerminal);
    }

    private Future<Reply> list(Call call) {
        return programmes.list(call.store()).map(found -> {
            JsonArray all = new JsonArray();
            found.forEach(p -> all.add(CardViews.programme(p)));
            return Reply.json(all);
        });
    }

    private Future<Reply> create(Call call) {
        ProgrammeTerms terms = ProgrammeRequests.create(call.body(), spreadMinPpm);
        return change(call, tx -> programmes.create(tx, call.store(), terms).map(ProgrammeRoutes::reply));
    }

    private Future<Reply> get(Call call) {
        return programmes.get(call.store(), call.path("programmeId")).map(ProgrammeRoutes::reply);
    }

    private Future<Reply> update(Call call) {
        String id = call.path("programmeId");
        return programmes.get(call.store(), id).compose(before -> {
            ProgrammeTerms terms = ProgrammeRequests.update(call.body(), before, spreadMinPpm);
            return change(
                    call, tx -> programmes.update(tx, call.store(), id, terms).map(ProgrammeRoutes::reply));
        });
    }

    private Future<Reply> archive(Call call, boolean archived) {
        return change(
                call,
                tx -> programmes
                        .archive(tx, call.store(), call.path("programmeId"), archived)
                        .map(ProgrammeRoutes::reply));
    }

    /** Only who answers for the operator's money may say that there is more of it. */
    private Future<Reply> fund(Call call) {
        if (!call.principal().allows(FUND, null)) {
            return Future.failedFuture(
                    new Failure.Forbidden("missing-permission", "This call needs the permission " + FUND, FUND)
                            .exception());
        }
        String id = call.path("programmeId");
        return programmes.get(call.store(), id).compose(programme -> {
            Fields fields = new Fields(call.body());
            String reference = fields.text("reference", CardRequests.TEXT_MAX);
            CardCurrency money = programme.money();
            long units = money.units(ChargeService.price(CardRequests.amount(fields), money.currency()));
            return change(
                    call,
                    tx -> programmes
                            .fund(tx, call.store(), id, units, reference)
                            .map(ProgrammeRoutes::reply));
        });
    }

    private Future<Reply> terminals(Call call) {
        return programmes.terminals(call.store()).map(found -> {
            JsonArray all = new JsonArray();
            found.forEach(t -> all.add(CardViews.terminal(t)));
            return Reply.json(all);
        });
    }

    private Future<Reply> terminal(Call call) {
        return programmes.anyTerminal(call.store(), call.path("terminalId")).map(ProgrammeRoutes::reply);
    }

    private Future<Reply> addTerminal(Call call) {
        Fields fields = new Fields(call.body());
        String name = CardRequests.required(fields, "name", CardRequests.TEXT_MAX);
        String category = fields.text("category", CardRequests.TEXT_MAX);
        boolean enabled = fields.flag("enabled", true);
        fields.check();
        return change(
                call,
                tx -> programmes
                        .addTerminal(tx, call.store(), name, category, enabled)
                        .map(ProgrammeRoutes::reply));
    }

    private Future<Reply> saveTerminal(Call call) {
        Fields fields = new Fields(call.body());
        String name = CardRequests.required(fields, "name", CardRequests.TEXT_MAX);
        String category = fields.text("category", CardRequests.TEXT_MAX);
        boolean enabled = fields.flag("enabled", true);
        fields.check();
        return programmes.anyTerminal(call.store(), call.path("terminalId")).compose(before -> {
            Terminal after = new Terminal(
                    before.id(), before.store(), name, category, enabled, before.version() + 1, before.createdAt());
            return change(call, tx -> programmes.saveTerminal(tx, after).map(ProgrammeRoutes::reply));
        });
    }

    private Future<Reply> change(Call call, Function<SqlConnection, Future<Reply>> work) {
        return call.effect(work).onSuccess(reply -> programmes.changed());
    }

    private static Reply reply(Programme programme) {
        return Reply.json(CardViews.programme(programme));
    }

    private static Reply reply(Terminal terminal) {
        return Reply.json(CardViews.terminal(terminal));
    }
}

package dev.sluice.card;

import dev.sluice.db.Batcher;
import dev.sluice.db.Db;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Sha256;
import dev.sluice.kernel.ShortLived;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Taps that wallets may still turn into a payment: each has one random name, for as long as a tap lives. */
final class TapSessions {
    private static final Batcher.Bounds BOUNDS = new Batcher.Bounds(2, 250, 5_000);
    private static final int K1_BYTES = 16;

    /** Who has an old link may show it without end: the issuer hears of each card once in a while. */
    private static final Duration TOLD_EACH = Duration.ofMinutes(1);
    /** Cards that are remembered for it; one that is forgotten is told again. */
    private static final int TOLD_MAX = 10_000;

    private final Db db;
    private final SessionRepository repository;
    private final CardRepository cards;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;
    private final Batcher<Shown, Opened> batcher;
    private final ShortLived<CardId, Boolean> told;

    TapSessions(Vertx vertx, Db db, EventLog eventLog, Clock clock, Entropy entropy) {
        this.db = db;
        this.repository = new SessionRepository(db);
        this.cards = new CardRepository(db);
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
        this.told = new ShortLived<>(clock, TOLD_EACH, TOLD_MAX);
        this.batcher =
                new Batcher<>(vertx, BOUNDS, tap -> 1, tap -> List.of(tap.card().id()), this::open);
    }

    /**
     * A session, or why there is none.
     *
     * @param old whether a newer tap was seen before, or newer keys
     */
    private record Opened(@Nullable String k1, @Nullable Decline no, boolean old) {
        static Opened not(Decline no, boolean old) {
            return new Opened(null, no, old);
        }
    }

    /** Opens the session of a tap; its k1. Fails with {@link Declined}, for a tap that has one too. */
    Future<String> open(Shown tap) {
        return batcher.submit(tap)
                .compose(opened -> opened.k1() == null
                        ? Future.failedFuture(new Declined(Objects.requireNonNull(opened.no())))
                        : Future.succeededFuture(opened.k1()));
    }

    private Future<List<Opened>> open(List<Shown> taps) {
        Instant now = clock.now();
        return Care.hopefully(care -> db.tx(tx -> open(tx, taps, now, care))).onSuccess(opened -> {
            eventLog.hint();
            for (int i = 0; i < taps.size(); i++) {
                CardId card = taps.get(i).card().id();
                if (opened.get(i).old() && told.get(card).isEmpty()) {
                    told.put(card, true, told.generation());
                }
            }
        });
    }

    private Future<List<Opened>> open(SqlConnection tx, List<Shown> taps, Instant now, Care care) {
        Future<Map<CardId, TapRepository.Held>> locked = TapRepository.lock(tx, taps, care);
        Future<List<Programme>> terms = ProgrammeRepository.find(
                tx, taps.stream().map(tap -> tap.card().programme()).distinct().toList());
        return Db.together(locked, terms).compose(both -> {
            Map<String, Programme> programmes =
                    terms.result().stream().collect(Collectors.toMap(Programme::id, Function.identity()));
            Opened[] opened = new Opened[taps.size()];
            List<Event> events = new ArrayList<>();
            List<SessionRepository.Session> wanted = new ArrayList<>();
            for (int i = 0; i < opened.length; i++) {
                Shown tap = taps.get(i);
                Card card = Objects.requireNonNull(
                                locked.result().get(tap.card().id()))
                        .card();
                Programme programme = Objects.requireNonNull(programmes.get(card.programme()));
                Decline no = ChargeRules.ofTap(card, tap, now);
                no = no == null ? ChargeRules.ofState(card, programme, tap, now) : no;
                String k1 = HexFormat.of().formatHex(entropy.bytes(K1_BYTES));
                boolean old = no == Decline.OLD_KEYS || no == Decline.REPLAYED && tap.counter() < card.counter();
                opened[i] = no == null ? new Opened(k1, null, false) : Opened.not(no, old);
                if (old && told.get(card.id()).isEmpty()) {
                    String reason = no == Decline.OLD_KEYS ? "old-keys" : "replay";
                    events.add(CardEvents.suspected(now, card, reason, tap.counter(), null));
                }
                if (no == null) {
                    wanted.add(new SessionRepository.Session(
                            Sha256.of(k1), ChargeRules.shown(card, programme, tap, true, now), card));
                }
            }
            return keep(tx, taps, locked.result(), opened, wanted, events, now);
        });
    }

    /** A tap that has a session already gets no other. */
    private Future<List<Opened>> keep(
            SqlConnection tx,
            List<Shown> taps,
            Map<CardId, TapRepository.Held> held,
            Opened[] opened,
            List<SessionRepository.Session> wanted,
            List<Event> events,
            Instant now) {
        Instant until = now.plus(ChargeRules.TAP_LIFETIME);
        return repository.add(tx, wanted, until).compose(made -> {
            List<TapRepository.Move> moves = new ArrayList<>();
            for (SessionRepository.Session session : wanted) {
                if (made.contains(session.card().id())) {
                    moves.add(new TapRepository.Move(
                            Objects.requireNonNull(held.get(session.card().id())), session.card()));
                    events.addAll(events(session, now));
                }
            }
            for (int i = 0; i < opened.length; i++) {
                if (opened[i].no() == null && !made.contains(taps.get(i).card().id())) {
                    opened[i] = Opened.not(Decline.REPLAYED, false);
                }
            }
            return TapRepository.move(tx, moves)
                    .compose(done -> eventLog.append(tx, events))
                    .map(done -> List.of(opened));
        });
    }

    private static List<Event> events(SessionRepository.Session session, Instant now) {
        Card card = session.card();
        List<Event> events = new ArrayList<>(CardEvents.ofTap(now, session.before(), card));
        events.add(CardEvents.of(now, CardEvents.TAPPED, card, new JsonObject().put("counter", card.counter())));
        return events;
    }

    /** The tap of a session that has not ended; fails with {@link Declined}. */
    Future<Shown> find(String k1, Instant now) {
        return repository
                .find(Sha256.of(k1), now)
                .compose(found -> found.isEmpty()
                        ? Future.failedFuture(new Declined(Decline.STALE))
                        : cards.find(found.get().card())
                                .compose(card -> card.isEmpty()
                                        ? Future.failedFuture(new Declined(Decline.UNKNOWN_CARD))
                                        : Future.succeededFuture(new Shown(
                                                card.get(),
                                                null,
                                                found.get().keyVersion(),
                                                found.get().counter()))));
    }

    /** Forgets sessions that ended a day ago; how many. */
    Future<Integer> prune() {
        return repository.prune(clock.now().minus(1, ChronoUnit.DAYS));
    }
}

package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The gateway is killed at any moment while tills work with cards: what was answered holds, what was not is answered by
 * asking again, and nothing happens twice.
 */
class CardCrashTest {
    private static final int KILLS = 2;
    private static final int CARDS = 4;
    /** From an answer to the kill at most: about what a batch takes to its commit. */
    private static final int AIM_MS = 20;

    private static final long ANSWERS_WITHIN_SECONDS = 60;
    private static final Executor EACH_ALONE = Thread::startVirtualThread;

    /** Reservations without their open charge, and open charges without their reservation. */
    static final String UNMATCHED = """
            select count(*) from (select subject from transfer t where t.phase = 'pending'
                and not exists (select 1 from transfer e where e.pending_of = t.id)) reserved
            full join (select 'charge:' || id as subject from card_charge where status = 'Authorized') charge
              using (subject)
            where reserved.subject is null or charge.subject is null
            """;

    private static final String STORES_MONEY = "select coalesce(sum(credits_posted - debits_posted), 0)::bigint"
            + " from account where code like 'store:%:btc'";
    private static final String RESERVED =
            "select coalesce(sum(debits_pending), 0)::bigint from account where code like 'card:%:btc'";

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    /** The demonstration makes one too, at each start. */
    private static final String INVOICE = "InvoiceCreated";

    private final Map<String, Integer> answered = new ConcurrentHashMap<>();
    private final Semaphore answers = new Semaphore(0);
    private final List<TillScript> scripts = new ArrayList<>();
    private Map<String, Integer> before = Map.of();
    private int restarts;
    private GatewayProcess gateway;
    private CardTill till;

    @Test
    void killedAtAnyMomentOfATillsWork() {
        Random random = new Random(Seeds.next("card crash"));
        gateway = new GatewayProcess(
                        DATABASE.config(),
                        GatewayProcess.folder(),
                        Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated"))
                .start();
        try {
            open();
            long storesMoney = till.number(STORES_MONEY);
            int share = CARDS * TillScript.STEPS / (KILLS + 1);
            for (int kill = 0; kill < KILLS; kill++) {
                int until = kill * share + random.nextInt(share);
                workAndKill(Math.max(0, until - heard()), random.nextInt(AIM_MS));
                holdsWhatWasAnswered();
                till.restart();
                restarts++;
            }
            work(); // to the end
            work(); // and each request once more
            assertThat(heard()).isEqualTo(CARDS * TillScript.STEPS);
            assertThat(made()).containsExactlyInAnyOrderEntriesOf(answered);
            assertThat(till.number(STORES_MONEY)).isEqualTo(storesMoney + 1_000L * CARDS * TillScript.SOLD);
            assertThat(till.number(RESERVED)).isEqualTo(1_000L * CARDS * TillScript.RESERVED);
            for (TillScript script : scripts) {
                assertThat(till.balance(script.heir())).isEqualTo(Integer.toString(TillScript.LEFT));
            }
            theBooksAddUp();
        } finally {
            gateway.close();
        }
    }

    private void open() {
        till = new CardTill(gateway, DATABASE);
        String terminal =
                till.post("/terminals", new JsonObject().put("name", "Till")).getString("id");
        for (int i = 0; i < CARDS; i++) {
            CardTill.Held card = till.card(Integer.toString(TillScript.LOADED), new Uid("047777777769" + (10 + i)));
            scripts.add(new TillScript(gateway, till, terminal, card, this::answered));
        }
        before = events();
    }

    private void answered(String event) {
        answered.merge(event, 1, Integer::sum);
        answers.release();
    }

    /** Requests that were answered so far. */
    private int heard() {
        return answered.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Kills it some milliseconds after so many new answers, amid what all tills ask; returns when all noticed. */
    private void workAndKill(int after, int aimMs) {
        answers.drainPermits();
        List<CompletableFuture<Void>> all = start();
        try {
            if (answers.tryAcquire(after, ANSWERS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(aimMs));
            }
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        } finally {
            gateway.kill();
        }
        for (CompletableFuture<Void> one : all) {
            one.exceptionally(failure -> {
                        if (failure.getCause() instanceof UncheckedIOException) {
                            return null; // the test's purpose
                        }
                        throw new AssertionError(failure);
                    })
                    .join();
        }
    }

    private void work() {
        start().forEach(CompletableFuture::join);
    }

    private List<CompletableFuture<Void>> start() {
        return scripts.stream()
                .map(script -> CompletableFuture.runAsync(script::run, EACH_ALONE))
                .toList();
    }

    private void holdsWhatWasAnswered() {
        Map<String, Integer> made = made();
        answered.forEach((event, count) ->
                assertThat(made.getOrDefault(event, 0)).as(event).isGreaterThanOrEqualTo(count));
        theBooksAddUp();
    }

    private void theBooksAddUp() {
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
        assertThat(till.number(UNMATCHED)).isZero();
    }

    /** Events by kind. */
    private static Map<String, Integer> events() {
        Map<String, Integer> all = new TreeMap<>();
        await(DATABASE.db().read("select kind, count(*)::int as n from event group by kind"))
                .forEach(row -> all.put(row.getString("kind"), row.getInteger("n")));
        return all;
    }

    /** What was made since the tills began, by the events of the kinds that they heard of. */
    private Map<String, Integer> made() {
        Map<String, Integer> made = events();
        made.keySet().retainAll(answered.keySet());
        made.replaceAll((kind, count) -> count - before.getOrDefault(kind, 0));
        made.computeIfPresent(INVOICE, (kind, count) -> count - restarts);
        return made;
    }
}

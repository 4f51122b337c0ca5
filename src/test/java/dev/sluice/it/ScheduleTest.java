package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.TestDatabase;
import dev.sluice.invoice.Checkout;
import dev.sluice.invoice.CreateInvoice;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import dev.sluice.store.Rail;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.Transaction;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Random schedules of payments, blocks, reorganisations, outages, restarts and lost, repeated and reordered messages.
 * Whatever happened on the way, in the end the books hold exactly what the rails hold.
 */
final class ScheduleTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final int SCHEDULES = 6;
    private static final int STEPS = 60;
    private static final int FIRST_BLOCKS = 10;
    private static final int REORG_MAX = 4;
    private static final int SAT_MIN = 1_000;
    private static final int SAT_SPREAD = 90_000;

    private final long seed = Seeds.next("ScheduleTest");
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SimulatedChain chain =
            await(SimulatedChain.open(DATABASE.vertx(), Clock.system(), random.nextLong(), null));
    private final SimulatedNetwork network =
            new SimulatedNetwork(DATABASE.vertx(), Clock.system(), random.nextLong(), null);
    private final SimulatedLightning node = network.node("gateway");
    private final SimulatedLightning customer = network.node("customer");
    private final SimulatedGateway gateway = new SimulatedGateway(DATABASE, chain, node, descriptor());
    private final StoreId store = new StoreId("store" + seed);
    private final List<InvoiceId> invoices = new ArrayList<>();
    /** What customers sent on chain: transaction to satoshi, mined or not. */
    private final Map<String, Long> sent = new HashMap<>();

    private boolean chainDown;

    @Test
    void booksHoldWhatTheRailsHold() {
        await(chain.mineEmpty(FIRST_BLOCKS));
        gateway.start();
        for (int schedule = 0; schedule < SCHEDULES; schedule++) {
            for (int step = 0; step < STEPS; step++) {
                act(random.nextInt(100));
            }
            calm();
            Map<String, Long> truth = truth();
            assertThat(truth).as("something was paid, seed %s", seed).isNotEmpty();
            Eventually.equal("credited payments, seed " + seed, truth, this::credited);
            assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts())
                    .isEmpty();
            long total = truth.values().stream().mapToLong(Long::longValue).sum();
            assertThat(balance("store:" + store + ":btc")).isEqualTo(total);
            assertThat(balance("operator:unclaimed:btc")).isZero();
            assertSettlementsAreAnnouncedOnce();
        }
        gateway.crash();
        network.close();
    }

    private void act(int draw) {
        if (draw < 25 || invoices.isEmpty()) {
            attempt(gateway.invoices().issue(store, request()).onSuccess(invoices::add));
        } else if (draw < 50) {
            pay(Rail.LIGHTNING);
        } else if (draw < 70) {
            pay(Rail.CHAIN);
        } else if (draw < 80) {
            await(random.nextBoolean() ? chain.mine(1 + random.nextInt(2)) : chain.mineEmpty(1));
        } else if (draw < 86) {
            await(chain.reorg(1 + random.nextInt(REORG_MAX), Fate.values()[random.nextInt(Fate.values().length)]));
        } else if (draw < 90) {
            node.faults().messages(random.nextInt(34), random.nextInt(33), random.nextInt(33));
            await(chain.hints(random.nextInt(100), 1 + random.nextInt(3)));
        } else if (draw < 92) {
            node.faults().cutAfter(random.nextInt(3)).loseAnswers(random.nextInt(3));
        } else if (draw < 94) {
            await(node.crash());
        } else if (draw < 95) {
            chainDown = !chainDown;
            await(chain.down(chainDown));
        } else if (draw < 97) {
            node.faults().down(false);
        } else {
            gateway.crash();
            gateway.start();
        }
    }

    /** Everybody answers again, and what waits is mined. */
    private void calm() {
        node.faults().clear();
        chainDown = false;
        await(chain.down(false).compose(up -> chain.hints(0, 1)).compose(up -> chain.mine(2)));
        gateway.crash();
        gateway.start();
        gateway.look();
    }

    private CreateInvoice request() {
        BigDecimal sat = BigDecimal.valueOf(SAT_MIN + random.nextInt(SAT_SPREAD));
        Currency sats = Currency.of("SATS");
        return new CreateInvoice(
                sats,
                Money.of(sats, sat),
                new JsonObject(),
                CreateInvoice.Checkout.STORE_DEFAULTS,
                new JsonObject(),
                List.of());
    }

    private void pay(Rail rail) {
        InvoiceId id = invoices.get(random.nextInt(invoices.size()));
        await(gateway.invoices().checkout(id)).options().stream()
                .filter(option -> option.rail() == rail && option.destination().isPresent())
                .findFirst()
                .ifPresent(option -> pay(rail, option));
    }

    private void pay(Rail rail, Checkout.Option option) {
        String destination = option.destination().orElseThrow();
        switch (rail) {
            case LIGHTNING -> attempt(customer.pay(destination, null));
            case CHAIN -> {
                long sat = SAT_MIN + random.nextInt(SAT_SPREAD);
                List<String> waiting = await(chain.mempool().otherwise(List.of()));
                boolean replaces = !waiting.isEmpty() && random.nextInt(4) == 0;
                Future<String> paid = replaces
                        ? chain.replace(waiting.getFirst(), destination, sat)
                        : chain.payTo(destination, sat, random.nextBoolean());
                attempt(paid.onSuccess(txid -> sent.put(txid, sat)));
            }
        }
    }

    /** Money at the rails by payment, in msat: settled invoices of the node, mined transactions to our addresses. */
    private Map<String, Long> truth() {
        Map<String, Long> truth = new TreeMap<>();
        long after = 0;
        do {
            var page = await(node.listInvoices(after, 500));
            page.invoices().stream()
                    .filter(invoice -> invoice.state() == NodeInvoice.State.SETTLED)
                    .forEach(invoice ->
                            truth.put(invoice.hash().hex(), invoice.received().value()));
            after = page.lastAddIndex();
        } while (after != 0);
        int top = await(chain.status()).height();
        for (int height = 0; height <= top; height++) {
            String hash = await(chain.hashAt(height));
            for (Transaction mined : Block.read(await(chain.block(hash)).getBytes()).tx) {
                Long sat = sent.get(mined.txid.toString());
                if (sat != null) {
                    truth.put(mined.txid.toString(), sat * 1_000);
                }
            }
        }
        return truth;
    }

    private Map<String, Long> credited() {
        Map<String, Long> credited = new TreeMap<>();
        for (Row row : await(DATABASE.db().read("select id, value_msat from payment where credited"))) {
            credited.merge(row.getString("id").replaceFirst("-\\d+$", ""), row.getLong("value_msat"), Long::sum);
        }
        return credited;
    }

    /** A second settlement is announced only after the loss of the first. */
    private void assertSettlementsAreAnnouncedOnce() {
        String query = """
                select subject, count(*) filter (where kind = 'InvoiceSettled') as settled,
                  count(*) filter (where kind in ('InvoicePaymentUnconfirmed', 'InvoicePaymentInvalid')) as lost
                from event group by subject
                """;
        for (Row row : await(DATABASE.db().read(query))) {
            assertThat(row.getLong("settled"))
                    .as(row.getString("subject"))
                    .isLessThanOrEqualTo(1 + row.getLong("lost"));
        }
    }

    private static long balance(String account) {
        String query = "select coalesce(sum(credits_posted - debits_posted), 0)::bigint from account where code = $1";
        return await(DATABASE.db().read(query, account)).iterator().next().getLong(0);
    }

    /** Waits for an outcome of either kind: in these schedules a refusal is one. */
    private static void attempt(Future<?> act) {
        await(act.transform(any -> Future.succeededFuture()));
    }

    private static String descriptor() {
        WalletGenerator wallets = new WalletGenerator(Entropy.secure());
        Secret phrase = wallets.mnemonic("English", 12);
        return wallets.account(Network.REGTEST, phrase, new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
    }
}

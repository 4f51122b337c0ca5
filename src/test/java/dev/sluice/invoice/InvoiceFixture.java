package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainUpdate;
import dev.sluice.chain.Outpoint;
import dev.sluice.chain.OutputChange;
import dev.sluice.chain.ReservedAddress;
import dev.sluice.chain.WalletId;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import dev.sluice.store.Store;
import dev.sluice.store.StoreSettings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The invoice feature over a real database, with a chain and a node that do as the test says. */
final class InvoiceFixture {
    static final String GENESIS = "0".repeat(64);
    static final OutputChange.State UNCONFIRMED = new OutputChange.State.Unconfirmed();
    /** What 10 USD are at 50,000. */
    static final long DUE_SAT = 20_000;

    final TestDatabase database;
    private final long seed = System.nanoTime();
    final StoreId store = new StoreId("store" + seed);
    final FakeChain chain = new FakeChain();
    final FakeLightning lightning = new FakeLightning();
    final InvoiceFeature feature;
    final InvoiceFeature.Connected invoices;
    long baseline;
    Instant now = Instant.parse("2026-03-01T12:00:00Z");
    Holder holder = Holder.OPERATOR;
    String source = NodeId.OPERATOR.value();
    String wallet = "operator";
    BigDecimal rate = new BigDecimal("50000");
    final Set<Currency> silent = new HashSet<>();
    JsonObject settings = new JsonObject().put("name", "Shop");

    static OutputChange.State confirmed(int height) {
        return new OutputChange.State.Confirmed(height, String.format("%064x", height));
    }

    InvoiceFixture(TestDatabase database) {
        this(database, null);
    }

    /** @param follow starts something that feeds the sink; null for the fake chain */
    InvoiceFixture(TestDatabase database, Function<ChainSink, ChainService> follow) {
        this.database = database;
        Clock clock = () -> now;
        EventLog eventLog = new EventLog(database.db(), database.bus());
        feature = InvoiceFeature.sinks(database.db(), eventLog, new Ledger(), clock, Entropy.secure());
        invoices = feature.connect(
                id -> Future.succeededFuture(Optional.of(new Store(
                        id,
                        new StoreSettings(settings),
                        List.of(
                                new PaymentMethod(Rail.CHAIN, true, holder, wallet, new JsonObject()),
                                new PaymentMethod(Rail.LIGHTNING, true, holder, source, new JsonObject()))))),
                (id, currency) -> silent.contains(currency)
                        ? Future.failedFuture(new Failure.Rejected("rate-unavailable", "No rate").exception())
                        : Future.succeededFuture(
                                currency.isBitcoin() ? Rate.bitcoin(currency) : new Rate(currency, rate)),
                follow == null ? chain : follow.apply(feature.chainSink()),
                lightning,
                () -> true);
    }

    Invoice create(String currency, String amount) {
        return create(new CreateInvoice(
                Currency.of(currency),
                amount == null ? null : Money.of(Currency.of(currency), new BigDecimal(amount)),
                new JsonObject(),
                CreateInvoice.Checkout.STORE_DEFAULTS,
                new JsonObject(),
                List.of()));
    }

    Invoice create(CreateInvoice request) {
        Invoice made = await(invoices.service()
                .draft(store, request)
                .compose(draft -> database.db().tx(tx -> invoices.service().create(tx, draft))));
        await(invoices.service().created(made.id()));
        return made;
    }

    InvoiceView.Whole whole(Invoice invoice) {
        return await(invoices.service().whole(invoice.id()));
    }

    String state(Invoice invoice) {
        return whole(invoice).invoice().state().toString();
    }

    Prompt prompt(Invoice invoice, Rail rail) {
        return whole(invoice).prompt(rail).orElseThrow();
    }

    /** The node reports the Lightning prompt as paid. */
    void settle(Invoice invoice, long msat) {
        settle(prompt(invoice, Rail.LIGHTNING).paymentHash(), msat, now);
    }

    void settle(PaymentHash hash, long msat, Instant at) {
        settle(NodeId.OPERATOR, hash, msat, at);
    }

    void settle(NodeId node, PaymentHash hash, long msat, Instant at) {
        LightningNode.Settle settle = new LightningNode.Settle(hash, new Msat(msat), 1, at);
        await(database.db().tx(tx -> feature.settleSink().apply(tx, node, List.of(settle), baseline)));
    }

    /** A transaction id that no other test uses. */
    String txid(int number) {
        return String.format("%056x%08x", seed, number);
    }

    OutputChange output(Invoice invoice, int number, long sat, OutputChange.State state, boolean replaceable) {
        Prompt prompt = prompt(invoice, Rail.CHAIN);
        return new OutputChange(new Outpoint(txid(number), 0), prompt.script(), sat, state, replaceable, false, now);
    }

    void chain(int tip, OutputChange... changes) {
        ChainUpdate update = new ChainUpdate(tip, GENESIS, List.of(changes));
        await(database.db().tx(tx -> feature.chainSink().apply(tx, update, Set.of())));
    }

    /** Lets time act on what is due. */
    void passTime() {
        await(invoices.clockwork().look());
    }

    List<String> events(Invoice invoice) {
        List<String> kinds = new ArrayList<>();
        for (Row row : await(database.db()
                .read("select kind from event where subject = $1 order by seq", "invoice:" + invoice.id()))) {
            kinds.add(row.getString("kind"));
        }
        return kinds;
    }

    long balance(Account account) {
        for (Row row : await(database.db()
                .read("select credits_posted - debits_posted as b from account where code = $1", account.code()))) {
            return row.getLong("b");
        }
        return 0;
    }

    static final class FakeChain implements ChainService {
        Optional<Tip> tip = Optional.of(new Tip(100, GENESIS, Instant.EPOCH, Instant.MAX));
        boolean poolEmpty;
        final java.util.concurrent.atomic.AtomicInteger reserved = new java.util.concurrent.atomic.AtomicInteger();

        @Override
        public Future<ReservedAddress> reserve(SqlConnection tx, WalletId wallet, String subject) {
            if (poolEmpty) {
                return Future.failedFuture(new Failure.Unavailable("pool-empty", "No address is ready", 1).exception());
            }
            reserved.incrementAndGet();
            String id = HexFormat.of().formatHex(Entropy.secure().bytes(20));
            return Future.succeededFuture(new ReservedAddress(wallet, "bcrt1q" + id, "0014" + id, "0/1"));
        }

        @Override
        public Future<WalletId> openWallet(String owner, String descriptor, int startIndex) {
            return Future.succeededFuture(new WalletId("operator"));
        }

        @Override
        public Optional<Tip> tip() {
            return tip;
        }

        @Override
        public Optional<String> unavailableReason() {
            return Optional.empty();
        }

        @Override
        public long feeRateSatPerKvb() {
            return 10_000;
        }
    }

    static final class FakeLightning implements LightningService {
        final Map<PaymentHash, Msat> added = new ConcurrentHashMap<>();
        final Map<PaymentHash, String> memos = new ConcurrentHashMap<>();
        final Set<PaymentHash> hinted = ConcurrentHashMap.newKeySet();
        final List<PaymentHash> cancelled = new ArrayList<>();
        Optional<Instant> caughtUpAt = Optional.of(Instant.MAX);
        final java.util.Set<NodeId> dead = ConcurrentHashMap.newKeySet();
        /** What comes of asking about a hash. */
        Function<PaymentHash, Future<Void>> answer = hash -> Future.succeededFuture();

        boolean down;

        @Override
        public Future<LightningNode.AddedInvoice> addInvoice(
                NodeId node,
                Preimage preimage,
                Msat amount,
                String memo,
                Duration expiry,
                boolean hints,
                Duration deadline) {
            if (down) {
                return Future.failedFuture(
                        new Failure.Unavailable("node-down", "The Lightning node is down", 1).exception());
            }
            PaymentHash hash = preimage.hash();
            added.put(hash, amount == null ? Msat.ZERO : amount);
            memos.put(hash, memo);
            if (hints) {
                hinted.add(hash);
            }
            return Future.succeededFuture(new LightningNode.AddedInvoice(hash, "lnbcrt" + hash.hex(), added.size()));
        }

        @Override
        public Future<LightningNode.AddedInvoice> addInvoice(
                NodeId node,
                Preimage preimage,
                Msat amount,
                byte[] descriptionHash,
                Duration expiry,
                Duration deadline) {
            return addInvoice(node, preimage, amount, "", expiry, false, deadline);
        }

        @Override
        public Future<Void> cancel(NodeId node, PaymentHash hash) {
            if (dead.contains(node)) {
                return Future.failedFuture("dead");
            }
            cancelled.add(hash);
            return Future.succeededFuture();
        }

        @Override
        public Future<NodeId> connect(String owner, String connectionString) {
            return Future.succeededFuture(NodeId.OPERATOR);
        }

        @Override
        public Optional<String> unavailableReason(NodeId node) {
            return Optional.empty();
        }

        @Override
        public Optional<Instant> caughtUpAt(NodeId node) {
            return dead.contains(node) ? Optional.empty() : caughtUpAt;
        }

        @Override
        public Future<Void> sweep(NodeId node, PaymentHash hash) {
            return down || dead.contains(node) ? Future.failedFuture("down") : answer.apply(hash);
        }
    }
}

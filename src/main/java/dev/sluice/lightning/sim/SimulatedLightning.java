package dev.sluice.lightning.sim;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.LightningNode;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A node of a {@link SimulatedNetwork}: keeps LND's rules in memory, signs real BOLT 11 invoices, fails on request. */
public final class SimulatedLightning implements LightningNode {
    /** BOLT 9: variable onion and payment secret required, multi-part payments optional. */
    private static final BigInteger FEATURES =
            BigInteger.ZERO.setBit(8).setBit(14).setBit(17);

    private static final Msat RECEIVABLE = new Msat(10 * Msat.PER_BTC);
    private static final int BLOCK_HEIGHT = 120;

    private final SimulatedNetwork network;
    private final String alias;
    private final PrivateKey key;
    private final Clock clock;
    private final Journal journal;
    private final SimulatedBook book;
    private final SimulatedPayments payments;
    private final Faults faults;
    private final List<SimulatedStream<Settle>> settleStreams = new ArrayList<>();
    private final List<SimulatedStream<PaymentHash>> htlcStreams = new ArrayList<>();
    private final Map<PaymentHash, List<SimulatedStream<NodeInvoice>>> invoiceStreams = new HashMap<>();

    SimulatedLightning(
            SimulatedNetwork network,
            String alias,
            PrivateKey key,
            Clock clock,
            Journal journal,
            List<String> past,
            Faults faults) {
        this.network = network;
        this.alias = alias;
        this.key = key;
        this.clock = clock;
        this.journal = journal;
        this.faults = faults;
        this.payments = new SimulatedPayments(clock, network);
        this.book = new SimulatedBook(clock, journal, this::changed);
        book.restore(past);
    }

    /** What goes wrong here. */
    public Faults faults() {
        return faults;
    }

    public String pubkey() {
        return key.publicKey().toHex();
    }

    /** Pays an invoice without a fee and tells the final state; for customers of demos and tests. */
    public Future<PaymentState> pay(String bolt11, @Nullable Msat amount) {
        Promise<PaymentState> outcome = Promise.promise();
        pay(
                new PayRequest(bolt11, amount, Msat.ZERO, Duration.ofSeconds(60)),
                state -> {
                    if (!(state instanceof PaymentState.InFlight)) {
                        outcome.tryComplete(state);
                    }
                },
                ended -> outcome.tryFail(ended == null ? SimulatedNetwork.unavailable() : ended));
        return outcome.future();
    }

    /** Goes down: answers nothing and ends every stream, until {@code faults().down(false)}. */
    public Future<Void> crash() {
        faults.down(true);
        return onThread(() -> {
            settleStreams.forEach(stream -> stream.end(SimulatedNetwork.unavailable()));
            htlcStreams.forEach(stream -> stream.end(SimulatedNetwork.unavailable()));
            invoiceStreams.values().forEach(list -> list.forEach(stream -> stream.end(SimulatedNetwork.unavailable())));
            payments.endStreams(SimulatedNetwork.unavailable());
        });
    }

    /** Forgets its invoices and payments, as a node restored from its seed does. */
    public Future<Void> wipe() {
        return onThread(() -> {
            book.wipe();
            payments.wipe();
        });
    }

    /** Pays an own invoice out of nothing, on the network's thread; for benches. */
    public Future<Void> settleDirectly(PaymentHash hash, Msat amount) {
        return onThread(() -> receive(hash, amount));
    }

    private Future<Void> onThread(Runnable work) {
        Promise<Void> done = Promise.promise();
        network.thread().execute(() -> {
            work.run();
            done.complete();
        });
        return done.future();
    }

    @Override
    public Future<NodeInfo> info() {
        return ask(() -> new NodeInfo(
                pubkey(), alias, "0.21.1-simulated", "regtest", BLOCK_HEIGHT, !faults.isUnsynced(), 1, RECEIVABLE));
    }

    @Override
    public Future<AddedInvoice> addInvoice(
            Preimage preimage,
            @Nullable Msat amount,
            String memo,
            byte @Nullable [] descriptionHash,
            Duration expiry,
            boolean privateHints) {
        String digest = descriptionHash == null ? null : HexFormat.of().formatHex(descriptionHash);
        return ask(() -> add(preimage.hash(), preimage, amount, digest == null ? memo : null, digest, expiry));
    }

    @Override
    public Future<AddedInvoice> addHoldInvoice(PaymentHash hash, @Nullable Msat amount, String memo, Duration expiry) {
        return ask(() -> add(hash, null, amount, memo, null, expiry));
    }

    private AddedInvoice add(
            PaymentHash hash,
            @Nullable Preimage preimage,
            @Nullable Msat amount,
            @Nullable String description,
            @Nullable String descriptionHash,
            Duration expiry) {
        SimulatedInvoice before = book.find(hash);
        if (before == null) {
            Instant now = Instant.ofEpochSecond(clock.now().getEpochSecond());
            String secret = HexFormat.of().formatHex(Crypto.sha256(hash.bytes()));
            String bolt11 = new Bolt11(
                            "bcrt", amount, now, hash, description, descriptionHash, expiry, secret, FEATURES, pubkey())
                    .sign(key);
            before = new SimulatedInvoice(
                    hash,
                    preimage,
                    amount,
                    now.plus(expiry),
                    NodeInvoice.State.OPEN,
                    Msat.ZERO,
                    book.nextAddIndex(),
                    0,
                    null,
                    bolt11);
            book.add(before);
        }
        return new AddedInvoice(hash, before.bolt11(), before.addIndex());
    }

    @Override
    public Future<@Nullable NodeInvoice> lookup(PaymentHash hash) {
        return ask(() -> view(book.find(hash)));
    }

    private static @Nullable NodeInvoice view(@Nullable SimulatedInvoice invoice) {
        return invoice == null ? null : invoice.view();
    }

    @Override
    public Future<Void> cancel(PaymentHash hash) {
        return ask(() -> {
            book.cancel(hash);
            return null;
        });
    }

    @Override
    public Future<Void> settle(Preimage preimage) {
        return ask(() -> {
            book.settleHeld(preimage);
            return null;
        });
    }

    @Override
    public Subscription subscribeSettles(
            long settleIndex, Consumer<Settle> onSettle, Consumer<@Nullable Throwable> onEnd) {
        return stream(onSettle, onEnd, stream -> {
            settleStreams.removeIf(SimulatedStream::isEnded);
            settleStreams.add(stream);
            if (settleIndex > 0) {
                book.settledAfter(settleIndex).forEach(invoice -> stream.offer(invoice.settle()));
            }
        });
    }

    @Override
    public Future<Page> listInvoices(long afterAddIndex, int limit) {
        return ask(() -> {
            List<NodeInvoice> page = book.addedAfter(afterAddIndex, limit).stream()
                    .map(SimulatedInvoice::view)
                    .toList();
            return new Page(page, page.isEmpty() ? 0 : page.getLast().addIndex());
        });
    }

    @Override
    public Subscription subscribeInvoice(
            PaymentHash hash, Consumer<NodeInvoice> onState, Consumer<@Nullable Throwable> onEnd) {
        return stream(onState, onEnd, stream -> {
            SimulatedInvoice invoice = book.find(hash);
            if (invoice == null) {
                stream.refuse("lightning-not-found", "unable to locate invoice");
                return;
            }
            invoiceStreams.computeIfAbsent(hash, none -> new ArrayList<>()).add(stream);
            show(stream, invoice);
        });
    }

    @Override
    public Subscription subscribeHtlcs(Consumer<PaymentHash> onSettled, Consumer<@Nullable Throwable> onEnd) {
        return stream(onSettled, onEnd, stream -> {
            htlcStreams.removeIf(SimulatedStream::isEnded);
            htlcStreams.add(stream);
        });
    }

    @Override
    public Subscription pay(PayRequest request, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd) {
        return stream(onState, onEnd, stream -> payments.pay(this, request, stream));
    }

    @Override
    public Subscription track(PaymentHash hash, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd) {
        return stream(onState, onEnd, stream -> payments.track(hash, stream));
    }

    @Override
    public Future<DecodedInvoice> decode(String bolt11) {
        return ask(() -> {
            Bolt11 invoice = Bolt11.parse(bolt11);
            if (!invoice.currency().equals("bcrt")) {
                throw new Failure.Rejected("lightning-refused", "invoice not for current active network").exception();
            }
            String description = invoice.description() == null ? "" : invoice.description();
            return new DecodedInvoice(
                    invoice.hash(), invoice.payee(), invoice.amount(), description, invoice.expiresAt());
        });
    }

    @Override
    public void close() {
        // the network outlives the gateway's view of a node
    }

    @Nullable
    String receive(PaymentHash hash, Msat amount) {
        return book.receive(hash, amount);
    }

    void resolved(SimulatedInvoice invoice) {
        payments.resolved(invoice);
    }

    void closeJournal() {
        journal.close();
    }

    private void changed(SimulatedInvoice invoice) {
        List<SimulatedStream<NodeInvoice>> watchers = invoiceStreams.getOrDefault(invoice.hash(), List.of());
        List.copyOf(watchers).forEach(stream -> show(stream, invoice));
        if (invoice.state() == NodeInvoice.State.SETTLED) {
            Settle settle = invoice.settle();
            List.copyOf(settleStreams).forEach(stream -> stream.offer(settle));
            List.copyOf(htlcStreams).forEach(stream -> stream.offer(invoice.hash()));
        }
        if (invoice.state() == NodeInvoice.State.SETTLED || invoice.state() == NodeInvoice.State.CANCELED) {
            invoiceStreams.remove(invoice.hash());
            network.resolved(invoice);
        }
    }

    private static void show(SimulatedStream<NodeInvoice> stream, SimulatedInvoice invoice) {
        stream.offer(invoice.view());
        if (invoice.state() == NodeInvoice.State.SETTLED || invoice.state() == NodeInvoice.State.CANCELED) {
            stream.finish();
        }
    }

    private <T> Subscription stream(
            Consumer<T> onItem, Consumer<@Nullable Throwable> onEnd, Consumer<SimulatedStream<T>> start) {
        SimulatedStream<T> stream = new SimulatedStream<>(network.thread(), faults, onItem, onEnd);
        network.run(faults, () -> {
            if (faults.isDown()) {
                stream.end(SimulatedNetwork.unavailable());
            } else if (!stream.isEnded()) {
                start.accept(stream);
            }
        });
        return stream;
    }

    private <T extends @Nullable Object> Future<T> ask(Supplier<T> work) {
        return network.ask(faults, work);
    }
}

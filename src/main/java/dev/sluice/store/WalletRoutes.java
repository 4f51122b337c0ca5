package dev.sluice.store;

import static dev.sluice.http.Access.needs;

import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.OnceTold;
import dev.sluice.http.Reply;
import dev.sluice.identity.Permissions;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.WalletTools.Generated;
import dev.sluice.store.WalletTools.Request;
import dev.sluice.store.WalletTools.ScriptType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Generating a wallet for a store, and looking at the addresses of one. */
final class WalletRoutes {
    private static final String WALLET = PaymentMethodRoutes.METHODS + "/{paymentMethodId}/wallet";
    private static final String MANAGE_WALLET = "btcpay.store.canmanagewalletsettings";
    private static final String VIEW_WALLET = "btcpay.store.canviewwallet";
    private static final List<Integer> WORD_COUNTS = List.of(12, 15, 18, 21, 24);
    private static final List<String> WORD_LISTS = List.of(
            "English",
            "Japanese",
            "Spanish",
            "ChineseSimplified",
            "ChineseTraditional",
            "French",
            "PortugueseBrazil",
            "Czech");
    /** Deriving one address takes some 0.1 ms: a page of them is not felt. */
    private static final int PREVIEW_MAX = 100;

    private static final int PREVIEW = 10;
    private static final int DESCRIPTOR_MAX = 4_096;
    private static final int TEXT_MAX = 500;

    private final StoreServiceLive stores;
    private final MethodSetup setup;
    private final WalletTools tools;

    WalletRoutes(StoreServiceLive stores, MethodSetup setup, WalletTools tools) {
        this.stores = stores;
        this.setup = setup;
        this.tools = tools;
    }

    void mount(Api api) {
        api.get(WALLET + "/preview", needs(VIEW_WALLET), this::previewCurrent);
        api.post(WALLET + "/preview", needs(MANAGE_WALLET), this::previewProposed);
        api.post(WALLET + "/generate", needs(Permissions.MODIFY_STORE), this::generate);
    }

    private Future<Reply> previewCurrent(Call call) {
        return setup.configured(call.store(), chainOf(call))
                .compose(method -> MethodConfig.isInternal(Rail.CHAIN, method.config())
                        ? Future.failedFuture(
                                new Failure.Rejected("not-available", "The operator's wallet is not shown to stores")
                                        .exception())
                        : preview(call, method.config().getString("derivationScheme")));
    }

    private Future<Reply> previewProposed(Call call) {
        chainOf(call);
        Fields fields = new Fields(call.body());
        String scheme = fields.text("derivationScheme", DESCRIPTOR_MAX);
        if (scheme == null || scheme.isBlank()) {
            fields.reject("derivationScheme", "This is needed");
        }
        fields.check();
        return preview(call, scheme == null ? "" : scheme.strip());
    }

    private Future<Reply> preview(Call call, String scheme) {
        Fields fields = Fields.ofQuery(call, "offset", "count");
        int count = (int) fields.integer("count", 1, PREVIEW_MAX, PREVIEW);
        int offset = (int) fields.integer("offset", 0, Integer.MAX_VALUE - (long) PREVIEW_MAX, 0);
        fields.check();
        return tools.preview(scheme, offset, count).map(addresses -> {
            JsonArray shown = new JsonArray();
            addresses.forEach(address ->
                    shown.add(new JsonObject().put("keyPath", address.keyPath()).put("address", address.address())));
            return Reply.json(new JsonObject().put("addresses", shown));
        });
    }

    /** The mnemonic is in the answer to the call that made it, and nowhere else: not in what is kept for a replay. */
    private Future<Reply> generate(Call call) {
        Rail rail = chainOf(call);
        StoreId id = call.store();
        Request request = request(call.body());
        @Nullable String label = new Fields(call.body()).text("label", TEXT_MAX);
        OnceTold once = new OnceTold();
        return stores.get(id)
                .compose(store -> store.method(rail).isPresent()
                        ? Future.failedFuture(
                                new Failure.Rejected("already-configured", "The store has a wallet already")
                                        .exception())
                        : tools.generate(request)
                                .compose(wallet -> setup.prepare(
                                                call.principal(),
                                                store,
                                                rail,
                                                new JsonObject().put("config", config(wallet, label)))
                                        .compose(method -> StoreRoutes.change(
                                                call,
                                                stores,
                                                tx -> stores.changeMethod(tx, id, Optional.empty(), method)
                                                        .map(put -> {
                                                            once.tell("mnemonic", wallet.mnemonic());
                                                            return Reply.json(PaymentMethodRoutes.json(method, true));
                                                        })))
                                        .map(once::join)));
    }

    private static JsonObject config(Generated wallet, @Nullable String label) {
        return new JsonObject()
                .put("derivationScheme", wallet.derivationScheme())
                .put("accountKeyPath", wallet.accountKeyPath())
                .put("label", label);
    }

    private static Request request(JsonObject body) {
        Fields fields = new Fields(body);
        String mnemonic = fields.text("existingMnemonic", TEXT_MAX);
        String passphrase = fields.text("passphrase", TEXT_MAX);
        if (fields.flag("savePrivateKeys", false)) {
            fields.reject("savePrivateKeys", "This server keeps no private keys of stores");
        }
        int account = (int) fields.integer("accountNumber", 0, Integer.MAX_VALUE, 0);
        int words = (int) fields.integer("wordCount", 12, 24, 12);
        if (!WORD_COUNTS.contains(words)) {
            fields.reject("wordCount", "This must be 12, 15, 18, 21 or 24");
        }
        String list = fields.text("wordList", TEXT_MAX);
        Optional<String> listed = WORD_LISTS.stream()
                .filter(known -> list == null || known.equalsIgnoreCase(list))
                .findFirst();
        if (listed.isEmpty()) {
            fields.reject("wordList", "This must be one of " + String.join(", ", WORD_LISTS));
        }
        String type = fields.text("scriptPubKeyType", TEXT_MAX);
        Optional<ScriptType> script = Arrays.stream(ScriptType.values())
                .filter(known -> known.apiName().equalsIgnoreCase(type == null ? ScriptType.SEGWIT.apiName() : type))
                .findFirst();
        if (script.isEmpty()) {
            fields.reject("scriptPubKeyType", "This must be Legacy, Segwit, SegwitP2SH or TaprootBIP86");
        }
        fields.text("label", TEXT_MAX);
        fields.check();
        return new Request(
                mnemonic == null ? null : new Secret(mnemonic),
                new Secret(passphrase == null ? "" : passphrase),
                account,
                listed.orElseThrow(),
                words,
                script.orElseThrow());
    }

    private static Rail chainOf(Call call) {
        Rail rail = PaymentMethodRoutes.railOf(call);
        if (rail != Rail.CHAIN) {
            throw new Failure.NotFound("paymentmethod-not-found", "The payment method has no wallet").exception();
        }
        return rail;
    }
}

package dev.sluice;

import dev.sluice.chain.Descriptor;
import dev.sluice.chain.Network;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.store.WalletTools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.IntStream;

/** Previews and makes wallets with the chain feature, on a worker: deriving a hundred addresses takes milliseconds. */
final class WalletToolsLive implements WalletTools {
    private final Vertx vertx;
    private final Network network;
    private final WalletGenerator generator;

    WalletToolsLive(Vertx vertx, Network network, Entropy entropy) {
        this.vertx = vertx;
        this.network = network;
        this.generator = new WalletGenerator(entropy);
    }

    @Override
    public Future<List<Preview>> preview(String descriptor, int offset, int count) {
        return vertx.executeBlocking(() -> {
            Descriptor parsed = Descriptor.parse(network, descriptor);
            return IntStream.range(offset, offset + count)
                    .mapToObj(index -> new Preview("0/" + index, parsed.address(network, 0, index)))
                    .toList();
        });
    }

    @Override
    public Future<Generated> generate(Request request) {
        return vertx.executeBlocking(() -> {
            Secret existing = request.existingMnemonic();
            Secret mnemonic = existing == null ? generator.mnemonic(request.wordList(), request.wordCount()) : existing;
            WalletGenerator.Generated made = generator.account(
                    network, mnemonic, request.passphrase(), request.accountNumber(), type(request.scriptType()));
            String path = made.fingerprint() + "/" + made.accountPath().replace('h', '\'');
            return new Generated(made.mnemonic(), made.descriptor().toString(), path);
        });
    }

    private static dev.sluice.chain.ScriptType type(WalletTools.ScriptType type) {
        return switch (type) {
            case LEGACY -> dev.sluice.chain.ScriptType.LEGACY;
            case SEGWIT -> dev.sluice.chain.ScriptType.SEGWIT;
            case SEGWIT_P2SH -> dev.sluice.chain.ScriptType.WRAPPED;
            case TAPROOT -> dev.sluice.chain.ScriptType.TAPROOT;
        };
    }
}

package dev.sluice.chain;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHash;
import java.util.Arrays;
import java.util.Optional;

/** A bitcoin network, told apart by its genesis block. */
public enum Network {
    MAIN("main", Block.LivenetGenesisBlock.hash, 0),
    TEST("test", Block.Testnet3GenesisBlock.hash, 1),
    TESTNET4("testnet4", Block.Testnet4GenesisBlock.hash, 1),
    SIGNET("signet", Block.SignetGenesisBlock.hash, 1),
    REGTEST("regtest", Block.RegtestGenesisBlock.hash, 1);

    private final String id;
    private final BlockHash genesis;
    private final int coinType;

    Network(String id, BlockHash genesis, int coinType) {
        this.id = id;
        this.genesis = genesis;
        this.coinType = coinType;
    }

    /** By the name that bitcoind reports as {@code chain}. */
    public static Optional<Network> named(String id) {
        return Arrays.stream(values()).filter(network -> network.id.equals(id)).findFirst();
    }

    /** The name that bitcoind reports as {@code chain}. */
    public String id() {
        return id;
    }

    /** Hash of the first block, as people write it. */
    public String genesisHash() {
        return genesis.value.reversed().toHex();
    }

    /** Coin type of BIP 44: 0 for bitcoin, 1 for every test network. */
    public int coinType() {
        return coinType;
    }

    BlockHash genesis() {
        return genesis;
    }
}

package dev.sluice.chain;

/**
 * An address that was handed out once and will never be handed out again.
 *
 * @param script its output script, lower-case hex
 * @param keyPath relative to the account, {@code 0/5}
 */
public record ReservedAddress(WalletId wallet, String address, String script, String keyPath) {}

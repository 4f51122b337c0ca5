package dev.sluice.card;

import dev.sluice.kernel.StoreId;

/** A terminal as its page may show it to anyone. */
public record TerminalView(String id, StoreId store, String name) {}

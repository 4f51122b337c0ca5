package dev.sluice.bus;

/** A named stream of hints of one type, which must be an immutable record. */
public record Topic<T>(String name, Class<T> type) {}

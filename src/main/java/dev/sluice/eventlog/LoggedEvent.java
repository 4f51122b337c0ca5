package dev.sluice.eventlog;

/** An event with its place in the log. */
public record LoggedEvent(Position position, Event event) {}

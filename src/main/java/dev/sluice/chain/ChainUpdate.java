package dev.sluice.chain;

import java.time.Instant;
import java.util.List;

/**
 * One step of the watcher: the changes and the tip after it.
 *
 * @param tipHeight height of the active chain after the step
 * @param tipTime median time past of that tip: chain time never runs backwards
 */
public record ChainUpdate(int tipHeight, String tipHash, Instant tipTime, List<OutputChange> changes) {
    public ChainUpdate {
        changes = List.copyOf(changes);
    }
}

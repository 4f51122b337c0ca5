package dev.sluice.chain;

import java.util.List;

/**
 * What is known of outputs under a tip: what a step of the watcher changed, or all there is about a subject.
 *
 * @param tipHeight height of the active chain after the step
 */
public record ChainUpdate(int tipHeight, String tipHash, List<OutputChange> changes) {
    public ChainUpdate {
        changes = List.copyOf(changes);
    }
}

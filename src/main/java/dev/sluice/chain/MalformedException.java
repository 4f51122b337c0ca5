package dev.sluice.chain;

/** Bytes that are not what the bitcoin protocol says they should be. */
final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message, null, false, false);
    }
}

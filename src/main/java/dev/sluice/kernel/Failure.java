package dev.sluice.kernel;

import java.util.List;

/** An expected failure: a value with a stable code and a message for people. The HTTP edge gives each its status. */
public sealed interface Failure {
    /** Stable, kebab-case, part of the API. */
    String code();

    /** For people; never a secret. */
    String message();

    /**
     * One field of a request that cannot be taken, with its path in the API's spelling ({@code
     * Checkout.SpeedPolicy}).
     */
    record FieldError(String path, String message) {}

    /** The request cannot be taken as it is (422 with an array). */
    record Invalid(List<FieldError> errors) implements Failure {
        public Invalid {
            errors = List.copyOf(errors);
        }

        @Override
        public String code() {
            return "validation-error";
        }

        @Override
        public String message() {
            return errors.isEmpty() ? "invalid request" : errors.getFirst().message();
        }
    }

    /** The request is malformed or makes no sense now (400). */
    record Rejected(String code, String message) implements Failure {}

    /** No or wrong credentials (401). */
    record Unauthenticated(String code, String message) implements Failure {}

    /** Known, but not allowed (403); {@code permission} is what is missing. */
    record Forbidden(String code, String message, String permission) implements Failure {}

    /** Nothing of that name (404). */
    record NotFound(String code, String message) implements Failure {}

    /** Contradicts what is already there (409). */
    record Conflict(String code, String message) implements Failure {}

    /** Used to be there (410). */
    record Gone(String code, String message) implements Failure {}

    /** Same idempotency key, other content (422 as an object). */
    record Mismatch(String code, String message) implements Failure {}

    /** Too large (413). */
    record TooLarge(String code, String message) implements Failure {}

    /** Too many (429); try again after {@code retryAfterSeconds}. */
    record Limited(String code, String message, int retryAfterSeconds) implements Failure {}

    /** We, or a system we need, cannot answer now (503); nothing is known to have failed for good. */
    record Unavailable(String code, String message, int retryAfterSeconds) implements Failure {}

    /** The failure as the cause of a failed future. */
    default FailureException exception() {
        return new FailureException(this);
    }

    static Invalid invalid(String path, String message) {
        return new Invalid(List.of(new FieldError(path, message)));
    }
}

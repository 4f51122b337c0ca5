package dev.sluice.lightning.lnd;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Turns LND's statuses into failures. LND answers most refusals as UNKNOWN with a sentence, and says so too while it
 * starts, stops or is locked: those sentences mean that nothing is known.
 */
final class LndErrors {
    /** lnd rpcperms/interceptor.go and the texts of a database or server that is shutting down. */
    private static final List<String> NOT_READY = List.of(
            "waiting to start",
            "wallet not created",
            "wallet locked",
            "starting up",
            "shutting down",
            "database not open",
            "closed",
            "context canceled",
            "deadline exceeded");
    /** lnd macaroons/service.go. */
    private static final List<String> CREDENTIALS = List.of(
            "verification failed",
            "permission denied",
            "expected 1 macaroon",
            "cannot get macaroon",
            "root key with id",
            "cannot determine data format",
            "unmarshal v");

    private LndErrors() {}

    /** The failure of a status that is not OK. */
    static Throwable translate(Throwable failure) {
        if (!(failure instanceof StatusRuntimeException refused)) {
            return failure;
        }
        Status status = refused.getStatus();
        String said = said(status);
        if (isCredentials(status)) {
            return new FailureException(new Failure.Unavailable(
                    "lightning-credentials-refused", "The Lightning node refuses our macaroon: " + said, 10));
        }
        return switch (status.getCode()) {
            case NOT_FOUND -> rejected("lightning-not-found", said);
            case ALREADY_EXISTS -> rejected("payment-exists", said);
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> rejected("lightning-refused", said);
            case UNKNOWN -> ofUnknown(said);
            case OK,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    UNIMPLEMENTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS,
                    UNAUTHENTICATED -> unavailable(status.getCode() + " " + said);
        };
    }

    /** Whether fresh credentials may help. */
    static boolean mayHealByReload(Throwable failure) {
        if (!(failure instanceof StatusRuntimeException refused)) {
            return false;
        }
        return isCredentials(refused.getStatus()) || isTls(refused.getStatus().getCause());
    }

    private static FailureException ofUnknown(String said) {
        if (NOT_READY.stream().anyMatch(said::contains)) {
            return unavailable(said);
        }
        if (said.contains("unable to locate invoice") || said.contains("there are no existing invoices")) {
            return rejected("lightning-not-found", said);
        }
        return rejected(said.contains("already exists") ? "lightning-exists" : "lightning-refused", said);
    }

    private static boolean isCredentials(Status status) {
        return switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED -> true;
            case UNKNOWN -> CREDENTIALS.stream().anyMatch(said(status)::contains);
            default -> false;
        };
    }

    private static boolean isTls(@Nullable Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    private static String said(Status status) {
        String description = status.getDescription();
        return description == null ? "" : description;
    }

    private static FailureException rejected(String code, String said) {
        return new FailureException(new Failure.Rejected(code, "The Lightning node refused: " + said));
    }

    private static FailureException unavailable(String said) {
        return new FailureException(
                new Failure.Unavailable("lightning-unavailable", "The Lightning node cannot answer: " + said, 5));
    }
}

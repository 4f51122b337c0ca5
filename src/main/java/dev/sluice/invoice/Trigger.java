package dev.sluice.invoice;

/** What makes an invoice look at itself. */
enum Trigger {
    /** Its payments changed: one came, settled, or was lost. */
    PAYMENTS,
    /** Its expiry has passed and every rail has been read beyond it. */
    EXPIRY,
    /** Its monitoring window has passed and every rail has been read beyond it. */
    MONITORING_END,
    MARK_SETTLED,
    MARK_INVALID
}

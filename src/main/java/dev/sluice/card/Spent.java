package dev.sluice.card;

/**
 * What a card spent before: charges that were approved and not voided, parts of a satoshi as whole ones.
 *
 * @param recent taps within the programme's velocity window
 */
record Spent(long day, long week, long month, long recent) {
    static final Spent NOTHING = new Spent(0, 0, 0, 0);
}

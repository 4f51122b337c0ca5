package dev.sluice.ui;

import dev.sluice.card.HolderView;
import dev.sluice.kernel.Currency;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;

/**
 * What the holder's page shows.
 *
 * @param lnurl of the top-up link, bech32, lower case
 * @param p of the tap that opened it
 * @param c likewise
 */
public record CardModel(
        HolderView card,
        Texts texts,
        String lnurl,
        String address,
        String p,
        String c,
        boolean simulated,
        String style,
        Optional<String> brandStyle) {
    public String t(String key) {
        return texts.get(key);
    }

    public String lang() {
        return texts.language();
    }

    /**
     * {@code 1,234 SATS}, as the apps read it that take it off the page; what is left of a satoshi is not shown,
     * because nothing can be bought with it.
     */
    public String balance() {
        return shown(card.balance(), RoundingMode.FLOOR);
    }

    /**
     * Rounded towards zero. A movement below one satoshi shows as 0: it took place, so it has its line with its time
     * and kind, and a whole satoshi would say that more moved than did.
     */
    public String amount(HolderView.Movement movement) {
        return shown(movement.amount(), RoundingMode.DOWN);
    }

    public String limit(HolderView.Limit limit) {
        return shown(limit.amount(), RoundingMode.FLOOR);
    }

    /** Whole satoshi: apps take the digits before {@code SATS} for the amount, decimals too. JSON has the exact one. */
    private String shown(String amount, RoundingMode rounding) {
        boolean satoshi = card.currency().equals(Currency.SATS.code());
        String text = satoshi ? new BigDecimal(amount).setScale(0, rounding).toPlainString() : amount;
        return grouped(text) + " " + card.currency();
    }

    public String time(HolderView.Movement movement) {
        return Texts.time(movement.at());
    }

    public String state() {
        return t("card.state." + card.state().toLowerCase(Locale.ROOT));
    }

    public String kind(HolderView.Movement movement) {
        return t(movement.kind());
    }

    public String expires() {
        return card.expiresAt().map(Texts::time).orElse("");
    }

    public String qr() {
        return QrSvg.of(lnurl.toUpperCase(Locale.ROOT), t("card.topup.qr"));
    }

    public String chainQr() {
        return QrSvg.of("bitcoin:" + card.address().orElse(""), t("card.topup.qr"));
    }

    public String chainNote() {
        return t("card.chain.note").replace("{0}", Integer.toString(card.confirmations()));
    }

    /** Thousands with commas. */
    static String grouped(String number) {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String rest = point < 0 ? "" : number.substring(point);
        return whole.replaceAll("(?<=\\d)(?=(\\d{3})+$)", ",") + rest;
    }
}

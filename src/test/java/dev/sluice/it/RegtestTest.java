package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.it.Regtest.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("node")
final class RegtestTest {
    @RegisterExtension
    static final Regtest REGTEST = new Regtest();

    @Test
    void customerPaysGatewayOverLightning() {
        String paid = REGTEST.payInvoice(invoice("--amt=2000"));
        assertThat(REGTEST.cli(Node.GATEWAY, "lookupinvoice", paid)).contains("\"SETTLED\"");
    }

    @Test
    void invoiceWithoutAmountTakesTheGivenOne() {
        String paid = REGTEST.payInvoice(invoice("--memo=open"), 321);
        assertThat(number("amt_paid_sat", REGTEST.cli(Node.GATEWAY, "lookupinvoice", paid)))
                .isEqualTo(321);
    }

    @Test
    void linkIsPaidOverLightningWhereItOffersThat() {
        String link = "BITCOIN:" + address() + "?AMOUNT=0.00002&LIGHTNING=" + invoice("--amt=2000");
        assertThat(REGTEST.payLink(link)).startsWith("lightning ");
        assertThat(REGTEST.payLink("bitcoin:" + address() + "?amount=0.00002&label=a%20b"))
                .startsWith("onchain ");
    }

    @Test
    void invoiceThatIsPaidCannotBePaidAgain() {
        String bolt11 = invoice("--amt=2000");
        REGTEST.payInvoice(bolt11);
        assertThatThrownBy(() -> REGTEST.payInvoice(bolt11)).hasMessageContaining("already paid");
    }

    @Test
    void reorgMinesTheSameTransactionsAgain() {
        String txid = REGTEST.payAddress(address(), 50_000);
        REGTEST.mine(3);
        String before = blockHash(txid);
        REGTEST.reorg(3);
        assertThat(confirmations(txid)).isEqualTo(4);
        assertThat(blockHash(txid)).isNotEqualTo(before);
    }

    @Test
    void droppedTransactionWaitsAndIsMinedLater() {
        String txid = REGTEST.payAddress(address(), 50_000);
        REGTEST.mine(3);
        REGTEST.reorgDropping(3);
        assertThat(confirmations(txid)).isZero();
        REGTEST.mine(1);
        assertThat(confirmations(txid)).isEqualTo(1);
    }

    @Test
    void doubleSpendReplacesConfirmedAndUnconfirmedPayments() {
        String confirmed = REGTEST.payAddress(address(), 50_000);
        REGTEST.mine(3);
        String rival = REGTEST.doubleSpend(3, confirmed);
        assertThat(confirmations(rival)).isEqualTo(4);
        assertThat(confirmations(confirmed)).isZero();
        String waiting = REGTEST.payAddress(address(), 50_000);
        assertThat(confirmations(REGTEST.doubleSpend(0, waiting))).isEqualTo(1);
        REGTEST.mine(1);
        assertThat(confirmations(waiting)).isZero();
    }

    @Test
    void reorgThatDoesNotReachThePaymentLeavesTheChainAlone() {
        String txid = REGTEST.payAddress(address(), 50_000);
        int height = REGTEST.mine(3);
        assertThatThrownBy(() -> REGTEST.doubleSpend(2, txid)).hasMessageContaining("deeper");
        assertThat(REGTEST.cli(Node.BITCOIND, "getblockcount")).isEqualTo(Integer.toString(height));
    }

    @Test
    void nodesComeBackAfterStopAndKill() {
        REGTEST.stopNode(Node.GATEWAY);
        assertThatThrownBy(() -> invoice("--amt=2000")).isInstanceOf(Tools.ToolFailed.class);
        REGTEST.startNode(Node.GATEWAY);
        int height = REGTEST.mine(2);
        REGTEST.killNode(Node.BITCOIND);
        REGTEST.startNode(Node.BITCOIND);
        assertThat(REGTEST.cli(Node.BITCOIND, "getblockcount")).isEqualTo(Integer.toString(height));
        REGTEST.payInvoice(invoice("--amt=2000"));
    }

    @Test
    void invoiceMacaroonCannotSpend() {
        Path macaroon = Path.of(REGTEST.env("GATEWAY_INVOICE_MACAROON"));
        assertThat(macaroon).matches(Files::exists);
        String option = "--macaroonpath=" + macaroon;
        assertThat(REGTEST.cli(Node.GATEWAY, option, "addinvoice", "--amt=1")).contains("payment_request");
        assertThatThrownBy(() -> REGTEST.cli(Node.GATEWAY, option, "newaddress", "p2wkh"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() ->
                        REGTEST.cli(Node.GATEWAY, option, "sendcoins", "--force", "--amt=10000", "--addr=" + address()))
                .hasMessageContaining("permission denied");
    }

    private static String invoice(String option) {
        return text("payment_request", REGTEST.cli(Node.GATEWAY, "addinvoice", option));
    }

    private static String address() {
        return REGTEST.cli(Node.BITCOIND, "-rpcwallet=miner", "getnewaddress");
    }

    private static String blockHash(String txid) {
        return text("blockhash", REGTEST.cli(Node.BITCOIND, "getrawtransaction", txid, "1"));
    }

    /** As the customer's wallet sees it: negative for a payment whose rival is confirmed, here shown as zero. */
    private static long confirmations(String txid) {
        return Math.max(
                0, number("confirmations", REGTEST.cli(Node.BITCOIND, "-rpcwallet=customer", "gettransaction", txid)));
    }

    private static String text(String field, String json) {
        return first("\"" + field + "\":\\s*\"([^\"]*)\"", json);
    }

    private static long number(String field, String json) {
        return Long.parseLong(first("\"" + field + "\":\\s*\"?(-?\\d+)", json));
    }

    private static String first(String pattern, String json) {
        Matcher matcher = Pattern.compile(pattern).matcher(json);
        assertThat(matcher.find()).as("%s in %s", pattern, json).isTrue();
        return matcher.group(1);
    }
}

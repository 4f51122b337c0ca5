package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.card.ntag424.Tap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardFileTest {
    private static final String HEADER = "uid,pullpayment,version,counter,balance,label\n";
    private static final String GOOD = "04A39493CC8680,fUDXsnySxvb5LYZ1bSLiWzLjVuT,0,7,12.50,Ann";

    @Test
    void lineIsReadWhateverTheOrderOfItsColumns() {
        ImportedCard card =
                CardFile.parse("\uFEFF" + HEADER + GOOD).getFirst().card().orElseThrow();
        assertThat(card.uid().hex()).isEqualTo("04a39493cc8680");
        assertThat(card.pullPayment()).contains("fUDXsnySxvb5LYZ1bSLiWzLjVuT");
        assertThat(card.counter()).isEqualTo(7);
        assertThat(card.balance()).isEqualByComparingTo("12.5");
        List<CardFile.Line> short_ =
                CardFile.parse("balance, counter, version, UID\r\n1, 2, 3, 04a39493cc8680\r\n\r\n");
        assertThat(short_).hasSize(1);
        assertThat(short_.getFirst().card().orElseThrow().version()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "04A39493CC86,p,0,7,1,x",
                "04A39493CC868G,p,0,7,1,x",
                ",p,0,7,1,x",
                "04A39493CC8680,p,-1,7,1,x",
                "04A39493CC8680,p,0,16777216,1,x",
                "04A39493CC8680,p,0,7,-1,x",
                "04A39493CC8680,p,0,7,1e3,x",
                "04A39493CC8680,p,0,7,,x",
                "04A39493CC8680,p,0,7,1",
                "04A39493CC8680,p,0,7,1,x,y"
            })
    void lineThatCannotBeReadSaysSo(String line) {
        CardFile.Line read = CardFile.parse(HEADER + line).getFirst();
        assertThat(read.card()).isEmpty();
        assertThat(read.problem()).isNotBlank();
        assertThat(read.number()).isEqualTo(2);
    }

    @Test
    void tapIsALinkThatTheCardShowed() {
        String link = "lnurlw://h/boltcard?p=" + "0A".repeat(16) + "&c=" + "0B".repeat(8);
        String header = "uid,version,counter,balance,tap\n04a39493cc8680,0,7,1,";
        assertThat(CardFile.parse(header + link).getFirst().card().orElseThrow().tap())
                .contains(Tap.of("0a".repeat(16), "0b".repeat(8)));
        assertThat(CardFile.parse(header).getFirst().card().orElseThrow().tap()).isEmpty();
        assertThat(CardFile.parse(header + "lnurlw://h?p=1&c=2").getFirst().problem())
                .startsWith("tap is a link");
    }

    @Test
    void uidStandsOnce() {
        assertThat(CardFile.parse(HEADER + GOOD + "\n" + GOOD.toLowerCase(java.util.Locale.ROOT)))
                .extracting(line -> line.card().isPresent())
                .containsExactly(true, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "uid,version\n",
                "uid,version,counter,balance,pin\n",
                "uid,uid,version,counter,balance\n",
                "uid,counter,balance\n",
                "uid,counter,balance,k0,k2\n",
                "uid,version,counter,balance,k0,k1,k2\n",
                "uid,version,counter,balance,external_id\n",
                "[1]",
                "[{\"uid\":1}]",
                "[",
                "{}"
            })
    void headerMustBeKnown(String header) {
        assertThatThrownBy(() -> CardFile.parse(header)).isInstanceOf(IllegalArgumentException.class);
    }

    private static final String K = "0123456789abcdef".repeat(2);

    @Test
    void exportsOfBoltcardAndLnbitsAreRead() {
        ImportedCard boltcard = CardFile.parse(
                        "card_name,uid,k0_auth_key,aes_decrypt_key,k2_cmac_key,k3,k4,last_counter_value,balance\n"
                                + "Ann,04a39493cc8680," + K + "," + K.toUpperCase(java.util.Locale.ROOT) + "," + K + ","
                                + K
                                + "," + K + ",9,100")
                .getFirst()
                .card()
                .orElseThrow();
        assertThat(boltcard.own()).isPresent();
        assertThat(boltcard.name()).isEmpty();
        assertThat(boltcard.counter()).isEqualTo(9);
        ImportedCard lnbits = CardFile.parse("[{\"uid\":\"04A39493CC8680\",\"k0\":\"" + K + "\",\"k1\":\"" + K
                        + "\",\"k2\":\"" + K + "\",\"counter\":3,\"balance\":12.5,\"external_id\":\"kDqBSnVk\","
                        + "\"card_name\":\"Bob\"}]")
                .getFirst()
                .card()
                .orElseThrow();
        assertThat(lnbits.name()).contains("kDqBSnVk");
        assertThat(lnbits.own().orElseThrow().k3()).isEqualTo(lnbits.own().get().k1());
        assertThat(lnbits.balance()).isEqualByComparingTo("12.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "xyz", "0123456789abcdef0123456789abcdeg"})
    void keyThatIsNoneSaysSo(String key) {
        CardFile.Line read = CardFile.parse(
                        "uid,k0,k1,k2,counter,balance\n04a39493cc8680," + K + "," + K + "," + key + ",1,1")
                .getFirst();
        assertThat(read.problem()).contains("k2").doesNotContain(key.isEmpty() ? "\0" : key);
    }
}

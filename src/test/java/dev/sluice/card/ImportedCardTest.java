package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportedCardTest {
    private static final String HEADER = "uid,pullpayment,version,counter,balance,label\n";
    private static final String GOOD = "04A39493CC8680,fUDXsnySxvb5LYZ1bSLiWzLjVuT,0,7,12.50,Ann";

    @Test
    void lineIsReadWhateverTheOrderOfItsColumns() {
        ImportedCard card =
                ImportedCard.parse("\uFEFF" + HEADER + GOOD).getFirst().card().orElseThrow();
        assertThat(card.uid().hex()).isEqualTo("04a39493cc8680");
        assertThat(card.pullPayment()).contains("fUDXsnySxvb5LYZ1bSLiWzLjVuT");
        assertThat(card.counter()).isEqualTo(7);
        assertThat(card.balance()).isEqualByComparingTo("12.5");
        List<ImportedCard.Line> short_ =
                ImportedCard.parse("balance, counter, version, UID\r\n1, 2, 3, 04a39493cc8680\r\n\r\n");
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
        ImportedCard.Line read = ImportedCard.parse(HEADER + line).getFirst();
        assertThat(read.card()).isEmpty();
        assertThat(read.problem()).isNotBlank();
        assertThat(read.number()).isEqualTo(2);
    }

    @Test
    void uidStandsOnce() {
        assertThat(ImportedCard.parse(HEADER + GOOD + "\n" + GOOD.toLowerCase(java.util.Locale.ROOT)))
                .extracting(line -> line.card().isPresent())
                .containsExactly(true, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "uid,version\n", "uid,version,counter,balance,pin\n", "uid,uid,version,counter,balance\n"})
    void headerMustBeKnown(String header) {
        assertThatThrownBy(() -> ImportedCard.parse(header)).isInstanceOf(IllegalArgumentException.class);
    }
}

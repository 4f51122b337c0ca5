package dev.sluice.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdsTest {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    static Stream<byte[]> sixteens() {
        byte[] most = new byte[16];
        Arrays.fill(most, (byte) 0xff);
        byte[] one = new byte[16];
        one[15] = 1;
        Random random = new Random();
        Stream<byte[]> any = Stream.generate(() -> {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            return bytes;
        });
        return Stream.concat(Stream.of(new byte[16], one, most), any.limit(200));
    }

    @ParameterizedTest
    @MethodSource("sixteens")
    void idIsTheNumberInBase58(byte[] bytes) {
        String id = Base58.encode(bytes);
        BigInteger read = BigInteger.ZERO;
        for (char letter : id.toCharArray()) {
            read = read.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(ALPHABET.indexOf(letter)));
        }
        assertThat(id).hasSize(22);
        assertThat(read).isEqualTo(new BigInteger(1, bytes));
    }

    @Test
    void numberIsReadFromItsFirstByte() {
        byte[] low = ByteBuffer.allocate(16).putInt(12, 58).array();
        byte[] high = ByteBuffer.allocate(16).putInt(0, 1).array();
        assertThat(Base58.encode(low)).endsWith("1121");
        assertThat(Base58.encode(high)).isGreaterThan(Base58.encode(low));
    }
}

package dev.sluice.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Entropy;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ScriptSetTest {
    /** The example of the SipHash paper, appendix A. */
    @Test
    void fingerprintIsSipHash() {
        ScriptSet set = new ScriptSet(ScriptSetTest::counting);
        assertThat(set.fingerprint(counting(15), 0, 15)).isEqualTo(0xa129ca6149be45e5L);
    }

    @Test
    void holdsExactlyWhatWasAddedWhileItGrows() {
        ScriptSet set = new ScriptSet(Entropy.secure());
        for (int i = 0; i < 100_000; i++) {
            set.add(script(i));
            set.add(script(i));
        }
        assertThat(set.size()).isEqualTo(100_000);
        for (int i = 0; i < 200_000; i++) {
            byte[] script = script(i);
            assertThat(set.mayContain(script, 0, script.length)).isEqualTo(i < 100_000);
        }
    }

    private static byte[] counting(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] script(int i) {
        return ByteBuffer.allocate(22).putShort((short) 0x0014).putInt(i).array();
    }
}

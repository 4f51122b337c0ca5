package dev.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {
    @Test
    void standardSignatureMatchesThePublishedVector() {
        byte[] body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
        assertThat(WebhookSignature.standard(
                        new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1614265330,
                        body))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void btcpaySignatureMatchesThePublishedGithubVector() {
        byte[] body = "Hello, World!".getBytes(StandardCharsets.UTF_8);
        assertThat(WebhookSignature.btcpay(new Secret("It's a Secret to Everybody"), body))
                .isEqualTo("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }

    @Test
    void generatedSecretsCarry32BytesAndDiffer() {
        Entropy entropy = Entropy.secure();
        String one = WebhookSignature.generate(entropy).value();
        assertThat(one)
                .startsWith("whsec_")
                .isNotEqualTo(WebhookSignature.generate(entropy).value());
        assertThat(Base64.getDecoder().decode(one.substring(6))).hasSize(32);
    }

    @Test
    void prefixWithoutKeyIsNoSecret() {
        assertThat(WebhookSignature.isKey("whsec_")).isFalse();
        assertThat(WebhookSignature.isKey("whsec_not base64!")).isFalse();
        assertThat(WebhookSignature.isKey("  ")).isFalse();
        assertThat(WebhookSignature.isKey("plain secret")).isTrue();
    }
}

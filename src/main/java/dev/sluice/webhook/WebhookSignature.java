package dev.sluice.webhook;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs deliveries twice: BTCPay's header over the body with the secret's UTF-8 bytes, and the Standard Webhooks
 * signature over {@code id.timestamp.body}, whose key is what follows {@code whsec_} in base64, else the same bytes.
 */
final class WebhookSignature {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    /** Standard Webhooks asks for 24 to 64 bytes. */
    private static final int KEY_BYTES = 32;

    private WebhookSignature() {}

    /** A new secret in the form of Standard Webhooks. */
    static Secret generate(Entropy entropy) {
        return new Secret(PREFIX + Base64.getEncoder().encodeToString(entropy.bytes(KEY_BYTES)));
    }

    /** Whether a text can serve as a secret. */
    static boolean isKey(String secret) {
        try {
            return standardKey(secret).length > 0 && !secret.isBlank();
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /** The value of {@code BTCPay-Sig}. */
    static String btcpay(Secret secret, byte[] body) {
        byte[] mac = hmac(secret.value().getBytes(StandardCharsets.UTF_8), body);
        return "sha256=" + HexFormat.of().formatHex(mac);
    }

    /** One value of {@code webhook-signature}; several are separated by a space. */
    static String standard(Secret secret, String id, long timestamp, byte[] body) {
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        byte[] signed = new byte[head.length + body.length];
        System.arraycopy(head, 0, signed, 0, head.length);
        System.arraycopy(body, 0, signed, head.length, body.length);
        return "v1," + Base64.getEncoder().encodeToString(hmac(standardKey(secret.value()), signed));
    }

    private static byte[] standardKey(String secret) {
        return secret.startsWith(PREFIX)
                ? Base64.getDecoder().decode(secret.substring(PREFIX.length()))
                : secret.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac.doFinal(message);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }
}

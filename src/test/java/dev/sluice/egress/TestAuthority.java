package dev.sluice.egress;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority that signs certificates for servers of tests, made by the JDK's own keytool. */
final class TestAuthority {
    private static final String PASSWORD = "changeit";
    private static final String ROOT = "root";
    private static final long WAIT_SECONDS = 60;

    private final Path store;

    TestAuthority(Path folder) {
        store = folder.resolve("keys.p12");
        keytool(ROOT, List.of("-ext", "bc:c"));
    }

    /** The key and certificate of a host, signed by this authority. */
    PfxOptions signed(String host, String... more) {
        List<String> options = new ArrayList<>(List.of("-signer", ROOT, "-ext", "san=dns:" + host));
        options.addAll(List.of(more));
        return made(host + options.size(), options);
    }

    /** The key of a host with a certificate that it signed itself. */
    PfxOptions selfSigned(String host) {
        return made("self", List.of("-ext", "san=dns:" + host));
    }

    /** Trust in this authority. */
    PemTrustOptions trust() {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                    .encodeToString(keys.getCertificate(ROOT).getEncoded());
            return new PemTrustOptions()
                    .addCertValue(
                            Buffer.buffer("-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----"));
        } catch (IOException | GeneralSecurityException failure) {
            throw new AssertionError(failure);
        }
    }

    private PfxOptions made(String alias, List<String> options) {
        keytool(alias, options);
        return new PfxOptions().setPath(store.toString()).setPassword(PASSWORD).setAlias(alias);
    }

    private void keytool(String alias, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + alias,
                "-alias",
                alias,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(options);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(said);
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }
}

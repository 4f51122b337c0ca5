package dev.sluice.lightning.lnd;

import dev.sluice.kernel.Sha256;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.X509TrustManager;

/** Trusts one certificate, named by the SHA-256 of its DER form; its names and dates are then of no importance. */
final class PinnedCertificate implements X509TrustManager {
    private final String thumbprint;

    PinnedCertificate(String thumbprint) {
        this.thumbprint = thumbprint;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("only servers are checked");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (!thumbprintOf(chain[0]).equals(thumbprint)) {
            throw new CertificateException("the node's certificate is not the pinned one");
        }
    }

    static String thumbprintOf(X509Certificate certificate) throws CertificateException {
        return HexFormat.of().formatHex(Sha256.of(certificate.getEncoded()));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}

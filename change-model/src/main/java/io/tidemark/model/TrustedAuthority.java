package io.tidemark.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The authority that signed a server's certificate, where it is none that the JVM trusts. */
public final class TrustedAuthority {

    private TrustedAuthority() {}

    /**
     * TLS that trusts the certificates of a file, and no others.
     *
     * @param file in PEM, with one certificate or several
     * @throws TidemarkException CONFIGURATION when it cannot be read, or holds no certificate
     */
    public static SSLContext in(Path file) {
        try {
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store(file));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * The same certificates as the content of a trust store, in PKCS 12.
     *
     * @param password to open it with; it keeps no secret
     * @throws TidemarkException as of {@link #in}
     */
    public static byte[] pkcs12(Path file, char[] password) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            store(file).store(out, password);
            return out.toByteArray();
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e);
        }
    }

    private static TidemarkException unreadable(Path file, Exception e) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "The file " + file + " of 'ca' holds no certificates in PEM that can be read (" + e.getMessage()
                        + "): it must have that of the authority that signed the store's",
                e);
    }

    private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> certificates;
        try (InputStream in = Files.newInputStream(file)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("there is none");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        return store;
    }
}

package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.SettingsException;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service terminates TLS itself, by the operator's files. */
class TlsE2ETest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  /** A certificate and its key, as certbot writes them. */
  private record Pair(Certificate certificate, String certificatePem, String keyPem) {}

  private Pair pair(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process made =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=ip:127.0.0.1")
            .redirectErrorStream(true)
            .start();
    String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(made.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return new Pair(
        keys.getCertificate(name),
        pem("CERTIFICATE", keys.getCertificate(name).getEncoded()),
        pem("PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded()));
  }

  private static String pem(String what, byte[] bytes) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
  }

  private Map<String, String> environment() {
    return Map.of(
        "POSTRIDER_TLS_CERT", folder.resolve("cert.pem").toString(),
        "POSTRIDER_TLS_KEY", folder.resolve("key.pem").toString());
  }

  private void write(String certificate, String key) throws IOException {
    Files.writeString(folder.resolve("key.pem"), key);
    Files.writeString(folder.resolve("cert.pem"), certificate);
  }

  /** Who is served by, to somebody who trusts these. */
  private static Certificate served(int port, List<Pair> trusted) {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting(trusted)).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/health/ready"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.sslSession().orElseThrow().getPeerCertificates()[0];
    } catch (IOException | InterruptedException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext trusting(List<Pair> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    for (Pair pair : trusted) {
      trust.setCertificateEntry("c" + trust.size(), pair.certificate());
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Test
  void aRenewedCertificateCountsWithoutARestart() throws Exception {
    Pair first = pair("first");
    Pair renewed = pair("renewed");
    write(first.certificatePem(), first.keyPem());
    try (RunningService service =
        RunningService.start(environment(), "--spring.ssl.bundle.watch.file.quiet-period=300ms")) {
      int port = URI.create(service.admin().url()).getPort();
      assertThat(served(port, List.of(first, renewed))).isEqualTo(first.certificate());
      assertThat(service.admin().get("/api/applications").status())
          .as("in the clear")
          .isEqualTo(400);
      write(renewed.certificatePem(), renewed.keyPem());
      Eventually.value(() -> served(port, List.of(first, renewed)), renewed.certificate()::equals);
    }
  }

  @Test
  void filesThatAreNoPairStopTheStartInOneLine() throws Exception {
    Pair first = pair("first");
    Pair other = pair("other");
    for (List<String> bad :
        List.of(
            List.of(first.certificatePem(), other.keyPem()),
            List.of(first.certificatePem(), "no key"),
            List.of("no certificate", first.keyPem()))) {
      write(bad.getFirst(), bad.getLast());
      TestDatabase database = TestDatabase.create();
      assertThatThrownBy(
              () -> RunningService.start(database, RunningService.newHome(), environment()).close())
          .isInstanceOf(SettingsException.class)
          .hasMessageStartingWith("POSTRIDER_TLS_CERT ")
          .hasMessageNotContaining("\n")
          .hasMessageNotContaining(first.keyPem().substring(30, 60));
    }
  }
}

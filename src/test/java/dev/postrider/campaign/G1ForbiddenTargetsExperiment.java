package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.platform.Json;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * G1: an application points everything that takes an address at the service's own machine and
 * network, in every spelling; by names of several addresses; and by one that is public when it is
 * checked and ours when it is called. A canary on all local addresses hears nothing.
 */
@Tag("fault")
class G1ForbiddenTargetsExperiment {
  /** An application's endpoints may have no other port than this and 443. */
  private static final int PORT = 8443;

  private static final List<String> HOSTS =
      List.of(
          "127.0.0.1",
          "127.1",
          "127.0.01",
          "2130706433",
          "0x7f000001",
          "0x7f.1",
          "0177.0.0.1",
          "017700000001",
          "0",
          "0.0.0.0",
          "localhost",
          "localhost.",
          "LOCALHOST",
          "private.example",
          "mixed.example",
          "nowhere.example",
          "[::1]",
          "[::]",
          "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]",
          "[::127.0.0.1]",
          "[64:ff9b::7f00:1]",
          "[64:ff9b:1::7f00:1]",
          "[2002:7f00:1::]",
          "[2001:0:7f00:1::1]",
          "[fd00:ec2::254]",
          "[fe80::1]",
          "169.254.169.254",
          "100.100.100.200",
          "192.0.0.192",
          "168.63.129.16",
          "10.0.0.8",
          "172.16.0.1",
          "192.168.0.1",
          "user@127.0.0.1",
          "example.com@127.0.0.1",
          "127.0.0.1%00.example.com",
          "①②⑦.⓪.⓪.①",
          "127。0。0。1");

  /** Hears whoever connects to any address of this machine. */
  private static final class Canary implements AutoCloseable {
    final AtomicInteger heard = new AtomicInteger();
    private final ServerSocket server;

    Canary() {
      try {
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(PORT));
      } catch (IOException e) {
        throw new UncheckedIOException("port " + PORT + " must be free for this", e);
      }
      Thread.ofPlatform().daemon().start(this::listen);
    }

    private void listen() {
      while (!server.isClosed()) {
        try (Socket _ = server.accept()) {
          heard.incrementAndGet();
        } catch (IOException _) {
          return; // closed
        }
      }
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void areNeverCalled() throws IOException {
    Path hosts = Files.createTempFile("hosts", ".txt");
    names(hosts, "93.184.215.14");
    Setup quick = Setup.quick(1);
    Setup setup =
        new Setup(
            1,
            Map.of(
                "JDK_JAVA_OPTIONS",
                "-Djdk.net.hosts.file="
                    + hosts
                    + " -Dsun.net.inetaddr.ttl=0 -Dsun.net.inetaddr.negative.ttl=0"),
            quick.options(),
            null,
            quick.leaseAndSweep());
    try (Campaign run = Campaign.start("G1", setup);
        Canary canary = new Canary()) {
      Tenant shop = run.tenant("shop");
      Api api = run.node(0).api().as(shop.key());
      List<String> tried = new ArrayList<>();
      for (String host : HOSTS) {
        for (String scheme : List.of("https", "http")) {
          String url = scheme + "://" + host + ":" + PORT + "/latest/meta-data";
          endpoint(api, shop, url, tried);
          sender(api, shop, waha(url), tried);
        }
        sender(api, shop, smtp(host), tried);
      }
      rebinding(api, shop, hosts);
      Campaign.occurred("targets", tried.size(), HOSTS.size() * 5L);
      assertThat(canary.heard.get()).as("calls of what is ours").isZero();
      // It does hear: the operator may point there.
      JsonNode trusted =
          run.node(0)
              .api()
              .post(endpoints(shop), "{\"url\":\"http://127.0.0.1:" + PORT + "/hook\"}")
              .data();
      api.post(endpoints(shop) + "/" + trusted.at("/endpoint/endpoint_id") + "/test", "");
      assertThat(canary.heard.get()).as("calls of what the operator set up").isPositive();
    }
  }

  /** Public when it was checked, ours when it is called. */
  private static void rebinding(Api api, Tenant shop, Path hosts) throws IOException {
    String url = "https://rebind.example:" + PORT + "/hook";
    Api.Answer made = api.post(endpoints(shop), Json.write(Map.of("url", url)));
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    Api.Answer sender = api.post(senders(shop), waha("http://rebind.example:" + PORT));
    assertThat(sender.status()).as(sender.body()).isEqualTo(201);
    names(hosts, "127.0.0.1");
    JsonNode told =
        api.post(endpoints(shop) + "/" + made.data().at("/endpoint/endpoint_id") + "/test", "")
            .data();
    assertThat(told.path("code").asString()).isEqualTo("address_refused");
    long message =
        api.message(
            shop.app(),
            "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"sender_id\":%d}"
                .formatted(sender.data().path("sender_id").asLong()));
    JsonNode attempts =
        Eventually.value(
            () -> api.get(shop.messages() + "/" + message + "/attempts").data().path("items"),
            it -> !it.isEmpty());
    assertThat(attempts.get(0).path("code").asString()).isEqualTo("address_refused");
  }

  /** Whatever is let in is called, too. */
  private static void endpoint(Api api, Tenant shop, String url, List<String> tried) {
    Api.Answer made = api.post(endpoints(shop), Json.write(Map.of("url", url)));
    assertThat(made.status()).as(url + ": " + made.body()).isIn(201, 422);
    if (made.status() == 201) {
      String path = endpoints(shop) + "/" + made.data().at("/endpoint/endpoint_id").asLong();
      JsonNode told = api.post(path + "/test", "").data();
      assertThat(told.path("delivered").asBoolean()).as(url).isFalse();
      assertThat(told.path("excerpt").isNull()).as(url).isTrue();
      assertThat(api.delete(path).status()).isEqualTo(200);
    }
    tried.add(url);
  }

  private static void sender(Api api, Tenant shop, String body, List<String> tried) {
    Api.Answer made = api.post(senders(shop), body);
    assertThat(made.status()).as(body + ": " + made.body()).isIn(201, 422);
    if (made.status() == 201) {
      long message =
          api.message(
              shop.app(),
              "{\"message_content\":\"x\",\"recipient\":\"%s\",\"sender_id\":%d}"
                  .formatted(
                      body.contains("smtp") ? "ana@example.org" : "+4915123100000",
                      made.data().path("sender_id").asLong()));
      // It was tried, and did not get through; a name may also be none.
      JsonNode attempts =
          Eventually.within(
              Duration.ofSeconds(30),
              () -> api.get(shop.messages() + "/" + message + "/attempts").data().path("items"),
              it -> !it.isEmpty());
      assertThat(attempts.get(0).path("outcome").asString()).as(body).isNotEqualTo("accepted");
    }
    tried.add(body);
  }

  private static String waha(String url) {
    return Json.write(
        Map.of(
            "provider",
            "waha",
            "settings",
            Map.of("base_url", url, "session", "default"),
            "credentials",
            Map.of("api_key", "x")));
  }

  private static String smtp(String host) {
    return Json.write(
        Map.of(
            "provider",
            "smtp",
            "address",
            // One sender has an address.
            "shop-" + HOSTS.indexOf(host) + "@example.org",
            "settings",
            Map.of("host", host, "port", Integer.toString(PORT))));
  }

  private static String endpoints(Tenant shop) {
    return "/api/webhooks/" + shop.app() + "/endpoints";
  }

  private static String senders(Tenant shop) {
    return "/api/applications/" + shop.app() + "/senders";
  }

  private static void names(Path hosts, String rebind) throws IOException {
    Files.writeString(
        hosts,
        """
        127.0.0.1 localhost localhost. LOCALHOST
        10.0.0.8 private.example
        93.184.215.14 mixed.example
        127.0.0.1 mixed.example
        %s rebind.example
        """
            .formatted(rebind));
  }
}

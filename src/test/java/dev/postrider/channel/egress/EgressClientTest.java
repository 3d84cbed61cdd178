package dev.postrider.channel.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;

class EgressClientTest {
  /** Or a node would keep a file open for each host that it ever called. */
  @Test
  void anIdleConnectionIsClosed() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        EgressClient egress =
            new EgressClient(
                new EgressSockets(Settings.read(Map.of(), false)), TimeValue.ofSeconds(1))) {
      CompletableFuture<Reply> reply =
          CompletableFuture.supplyAsync(() ->
              egress.exchange(
                  new EgressClient.Request(
                      "GET",
                      URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"),
                      Map.of(),
                      null,
                      Duration.ofSeconds(10),
                      true)));
      try (Socket connection = server.accept()) {
        connection.setSoTimeout(15_000);
        connection
            .getOutputStream()
            .write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(reply.get()).isInstanceOf(Reply.Answer.class);
        // What was asked, and then the end; a time-out would be an exception.
        assertThat(
                new String(connection.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
            .startsWith("GET / HTTP/1.1");
      }
    }
  }
}

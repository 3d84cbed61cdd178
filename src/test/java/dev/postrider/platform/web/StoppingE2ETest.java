package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RunningService;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a node says that is being stopped to what it cannot read. */
class StoppingE2ETest {
  /**
   * Tomcat's own 400 as well, which none of our code sees: a caller gives its message up for it.
   */
  @Test
  void whatTomcatCannotReadMayHaveBeenCutShortByTheStop() throws IOException {
    try (RunningService node = RunningService.start(Map.of())) {
      assertThat(ask(node)).startsWith("HTTP/1.1 400").contains("malformed_request");
      node.bean(Stopping.class).begin();
      assertThat(ask(node))
          .startsWith("HTTP/1.1 503")
          .contains("Retry-After: 1")
          .contains("being stopped");
    }
  }

  private static String ask(RunningService node) throws IOException {
    URI at = URI.create(node.admin().url());
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

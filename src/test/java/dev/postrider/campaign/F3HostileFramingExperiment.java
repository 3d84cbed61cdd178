package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** F3: requests that are not what they say they are, over raw sockets. */
@Tag("fault")
class F3HostileFramingExperiment {
  @Test
  void isA4xxAndTheServiceGoesOn() throws Exception {
    try (Campaign run = Campaign.start("F3", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      String post =
          "POST %s HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\n"
              .formatted(shop.messages(), shop.key());
      String op = run.op(shop).body();
      for (String hostile :
          List.of(
              // With a message in it, Tomcat goes by the chunks and hangs up (RFC 9112, 6.1).
              post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              post + "Content-Length: 3\r\nContent-Length: 30\r\n\r\n{}",
              post + "Content-Length: -1\r\n\r\n",
              post + "Content-Length: 99999999999999999999\r\n\r\n",
              post + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
              post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(op),
              post + "X-Long: " + "x".repeat(20_000) + "\r\n\r\n",
              post + "X-Many: 1\r\n".repeat(2000) + "\r\n",
              post + "Content-Encoding: gzip\r\nContent-Length: " + op.length() + "\r\n\r\n" + op,
              post + "Content-Length: " + op.length() * 2 + "\r\n\r\n" + op,
              "GET / HTTP/1.1\r\n\r\n",
              "GET /\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET /api/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "nonsense\r\n\r\n")) {
        String status = status(run, hostile);
        assertThat(status)
            .as(hostile.substring(0, Math.min(200, hostile.length())))
            .matches("4\\d\\d|501|closed");
      }
      run.callers().all(run.ops(shop, 5));
      run.quiesce();
      run.verdict().holds();
      assertThat(run.stored()).as("nothing of the hostile ones was stored").isEqualTo(5);
    }
  }

  /** A body that is all right, but for what its head says. */
  private static String chunked(String body) {
    return Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
  }

  /** The status of the first answer, or that the connection was closed without one. */
  private static String status(Campaign run, String request) throws IOException {
    int port = URI.create(run.node(0).api().url()).getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      String answer =
          new String(socket.getInputStream().readNBytes(64), StandardCharsets.ISO_8859_1);
      return answer.length() < 12 ? "closed" : answer.substring(9, 12);
    } catch (SocketException _) {
      return "closed";
    }
  }
}

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A receiver of webhooks: {@code java Receiver.java}, with WEBHOOK_SECRET and PORT set. */
public final class Receiver {
  private static final int MOST = 1024 * 1024;
  private final WebhookVerifier verifier = new WebhookVerifier(System.getenv("WEBHOOK_SECRET"));

  // Keep these where they outlive the process, in the transaction that acts on the event.
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  public static void main(String[] args) throws IOException {
    Receiver receiver = new Receiver();
    int port = Integer.parseInt(System.getenv("PORT"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", receiver::receive);
    server.start();
    System.out.println("listening");
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MOST);
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      boolean genuine =
          verifier.isGenuine(
              id,
              exchange.getRequestHeaders().getFirst("webhook-timestamp"),
              exchange.getRequestHeaders().getFirst("webhook-signature"),
              body);
      if (genuine && seen.add(id)) {
        System.out.println(id + " " + new String(body, StandardCharsets.UTF_8));
      }
      exchange.sendResponseHeaders(genuine ? 204 : 400, -1);
    }
  }
}

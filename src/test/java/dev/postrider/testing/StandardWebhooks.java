package dev.postrider.testing;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.postrider.simulator.HttpStub;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** The standard's own library: what it verifies, any receiver will. */
public final class StandardWebhooks {
  private StandardWebhooks() {}

  public static boolean verifies(String secret, HttpStub.Request request) {
    try {
      new Webhook(secret)
          .verify(
              request.text(),
              HttpHeaders.of(
                  Map.of(
                      "webhook-id", List.of(request.header("webhook-id")),
                      "webhook-timestamp", List.of(request.header("webhook-timestamp")),
                      "webhook-signature", List.of(request.header("webhook-signature"))),
                  (_, _) -> true));
      return true;
    } catch (WebhookVerificationException | EmptyWebhookSecretException _) {
      return false;
    }
  }
}

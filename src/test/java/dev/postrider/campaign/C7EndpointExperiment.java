package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.RESCUED;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.HttpStub;
import dev.postrider.testing.StandardWebhooks;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * C7: an endpoint that fails in every way there is, while nodes are killed between a change and its
 * notice, and PostgreSQL with them; another one that is never there. What the log says is told, by
 * whichever node is left.
 */
@Tag("fault")
class C7EndpointExperiment {
  private final Set<String> taken = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger forged = new AtomicInteger();
  private final AtomicReference<@Nullable String> secret = new AtomicReference<>();
  private volatile boolean wild = true;

  @Test
  void isToldOfEverythingInTheEnd() {
    Setup setup =
        Setup.quick(2)
            .options(
                "--postrider.webhook.timeout=1s",
                "--postrider.webhook.retry-after=300ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s",
                "--postrider.webhook.first-pause=100ms",
                "--postrider.webhook.longest-pause=500ms");
    Random random = new Random(Seed.value());
    try (Campaign run = Campaign.start("C7", setup);
        HttpStub receiver = new HttpStub(request -> answer(request, random))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      secret.set(endpoint(run, shop, receiver.url()).path("secret").asString());
      endpoint(run, other, "http://127.0.0.1:9");
      run.callers().start(60, n -> n % 3 == 0 ? run.op(other) : run.op(shop));
      for (int round = 0; round < 3; round++) {
        Campaign.last(ofMillis(1500 + run.random().nextInt(1000)));
        run.node(round % 2).kill();
        if (round == 1) {
          run.killPostgres();
          run.restartPostgres();
        }
        run.reviveNodes();
      }
      Campaign.last(ofSeconds(2));
      wild = false;
      run.quiesce();
      run.verdict().occurred(RESCUED, 1).holds();
      Campaign.occurred("deliveries that were not taken", refused.get(), 50);
      Set<String> log = log(run, shop);
      Campaign.until(() -> taken.containsAll(log), ofSeconds(40));
      assertThat(log(run, shop)).as("nothing that did not happen").containsAll(taken);
      assertThat(forged.get()).as("deliveries that do not verify").isZero();
    }
  }

  private static JsonNode endpoint(Campaign run, Tenant of, String url) {
    return run.node(0)
        .api()
        .post("/api/webhooks/" + of.app() + "/endpoints", "{\"url\":\"" + url + "/hook\"}")
        .data();
  }

  /** Every event of the application, by its id. */
  private static Set<String> log(Campaign run, Tenant of) {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    long after = 0;
    while (true) {
      JsonNode page =
          run.node(0)
              .api()
              .get("/api/events/" + of.app() + "?limit=1000&after=" + after)
              .data()
              .path("items");
      if (page.isEmpty()) {
        return ids;
      }
      page.forEach(event -> ids.add(event.path("id").asString()));
      after = page.get(page.size() - 1).path("seq").asLong();
    }
  }

  private HttpStub.Answer answer(HttpStub.Request request, Random random) {
    if (!verifies(request)) {
      forged.incrementAndGet();
    }
    int dice;
    synchronized (random) {
      dice = wild ? random.nextInt(12) : 99;
    }
    HttpStub.Answer answer =
        switch (dice) {
          case 0 -> HttpStub.json(500, "{}");
          case 1 -> new HttpStub.Answer.Full(429, Map.of("Retry-After", "1"), new byte[0]);
          case 2 -> new HttpStub.Answer.Reset();
          case 3 -> new HttpStub.Answer.Silence();
          case 4 -> new HttpStub.Answer.Full(302, Map.of("Location", "/other"), new byte[0]);
          default -> HttpStub.json(204, "");
        };
    if (answer instanceof HttpStub.Answer.Full(var status, _, _) && status == 204) {
      taken.add(request.header("webhook-id"));
    } else {
      refused.incrementAndGet();
    }
    return answer;
  }

  private boolean verifies(HttpStub.Request request) {
    String known = secret.get();
    // Told before the secret was read: nothing to say of that one.
    return known == null || StandardWebhooks.verifies(known, request);
  }
}

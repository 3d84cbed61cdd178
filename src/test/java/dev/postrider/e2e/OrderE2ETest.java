package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.secret.MasterKey;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A sender's messages to one recipient keep their order, on all nodes; codes pass campaigns. */
class OrderE2ETest {
  private static WahaSimulator waha;
  private static RunningService node;
  private static RunningService otherNode;

  @BeforeAll
  static void start() {
    waha = new WahaSimulator("waha-key");
    TestDatabase database = TestDatabase.create();
    Map<String, String> environment =
        Map.of(
            "WAHA_API_URL",
            waha.url(),
            "WAHA_API_KEY",
            "waha-key",
            "POSTRIDER_MASTER_KEY",
            MasterKey.generate());
    node = RunningService.start(database, RunningService.newHome(), environment);
    otherNode = RunningService.start(database, RunningService.newHome(), environment);
  }

  @AfterAll
  static void stop() {
    otherNode.close();
    node.close();
    waha.close();
  }

  private static String body(String text, String recipient, String more) {
    return "{\"message_content\":\"%s\",\"recipient\":\"%s\"%s}".formatted(text, recipient, more);
  }

  private static List<String> arrived(String prefix) {
    return waha.arrivals().stream()
        .map(WahaSimulator.Arrival::text)
        .filter(text -> text.startsWith(prefix))
        .toList();
  }

  /** A thousand messages in one request, each to a recipient of its own. */
  private static void postThousand(TestApp app, String text, String more) {
    String messages =
        IntStream.range(0, 1000)
            .mapToObj(i -> body(text, "+49151%08d".formatted(i), more))
            .collect(Collectors.joining(","));
    assertThat(app.api().post(app.path() + "/batch", "{\"messages\":[" + messages + "]}").status())
        .isEqualTo(201);
  }

  /** The first found no room and waits in the table; the second could start at once. */
  @Test
  void aNewMessageDoesNotOvertakeWhatWaitsForItsRecipient() {
    TestApp app = node.app();
    String path = "/api/applications/" + app.id();
    for (int round = 0; round < 10; round++) {
      String name = "round " + round + " ";
      app.api().post(path + "/pause", "{}");
      for (int i = 0; i < 3; i++) {
        app.api().message(app.id(), body(name + i, "+4915100000001", ""));
      }
      app.api().post(path + "/resume", "{}");
      app.api().message(app.id(), body(name + 3, "+4915100000001", ""));
      Eventually.value(() -> arrived(name), it -> it.size() == 4);
      assertThat(arrived(name)).containsExactly(name + 0, name + 1, name + 2, name + 3);
    }
  }

  /** The first waits in one node's memory behind slow calls; the other node is idle. */
  @Test
  void anotherNodeDoesNotOvertakeEither() {
    TestApp app = node.app();
    Api other = new Api(otherNode.admin().url(), app.key());
    waha.takes(Duration.ofSeconds(5));
    try {
      for (int i = 0; i < 60; i++) {
        app.api().message(app.id(), body("before", "+4915100001%03d".formatted(i), ""));
      }
      app.api().message(app.id(), body("both 1", "+4915100000002", ""));
      other.message(app.id(), body("both 2", "+4915100000002", ""));
      app.api().message(app.id(), body("both 3", "+4915100000002", ""));
      long another = other.message(app.id(), body("another", "+4915100000003", ""));
      Eventually.value(() -> arrived("another"), it -> it.size() == 1);
      assertThat(arrived("both")).as("nobody else waits for that order").isEmpty();
      waha.takes(Duration.ZERO);
      Eventually.value(() -> arrived("both"), it -> it.size() == 3);
      assertThat(arrived("both")).containsExactly("both 1", "both 2", "both 3");
      assertThat(another).isPositive();
    } finally {
      waha.takes(Duration.ZERO);
    }
  }

  /** Whoever waits for it, to try another way, is not told when its turn would have come. */
  @Test
  void aDeadlineThatPassesInABacklogEndsTheMessageThen() {
    TestApp app = node.app();
    waha.takes(Duration.ofSeconds(1));
    try {
      postThousand(app, "long", "");
      long late =
          app.api()
              .message(
                  app.id(),
                  body("late", "+4915100100000", ",\"ttl_seconds\":1,\"campaign_id\":\"c\""));
      app.api().await(app.id(), late, "expired");
      assertThat(arrived("long")).as("of a thousand").hasSizeLessThan(900);
      assertThat(
              app.api().get(app.path() + "/" + late + "/explain").data().path("because").asString())
          .contains("its turn would have come later");
    } finally {
      waha.takes(Duration.ZERO);
      // Others would wait for their places, too.
      Eventually.value(() -> arrived("long"), it -> it.size() == 1000);
    }
  }

  @Test
  void aCodePassesACampaign() {
    TestApp app = node.app();
    waha.takes(Duration.ofMillis(100));
    try {
      postThousand(app, "campaign", ",\"priority\":\"low\"");
      app.api().message(app.id(), body("code", "+4915100000004", ",\"priority\":\"urgent\""));
      Eventually.value(() -> arrived("code"), it -> it.size() == 1);
      assertThat(arrived("campaign")).as("of a thousand").hasSizeLessThan(500);
    } finally {
      waha.takes(Duration.ZERO);
    }
  }
}

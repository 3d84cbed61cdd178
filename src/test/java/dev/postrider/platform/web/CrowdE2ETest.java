package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone")
class CrowdE2ETest {
  private static final RunningService SERVICE =
      RunningService.start(Map.of(), "--postrider.message.accept-buffer=12");

  private static final String MESSAGE =
      "{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}";

  /** Takes all places, does something, and gives them back: whoever asks then is let in. */
  private static void withoutPlaces(Runnable what) {
    Crowd crowd = SERVICE.bean(Crowd.class);
    int places = 0;
    while (crowd.api().places().take("one of many " + places, 1)) {
      places++;
    }
    try {
      what.run();
    } finally {
      for (int i = 0; i < places; i++) {
        crowd.api().places().give("one of many " + i, 1);
      }
    }
    assertThat(SERVICE.admin().get("/api/applications").status()).isEqualTo(200);
  }

  private static void refused() {
    Api.Answer refused = SERVICE.admin().get("/api/applications");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(refused.body()).contains("\"code\":\"overloaded\"");
  }

  /** Tomcat has been given the threads, whoever else gave it some. */
  @Test
  void whoFindsNoPlaceIsRefusedByAThreadOfTheSystem() {
    withoutPlaces(() -> {
      refused();
      assertThat(Thread.getAllStackTraces().keySet())
          .anyMatch(thread -> thread.getName().startsWith("crowd-"));
      assertThat(SERVICE.admin().get("/health/ready").status()).isEqualTo(200);
    });
  }

  /** Tomcat keeps a request that waits for its refusal. */
  @Test
  void whoComesBackAtOnceIsHeldForAMoment() throws Exception {
    Tarpit tarpit = SERVICE.bean(Tarpit.class);
    AtomicBoolean enough = new AtomicBoolean();
    Thread crowded = Thread.ofPlatform().start(() -> useUp(tarpit, enough));
    try {
      withoutPlaces(() ->
          Eventually.value(CrowdE2ETest::millisOfARefusal, it -> it >= tarpit.hold().toMillis()));
    } finally {
      enough.set(true);
      crowded.join();
    }
  }

  private static void useUp(Tarpit tarpit, AtomicBoolean enough) {
    while (!enough.get()) {
      if (tarpit.takesIn()) {
        tarpit.out();
      }
    }
  }

  private static long millisOfARefusal() {
    long start = System.nanoTime();
    refused();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  /** With a key, and bodies that do not come. */
  @Test
  void whoIsSlowHoldsUpNobodyElse() throws Exception {
    TestApp slow = SERVICE.sandboxApp();
    TestApp other = SERVICE.sandboxApp();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        sockets.add(beginning(slow));
      }
      // One more each time: whoever asks may have had the last place in the moment one came.
      Eventually.value(
          () -> {
            sockets.add(beginning(slow));
            return slow.api().get(slow.path()).status();
          },
          it -> it == 429);
      assertThat(other.api().post(other.path(), MESSAGE).status()).isEqualTo(201);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    Eventually.value(() -> slow.api().get(slow.path()).status(), it -> it == 200);
  }

  /** A request whose body does not come. */
  private static Socket beginning(TestApp app) {
    URI at = URI.create(SERVICE.admin().url());
    try {
      Socket socket = new Socket(at.getHost(), at.getPort());
      socket
          .getOutputStream()
          .write(
              """
              POST %s HTTP/1.1\r
              Host: %s\r
              X-Api-Key: %s\r
              Content-Type: application/json\r
              Content-Length: 100\r
              \r
              """
                  .formatted(app.path(), at.getAuthority(), app.key())
                  .getBytes(StandardCharsets.US_ASCII));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With more than can be committed. */
  @Test
  void whoSendsTooMuchHoldsUpNobodyElse() throws Exception {
    TestApp much = SERVICE.sandboxApp();
    assertThat(post(much)).as("its log begins").isEqualTo(201);
    TestApp other = SERVICE.sandboxApp();
    Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    List<Thread> callers = new ArrayList<>();
    try (Connection connection = SERVICE.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Whoever writes to this application's log waits, and who comes after.
      statement.execute("select 1 from event_heads where app_id = " + much.id() + " for update");
      for (int i = 0; i < 12; i++) {
        callers.add(Thread.ofVirtual().start(() -> answers.add(post(much))));
      }
      Eventually.value(SERVICE.database()::waitingForLocks, it -> it >= 1);
      Eventually.value(answers::size, it -> it == 3);
      assertThat(answers).as("nine of twelve wait").containsOnly(429);
      callers.add(Thread.ofVirtual().start(() -> answers.add(post(other))));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(answers).hasSize(13).filteredOn(it -> it == 429).hasSize(3);
    assertThat(answers).filteredOn(it -> it == 201).as("the other one's among them").hasSize(10);
  }

  private static int post(TestApp app) {
    return app.api().post(app.path(), MESSAGE).status();
  }
}

package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.live.Feed;
import dev.postrider.platform.Json;
import dev.postrider.simulator.Frames;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TwoNodes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Events as they happen, over WebSocket. */
@Tag("alone")
class LiveE2ETest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static TwoNodes nodes;
  private static RunningService node;
  private static RunningService otherNode;

  @BeforeAll
  static void start() {
    nodes =
        TwoNodes.start(
            // An answer to a ping waits behind what the client has not looked at yet.
            "--postrider.live.check-every=2s",
            "--postrider.live.send-within=2s",
            "--postrider.live.connections=60",
            "--postrider.live.connections-per-application=40",
            // Also how long a reader of server-sent events may take nothing.
            "--server.tomcat.connection-timeout=2s",
            "--postrider.live.origins=https://console.example.com");
    node = nodes.one();
    otherNode = nodes.other();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  /** Somebody who listens. */
  private static class Listener extends Frames implements AutoCloseable {
    final ConcurrentLinkedQueue<JsonNode> events = new ConcurrentLinkedQueue<>();
    volatile int closed;
    volatile String reason = "";
    @Nullable WebSocket socket;

    @Override
    protected void came(String text) {
      events.add(Json.mapper().readTree(text));
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      this.reason = reason;
      closed = code;
      return null;
    }

    List<Long> seqs() {
      return events.stream().map(it -> it.path("seq").asLong()).toList();
    }

    @Override
    public void close() {
      if (socket != null) {
        socket.abort();
      }
    }
  }

  private static Listener listen(RunningService at, String query, Map<String, String> headers) {
    return listen(at, query, headers, new Listener());
  }

  private static Listener listen(
      RunningService at, String query, Map<String, String> headers, Listener listener) {
    WebSocket.Builder builder = HTTP.newWebSocketBuilder();
    headers.forEach(builder::header);
    URI uri = URI.create(at.admin().url().replaceFirst("^http", "ws") + "/ws" + query);
    listener.socket = builder.buildAsync(uri, listener).join();
    return listener;
  }

  private static int refused(String query, Map<String, String> headers) {
    return refused(node, query, headers);
  }

  private static int refused(RunningService at, String query, Map<String, String> headers) {
    try (Listener _ = listen(at, query, headers)) {
      throw new AssertionError("it was let in");
    } catch (CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  private static Map<String, String> key(TestApp app) {
    return Map.of("X-Api-Key", app.key());
  }

  private static long send(Api api, long app) {
    return api.message(app, "{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}");
  }

  @Test
  void whoComesAndGoesLeavesNoThreads() {
    TestApp app = node.sandboxApp();
    for (int i = 0; i < 30; i++) {
      listen(node, "", key(app)).close();
      // The last one is gone before the next one comes.
      Eventually.value(() -> node.bean(Feed.class).size(app.id()), it -> it == 0);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().startsWith("WebSocket background"))
        .hasSize(1);
  }

  @Test
  void whatHappensOnAnyNodeIsToldOnAnyNode() {
    TestApp app = node.sandboxApp();
    TestApp stranger = node.sandboxApp();
    try (Listener here = listen(node, "", key(app));
        Listener there = listen(otherNode, "", key(app));
        Listener operator =
            listen(node, "?app_id=" + app.id(), key(new TestApp(0, adminKey(), app.api())));
        Listener other = listen(node, "", key(stranger))) {
      send(app.api(), app.id());
      send(new Api(otherNode.admin().url(), app.key()), app.id());
      List<Long> all = LongStream.rangeClosed(1, 6).boxed().toList();
      for (Listener one : List.of(here, there, operator)) {
        Eventually.value(one.events::size, it -> it == 6);
        assertThat(one.seqs()).isEqualTo(all);
      }
      assertThat(here.events.peek().path("type").asString()).isEqualTo("message.accepted");
      assertThat(other.events).isEmpty();
    }
  }

  private static String adminKey() {
    try {
      return java.nio.file.Files.readString(node.home().resolve("admin-key")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoeverComesBackMissesNothing() {
    TestApp app = node.sandboxApp();
    long message = send(app.api(), app.id());
    app.api().await(app.id(), message, "delivered");
    send(app.api(), app.id());
    try (Listener resumed = listen(otherNode, "?after=2", key(app))) {
      Eventually.value(resumed.events::size, it -> it == 4);
      assertThat(resumed.seqs()).containsExactly(3L, 4L, 5L, 6L);
    }
    assertThat(app.api().get("/api/events/" + app.id() + "?after=" + Long.MAX_VALUE).status())
        .isEqualTo(200);
    try (Listener _ = listen(node, "?after=" + Long.MAX_VALUE, key(app));
        Listener other = listen(node, "", key(app))) {
      send(app.api(), app.id());
      Eventually.value(other.events::size, it -> it == 3);
    }
    try (Listener one = listen(node, "?after=0&message_id=" + message, key(app));
        Listener kinds = listen(node, "?after=0&type=message.sent,message.read", key(app))) {
      Eventually.value(one.events::size, it -> it == 3);
      Eventually.value(kinds.events::size, it -> it == 3);
      assertThat(one.seqs()).containsExactly(1L, 2L, 3L);
    }
  }

  /** An endpoint's id and a sender's are no message's. */
  @Test
  void whoFollowsAMessageIsToldOfNothingElse() {
    TestApp app = node.sandboxApp();
    long message = send(app.api(), app.id());
    app.api().await(app.id(), message, "delivered");
    long sender = app.api().show(app.id(), message).path("sender_id").asLong();
    try (Listener all = listen(node, "", key(app));
        Listener one = listen(node, "?message_id=" + sender, key(app))) {
      app.api()
          .put(
              "/api/applications/%d/senders/%d/circuit".formatted(app.id(), sender),
              "{\"forced\":\"open\"}");
      Eventually.value(all.events::size, it -> it == 1);
      assertThat(all.events.peek().path("sender_id").asLong()).isEqualTo(sender);
      // Two looks at the log later it would have come here, too.
      send(app.api(), app.id());
      Eventually.value(all.events::size, it -> it == 2);
      assertThat(one.events).isEmpty();
    }
  }

  /** Somebody who listens to server-sent events. */
  private static class Stream implements AutoCloseable {
    final java.util.Queue<String> lines = new ConcurrentLinkedQueue<>();
    final HttpResponse<java.util.stream.Stream<String>> response;

    Stream(RunningService at, String query, Map<String, String> headers) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(at.admin().url() + "/sse" + query));
      headers.forEach(request::header);
      response = HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofLines()).join();
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try {
        response.body().forEach(lines::add);
        lines.add("end");
      } catch (UncheckedIOException | IllegalStateException _) {
        lines.add("broken"); // or closed before it began
      }
    }

    /** Of the events; an id that has no data is none. */
    List<Long> ids() {
      List<Long> ids = new ArrayList<>();
      long id = 0;
      for (String line : lines) {
        if (line.startsWith("id:")) {
          id = Long.parseLong(line.substring(3).strip());
        } else if (line.startsWith("data:")) {
          ids.add(id);
        }
      }
      return ids;
    }

    @Override
    public void close() {
      response.body().close();
    }
  }

  /** Its client comes back with what it was told last, and must not miss what came meanwhile. */
  @Test
  void whoWaitsForWhatDoesNotComeKnowsWhereItStands() {
    TestApp app = node.sandboxApp();
    app.api().await(app.id(), send(app.api(), app.id()), "delivered");
    try (Stream rare = new Stream(node, "?type=message.failed", key(app));
        Listener socket = listen(node, "?type=message.failed", key(app))) {
      Eventually.value(() -> rare.lines, it -> it.contains("id:3"));
      app.api().await(app.id(), send(app.api(), app.id()), "delivered");
      Eventually.value(() -> rare.lines, it -> it.contains("id:6"));
      assertThat(rare.ids()).isEmpty();
      JsonNode keys = node.admin().get("/api/applications/" + app.id() + "/keys").data();
      node.admin()
          .delete(
              "/api/applications/%d/keys/%d"
                  .formatted(app.id(), keys.at("/items/0/key_id").asLong()));
      Eventually.value(() -> socket.closed, it -> it == 4401);
      assertThat(socket.reason).endsWith("after=6");
    }
  }

  /** A probe: nothing that is sent to it could fail, so it would be listened for without end. */
  @Test
  void whoAsksForTheHeadOnlyDoesNotListen() {
    TestApp app = node.sandboxApp();
    Api.Answer told = app.api().send("HEAD", "/sse", null, Map.of());
    assertThat(told.status()).isEqualTo(405);
    assertThat(told.header("Allow")).isEqualTo("GET");
    assertThat(node.bean(Feed.class).size(app.id())).isZero();
  }

  @Test
  void theSameComesAsServerSentEvents() {
    TestApp app = node.sandboxApp();
    long message = send(app.api(), app.id());
    app.api().await(app.id(), message, "delivered");
    String ticket =
        app.api().post("/api/events/" + app.id() + "/tickets", "").data().path("ticket").asString();
    Map<String, String> comesBack = Map.of("X-Api-Key", app.key(), "Last-Event-ID", "2");
    try (Stream all = new Stream(otherNode, "?after=0", key(app));
        Stream resumed = new Stream(otherNode, "?after=0", comesBack);
        Stream browser = new Stream(node, "?ticket=" + ticket, Map.of())) {
      assertThat(all.response.headers().firstValue("Content-Type"))
          .hasValueSatisfying(it -> assertThat(it).startsWith("text/event-stream"));
      Eventually.value(all::ids, it -> it.size() == 3);
      send(app.api(), app.id());
      assertThat(Eventually.value(all::ids, it -> it.size() == 6))
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
      assertThat(Eventually.value(resumed::ids, it -> it.size() == 4))
          .containsExactly(3L, 4L, 5L, 6L);
      assertThat(Eventually.value(browser::ids, it -> it.size() == 3)).containsExactly(4L, 5L, 6L);
      String data =
          all.lines.stream().filter(it -> it.startsWith("data:")).findFirst().orElseThrow();
      JsonNode event = Json.mapper().readTree(data.substring("data:".length()));
      assertThat(event.path("type").asString()).isEqualTo("message.accepted");
      assertThat(event.path("message_id").asLong()).isEqualTo(message);
      Eventually.value(() -> all.lines, it -> it.contains(":ping"));
    }
    Eventually.value(() -> otherNode.bean(Feed.class).size(app.id()), it -> it == 0);
    try (Stream page = new Stream(node, "", origin(app, "https://console.example.com"));
        Stream evil = new Stream(node, "", origin(app, "https://evil.example.com"))) {
      assertThat(page.response.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://console.example.com");
      assertThat(evil.response.statusCode()).isEqualTo(403);
    }
    for (String query : List.of("", "?ticket=" + ticket, "?after=-1")) {
      try (Stream refused =
          new Stream(node, query, query.contains("after") ? key(app) : Map.of())) {
        assertThat(refused.response.statusCode()).isEqualTo(query.contains("after") ? 422 : 401);
      }
    }
  }

  @Test
  void whoReadsNoServerSentEventsIsDropped() throws IOException {
    TestApp app = node.sandboxApp();
    try (Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(4096);
      URI at = URI.create(node.admin().url());
      deaf.connect(new InetSocketAddress(at.getHost(), at.getPort()));
      deaf.getOutputStream()
          .write(
              "GET /sse HTTP/1.1\r\nHost: %s\r\nX-Api-Key: %s\r\n\r\n"
                  .formatted(at.getHost(), app.key())
                  .getBytes(StandardCharsets.US_ASCII));
      Feed feed = node.bean(Feed.class);
      Eventually.value(() -> feed.size(app.id()), it -> it == 1);
      fill(app, 20_000);
      Eventually.within(Duration.ofSeconds(30), () -> feed.size(app.id()), it -> it == 0);
    }
  }

  /** Every browser offers it, and a compressor for each reader would take more than all else. */
  @Test
  void nothingIsCompressedForEachReader() throws IOException {
    TestApp app = node.sandboxApp();
    URI at = URI.create(app.api().url());
    try (Socket browser = new Socket(at.getHost(), at.getPort())) {
      browser.setSoTimeout(10_000);
      browser
          .getOutputStream()
          .write(
              """
              GET /ws HTTP/1.1
              Host: %s:%d
              X-Api-Key: %s
              Connection: Upgrade
              Upgrade: websocket
              Sec-WebSocket-Version: 13
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
              Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits

              """
                  .formatted(at.getHost(), at.getPort(), app.key())
                  .replace("\n", "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(browser.getInputStream(), StandardCharsets.US_ASCII));
      List<String> head = new ArrayList<>();
      for (String line = answer.readLine(); !line.isEmpty(); line = answer.readLine()) {
        head.add(line.toLowerCase(Locale.ROOT));
      }
      assertThat(head.getFirst()).contains("101");
      assertThat(head).noneMatch(it -> it.startsWith("sec-websocket-extensions"));
    }
  }

  @Test
  void aTicketOpensOneConnectionOnce() {
    TestApp app = node.sandboxApp();
    String ticket =
        app.api().post("/api/events/" + app.id() + "/tickets", "").data().path("ticket").asString();
    try (Listener browser = listen(otherNode, "?ticket=" + ticket, Map.of())) {
      send(app.api(), app.id());
      Eventually.value(browser.events::size, it -> it == 3);
    }
    assertThat(refused("?ticket=" + ticket, Map.of())).isEqualTo(401);
  }

  @Test
  void aTicketEndsWithItsKey() {
    TestApp app = node.sandboxApp();
    String ticket =
        app.api().post("/api/events/" + app.id() + "/tickets", "").data().path("ticket").asString();
    JsonNode keys = node.admin().get("/api/applications/" + app.id() + "/keys").data();
    node.admin()
        .delete(
            "/api/applications/%d/keys/%d"
                .formatted(app.id(), keys.at("/items/0/key_id").asLong()));
    assertThat(refused(node, "?ticket=" + ticket, Map.of())).isEqualTo(401);
  }

  @Test
  void whoMayNotIsRefusedAndToldWhy() {
    TestApp app = node.sandboxApp();
    TestApp stranger = node.sandboxApp();
    assertThat(refused("", Map.of())).isEqualTo(401);
    assertThat(refused("?ticket=prt_x", Map.of())).isEqualTo(401);
    assertThat(refused("?key=" + app.key(), Map.of())).as("a key in a URL").isEqualTo(401);
    assertThat(refused("", Map.of("X-Api-Key", app.key() + "x"))).isEqualTo(401);
    assertThat(refused("?app_id=" + app.id(), key(stranger))).isEqualTo(404);
    assertThat(refused("?after=-1", key(app))).isEqualTo(422);
    assertThat(refused("?type=message.lost", key(app))).isEqualTo(422);
    assertThat(refused("", Map.of("X-Api-Key", adminKey()))).isEqualTo(422);
    assertThat(refused("", origin(app, "https://evil.example.com"))).isEqualTo(403);
    try (Listener page = listen(node, "", origin(app, "https://console.example.com"))) {
      assertThat(page.closed).isZero();
    }
  }

  private static Map<String, String> origin(TestApp app, String origin) {
    return Map.of("X-Api-Key", app.key(), "Origin", origin);
  }

  @Test
  void aRevokedKeyEndsItsConnections() {
    TestApp app = node.sandboxApp();
    String ticket =
        app.api().post("/api/events/" + app.id() + "/tickets", "").data().path("ticket").asString();
    try (Listener listener = listen(node, "", key(app));
        Listener page = listen(node, "?ticket=" + ticket, Map.of());
        Stream stream = new Stream(node, "", key(app))) {
      JsonNode keys = node.admin().get("/api/applications/" + app.id() + "/keys").data();
      long id = keys.at("/items/0/key_id").asLong();
      node.admin().delete("/api/applications/" + app.id() + "/keys/" + id);
      Eventually.value(() -> listener.closed, it -> it == 4401);
      Eventually.value(() -> page.closed, it -> it == 4401);
      Eventually.value(() -> stream.lines, it -> it.contains("end"));
      assertThat(stream.lines).contains("event:closed").anyMatch(it -> it.contains("4401"));
    }
  }

  @Test
  void whoTalksIsHungUpOn() {
    TestApp app = node.sandboxApp();
    try (Listener listener = listen(node, "", key(app))) {
      listener.socket.sendText("hello", true).join();
      Eventually.value(() -> listener.closed, it -> it == 1003);
    }
  }

  /** It does not read: its connection fills up, and nobody else notices. */
  @Test
  void whoDoesNotReadIsDroppedAndCanComeBack() {
    TestApp app = node.sandboxApp();
    Listener deaf =
        new Listener() {
          @Override
          public void onOpen(WebSocket from) {
            // asks for nothing
          }
        };
    try (Listener _ = listen(node, "", key(app), deaf);
        Listener reader = listen(node, "", key(app))) {
      int messages = 30_000;
      fill(app, messages);
      Eventually.within(
          Duration.ofSeconds(40), reader.events::size, it -> it == messages || reader.closed != 0);
      assertThat(reader.events).as(reader.reason).hasSize(messages);
      Eventually.value(() -> node.bean(Feed.class).size(app.id()), it -> it == 1);
    }
  }

  private static void fill(TestApp app, int messages) {
    for (int batch = 0; batch < messages / 1000; batch++) {
      StringBuilder body = new StringBuilder("{\"messages\":[");
      for (int i = 0; i < 1000; i++) {
        body.append(i == 0 ? "" : ",").append(later(i));
      }
      assertThat(app.api().post(app.path() + "/batch", body.append("]}").toString()).status())
          .isEqualTo(201);
    }
  }

  private static String later(int number) {
    return """
    {"message_content":"x","recipient":"+1555123%04d","scheduled_for":"%s"}\
    """
        .formatted(number, Instant.now().plus(Duration.ofDays(7)));
  }

  @Test
  void aNodeTakesSoManyAndNoMore() {
    TestApp app = node.sandboxApp();
    TestApp neighbour = node.sandboxApp();
    List<Listener> all = new ArrayList<>();
    Feed feed = otherNode.bean(Feed.class);
    try {
      fill(feed, all, app, 40);
      assertThat(refused(otherNode, "", key(app))).as("the others' places").isEqualTo(429);
      fill(feed, all, neighbour, 60 - feed.size());
      assertThat(refused(otherNode, "", key(neighbour))).isEqualTo(429);
      send(app.api(), app.id());
      send(neighbour.api(), neighbour.id());
      all.forEach(one -> Eventually.value(one.events::size, it -> it == 3));
    } finally {
      all.forEach(Listener::close);
    }
  }

  private static void fill(Feed feed, List<Listener> all, TestApp app, int count) {
    for (int i = 0; i < count; i++) {
      int before = feed.size();
      all.add(listen(otherNode, "", key(app)));
      Eventually.value(feed::size, it -> it > before);
    }
  }
}

package dev.postrider.bench;

import static dev.postrider.bench.Scenario.CALLERS;
import static dev.postrider.bench.Scenario.print;

import dev.postrider.simulator.Frames;
import dev.postrider.simulator.HttpStub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How soon callers are told, and what that costs those who send. */
final class Notices {
  private static final String TIMESTAMP = "\"timestamp\":\"";
  private static final int EVENTS_PER_SECOND = 1000;
  private static final int SOCKETS = 1000;

  private Notices() {}

  /** Somebody who is told, and notes how long after the change that was. */
  private static final class Told extends Frames {
    final AtomicInteger events = new AtomicInteger();
    final Histogram micros = new ConcurrentHistogram(600_000_000L, 3);

    HttpStub.Answer webhook(HttpStub.Request request) {
      note(request.text());
      return HttpStub.json(204, "");
    }

    void note(String event) {
      int at = event.indexOf(TIMESTAMP) + TIMESTAMP.length();
      Instant happened = Instant.parse(event.substring(at, event.indexOf('"', at)));
      long late = Duration.between(happened, Instant.now()).toNanos() / 1000;
      micros.recordValue(Math.clamp(late, 0, 599_000_000L));
      events.incrementAndGet();
    }

    @Override
    protected void came(String text) {
      note(text);
    }

    double p99() {
      return micros.getValueAtPercentile(99) / 1000.0;
    }

    void print(String what) {
      Scenario.print(
          what,
          micros.getValueAtPercentile(50) / 1000.0,
          "ms p50, %.1f ms p99, %d events",
          p99(),
          events.get());
    }
  }

  static void measure(Rig rig, double seconds) throws Exception {
    latencies(rig, seconds);
    throughput(rig, seconds);
    sockets(rig);
  }

  private static void latencies(Rig rig, double seconds) throws Exception {
    Rig.App app = rig.app();
    Told warm = new Told();
    Told hooked = new Told();
    Told live = new Told();
    AtomicInteger phase = new AtomicInteger();
    try (HttpStub receiver =
            new HttpStub(request -> (phase.get() == 0 ? warm : hooked).webhook(request));
        HttpClient http = HttpClient.newHttpClient()) {
      endpoint(rig, app, receiver);
      // Each message is accepted and sent: two events.
      Load load = rig.load(16, Rig.texts(app));
      load.run(seconds, EVENTS_PER_SECOND / 2.0);
      rig.awaitEnds("app_id = " + app.id());
      phase.set(1);
      WebSocket socket = open(http, rig, app, live);
      load.run(seconds, EVENTS_PER_SECOND / 2.0);
      rig.awaitEnds("app_id = " + app.id());
      Rig.until("all are told", () -> hooked.events.get() == live.events.get());
      hooked.print("change to webhook");
      live.print("change to WebSocket");
      Aims.atMost("change to webhook, ms p99", hooked.p99(), 1000);
      Aims.atMost("change to WebSocket, ms p99", live.p99(), 250);
      socket.abort();
    }
  }

  private static void throughput(Rig rig, double seconds) throws Exception {
    Rig.App quiet = rig.app();
    Rig.App told = rig.app();
    AtomicInteger taken = new AtomicInteger();
    try (HttpStub receiver =
        new HttpStub(_ -> {
          taken.incrementAndGet();
          return HttpStub.json(204, "");
        })) {
      endpoint(rig, told, receiver);
      // What has not run hot yet is compiled meanwhile, on the cores that are measured.
      rig.load(CALLERS, Rig.texts(told)).run(2 * seconds, 0);
      rig.awaitEnds(told);
      // In turn, and twice: these machines are not as fast in one minute as in the next.
      Rate without = Rate.NONE;
      Rate with = Rate.NONE;
      for (int turn = 0; turn < 2; turn++) {
        without = without.and(rate(rig, quiet, taken, seconds));
        rig.awaitEnds(quiet);
        with = with.and(rate(rig, told, taken, seconds));
        rig.awaitEnds(told);
      }
      print("delivered, without", without.perSecond(), "/s; CPU each %s", without.cpu());
      print(
          "delivered, all told",
          with.perSecond(),
          "/s: %.2f of that, %.0f webhooks/s meanwhile; CPU each %s",
          with.perSecond() / without.perSecond(),
          with.hooks() / with.seconds(),
          with.cpu());
      Aims.atLeast(
          "delivered beside webhooks, of without", with.perSecond() / without.perSecond(), 0.6);
    }
  }

  /** Messages delivered, webhooks meanwhile, and the CPU that took. */
  private record Rate(int messages, int hooks, double seconds, Cpu.Sides used) {
    static final Rate NONE = new Rate(0, 0, 0, new Cpu.Sides(0, 0, 0));

    Rate and(Rate more) {
      return new Rate(
          messages + more.messages,
          hooks + more.hooks,
          seconds + more.seconds,
          used.and(more.used));
    }

    double perSecond() {
      return messages / seconds;
    }

    String cpu() {
      Cpu.Sides micros = used.micros(messages);
      return "%.0f + %.0f + %.0f us".formatted(micros.service(), micros.postgres(), micros.bench());
    }
  }

  private static Rate rate(Rig rig, Rig.App app, AtomicInteger taken, double seconds)
      throws Exception {
    Load load = rig.load(CALLERS, Rig.texts(app));
    load.run(seconds / 4, 0);
    int before = rig.waha().count();
    int hooks = taken.get();
    Cpu.Sides used = Cpu.of(rig.service());
    Load.Result result = load.run(seconds, 0);
    return new Rate(
        rig.waha().count() - before,
        taken.get() - hooks,
        result.seconds(),
        Cpu.of(rig.service()).since(used));
  }

  private static void sockets(Rig rig) throws Exception {
    List<Rig.App> apps = List.of(rig.app(), rig.app());
    long before = Cpu.residentMib(rig.service().pid());
    List<WebSocket> open = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < SOCKETS; i++) {
        open.add(open(http, rig, apps.get(i % apps.size()), new Told()));
      }
      print(
          SOCKETS + " WebSockets",
          Cpu.residentMib(rig.service().pid()) - before,
          "MiB more than the %d MiB before",
          before);
      open.forEach(WebSocket::abort);
    }
  }

  private static void endpoint(Rig rig, Rig.App app, HttpStub receiver) throws Exception {
    rig.service()
        .post(
            "/api/webhooks/" + app.id() + "/endpoints",
            rig.service().adminKey(),
            "{\"url\":\"" + receiver.url() + "/hook\"}");
  }

  private static WebSocket open(HttpClient http, Rig rig, Rig.App app, Told told) {
    return http.newWebSocketBuilder()
        .header("X-Api-Key", app.key())
        .buildAsync(URI.create("ws://127.0.0.1:" + rig.service().port() + "/ws"), told)
        .join();
  }
}

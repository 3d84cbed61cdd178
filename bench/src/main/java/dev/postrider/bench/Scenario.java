package dev.postrider.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/** What can be measured. Each starts from a service that is warm. */
enum Scenario {
  /** Single requests, accepted and delivered; half load; the floors. */
  HAPPY {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      HappyPath.measure(rig, seconds);
    }
  },

  /** How many are accepted through /batch: for later, so that nothing else happens meanwhile. */
  BATCH {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Rig.App app = rig.app();
      IntFunction<byte[]> batches =
          n -> {
            StringBuilder body = new StringBuilder("{\"messages\":[");
            for (int i = 0; i < BATCH_SIZE; i++) {
              body.append(i == 0 ? "" : ",").append(Rig.text(n, LATER));
            }
            return Caller.post(app.messages() + "/batch", app.key(), body.append("]}").toString());
          };
      rig.load(4, batches).run(seconds, 0);
      double service = Cpu.of(rig.service().pid());
      double postgres = Cpu.ofTree(rig.service().postmaster());
      Load.Result result = rig.load(4, batches).run(seconds, 0);
      double messages = (double) result.answered() * BATCH_SIZE;
      print("accepted by batch", messages / result.seconds(), "/s, %d a request", BATCH_SIZE);
      Aims.atLeast("accepted a second by batch", messages / result.seconds(), 40_000);
      print("batch latency", ms(result, 50), "ms p50, %.1f ms p99", ms(result, 99));
      print(
          "CPU a message",
          (Cpu.of(rig.service().pid()) - service) / messages * 1e6,
          "us service, %.1f us PostgreSQL",
          (Cpu.ofTree(rig.service().postmaster()) - postgres) / messages * 1e6);
    }
  },

  /** A backlog of a million due jobs and ten million old messages beside the happy path. */
  BACKLOG {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Rig.App fresh = rig.app();
      Rig.App old = rig.app();
      double before = rate(rig, fresh, seconds);
      print("delivered, empty", before, "/s");
      Seeds.messages(rig, old, MESSAGES);
      Seeds.jobs(rig, old, JOBS);
      // The backlog moves on meanwhile, at a slow provider's pace: its claims are what is measured.
      rig.waha().takes(old.session(), java.time.Duration.ofMillis(250));
      String claimed =
          "select count(*) from jobs where token is not null and lane = " + old.sender();
      Rig.until("the backlog moves", () -> rig.number(claimed) > 0);
      double after = rate(rig, fresh, seconds);
      print("delivered, backlog", after, "/s: %.2f of that", after / before);
      Aims.atLeast("delivered beside a backlog, of without", after / before, 0.9);
      printClaims(rig, "claim, both cores busy");
      LoneCommits.print(rig, rig.load(CALLERS, Rig.texts(fresh)), seconds / 2, 0);
      // Until the service has forgotten those before: its percentiles are of two minutes.
      rig.load(CALLERS, Rig.texts(fresh)).run(CLAIMS_KEPT, after / 2);
      printClaims(rig, "claim, half load");
      LoneCommits.print(rig, rig.load(CALLERS, Rig.texts(fresh)), seconds / 2, after / 2);
    }

    private void printClaims(Rig rig, String when) throws Exception {
      double millis =
          rig.metric("postrider_queue_claim_seconds{kind=\"deliver\",quantile=\"0.99\"}") * 1000;
      print(
          when,
          millis,
          "ms p99, %.1f ms p50",
          rig.metric("postrider_queue_claim_seconds{kind=\"deliver\",quantile=\"0.5\"}") * 1000);
      Aims.atMost(when + ", ms p99", millis, 20);
    }

    private double rate(Rig rig, Rig.App app, double seconds) throws Exception {
      rig.load(CALLERS, Rig.texts(app)).run(seconds / 3, 0);
      long sent = (long) rig.number(sent(app));
      Load.Result result = rig.load(CALLERS, Rig.texts(app)).run(seconds, 0);
      return (rig.number(sent(app)) - sent) / result.seconds();
    }

    private String sent(Rig.App app) {
      return "select count(*) from messages where dispatch = 'handed_off' and app_id = " + app.id();
    }
  },

  /** Ten thousand applications, one of which floods. */
  TENANTS {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Rig.App flood = rig.app();
      long first = Seeds.applications(rig, APPLICATIONS);
      String admin = rig.service().adminKey();
      Load light =
          rig.load(
              16,
              n ->
                  Caller.post(
                      "/api/messages/" + (first + (n * 7919L) % APPLICATIONS),
                      admin,
                      Rig.text(n, "")));
      String which = "app_id >= " + first;
      double alone = waitOf(rig, light, which, seconds, 200);
      print("light, alone", alone, WAIT);
      int before = rig.waha().count();
      Load crowd = rig.load(CALLERS, Rig.texts(flood));
      Thread flooding = Thread.ofPlatform().start(() -> run(crowd));
      Rig.until("the flood has begun", () -> rig.waha().count() > before + 1000);
      double beside = waitOf(rig, light, which, seconds, 200);
      print("light, beside a flood", beside, WAIT);
      Aims.atMost("light ones' wait beside a flood, ms p99", beside, alone + 1000);
      crowd.stop();
      flooding.join();
    }

    private void run(Load crowd) {
      try {
        crowd.run(600, 0);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  },

  /** Ten times as many callers as it takes to be busy, none of which waits when refused. */
  OVERLOAD {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Rig.App app = rig.app();
      Crowd peak = Crowd.run(rig, rig.load(CALLERS, Rig.texts(app)), seconds);
      rig.awaitEnds(app);
      long resident = Cpu.residentMib(rig.service().pid());
      print(
          CALLERS + " callers",
          peak.arrived(),
          "/s arrived, %.0f accepted",
          peak.seen().perSecond());
      Load crowd = rig.load(CALLERS * 10, Rig.texts(app)).gradually().watchedBy(WATCHERS);
      Crowd rude = Crowd.run(rig, crowd, seconds);
      rude.print("ten times, none waits", peak);
      Aims.atLeast("goodput where none waits", rude.arrived() / peak.arrived(), 0.8);
      rig.awaitEnds(app);
      Crowd polite = Crowd.run(rig, crowd.polite(), seconds);
      polite.print("ten times, they wait", peak);
      Aims.atLeast("goodput where they wait", polite.arrived() / peak.arrived(), 0.8);
      Histogram told = polite.seen().watchedMicros();
      Aims.atLeast("refusals that were watched", told.getTotalCount(), 100);
      Aims.atMost("told that it is refused, ms p99", told.getValueAtPercentile(99) / 1000.0, 20);
      print("resident", Cpu.residentMib(rig.service().pid()), "MiB, %d MiB before", resident);
      rig.awaitEnds(app);
      Load.Result half =
          rig.load(CALLERS, Rig.texts(app)).run(seconds / 2, peak.seen().perSecond() / 2);
      print("half load afterwards", ms(half, 99), "ms p99");
    }
  },

  /** Webhooks and live updates: how soon, and what they cost. */
  NOTICES {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Notices.measure(rig, seconds);
    }
  },

  /** What a provider's callbacks cost: two for each message. */
  RECEIPTS {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Receipts.measure(rig, seconds);
    }
  },

  /** A provider that takes fourteen seconds beside one that is fast. */
  SLOW {
    @Override
    void measure(Rig rig, double seconds) throws Exception {
      Rig.App fast = rig.app();
      Rig.App slow = rig.app();
      Load load = rig.load(32, Rig.texts(fast));
      String which = "app_id = " + fast.id();
      double alone = waitOf(rig, load, which, seconds, 1000);
      print("fast sender, alone", alone, WAIT);
      rig.waha().takes(slow.session(), java.time.Duration.ofSeconds(14));
      rig.load(16, Rig.texts(slow)).run(3, 400);
      double beside = waitOf(rig, load, which, seconds, 1000);
      print("beside a slow one", beside, WAIT);
      Aims.atMost("a fast one's wait beside a slow one, ms p99", beside, 2 * alone + 5);
    }
  };

  /** The wait of messages that this load makes, p99 in milliseconds. */
  private static double waitOf(Rig rig, Load load, String which, double seconds, double perSecond)
      throws Exception {
    double since = rig.now();
    load.run(seconds, perSecond);
    rig.awaitEnds(which);
    return rig.waitMillis(which, since);
  }

  /**
   * A run of a crowd.
   *
   * @param arrived messages a second at the provider while it lasted: what is accepted faster than
   *     it is delivered only waits
   */
  private record Crowd(Load.Result seen, double arrived) {
    static Crowd run(Rig rig, Load load, double seconds) throws InterruptedException {
      int before = rig.waha().count();
      Load.Result seen = load.run(seconds, 0);
      return new Crowd(seen, (rig.waha().count() - before) / seen.seconds());
    }

    void print(String who, Crowd peak) {
      Scenario.print(
          who,
          arrived,
          "/s arrived: %.2f of that; %.0f accepted, %d refused",
          arrived / peak.arrived,
          seen.perSecond(),
          seen.refused());
      printRefusals("  one of them is told", seen.refusedMicros());
      printRefusals("  one who watches", seen.watchedMicros());
    }
  }

  private static void printRefusals(String who, Histogram micros) {
    print(
        who,
        micros.getValueAtPercentile(99) / 1000.0,
        "ms p99, %.1f ms p50, of %d refusals",
        micros.getValueAtPercentile(50) / 1000.0,
        micros.getTotalCount());
  }

  private static final String WAIT = "ms p99 from acceptance to the provider";
  static final int CALLERS = 64;
  private static final int WATCHERS = 4;
  private static final int CLAIMS_KEPT = 130;
  private static final int BATCH_SIZE = 500;
  private static final int APPLICATIONS = 10_000;
  private static final int JOBS = Integer.getInteger("bench.jobs", 1_000_000);
  private static final int MESSAGES = Integer.getInteger("bench.messages", 10_000_000);
  private static final String LATER =
      ",\"scheduled_for\":\"" + java.time.Instant.now().plusSeconds(86_400).toString() + "\"";

  abstract void measure(Rig rig, double seconds) throws Exception;

  static void print(String what, double value, String unit, Object... more) {
    List<Object> all = new ArrayList<>(List.of(what, value));
    all.addAll(List.of(more));
    System.out.printf("%-22s %8.1f " + unit + "%n", all.toArray());
  }

  static double ms(Load.Result result, double percentile) {
    return result.micros().getValueAtPercentile(percentile) / 1000.0;
  }
}

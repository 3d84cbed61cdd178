package dev.postrider.bench;

import static dev.postrider.bench.Scenario.CALLERS;
import static dev.postrider.bench.Scenario.ms;
import static dev.postrider.bench.Scenario.print;

import dev.postrider.simulator.WahaSimulator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What it costs to be told what became of a message: a callback each for delivered and read. */
final class Receipts {
  private static final int DELIVERED = 2;
  private static final int READ = 3;

  private Receipts() {}

  static void measure(Rig rig, double seconds) throws Exception {
    run(rig, seconds / 2);
    rig.awaitEnds(rig.app());
    Measured measured = run(rig, seconds);
    Load.Result result = measured.result();
    print("receipts", result.perSecond(), "/s, %d refused", result.refused());
    print("callback latency", ms(result, 50), "ms p50, %.1f ms p99", ms(result, 99));
    Cpu.Sides micros = measured.used().micros(result.answered());
    print("CPU a receipt", micros.service(), "us service, %.1f us PostgreSQL", micros.postgres());
  }

  private record Measured(Load.Result result, Cpu.Sides used) {}

  private static Measured run(Rig rig, double seconds) throws Exception {
    Rig.App app = rig.app();
    rig.load(CALLERS, Rig.texts(app)).run(seconds, 0);
    rig.awaitEnds(app);
    List<byte[]> callbacks = callbacks(rig, app);
    Load[] load = new Load[1];
    load[0] =
        rig.load(
            CALLERS,
            n -> {
              if (n >= callbacks.size() - CALLERS) {
                load[0].stop();
              }
              return callbacks.get(n);
            });
    Cpu.Sides before = Cpu.of(rig.service());
    Load.Result result = load[0].run(seconds, 0);
    return new Measured(result, Cpu.of(rig.service()).since(before));
  }

  /** In any order, as phones come and go. */
  private static List<byte[]> callbacks(Rig rig, Rig.App app) throws Exception {
    List<byte[]> callbacks = new ArrayList<>();
    try (Connection connection = rig.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select provider_message_id from messages where app_id = " + app.id())) {
      while (rows.next()) {
        for (int ack : new int[] {DELIVERED, READ}) {
          String body = WahaSimulator.ack(app.session(), "true_1@c.us_" + rows.getString(1), ack);
          callbacks.add(
              Caller.request(
                  "/hooks/waha/" + app.sender(),
                  "X-Webhook-Hmac-Algorithm: sha512\r\nX-Webhook-Hmac: "
                      + WahaSimulator.hmac(body, Rig.HMAC_KEY),
                  body));
        }
      }
    }
    Collections.shuffle(callbacks, new Random(1));
    return callbacks;
  }
}

package dev.postrider.bench;

import dev.postrider.simulator.WahaSimulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * The first bench: accept and deliver with 64 callers, each waiting for its answer; then accept
 * latency at half of that; and two floors in the same run. Arguments: seconds to warm up, seconds
 * to measure.
 */
public final class Bench {
  private static final String WAHA_KEY = "bench-waha-key";
  private static final int CALLERS = 64;

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    double warmUp = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 20;
    double measure = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 20;
    Path root = Path.of(System.getProperty("postrider.root", ".")).toAbsolutePath().normalize();
    Path home = Files.createTempDirectory("postrider-bench");
    try (WahaSimulator waha = new WahaSimulator(WAHA_KEY)) {
      waha.onlyCount();
      try (ServiceProcess first = ServiceProcess.start(root, home)) {
        System.out.printf(
            "first start            %8.1f s (unpacks and creates PostgreSQL)%n",
            first.startSeconds());
      }
      try (ServiceProcess service = ServiceProcess.start(root, home)) {
        System.out.printf("start to ready         %8.1f s%n", service.startSeconds());
        run(service, waha, warmUp, measure);
      }
    }
    System.out.println("log and data in        " + home);
  }

  private static void run(ServiceProcess service, WahaSimulator waha, double warmUp, double measure)
      throws Exception {
    String admin = service.adminKey();
    String created = service.post("/api/applications", admin, "{\"app_name\":\"bench\"}");
    String app = ServiceProcess.field(created, "\"app_id\":(\\d+)");
    String key = ServiceProcess.field(created, "\"api_key\":\"([^\"]+)\"");
    service.post(
        "/api/applications/" + app + "/senders",
        admin,
        "{\"provider\":\"waha\",\"settings\":{\"base_url\":\""
            + waha.url()
            + "\"},\"credentials\":{\"api_key\":\""
            + WAHA_KEY
            + "\"}}");
    IntFunction<byte[]> requests = requests("/api/messages/" + app, key);
    Load load = new Load(service.port(), CALLERS, requests);

    load.run(warmUp, 0);
    awaitDelivered(waha, -1);

    int arrivedBefore = waha.count();
    double serviceCpu = Cpu.of(service.pid());
    double postgresCpu = Cpu.ofTree(service.postmaster());
    double benchCpu = Cpu.of(ProcessHandle.current().pid());
    long start = System.nanoTime();
    Load.Result full = load.run(measure, 0);
    int arrivedAtEnd = waha.count() - arrivedBefore;
    awaitDelivered(waha, arrivedBefore + full.answered());
    double seconds = (System.nanoTime() - start) / 1e9;
    int delivered = waha.count() - arrivedBefore;
    double perMessage = 1e6 / delivered;
    System.out.println();
    System.out.printf("%d callers, %.0f s%n", CALLERS, measure);
    System.out.printf(
        "accepted               %8.0f /s   (%d refused)%n", full.perSecond(), full.refused());
    System.out.printf(
        "delivered              %8.0f /s   (%d of them while callers ran)%n",
        delivered / seconds, arrivedAtEnd);
    System.out.printf(
        "accept latency         %8.1f ms p50, %.1f ms p99%n", ms(full, 50), ms(full, 99));
    System.out.printf(
        "CPU, service           %8.0f us a delivered message%n",
        (Cpu.of(service.pid()) - serviceCpu) * perMessage);
    System.out.printf(
        "CPU, PostgreSQL        %8.0f us a delivered message%n",
        (Cpu.ofTree(service.postmaster()) - postgresCpu) * perMessage);
    System.out.printf(
        "CPU, load + simulator  %8.0f us a delivered message%n",
        (Cpu.of(ProcessHandle.current().pid()) - benchCpu) * perMessage);

    Load.Result half = load.run(measure, full.perSecond() / 2);
    System.out.println();
    System.out.printf("half load              %8.0f /s%n", half.perSecond());
    System.out.printf(
        "accept latency         %8.1f ms p50, %.1f ms p99%n", ms(half, 50), ms(half, 99));
    System.out.printf("resident, service      %8d MiB%n", Cpu.residentMib(service.pid()));
    awaitDelivered(waha, -1);

    System.out.println();
    System.out.printf(
        "floor: rows by JDBC    %8.0f /s   (one connection, batches of 100)%n",
        Floors.jdbc(service, 5));
    Floors.Client client = Floors.client(waha, WAHA_KEY, 5);
    System.out.printf(
        "floor: HTTP client     %8.0f /s   (%.0f us with the simulator's side)%n",
        client.perSecond(), client.microsCpu());
  }

  private static double ms(Load.Result result, double percentile) {
    return result.micros().getValueAtPercentile(percentile) / 1000.0;
  }

  /** Waits until so many have arrived, or (-1) until nothing arrives for a second. */
  private static void awaitDelivered(WahaSimulator waha, int count) throws InterruptedException {
    int last = -1;
    long quietSince = System.nanoTime();
    while (count < 0 || waha.count() < count) {
      if (waha.count() != last) {
        last = waha.count();
        quietSince = System.nanoTime();
      }
      long quiet = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - quietSince);
      if (quiet >= (count < 0 ? 1 : 60)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static IntFunction<byte[]> requests(String path, String key) {
    return n -> {
      int random = ThreadLocalRandom.current().nextInt(100_000_000);
      return Caller.post(
          path,
          key,
          "{\"message_content\":\"Your code is "
              + n
              + ". It is good for five minutes.\","
              + "\"recipient\":\"+49151"
              + "%08d".formatted(random)
              + "\"}");
    };
  }
}

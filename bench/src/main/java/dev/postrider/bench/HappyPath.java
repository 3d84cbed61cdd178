package dev.postrider.bench;

import static dev.postrider.bench.Scenario.CALLERS;
import static dev.postrider.bench.Scenario.ms;

/**
 * The headline: accepted, delivered and written down, by callers that each wait for their answer.
 */
final class HappyPath {
  private HappyPath() {}

  static void measure(Rig rig, double seconds) throws Exception {
    ServiceProcess service = rig.service();
    Rig.App app = rig.app();
    Load load = rig.load(CALLERS, Rig.texts(app));
    load.run(2, 0);
    rig.awaitEnds(app);

    int arrivedBefore = rig.waha().count();
    Cpu.Sides before = Cpu.of(service);
    long start = System.nanoTime();
    Load.Result full = load.run(seconds, 0);
    int arrivedAtEnd = rig.waha().count() - arrivedBefore;
    // Counted where they arrive: asking the database would be measured with the rest.
    Rig.until("all have arrived", () -> rig.waha().count() >= arrivedBefore + full.answered());
    double took = (System.nanoTime() - start) / 1e9;
    int delivered = rig.waha().count() - arrivedBefore;
    Cpu.Sides micros = Cpu.of(service).since(before).micros(delivered);
    System.out.println();
    System.out.printf("%d callers, %.0f s%n", CALLERS, seconds);
    System.out.printf(
        "accepted               %8.0f /s   (%d refused)%n", full.perSecond(), full.refused());
    System.out.printf(
        "delivered              %8.0f /s   (%d of them while callers ran)%n",
        delivered / took, arrivedAtEnd);
    System.out.printf(
        "accept latency         %8.1f ms p50, %.1f ms p99%n", ms(full, 50), ms(full, 99));
    System.out.printf("CPU, service           %8.0f us a delivered message%n", micros.service());
    System.out.printf("CPU, PostgreSQL        %8.0f us a delivered message%n", micros.postgres());
    System.out.printf("CPU, load + simulator  %8.0f us a delivered message%n", micros.bench());

    Load.Result half = load.run(seconds, full.perSecond() / 2);
    System.out.println();
    System.out.printf("half load              %8.0f /s%n", half.perSecond());
    System.out.printf(
        "accept latency         %8.1f ms p50, %.1f ms p99%n", ms(half, 50), ms(half, 99));
    LoneCommits.print(rig, load, seconds / 2, full.perSecond() / 2);
    System.out.printf("resident, service      %8d MiB%n", Cpu.residentMib(service.pid()));
    rig.awaitEnds(app);

    Aims.atLeast("delivered a second", delivered / took, 8000);
    Aims.atMost("accept latency at half load, ms p99", ms(half, 99), 50);

    System.out.println();
    System.out.printf(
        "floor: rows by JDBC    %8.0f /s   (one connection, batches of 100)%n",
        Floors.jdbc(rig, 5));
    Floors.Client client = Floors.client(rig.waha(), rig.wahaKey(), 5);
    System.out.printf(
        "floor: HTTP client     %8.0f /s   (%.0f us with the simulator's side)%n",
        client.perSecond(), client.microsCpu());
  }
}

package dev.postrider.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** CPU time and memory of processes, from /proc. */
final class Cpu {
  private static final double TICKS = 100;

  private Cpu() {}

  /** Seconds of CPU a process has used. */
  static double of(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    } catch (IOException _) {
      return 0;
    }
  }

  /** Seconds of CPU that each side has used. */
  record Sides(double service, double postgres, double bench) {
    Sides since(Sides before) {
      return new Sides(service - before.service, postgres - before.postgres, bench - before.bench);
    }

    Sides and(Sides more) {
      return new Sides(service + more.service, postgres + more.postgres, bench + more.bench);
    }

    /** Microseconds, for so many messages. */
    Sides micros(double messages) {
      double each = 1e6 / messages;
      return new Sides(service * each, postgres * each, bench * each);
    }
  }

  static Sides of(ServiceProcess service) throws IOException {
    return new Sides(
        of(service.pid()), ofTree(service.postmaster()), of(ProcessHandle.current().pid()));
  }

  /** A process with its living children and those that ended. */
  static double ofTree(long pid) {
    double own = of(pid) + ended(pid);
    try (Stream<ProcessHandle> children =
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants)) {
      return own + children.mapToDouble(child -> of(child.pid())).sum();
    }
  }

  private static double ended(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS;
    } catch (IOException _) {
      return 0;
    }
  }

  /** Resident memory in MiB. */
  static long residentMib(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .sum();
  }
}

package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Hurt;
import dev.postrider.simulator.TcpProxy;
import dev.postrider.testing.Api;
import dev.postrider.testing.ServiceProcess;
import java.nio.file.Path;
import java.time.Instant;

/** One node: a process that dies and comes back, and its wire to the database. */
final class Node implements AutoCloseable {
  private final String name;
  private final Path home;
  private final ServiceProcess.Launch launch;
  private final TcpProxy wire;
  private final Journal nemesis;
  private volatile ServiceProcess process;

  Node(String name, Path home, ServiceProcess.Launch launch, TcpProxy wire, Journal nemesis) {
    this.name = name;
    this.home = home;
    this.launch = launch;
    this.wire = wire;
    this.nemesis = nemesis;
    this.process = launch.begin();
  }

  void awaitReady() {
    process.awaitReady(log());
  }

  Path log() {
    return ServiceProcess.log(home);
  }

  /** The wire to the database. */
  TcpProxy wire() {
    return wire;
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  Api api() {
    return process.admin();
  }

  void hurt(String action) {
    nemesis.write(new Hurt(Instant.now(), action, name));
  }

  /** kill -9. */
  void kill() {
    hurt("kill");
    process.kill();
  }

  /** SIGTERM; returns the exit code. */
  int stop() {
    hurt("stop");
    return process.stop();
  }

  void freeze() {
    hurt("freeze");
    process.freeze();
  }

  void thaw() {
    hurt("thaw");
    process.thaw();
  }

  void start() {
    begin();
    awaitReady();
  }

  void begin() {
    hurt("start");
    process = launch.begin();
  }

  @Override
  public void close() {
    process.close();
    wire.close();
  }
}

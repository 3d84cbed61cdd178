package dev.postrider.operation;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Stopping;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says whether the service runs, and whether it is ready for work. */
@RestController
@Tag(name = "Health")
class HealthController {
  private final Service service;
  private final DatabaseWatch database;
  private final Stopping stopping;

  HealthController(Service service, DatabaseWatch database, Stopping stopping) {
    this.service = service;
    this.database = database;
    this.stopping = stopping;
  }

  /** The brief's health data. */
  record Health(
      String service, String status, String version, String uptime, boolean isDbConnected) {}

  /** Up or not. */
  record Up(String status, String uptime) {}

  /** Ready or not, and why not. */
  record Ready(String status, String database, boolean stopping) {}

  @Access(Access.Who.ANYONE)
  @GetMapping("/")
  @Operation(summary = "The service and its database")
  ResponseEntity<Envelope<Health>> root() {
    boolean connected = !database.isAway();
    Health health =
        new Health(
            "postrider",
            connected ? "ok" : "degraded",
            service.version(),
            service.uptime(),
            connected);
    String message = connected ? "Service is running" : "Service is running without its database";
    return answer(connected).body(new Envelope<>(connected, message, health));
  }

  @Access(Access.Who.ANYONE)
  @GetMapping("/health")
  @Operation(summary = "The service is up")
  Up health() {
    return new Up("ok", service.uptime());
  }

  @Access(Access.Who.ANYONE)
  @GetMapping("/health/live")
  @Operation(summary = "Liveness: restart the process when this fails")
  Up live() {
    return health();
  }

  @Access(Access.Who.ANYONE)
  @GetMapping("/health/ready")
  @Operation(summary = "Readiness: send traffic only while this is 200")
  ResponseEntity<Ready> ready() {
    String known = database.isAway() ? "away" : database.isFull() ? "full" : "connected";
    boolean ready = known.equals("connected") && !stopping.isUnderWay();
    return answer(ready)
        .body(new Ready(ready ? "ready" : "not_ready", known, stopping.isUnderWay()));
  }

  private static ResponseEntity.BodyBuilder answer(boolean well) {
    return well ? ResponseEntity.ok() : ResponseEntity.status(503).header("Retry-After", "2");
  }
}

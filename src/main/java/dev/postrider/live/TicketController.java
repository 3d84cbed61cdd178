package dev.postrider.live;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.app.ApiKeys;
import dev.postrider.app.Apps;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tickets for live updates. */
@RestController
@RequestMapping("/api/events/{appId}/tickets")
@Tag(name = "Events")
class TicketController {
  private final Tickets tickets;
  private final ApiKeys keys;
  private final Apps apps;

  TicketController(Tickets tickets, ApiKeys keys, Apps apps) {
    this.keys = keys;
    this.tickets = tickets;
    this.apps = apps;
  }

  /** A ticket. */
  record TicketView(String ticket, Instant expiresAt) {}

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Get a ticket to listen with",
      description =
          "Opens one connection to /ws?ticket=… or /sse?ticket=… within half a minute, for browsers,"
              + " which cannot send a header with it. Give it to the page, never a key.")
  Envelope<TicketView> issue(@PathVariable long appId, HttpServletRequest request) {
    Body.none(request);
    String key = AccessInterceptor.key(request);
    Tickets.Issued issued =
        tickets.issue(apps.requiredId(appId), key == null ? null : keys.kid(key));
    return Envelope.of("Ticket", new TicketView(issued.ticket(), issued.expiresAt()));
  }
}

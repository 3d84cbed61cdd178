package dev.postrider.circuit;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.circuit.Order.Forced;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Circuits: seen, and forced by hand. */
@RestController
@Tag(name = "Circuits")
class CircuitController {
  private static final String LIST = "circuits";
  private static final String ONE = "/api/applications/{appId}/senders/{senderId}/circuit";

  private final FindCircuits find;
  private final CircuitStore store;
  private final Circuits circuits;
  private final Apps apps;
  private final Cursors cursors;

  CircuitController(
      FindCircuits find, CircuitStore store, Circuits circuits, Apps apps, Cursors cursors) {
    this.find = find;
    this.store = store;
    this.circuits = circuits;
    this.apps = apps;
    this.cursors = cursors;
  }

  /** What a circuit is to be. */
  record CircuitOrder(
      @Schema(
              allowableValues = {"open", "closed"},
              description =
                  "open: nothing is sent until you say otherwise. closed: failures do not open it."
                      + " null: it is closed now, and opens by itself when it must")
          @Nullable String forced) {}

  @Access(Access.Who.APP)
  @GetMapping(ONE)
  @Operation(
      summary = "Show a sender's circuit",
      description =
          "Whether its provider is called now; and if not, on which node, why, until when.")
  Envelope<CircuitState> show(@PathVariable long appId, @PathVariable long senderId) {
    return Envelope.of("Circuit", find.find(checked(appId, senderId)));
  }

  @Access(Access.Who.APP)
  @PutMapping(ONE)
  @Operation(
      summary = "Force a sender's circuit open or closed, or let it go",
      description = "Holds on every node within a second. What was learned before is forgotten.")
  @JsonBody(CircuitOrder.class)
  Envelope<CircuitState> order(
      @PathVariable long appId, @PathVariable long senderId, HttpServletRequest request) {
    CircuitOrder wanted = Json.read(Body.json(request, Body.SINGLE), CircuitOrder.class);
    long sender = checked(appId, senderId);
    store.order(sender, forced(wanted.forced()));
    circuits.follow();
    return Envelope.of("Circuit set", find.find(sender));
  }

  @Access(Access.Who.ADMIN)
  @GetMapping("/api/circuits")
  @Operation(summary = "List the circuits of all applications that are not closed, or are forced")
  Envelope<Envelope.Page<CircuitState>> list(
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int size = LimitedList.limit(limit);
    List<CircuitState> found = find.notable(cursors.decode(LIST, cursor, 0), size + 1);
    return Envelope.of(
        "Circuits", cursors.page(LIST, found, size, it -> it, CircuitState::senderId));
  }

  private static @Nullable Forced forced(@Nullable String word) {
    return word == null
        ? null
        : Forced.parse(word)
            .orElseThrow(() -> ProblemException.invalid("forced", "must be open, closed or null"));
  }

  private long checked(long appId, long senderId) {
    AppId app = apps.requiredId(appId);
    SenderId sender = new SenderId(senderId);
    // Of one that cannot be used, too: this is where it is seen.
    if (!app.equals(apps.owners(List.of(sender)).get(sender))) {
      throw ProblemException.notFound("sender");
    }
    return senderId;
  }
}

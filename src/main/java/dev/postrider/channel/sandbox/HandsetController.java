package dev.postrider.channel.sandbox;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What arrived on the sandbox's handsets. */
@RestController
@RequestMapping("/api/sandbox/{appId}/messages")
@Tag(name = "Sandbox")
class HandsetController {
  private final Handsets handsets;
  private final HeavyReads reads;

  HandsetController(Handsets handsets, HeavyReads reads) {
    this.handsets = handsets;
    this.reads = reads;
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "What arrived in the sandbox, newest first",
      description =
          "Kept in this node's memory: the newest ten thousand arrivals, fewer where texts are"
              + " long. A page ends early, too, where they are.")
  Envelope<Envelope.Page<Handsets.Arrival>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable String recipient,
      @RequestParam(required = false) @Nullable Integer limit) {
    List<Handsets.Arrival> arrivals = handsets.of(appId, recipient, LimitedList.limit(limit));
    reads.keep(appId, arrivals.stream().mapToInt(Handsets.Arrival::characters).sum());
    return Envelope.of("Arrivals", new Envelope.Page<>(arrivals, null));
  }
}

package dev.postrider.event;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.HeavyReads;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The event log, for whoever catches up. */
@RestController
@RequestMapping("/api/events/{appId}")
@Tag(name = "Events")
class EventController {
  private static final int MAX = 1000;

  /** What an event takes while its page is written. */
  private static final int ABOUT = 256;

  private final EventStore store;
  private final Apps apps;
  private final HeavyReads reads;

  EventController(EventStore store, Apps apps, HeavyReads reads) {
    this.store = store;
    this.apps = apps;
    this.reads = reads;
  }

  /**
   * A piece of the log.
   *
   * @param oldest the first number that is kept: whoever asks for less has missed some
   * @param newest the last number that was given out
   */
  record EventsView(List<EventView> items, long oldest, long newest) {}

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "Catch up with what happened",
      description =
          "Events after a number, oldest first, numbered without gaps. Keep the last one's seq, and"
              + " ask with it again; begin with after=0.")
  Envelope<EventsView> after(
      @PathVariable long appId,
      @RequestParam(defaultValue = "0") long after,
      @RequestParam(required = false) @Nullable Integer limit) {
    AppId app = apps.requiredId(appId);
    int most = limit == null ? 100 : limit;
    if (most < 1 || most > MAX) {
      throw ProblemException.invalid("limit", "must be from 1 to " + MAX);
    }
    if (after < 0) {
      throw ProblemException.invalid("after", "must be the seq of an event, or 0");
    }
    List<Event> found =
        reads.one(app.value(), () -> store.after(app, after, most), it -> it.size() * ABOUT);
    EventStore.Extent extent = store.extent(app);
    return Envelope.of(
        "Events",
        new EventsView(
            found.stream().map(EventView::of).toList(), extent.oldest(), extent.newest()));
  }
}

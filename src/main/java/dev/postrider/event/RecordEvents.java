package dev.postrider.event;

import dev.postrider.app.AppId;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Wired;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes events in the transaction that makes the changes they tell of. */
@Wired
public class RecordEvents implements StatusListener {
  private final EventStore store;

  public RecordEvents(EventStore store) {
    this.store = store;
  }

  @Override
  public void changed(List<StatusChange> changes) {
    SortedMap<Long, List<EventStore.Draft>> byApp = new TreeMap<>();
    for (StatusChange change : changes) {
      EventType.of(change).ifPresent(type -> add(byApp, change.app(), draft(type, change)));
    }
    append(byApp);
  }

  /**
   * What became of something that is no message.
   *
   * @param subject the id of what the type is about
   */
  public record Change(
      AppId app, EventType type, long subject, Instant at, @Nullable String code) {}

  /** Inside a transaction, near its end: other writers of the same log wait for it. */
  public void record(List<Change> changes) {
    SortedMap<Long, List<EventStore.Draft>> byApp = new TreeMap<>();
    for (Change change : changes) {
      add(
          byApp,
          change.app(),
          new EventStore.Draft(
              change.type(), change.at(), change.subject(), null, null, null, change.code()));
    }
    append(byApp);
  }

  private static void add(
      SortedMap<Long, List<EventStore.Draft>> byApp, AppId app, EventStore.Draft draft) {
    byApp.computeIfAbsent(app.value(), _ -> new ArrayList<>()).add(draft);
  }

  private void append(SortedMap<Long, List<EventStore.Draft>> byApp) {
    if (!byApp.isEmpty()) {
      store.append(byApp);
    }
  }

  private static EventStore.Draft draft(EventType type, StatusChange change) {
    return new EventStore.Draft(
        type,
        change.at(),
        change.messageId(),
        change.sender().value(),
        change.to().word(),
        change.from() == null ? null : change.from().word(),
        change.code());
  }
}

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
      EventType.of(change)
          .ifPresent(type ->
              byApp
                  .computeIfAbsent(change.app().value(), _ -> new ArrayList<>())
                  .add(draft(type, change)));
    }
    if (!byApp.isEmpty()) {
      store.append(byApp);
    }
  }

  /** Inside a transaction: says that an endpoint is not told of anything any more. */
  public void endpointDisabled(AppId app, long endpoint, String why, Instant at) {
    SortedMap<Long, List<EventStore.Draft>> byApp = new TreeMap<>();
    byApp.put(
        app.value(),
        List.of(
            new EventStore.Draft(
                EventType.ENDPOINT_DISABLED, at, endpoint, null, null, null, why)));
    store.append(byApp);
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

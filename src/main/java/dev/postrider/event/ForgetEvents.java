package dev.postrider.event;

import dev.postrider.platform.ForgetLoop;
import dev.postrider.platform.Wired;

/** Deletes events that are older than they are kept. */
@Wired
public class ForgetEvents extends ForgetLoop {
  private final EventStore store;
  private final EventSettings settings;

  public ForgetEvents(EventStore store, EventSettings settings) {
    this.store = store;
    this.settings = settings;
  }

  @Override
  protected int forget(int most) {
    return store.forget(settings.keep(), most);
  }
}

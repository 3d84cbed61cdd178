package dev.postrider.message;

import java.util.List;

/**
 * Told of changes of a public status inside the transaction that makes them: what a listener writes
 * commits with the change or not at all. Told of what was accepted, and of every end of an attempt
 * and every receipt; not of a waiting message that is claimed, given back or moved to another time.
 */
public interface StatusListener {
  void changed(List<StatusChange> changes);
}

package dev.postrider.message;

import java.util.List;

/**
 * Told of changes of a public status inside the transaction that makes them: what a listener writes
 * commits with the change or not at all. Told of what was accepted, of every end of an attempt, of
 * messages that go back unsent, and of receipts that change what callers see; not of a waiting
 * message that is claimed or moved to another time.
 */
public interface StatusListener {
  void changed(List<StatusChange> changes);
}

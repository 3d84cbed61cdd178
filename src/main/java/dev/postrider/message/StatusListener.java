package dev.postrider.message;

import java.util.List;

/**
 * Told of every change of a public status inside the transaction that makes it: what a listener
 * writes commits with the change or not at all.
 */
public interface StatusListener {
  void changed(List<StatusChange> changes);
}

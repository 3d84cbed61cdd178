package dev.postrider.platform;

import java.util.UUID;
import org.springframework.stereotype.Component;

/** This process among those that share a database. */
@Component
public final class Node {
  /** Random for each start: a restarted node is another node. */
  private final UUID id = UUID.randomUUID();

  /** As claims, attempts and the log name it. */
  public UUID id() {
    return id;
  }
}

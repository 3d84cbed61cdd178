package dev.postrider.platform.web;

import dev.postrider.platform.FairRoom;
import org.springframework.stereotype.Component;

/** The places for requests that are under way. What finds none for itself is turned away. */
@Component
class Crowd {
  private static final int REQUESTS = 256;
  private static final int CALLBACKS = 128;

  /** Each is half a megabyte, and nobody needs a key for it. */
  private static final int DOCUMENTS = 16;

  /** What the bodies of all requests under way may take together when they are parsed, in KiB. */
  private static final int BODIES = 64 * 1024;

  /** The same of callbacks: anybody can begin one, and only its end shows whose it is. */
  private static final int CALLBACK_BODIES = 40 * 1024;

  private final FairRoom requests = new FairRoom(REQUESTS);
  private final FairRoom callbacks = new FairRoom(CALLBACKS);
  private final FairRoom documents = new FairRoom(DOCUMENTS);
  private final FairRoom bodies = new FairRoom(BODIES);
  private final FairRoom callbackBodies = new FairRoom(CALLBACK_BODIES);

  /** Of the API. */
  FairRoom requests() {
    return requests;
  }

  /** Of providers. */
  FairRoom callbacks() {
    return callbacks;
  }

  /** Of {@code /openapi.json}. */
  FairRoom documents() {
    return documents;
  }

  /** A place for each KiB of callbacks. */
  FairRoom callbackBodies() {
    return callbackBodies;
  }

  /** A place for each KiB. */
  FairRoom bodies() {
    return bodies;
  }

  /** Whether the next request of the API may be turned away, whatever its body. */
  boolean isFull() {
    return requests.isCrowded();
  }
}

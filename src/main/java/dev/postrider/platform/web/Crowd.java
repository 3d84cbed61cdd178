package dev.postrider.platform.web;

import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/** The places for requests that are under way. What finds none is turned away. */
@Component
class Crowd {
  private static final int REQUESTS = 256;
  private static final int CALLBACKS = 128;

  /** Bodies of all requests under way together, in KiB: parsed, they take a few times that. */
  private static final int BODIES = 24 * 1024;

  /** The same of callbacks: anybody can begin one, and only its end shows whose it is. */
  private static final int CALLBACK_BODIES = 12 * 1024;

  private final Semaphore requests = new Semaphore(REQUESTS);
  private final Semaphore callbacks = new Semaphore(CALLBACKS);
  private final Semaphore bodies = new Semaphore(BODIES);
  private final Semaphore callbackBodies = new Semaphore(CALLBACK_BODIES);

  /** Of the API. */
  Semaphore requests() {
    return requests;
  }

  /** Of providers. */
  Semaphore callbacks() {
    return callbacks;
  }

  /** A place for each KiB of callbacks. */
  Semaphore callbackBodies() {
    return callbackBodies;
  }

  /** A place for each KiB. */
  Semaphore bodies() {
    return bodies;
  }

  /** Whether there is no place left for another request of the API, whatever its body. */
  boolean isFull() {
    return requests.availablePermits() == 0;
  }
}

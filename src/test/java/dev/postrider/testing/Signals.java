package dev.postrider.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Signals that Java has no word for. */
public final class Signals {
  private Signals() {}

  public static void send(String signal, long pid) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
      if (!kill.waitFor(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("kill -" + signal + " does not return");
      }
      if (kill.exitValue() != 0) {
        throw new IllegalStateException("kill -" + signal + " met nobody");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

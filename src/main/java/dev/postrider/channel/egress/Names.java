package dev.postrider.channel.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up, for no longer than anybody should wait for it: whoever keeps a name's servers may
 * never answer, the system's look-up then takes most of a minute, and nothing can end it.
 */
public final class Names {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Names() {}

  /** The addresses of a host name, or the one that it is. */
  public static InetAddress[] lookUp(String host) throws UnknownHostException {
    return lookUp(host, PATIENCE, () -> InetAddress.getAllByName(host));
  }

  static InetAddress[] lookUp(String host, Duration patience, Callable<InetAddress[]> system)
      throws UnknownHostException {
    FutureTask<InetAddress[]> answer = new FutureTask<>(system);
    Thread.ofVirtual().name("look-up").start(answer);
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new UnknownHostException(host + ": the name servers do not answer");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw unknown;
      }
      throw new IllegalStateException("a look-up broke", e.getCause());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(host + ": interrupted");
    }
  }
}

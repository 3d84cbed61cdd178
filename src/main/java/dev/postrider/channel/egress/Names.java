package dev.postrider.channel.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up, for no longer than anybody should wait for it: whoever keeps a name's servers may
 * never answer, the system's look-up then takes most of a minute, and nothing can end it.
 */
public final class Names {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How many are under way at most, with those that nobody waits for any more. */
  private static final int MOST = 512;

  static final Names OF_CALLS = new Names(MOST);

  /** Whoever sets something up does not take the threads of those who send. */
  static final Names OF_CHECKS = new Names(MOST / 8);

  /**
   * Threads of the system: a virtual one keeps its carrier while the system looks up, and there are
   * 256 of those for everything that the service does.
   */
  private final ExecutorService underWay;

  Names(int most) {
    this.underWay =
        new ThreadPoolExecutor(
            0,
            most,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("look-up-", 1).factory());
  }

  /** The addresses of a host name, or the one that it is. */
  public static InetAddress[] lookUp(String host) throws UnknownHostException {
    return OF_CALLS.addresses(host);
  }

  /** The addresses of a host name, or the one that it is. */
  InetAddress[] addresses(String host) throws UnknownHostException {
    return lookUp(host, PATIENCE, () -> InetAddress.getAllByName(host));
  }

  InetAddress[] lookUp(String host, Duration patience, Callable<InetAddress[]> system)
      throws UnknownHostException {
    try {
      Future<InetAddress[]> answer = underWay.submit(system);
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      throw new UnknownHostException(host + ": too many names are being looked up");
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
